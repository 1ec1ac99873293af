/* SPDX-License-Identifier: MIT */
/*
 * verbs_arrival: questions about what has arrived, at which vector, and how often.
 */
#include "cpu.h"
#include "line.h"
#include "verbs.h"

#define SEEN_MOST 0xffff

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

enum outcome verb_await(struct call *call)
{
	uint64_t vector = call->argument[0].number, wanted = call->argument[1].number;
	uint64_t patience = call->argument[2].number, begin;
	const struct trap_vector *arrivals;

	if (vector != VECTOR_NMI && (vector < VECTOR_FIRST || vector >= VECTORS))
		return BAD_RANGE;
	arrivals = trap_vector((uint8_t)vector);
	trap_expect((uint8_t)vector);
	line_event("begun");
	begin = read_tsc();
	while (arrivals->count < wanted && read_tsc() - begin < patience)
		relax();
	wire_number(call->answer, least(arrivals->count, wanted));
	return DONE;
}

enum outcome verb_seen(struct call *call)
{
	uint64_t vector = call->argument[0].number;
	const struct trap_vector *arrivals;

	if (vector >= VECTOR_FIRST && !trap_may_claim(vector))
		return BAD_RANGE;
	arrivals = trap_vector((uint8_t)vector);
	wire_number(call->answer, least(arrivals->count, SEEN_MOST));
	line_add_record(call->answer, &arrivals->last);
	return DONE;
}

enum outcome verb_stray(struct call *call)
{
	wire_number(call->answer, trap_strays.count);
	wire_number(call->answer, trap_strays.vector);
	return DONE;
}

enum outcome verb_forget(struct call *call)
{
	(void)call;
	trap_forget();
	return DONE;
}
