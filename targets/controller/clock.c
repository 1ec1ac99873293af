/* SPDX-License-Identifier: MIT */
/*
 * clock: how fast the TSC runs and what time it is, found out once, before the first partition starts: later
 * the clocks belong to somebody. The stand-ins for clocks go by it.
 */
#include "machine.h"

#define PM_TIMER_HZ   3579545u /* ACPI 6.5 §4.8.3.3 */
#define PM_TIMER_MASK 0xffffffu
#define MEASURE_TICKS (PM_TIMER_HZ / 500) /* 2 ms: right to 0.02 %, an OS looks closer itself */
#define PATIENCE      1000000u		  /* reads of a timer that stands still */

/* MC146818A §"Register" and its successors */
#define RTC_INDEX      0x70
#define RTC_DATA       0x71
#define RTC_SECONDS    0x00
#define RTC_MINUTES    0x02
#define RTC_HOURS      0x04
#define RTC_DAY	       0x07
#define RTC_MONTH      0x08
#define RTC_YEAR       0x09
#define RTC_A	       0x0a
#define RTC_A_UPDATING 0x80u
#define RTC_B	       0x0b
#define RTC_B_24_HOURS 0x02u
#define RTC_B_BINARY   0x04u
#define RTC_HOURS_PM   0x80u

static uint32_t pm_timer(void)
{
	return in32(core.config->machine.power.pm_timer) & PM_TIMER_MASK;
}

/* TSC ticks in MEASURE_TICKS of the PM timer; 0 if it stands still. */
static uint64_t measure(void)
{
	uint32_t start = pm_timer();
	uint64_t begin = rdtsc();

	for (uint32_t i = 0; i < PATIENCE; i++) {
		uint32_t passed = (pm_timer() - start) & PM_TIMER_MASK;

		if (passed >= MEASURE_TICKS)
			return (rdtsc() - begin) * MEASURE_TICKS / passed;
	}
	return 0;
}

static uint8_t rtc_read(uint8_t index)
{
	out8(RTC_INDEX, index);
	return in8(RTC_DATA);
}

static uint32_t number(uint8_t value, uint8_t mode)
{
	return mode & RTC_B_BINARY ? value : (uint32_t)(value >> 4) * 10 + (value & 0xf);
}

static uint32_t hour(uint8_t value, uint8_t mode)
{
	if (mode & RTC_B_24_HOURS)
		return number(value, mode);
	return number(value & (uint8_t)~RTC_HOURS_PM, mode) % 12 + (value & RTC_HOURS_PM ? 12 : 0);
}

/* Days from 1 January 1970 to a date of the Gregorian calendar, counted in years that begin with March. */
static uint64_t days(uint32_t year, uint32_t month, uint32_t day)
{
	uint32_t from_march = month > 2 ? month - 3 : month + 9;
	uint32_t y = month > 2 ? year : year - 1;

	return (uint64_t)y * 365 + y / 4 - y / 100 + y / 400 + (153 * from_march + 2) / 5 + day - 1 - 719468;
}

static uint64_t seconds_now(void)
{
	uint8_t mode = rtc_read(RTC_B);
	uint64_t day;
	uint32_t tries = PATIENCE;

	while (rtc_read(RTC_A) & RTC_A_UPDATING && tries--)
		;
	day = days(2000 + number(rtc_read(RTC_YEAR), mode), number(rtc_read(RTC_MONTH), mode),
		   number(rtc_read(RTC_DAY), mode));
	return ((day * 24 + hour(rtc_read(RTC_HOURS), mode)) * 60 + number(rtc_read(RTC_MINUTES), mode)) *
		       60 +
	       number(rtc_read(RTC_SECONDS), mode);
}

static bool anybody_asks(void)
{
	for (uint8_t p = 0; p < core.config->partition_count; p++)
		if (partition_config(p)->standins || partition_config(p)->slice_us ||
		    partition_config(p)->pci_count)
			return true;
	return false;
}

void clock_init(void)
{
	if (!anybody_asks())
		return;
	if (core.config->machine.power.pm_timer && !core.clock.tsc_khz)
		core.clock.tsc_khz = (uint32_t)(measure() * PM_TIMER_HZ / MEASURE_TICKS / 1000);
	core.clock.base_seconds = seconds_now();
	core.clock.base_ticks = rdtsc();
}
