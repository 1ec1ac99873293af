/* SPDX-License-Identifier: MIT */
/*
 * trap: everything that enters through the interrupt table, all 256 vectors. Records what it sees.
 */
#ifndef PROBE_TRAP_H
#define PROBE_TRAP_H

#include <stdbool.h>
#include <stdint.h>

#include "layout.h"

#define VECTORS		256
#define VECTOR_NMI	2
#define VECTOR_FIRST	0x20 /* below are exceptions */
#define VECTOR_SPURIOUS 0xff

/* What a handler saw, in the order of the protocol. */
struct record {
	uint64_t vector, error, rip, cs, rflags, rsp, ss, cr2, dr6, site;
};

#define RECORD_VALUES (sizeof(struct record) / sizeof(uint64_t))

struct trap_vector {
	volatile uint64_t count;
	struct record last;
	bool expected; /* claimed or asked for: not a stray */
};

struct trap_strays {
	volatile uint64_t count;
	uint64_t vector;
};

extern struct trap_strays trap_strays;

void trap_init(void);

const struct trap_vector *trap_vector(uint8_t vector);
bool trap_may_claim(uint64_t vector); /* an interrupt vector that is not the probe's own */
void trap_expect(uint8_t vector);     /* what arrives there is no stray */
void trap_forget(void);		      /* all counts to 0; what is expected stays so */

/* Extra work at an interrupt, done before it is acknowledged; NULL takes it away. */
void trap_handle(uint8_t vector, void (*handler)(void));

/* Gates, for exceptions that come from a table that is wrong on purpose. */
void trap_gate_present(uint8_t vector, bool present);
void trap_gate_stack(uint8_t vector, uint8_t stack);

#endif
