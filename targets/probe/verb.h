/* SPDX-License-Identifier: MIT */
/*
 * verb: one question of the protocol, from a request to its answer. The table of them is in verb.c.
 */
#ifndef PROBE_VERB_H
#define PROBE_VERB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attempt.h"
#include "trap.h"
#include "wire.h"

#define VERB_ARGUMENTS 6

struct argument {
	uint64_t number;
	const char *word;
	const uint8_t *bytes;
	size_t byte_count;
};

/* What came of it: one status of the protocol, or the word behind "bad". */
enum outcome { DONE, FAULTED, BAD_VERB, BAD_COUNT, BAD_NUMBER, BAD_RANGE, BAD_BUSY };

struct call {
	const struct verb *verb;
	bool last; /* the verb was behind the word "last" */
	struct argument argument[VERB_ARGUMENTS];
	struct wire_frame *answer; /* takes the values of a DONE */
	struct record fault;	   /* of a FAULTED */
};

/*
 * A verb: its name, what its arguments are ('n' number, 'w' word, 'b' bytes), and what it does. A handler
 * adds its values to the answer and returns DONE; whatever else it returns, the values are forgotten.
 */
struct verb {
	const char *name;
	const char *arguments;
	enum outcome (*handler)(struct call *call);
};

/* Makes a call of an opened request. DONE, or what is bad about it. The request stays in use by the call. */
enum outcome verb_prepare(struct wire_request *request, struct call *call);

/* Carries out a prepared call, and adds status and values to frame. */
void verb_perform(struct call *call, struct wire_frame *frame);

/* Adds the status for an outcome that has no values. */
void verb_add_status(struct wire_frame *frame, enum outcome outcome);

/* Runs an attempt in the name of a call: DONE, or FAULTED with the record. */
enum outcome verb_attempt(struct call *call, struct attempt *attempt);

/* Whether a number fits into width bytes, 1 to 8. */
bool verb_fits(uint64_t number, uint64_t width);

/* The handlers, by file. */
enum outcome verb_hello(struct call *call); /* verbs_probe.c */
enum outcome verb_echo(struct call *call);
enum outcome verb_say(struct call *call);

enum outcome verb_load(struct call *call); /* verbs_memory.c */
enum outcome verb_store(struct call *call);
enum outcome verb_fetch(struct call *call);
enum outcome verb_peek(struct call *call);
enum outcome verb_poke(struct call *call);
enum outcome verb_fill(struct call *call);
enum outcome verb_verify(struct call *call);
enum outcome verb_map(struct call *call);
enum outcome verb_e820(struct call *call);

enum outcome verb_in(struct call *call); /* verbs_processor.c */
enum outcome verb_out(struct call *call);
enum outcome verb_ins(struct call *call);
enum outcome verb_outs(struct call *call);
enum outcome verb_rdmsr(struct call *call);
enum outcome verb_wrmsr(struct call *call);
enum outcome verb_cpuid(struct call *call);
enum outcome verb_regs(struct call *call);
enum outcome verb_setcr(struct call *call);

enum outcome verb_raise(struct call *call); /* raise.c */
enum outcome verb_nested(struct call *call);

enum outcome verb_claim(struct call *call); /* verbs_interrupt.c */
enum outcome verb_mask(struct call *call);
enum outcome verb_unmask(struct call *call);
enum outcome verb_ipi(struct call *call);
enum outcome verb_lapic(struct call *call);
enum outcome verb_lapic_set(struct call *call);
enum outcome verb_ioapic(struct call *call);
enum outcome verb_ioapic_set(struct call *call);

enum outcome verb_await(struct call *call); /* verbs_arrival.c */
enum outcome verb_seen(struct call *call);
enum outcome verb_stray(struct call *call);
enum outcome verb_forget(struct call *call);

enum outcome verb_timer(struct call *call); /* timer.c */
enum outcome verb_watch(struct call *call); /* watch.c */
enum outcome verb_storm(struct call *call); /* storm.c */
enum outcome verb_cost(struct call *call);  /* cost.c */

enum outcome verb_spin(struct call *call); /* verbs_probe.c */
enum outcome verb_halt(struct call *call);
enum outcome verb_hang(struct call *call);
enum outcome verb_sleep(struct call *call);
enum outcome verb_triple(struct call *call);

#endif
