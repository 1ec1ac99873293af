/* SPDX-License-Identifier: MIT */
/*
 * sum: see sum.h.
 */
#include "sum.h"

#include "line.h"
#include "verbs.h"

static uint64_t fold(const uint8_t result[SUM_BYTES])
{
	uint64_t sum = 0;

	for (int i = 0; i < SUM_BYTES; i++)
		sum = (sum ^ result[i]) * 0x100000001b3; /* as in FNV-1a: each byte counts, and where it is */
	return sum;
}

enum outcome verb_sum(struct call *call)
{
	static uint8_t result[SUM_BYTES] __attribute__((aligned(32)));
	const char *kind = call->argument[0].word;
	uint64_t steps = call->argument[1].number;
	bool avx = same_word(kind, "avx");

	if (steps == 0 || (!avx && !same_word(kind, "x87") && !same_word(kind, "sse")))
		return BAD_RANGE;
	if (avx && !avx_begin())
		return BAD_RANGE;
	for (int i = 0; i < SUM_BYTES; i++)
		result[i] = 0;
	line_event("begun");
	if (avx)
		sum_avx(steps, result);
	else if (same_word(kind, "sse"))
		sum_sse(steps, result);
	else
		sum_x87(steps, result);
	if (avx)
		avx_end();
	wire_number(call->answer, fold(result));
	return DONE;
}
