/* SPDX-License-Identifier: MIT */
/*
 * lag: how late interrupts come. The local APIC's timer, because it is known when that is due.
 */
#include "apic.h"
#include "cpu.h"
#include "timer.h"
#include "verbs.h"

#define BRIEF_TICKS 10000 /* between two looks at the clock, or somebody came in between */

static volatile uint64_t arrival;

static void arrive(void)
{
	arrival = read_tsc();
}

/* Starts the timer for about so many ticks, and returns when it is due. Interrupts are off. */
static uint64_t start(uint64_t ticks, uint32_t count)
{
	for (;;) {
		uint64_t before = read_tsc(), after;

		timer_lapic_once(VECTOR_BEAT, count);
		after = read_tsc();
		if (after - before < BRIEF_TICKS)
			return after + ticks;
	}
}

static uint64_t lag_of(uint64_t ticks, uint32_t count)
{
	uint64_t due;

	interrupts_off();
	arrival = 0;
	due = start(ticks, count);
	while (!arrival)
		wait_for_interrupt();
	interrupts_on();
	return arrival > due ? arrival - due : 0;
}

/* Each wait is a bit longer than the last one, from one period to two: whatever goes round is met everywhere.
 */
enum outcome verb_lag(struct call *call)
{
	uint64_t times = call->argument[0].number, period = call->argument[1].number;
	uint64_t ticks, longest = 0, sum = 0;

	if (times == 0 || period == 0 || times > UINT32_MAX || period > UINT32_MAX / 2)
		return BAD_RANGE;
	ticks = timer_tsc_ticks((uint32_t)period);
	trap_expect(VECTOR_BEAT);
	trap_handle(VECTOR_BEAT, arrive);
	for (uint64_t i = 0; i < times; i++) {
		uint64_t lag = lag_of(ticks + ticks * i / times, (uint32_t)(period + period * i / times));

		longest = lag > longest ? lag : longest;
		sum += lag;
	}
	wire_number(call->answer, longest);
	wire_number(call->answer, sum / times);
	return DONE;
}
