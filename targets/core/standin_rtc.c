// SPDX-License-Identifier: MIT
/*
 * Stand-in for the MC146818 real-time clock and its memory. Motorola MC146818A data sheet.
 *
 * The time cannot be set: it is the machine's, and so is the owner's to set. Writes to the time are dropped.
 */
#include "memory.h"
#include "standin_parts.h"

#define INDEX 0x70

#define MICROSECONDS  1000000u
#define UPDATE_BEGINS (MICROSECONDS - 244 - 1984) /* tBUC and tUC at 32.768 kHz before the second ends */

enum rtc_register {
	SECONDS = 0x00,
	MINUTES = 0x02,
	HOURS = 0x04,
	DAY_OF_WEEK = 0x06,
	DAY = 0x07,
	MONTH = 0x08,
	YEAR = 0x09,
	REGISTER_A = 0x0a,
	REGISTER_B = 0x0b,
	REGISTER_C = 0x0c,
	REGISTER_D = 0x0d,
	BASE_RAM = 0x15,     /* two bytes each: KiB from 0 */
	EXTENDED_RAM = 0x17, /* KiB from 1 MiB */
	EXTENDED_RAM_TOO = 0x30,
	CENTURY = 0x32,	      /* where PC firmware has it, and where the FADT says it is */
	RAM_ABOVE_16M = 0x34, /* 64 KiB each */
	RAM_ABOVE_4G = 0x5b,  /* three bytes, 64 KiB each */
	MORE_PROCESSORS = 0x5f,
};

#define RAM_1M	 0x100000ull
#define RAM_16M	 0x1000000ull
#define RAM_4G	 0x100000000ull
#define UNIT_1K	 0x400u
#define UNIT_64K 0x10000u

#define A_UPDATING 0x80u
#define A_USUAL	   0x26u /* 32.768 kHz, periodic rate 1024 Hz */
#define B_SET	   0x80u
#define B_BINARY   0x04u
#define B_24_HOURS 0x02u
#define D_VALID	   0x80u /* the battery is fine */
#define HOURS_PM   0x80u

#define SECONDS_A_DAY 86400u

/* The Gregorian calendar repeats after 400 years, days of the week included. */
#define CYCLE_SECONDS ((uint64_t)146097 * SECONDS_A_DAY)

struct calendar {
	uint32_t year, month, day; /* month and day from 1 */
};

