/* SPDX-License-Identifier: MIT */
/*
 * watch: the heartbeat. A timer ticks, and between its ticks memory and registers are looked at, until
 * somebody says something. What a neighbour does in the meantime must not show here.
 */
#include "apic.h"
#include "cpu.h"
#include "line.h"
#include "serial.h"
#include "timer.h"
#include "verbs.h"

#define PATTERN_WORDS 8192 /* 64 KiB */
#define PART_WORDS    64   /* looked at between two looks at the clock */
#define LATE_PERIODS  3
#define DEAD_PERIODS  64 /* so long without a tick: the timer is dead, and nobody need wait for it */

uint32_t registers_changed(void); /* registers.S */

static uint64_t pattern[PATTERN_WORDS] __attribute__((section(".noinit")));

static volatile uint64_t beats, late, last_beat;
static uint64_t period_ticks;

static void beat(void)
{
	uint64_t now = read_tsc();

	if (now - last_beat > LATE_PERIODS * period_ticks)
		late++;
	last_beat = now;
	beats++;
}

static uint64_t pattern_word(uint64_t index)
{
	return ~index * 0x9e3779b97f4a7c15;
}

static void pattern_fill(void)
{
	for (uint64_t i = 0; i < PATTERN_WORDS; i++)
		pattern[i] = pattern_word(i);
}

/* Looks at the next part; a wrong word is counted once and put right. */
static uint64_t pattern_verify(void)
{
	static uint64_t next;
	uint64_t wrong = 0;

	for (uint64_t end = next + PART_WORDS; next < end; next++) {
		volatile uint64_t *word = &pattern[next % PATTERN_WORDS];

		if (*word != pattern_word(next % PATTERN_WORDS)) {
			*word = pattern_word(next % PATTERN_WORDS);
			wrong++;
		}
	}
	return wrong;
}

/* Interrupts are off for a moment: beat() changes what is compared. */
static bool timer_is_dead(void)
{
	bool dead;

	interrupts_off();
	dead = read_tsc() - last_beat > DEAD_PERIODS * period_ticks;
	interrupts_on();
	return dead;
}

/* Returns how much was torn: words and registers. */
static uint64_t keep_watch(uint64_t wanted)
{
	uint64_t torn = 0;

	while (!serial_line_waits() || (beats < wanted && !timer_is_dead())) {
		torn += pattern_verify() + registers_changed();
		relax();
	}
	return torn;
}

enum outcome verb_watch(struct call *call)
{
	uint64_t period = call->argument[0].number, wanted = call->argument[1].number;
	uint64_t strays = trap_strays.count, torn;

	if (period == 0 || period > UINT32_MAX)
		return BAD_RANGE;
	pattern_fill();
	period_ticks = timer_tsc_ticks((uint32_t)period);
	beats = late = 0;
	last_beat = read_tsc();
	trap_expect(VECTOR_BEAT);
	trap_handle(VECTOR_BEAT, beat);
	timer_lapic(VECTOR_BEAT, (uint32_t)period);
	line_event("begun");
	torn = keep_watch(wanted);
	timer_lapic(VECTOR_BEAT, 0);
	wire_number(call->answer, beats < wanted ? beats : wanted);
	wire_number(call->answer, late);
	wire_number(call->answer, torn);
	wire_number(call->answer, trap_strays.count - strays);
	return DONE;
}
