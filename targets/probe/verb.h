/* SPDX-License-Identifier: MIT */
/*
 * verb: one question of the protocol, from a request to its answer. Knows no verb: each program that speaks
 * the protocol brings its own table of them.
 */
#ifndef PROBE_VERB_H
#define PROBE_VERB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
enum outcome { DONE, FAULTED, BAD_VERB, BAD_COUNT, BAD_NUMBER, BAD_RANGE, BAD_BUSY, BAD_DENIED };

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

/* The table, in the order of the protocol; verbs.c. */
extern const struct verb verbs[];
extern const size_t verb_count;

/* Makes a call of an opened request. DONE, or what is bad about it. The request stays in use by the call. */
enum outcome verb_prepare(struct wire_request *request, struct call *call);

/* Carries out a prepared call, and adds status and values to frame. */
void verb_perform(struct call *call, struct wire_frame *frame);

/* Adds the status for an outcome that has no values. */
void verb_add_status(struct wire_frame *frame, enum outcome outcome);

/* Whether a number fits into width bytes, 1 to 8. */
bool verb_fits(uint64_t number, uint64_t width);

bool same_word(const char *a, const char *b);

#endif