static bool is_leap(uint32_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static uint32_t days_of_year(uint32_t year)
{
	return is_leap(year) ? 366 : 365;
}

/* Months of 31 and 30 days take turns, beginning anew in August. */
static uint32_t days_of_month(uint32_t year, uint32_t month)
{
	if (month == 2)
		return is_leap(year) ? 29 : 28;
	return 30 + ((month + month / 8) & 1);
}

static struct calendar calendar_of(uint32_t days_since_1970)
{
	struct calendar date = {.year = 1970, .month = 1};
	uint32_t left = days_since_1970;

	for (; left >= days_of_year(date.year); date.year++)
		left -= days_of_year(date.year);
	for (; left >= days_of_month(date.year, date.month); date.month++)
		left -= days_of_month(date.year, date.month);
	date.day = left + 1;
	return date;
}

static uint64_t ticks_since_base(const struct standin_clock *clock, uint64_t now)
{
	return now > clock->base_ticks ? now - clock->base_ticks : 0;
}

static uint64_t seconds_at(const struct standin_clock *clock, uint64_t now)
{
	return (clock->base_seconds + standin_scale(clock, ticks_since_base(clock, now), 1)) % CYCLE_SECONDS;
}

/* The time does not change before the update is over, so who waits for that has a second to read it. */
static bool is_updating(const struct standin_rtc *rtc, const struct standin_clock *clock, uint64_t now)
{
	uint64_t microseconds = standin_scale(clock, ticks_since_base(clock, now), MICROSECONDS);

	return !(rtc->cmos[REGISTER_B] & B_SET) && microseconds % MICROSECONDS >= UPDATE_BEGINS;
}

static uint8_t encoded(const struct standin_rtc *rtc, uint32_t number)
{
	return (uint8_t)(rtc->cmos[REGISTER_B] & B_BINARY ? number : number / 10 << 4 | number % 10);
}

static uint8_t hours(const struct standin_rtc *rtc, uint32_t hour)
{
	if (rtc->cmos[REGISTER_B] & B_24_HOURS)
		return encoded(rtc, hour);
	return (uint8_t)(encoded(rtc, (hour + 11) % 12 + 1) | (hour >= 12 ? HOURS_PM : 0));
}

static uint8_t read_date(const struct standin_rtc *rtc, uint32_t days)
{
	struct calendar date = calendar_of(days);

	switch (rtc->index) {
	case DAY_OF_WEEK:
		return encoded(rtc,
			       (uint32_t)((days + 4) % 7 + 1)); /* 1970 began on a Thursday; Sunday is 1 */
	case DAY:
		return encoded(rtc, date.day);
	case MONTH:
		return encoded(rtc, date.month);
	case YEAR:
		return encoded(rtc, date.year % 100);
	default:
		return encoded(rtc, date.year / 100);
	}
}

static uint8_t read_time(const struct standin_rtc *rtc, uint64_t seconds)
{
	uint32_t of_day = (uint32_t)(seconds % SECONDS_A_DAY);

	switch (rtc->index) {
	case SECONDS:
		return encoded(rtc, of_day % 60);
	case MINUTES:
		return encoded(rtc, of_day / 60 % 60);
	case HOURS:
		return hours(rtc, of_day / 3600);
	default:
		return read_date(rtc, (uint32_t)(seconds / SECONDS_A_DAY));
	}
}

static bool is_time(uint8_t index)
{
	return index == SECONDS || index == MINUTES || index == HOURS ||
	       (index >= DAY_OF_WEEK && index <= YEAR) || index == CENTURY;
}

uint8_t rtc_read(const struct standin_rtc *rtc, const struct standin_clock *clock, uint16_t port,
		 uint64_t now)
{
	bool held = rtc->cmos[REGISTER_B] & B_SET;

	if (port == INDEX)
		return 0xff; /* write-only */
	if (is_time(rtc->index))
		return read_time(rtc, held ? rtc->held_seconds : seconds_at(clock, now));
	if (rtc->index == REGISTER_A && is_updating(rtc, clock, now))
		return rtc->cmos[REGISTER_A] | A_UPDATING;
	return rtc->cmos[rtc->index];
}

static void write_register(struct standin_rtc *rtc, const struct standin_clock *clock, uint8_t value,
			   uint64_t now)
{
	uint8_t index = rtc->index;

	if (is_time(index) || index == REGISTER_C || index == REGISTER_D)
		return;
	if (index == REGISTER_A)
		value &= (uint8_t)~A_UPDATING;
	if (index == REGISTER_B && value & B_SET && !(rtc->cmos[REGISTER_B] & B_SET))
		rtc->held_seconds = seconds_at(clock, now);
	rtc->cmos[index] = value;
}

/* Bit 7 of the index masks the NMI, which is not the RTC's. */
void rtc_write(struct standin_rtc *rtc, const struct standin_clock *clock, uint16_t port, uint8_t value,
	       uint64_t now)
{
	if (port == INDEX)
		rtc->index = value & 0x7f;
	else
		write_register(rtc, clock, value, now);
}

/* The bytes of RAM in one piece from an address on. */
static uint64_t ram_from(const struct cfg_partition *partition, uint64_t gpa)
{
	struct mem_e820 map[MEM_MAP_MAX];
	size_t count = mem_map(partition, map, MEM_MAP_MAX);

	for (size_t i = 0; i < count; i++)
		if (map[i].type == MEM_RAM && gpa - map[i].base < map[i].size_bytes)
			return map[i].size_bytes - (gpa - map[i].base);
	return 0;
}

/* Some bytes, low one first; what is too much for them is all they can say. */
static void put_size(struct standin_rtc *rtc, uint8_t index, uint32_t bytes, uint64_t size)
{
	uint64_t most = (1ull << (bytes * 8)) - 1;
	uint64_t said = size < most ? size : most;

	for (uint32_t i = 0; i < bytes; i++)
		rtc->cmos[index + i] = (uint8_t)(said >> (i * 8));
}

/*
 * Where PC firmware looks for how much RAM there is and how many processors: pseudo information (paper
 * §3.3(2)B). As in the IBM PC AT, and beyond 64 MiB as emulators and their firmware have it.
 */
static void tell_machine(struct standin_rtc *rtc, const struct cfg_partition *partition)
{
	put_size(rtc, BASE_RAM, 2, ram_from(partition, 0) / UNIT_1K);
	put_size(rtc, EXTENDED_RAM, 2, ram_from(partition, RAM_1M) / UNIT_1K);
	put_size(rtc, EXTENDED_RAM_TOO, 2, ram_from(partition, RAM_1M) / UNIT_1K);
	put_size(rtc, RAM_ABOVE_16M, 2, ram_from(partition, RAM_16M) / UNIT_64K);
	put_size(rtc, RAM_ABOVE_4G, 3, ram_from(partition, RAM_4G) / UNIT_64K);
	rtc->cmos[MORE_PROCESSORS] = (uint8_t)(partition->processor_count - 1);
}

void rtc_reset(struct standin_rtc *rtc, const struct cfg_partition *partition)
{
	*rtc = (struct standin_rtc){0};
	rtc->cmos[REGISTER_A] = A_USUAL;
	rtc->cmos[REGISTER_B] = B_24_HOURS;
	rtc->cmos[REGISTER_D] = D_VALID;
	tell_machine(rtc, partition);
}
