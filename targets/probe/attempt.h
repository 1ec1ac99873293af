/* SPDX-License-Identifier: MIT */
/*
 * attempt: runs code that may raise an exception, in ring 0 or 3, and lives to tell.
 *
 * The code begins with the instruction that is meant to fault, so its address is the site, and no instruction
 * length is ever guessed: an exception does not resume the code but ends the attempt. Interrupts are off.
 * Attempts nest: one may run inside the exception of another.
 */
#ifndef PROBE_ATTEMPT_H
#define PROBE_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "trap.h"

/* The first part is known to entry.S by the offsets in layout.h. */
struct attempt {
	uint64_t rax, rbx, rcx, rdx, rsi, rdi; /* before, and, if it comes back in ring 0, after */
	uint64_t code;
	uint64_t cs, rflags;
	uint64_t stack, ss; /* stack 0: the one in use */
	uint64_t landing;   /* where its RET goes */
	uint64_t resume;
	uint64_t site; /* of the instruction that may fault: code, unless something leads to it */
	struct record record;
	void (*restore)(void);	       /* undoes at once what made it fault; may be NULL */
	void (*inside)(void *context); /* runs in the handler of its exception; may be NULL */
	void *context;
	struct attempt *outer;
};

/* A ring-0 attempt at code, with no registers set. */
struct attempt attempt_at(uint64_t code);

/* Says that the code has to fault: its RET, if it gets there, is a #UD. Ring 3 and 32-bit code has to. */
void attempt_must_fault(struct attempt *attempt);
void attempt_in_ring3(struct attempt *attempt);
void attempt_in_32bit(struct attempt *attempt);

/* True if it came back, false if it raised an exception: then the record is filled in. */
bool attempt_run(struct attempt *attempt);

/* For trap.c: the attempt that is running, if any, which is over with this; and the way out of its exception.
 */
struct attempt *attempt_take(void);
_Noreturn void attempt_end(struct attempt *attempt);

#endif
