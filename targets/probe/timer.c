/* SPDX-License-Identifier: MIT */
/*
 * timer: local APIC timer (APM vol. 2 §16.4.1), 8254 counter, MC146818 real-time clock.
 */
#include "timer.h"

#include "apic.h"
#include "cpu.h"
#include "verbs.h"

#define LAPIC_DIVIDER_1 0xb
#define LOOKS		4

#define PIT_CHANNEL0	0x40
#define PIT_CONTROL	0x43
#define PIT_QUIET	0x30 /* channel 0, mode 0: it waits for a count that never comes */
#define PIT_PERIODIC	0x34 /* channel 0, low then high byte, mode 2 */
#define PIT_DIVISOR_MAX 0x10000

#define RTC_INDEX      0x70
#define RTC_DATA       0x71
#define RTC_A	       0x0a
#define RTC_B	       0x0b
#define RTC_C	       0x0c /* a read ends the interrupt */
#define RTC_A_RATE     0x0fu
#define RTC_B_PERIODIC 0x40u
#define RTC_RATE_FIRST 3
#define RTC_RATE_LAST  15

void timer_lapic(uint8_t vector, uint32_t period)
{
	lapic_write(LAPIC_TIMER_RATIO, LAPIC_DIVIDER_1);
	lapic_write(LAPIC_LVT_TIMER, vector | (period ? LAPIC_PERIODIC : LAPIC_MASKED));
	lapic_write(LAPIC_TIMER_COUNT, period);
}

void timer_lapic_once(uint8_t vector, uint32_t count)
{
	lapic_write(LAPIC_TIMER_RATIO, LAPIC_DIVIDER_1);
	lapic_write(LAPIC_LVT_TIMER, vector);
	lapic_write(LAPIC_TIMER_COUNT, count);
}

void timer_init(void)
{
	timer_lapic(VECTOR_BEAT, 0);
	out_byte(PIT_CONTROL, PIT_QUIET);
}

struct instant {
	uint64_t tsc;
	uint32_t count;
};

/* Both clocks at once. The two reads can lie far apart where the processor is shared: the closest pair
 * counts. */
static struct instant look(void)
{
	uint64_t closest = UINT64_MAX;
	struct instant best = {0, 0};

	for (int i = 0; i < LOOKS; i++) {
		uint64_t before = read_tsc();
		uint32_t count = lapic_read(LAPIC_TIMER_NOW);
		uint64_t apart = read_tsc() - before;

		if (apart >= closest)
			continue;
		closest = apart;
		best = (struct instant){before, count};
	}
	return best;
}

/* Counts for about as long as the period that is asked for, or 10000, whichever is more. */
uint64_t timer_tsc_ticks(uint32_t count)
{
	uint32_t least = count > 10000 ? count : 10000;
	struct instant begin, end;

	lapic_write(LAPIC_TIMER_RATIO, LAPIC_DIVIDER_1);
	lapic_write(LAPIC_LVT_TIMER, LAPIC_MASKED);
	lapic_write(LAPIC_TIMER_COUNT, UINT32_MAX);
	begin = look();
	do {
		relax();
		end = look();
	} while (begin.count - end.count < least);
	lapic_write(LAPIC_TIMER_COUNT, 0);
	return (end.tsc - begin.tsc) * count / (begin.count - end.count);
}

static enum outcome set_lapic(uint8_t vector, uint64_t period)
{
	if (period > UINT32_MAX)
		return BAD_RANGE;
	timer_lapic(vector, (uint32_t)period);
	return DONE;
}

static enum outcome set_pit(uint8_t vector, uint64_t period)
{
	(void)vector;
	if (period == 1 || period > PIT_DIVISOR_MAX)
		return BAD_RANGE;
	if (period == 0) {
		out_byte(PIT_CONTROL, PIT_QUIET);
		return DONE;
	}
	out_byte(PIT_CONTROL, PIT_PERIODIC);
	out_byte(PIT_CHANNEL0, (uint8_t)period);
	out_byte(PIT_CHANNEL0, (uint8_t)(period >> 8));
	return DONE;
}

static uint8_t rtc_read(uint8_t index)
{
	out_byte(RTC_INDEX, index);
	return in_byte(RTC_DATA);
}

static void rtc_write(uint8_t index, uint8_t value)
{
	out_byte(RTC_INDEX, index);
	out_byte(RTC_DATA, value);
}

static void rtc_interrupt(void)
{
	rtc_read(RTC_C);
}

/* With interrupts off: index and data are two accesses, and the handler makes such a pair as well. */
static void rtc_program(uint64_t rate)
{
	uint8_t a = rtc_read(RTC_A), b = rtc_read(RTC_B);

	if (rate) {
		rtc_write(RTC_A, (uint8_t)((a & ~RTC_A_RATE) | rate));
		rtc_write(RTC_B, (uint8_t)(b | RTC_B_PERIODIC));
	} else {
		rtc_write(RTC_B, (uint8_t)(b & ~RTC_B_PERIODIC));
	}
	rtc_read(RTC_C);
}

static enum outcome set_rtc(uint8_t vector, uint64_t rate)
{
	if (rate && (rate < RTC_RATE_FIRST || rate > RTC_RATE_LAST))
		return BAD_RANGE;
	trap_handle(vector, rate ? rtc_interrupt : NULL);
	interrupts_off();
	rtc_program(rate);
	interrupts_on();
	return DONE;
}

enum outcome verb_timer(struct call *call)
{
	const char *source = call->argument[0].word;
	uint64_t vector = call->argument[1].number, period = call->argument[2].number;
	enum outcome (*set)(uint8_t vector, uint64_t period);

	if (same_word(source, "lapic"))
		set = set_lapic;
	else if (same_word(source, "pit"))
		set = set_pit;
	else if (same_word(source, "rtc"))
		set = set_rtc;
	else
		return BAD_RANGE;
	if (!trap_may_claim(vector))
		return BAD_RANGE;
	trap_expect((uint8_t)vector);
	return set((uint8_t)vector, period);
}
