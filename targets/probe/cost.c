/* SPDX-License-Identifier: MIT */
/*
 * cost: what one instruction costs here, in ticks of the time stamp counter. Under instruction counting that
 * is the number of instructions that somebody else runs for it.
 */
#include "apic.h"
#include "boot.h"
#include "loops.h"
#include "verbs.h"

#define WARM_UP_RUNS 16

static const struct kind {
	const char *name;
	const uint8_t *code, *site;
	uint64_t operand_max; /* 0: it has none */
} kinds[] = {
	{"cpuid", loop_cpuid, loop_cpuid_site, 0},
	{"vmmcall", loop_vmmcall, loop_vmmcall_site, 0},
	{"in", loop_in, loop_in_site, 0xffff},
	{"load", loop_load, loop_load_site, UINT64_MAX},
	{"store", loop_store, loop_store_site, UINT64_MAX},
	{"rdmsr", loop_rdmsr, loop_rdmsr_site, UINT32_MAX},
	{"eoi", loop_store, loop_store_site, 0},
};

static const struct kind empty = {"", loop_empty, loop_empty_site, 0};

static const struct kind *find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (same_word(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

static enum outcome run(struct call *call, const struct kind *kind, uint64_t runs, uint64_t operand,
			uint64_t *ticks)
{
	struct attempt attempt = attempt_at((uint64_t)kind->code);
	enum outcome outcome;

	attempt.site = (uint64_t)kind->site;
	attempt.rdi = runs;
	attempt.rsi = operand;
	outcome = verb_attempt(call, &attempt);
	*ticks = attempt.rax;
	return outcome;
}

enum outcome verb_cost(struct call *call)
{
	const struct kind *kind = find(call->argument[0].word);
	uint64_t runs = call->argument[1].number, operand = call->argument[2].number;
	uint64_t ticks, empty_ticks;
	enum outcome outcome;

	if (!kind || runs == 0 || operand > kind->operand_max)
		return BAD_RANGE;
	if (same_word(kind->name, "eoi"))
		operand = boot.lapic + LAPIC_EOI;
	outcome = run(call, kind, WARM_UP_RUNS, operand, &ticks);
	if (outcome != DONE)
		return outcome;
	run(call, &empty, WARM_UP_RUNS, operand, &empty_ticks);
	run(call, &empty, runs, operand, &empty_ticks);
	run(call, kind, runs, operand, &ticks);
	wire_number(call->answer, ticks);
	wire_number(call->answer, empty_ticks);
	return DONE;
}
