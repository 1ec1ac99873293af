// SPDX-License-Identifier: MIT
/*
 * Stand-in for the 8254 interval timer and for port 0x61. A channel keeps when its count was loaded; what it
 * counts now follows from the time. Intel 8254 data sheet, IBM PC AT technical reference.
 *
 * One liberty: a count that is written while another one runs takes its place at once, in all modes.
 */
#include "standin_parts.h"

#define PIT_HERTZ 1193182u

#define CHANNEL_0 0x40
#define CONTROL	  0x43
#define PORT_61	  0x61
#define SPEAKER	  2 /* its channel is the one with a gate */

/* Control word */
#define CONTROL_CHANNEL(word) ((word) >> 6)
#define READ_BACK	      3
#define CONTROL_KEPT	      0x3fu
#define CONTROL_BCD	      0x01u
#define READ_BACK_NO_COUNT    0x20u
#define READ_BACK_NO_STATUS   0x10u

enum access { LATCH, LOW, HIGH, BOTH };
enum mode { TERMINAL_COUNT, ONE_SHOT, RATE, SQUARE, SOFTWARE_STROBE, HARDWARE_STROBE };

/* Status byte, as it is latched */
#define STATUS_OUT	  0x80u
#define STATUS_NOT_LOADED 0x40u

/* Port 0x61 */
#define PORT_61_GATE	0x01u
#define PORT_61_KEPT	0x0fu
#define PORT_61_REFRESH 0x10u
#define PORT_61_OUT	0x20u
#define REFRESH_CLOCKS	18u /* from one row of DRAM to the next: 15 µs */

static enum access access_of(const struct standin_pit_channel *channel)
{
	return (enum access)(channel->control >> 4 & 3);
}

/* Modes 2 and 3 have two names each. */
static enum mode mode_of(const struct standin_pit_channel *channel)
{
	uint8_t mode = channel->control >> 1 & 7;

	return (enum mode)(mode > HARDWARE_STROBE ? mode - 4 : mode);
}

static bool is_periodic(enum mode mode)
{
	return mode == RATE || mode == SQUARE;
}

static bool is_triggered(enum mode mode)
{
	return mode == ONE_SHOT || mode == HARDWARE_STROBE;
}

static uint32_t from_bcd(uint32_t bcd)
{
	return (bcd & 0xf) + (bcd >> 4 & 0xf) * 10 + (bcd >> 8 & 0xf) * 100 + (bcd >> 12) * 1000;
}

static uint32_t to_bcd(uint32_t number)
{
	return number % 10 | number / 10 % 10 << 4 | number / 100 % 10 << 8 | number / 1000 % 10 << 12;
}

/* How many counts there are, and so what a count of 0 stands for. */
static uint32_t counts(const struct standin_pit_channel *channel)
{
	return channel->control & CONTROL_BCD ? 10000 : 0x10000;
}

static uint32_t count_of(const struct standin_pit_channel *channel)
{
	uint32_t count = channel->control & CONTROL_BCD ? from_bcd(channel->reload) : channel->reload;

	return count ? count : counts(channel);
}

/* The clock pulse after a write loads the count; the following ones count. */
static uint64_t elapsed(const struct standin_pit_channel *channel, uint64_t clock)
{
	if (!channel->runs)
		return channel->ran;
	return clock > channel->began ? clock - channel->began : 0;
}

static void start(struct standin_pit_channel *channel, uint64_t clock)
{
	channel->began = clock + 1;
	channel->runs = 1;
}

static void stop(struct standin_pit_channel *channel, uint64_t clock)
{
	channel->ran = elapsed(channel, clock);
	channel->runs = 0;
}

static void go_on(struct standin_pit_channel *channel, uint64_t clock)
{
	channel->began = clock - channel->ran;
	channel->runs = 1;
}

static uint32_t square_value(uint32_t count, uint32_t phase)
{
	uint32_t high = (count + 1) / 2;

	return (count & ~1u) - 2 * (phase < high ? phase : phase - high);
}

static uint16_t value_at(const struct standin_pit_channel *channel, uint64_t clock)
{
	uint32_t count = count_of(channel), all = counts(channel), value;
	uint64_t past = elapsed(channel, clock);

	switch (mode_of(channel)) {
	case RATE:
		value = count - (uint32_t)(past % count);
		break;
	case SQUARE:
		value = square_value(count, (uint32_t)(past % count));
		break;
	default: /* goes on behind 0 */
		value = count + all - (uint32_t)(past % all);
		break;
	}
	value %= all;
	return (uint16_t)(channel->control & CONTROL_BCD ? to_bcd(value) : value);
}

static bool output_at(const struct standin_pit_channel *channel, uint64_t clock)
{
	uint64_t past = elapsed(channel, clock);
	uint32_t count = count_of(channel);

	switch (mode_of(channel)) {
	case TERMINAL_COUNT:
		return channel->loaded && past >= count;
	case ONE_SHOT:
		return !channel->runs || past >= count;
	case RATE:
		return !channel->runs || past % count != count - 1;
	case SQUARE:
		return !channel->runs || past % count < (count + 1) / 2;
	default: /* strobes */
		return !channel->runs || past != count;
	}
}

static void load(struct standin_pit_channel *channel, uint16_t reload, uint64_t clock)
{
	channel->reload = reload;
	channel->loaded = 1;
	if (is_triggered(mode_of(channel)))
		return;
	channel->ran = 0;
	channel->runs = 0;
	if (channel->gate)
		start(channel, clock);
}

static void set_gate(struct standin_pit_channel *channel, bool gate, uint64_t clock)
{
	bool rises = gate && !channel->gate;
	enum mode mode = mode_of(channel);

	channel->gate = gate;
	if (!channel->loaded)
		return;
	if (rises && (is_periodic(mode) || is_triggered(mode)))
		start(channel, clock);
	else if (rises)
		go_on(channel, clock);
	else if (!gate && channel->runs && !is_triggered(mode))
		stop(channel, clock);
}

static void latch_count(struct standin_pit_channel *channel, uint64_t clock)
{
	if (channel->latched_bytes)
		return;
	channel->latched = value_at(channel, clock);
	channel->latched_bytes = access_of(channel) == BOTH ? 2 : 1;
	channel->read_high = 0;
}

static void latch_status(struct standin_pit_channel *channel, uint64_t clock)
{
	if (channel->status_latched)
		return;
	channel->status = (uint8_t)((output_at(channel, clock) ? STATUS_OUT : 0) |
				    (channel->loaded ? 0 : STATUS_NOT_LOADED) | channel->control);
	channel->status_latched = 1;
}

static uint8_t read_channel(struct standin_pit_channel *channel, uint64_t clock)
{
	uint16_t value = channel->latched_bytes ? channel->latched : value_at(channel, clock);
	bool high = access_of(channel) == HIGH || (access_of(channel) == BOTH && channel->read_high);

	if (channel->status_latched) {
		channel->status_latched = 0;
		return channel->status;
	}
	if (channel->latched_bytes)
		channel->latched_bytes--;
	channel->read_high = !channel->read_high;
	return (uint8_t)(high ? value >> 8 : value);
}

/* The first of two bytes stops a mode 0 count (8254, "Mode 0"). */
static void write_low_of_two(struct standin_pit_channel *channel, uint8_t value)
{
	channel->low = value;
	channel->write_high = 1;
	if (mode_of(channel) == TERMINAL_COUNT) {
		channel->loaded = 0;
		channel->runs = 0;
		channel->ran = 0;
	}
}

static void write_channel(struct standin_pit_channel *channel, uint8_t value, uint64_t clock)
{
	switch (access_of(channel)) {
	case LOW:
		load(channel, value, clock);
		break;
	case HIGH:
		load(channel, (uint16_t)(value << 8), clock);
		break;
	default:
		if (!channel->write_high) {
			write_low_of_two(channel, value);
			break;
		}
		channel->write_high = 0;
		load(channel, (uint16_t)(value << 8 | channel->low), clock);
		break;
	}
}

static void read_back(struct standin_pit *pit, uint8_t word, uint64_t clock)
{
	for (uint32_t i = 0; i < 3; i++) {
		if (!(word & 2u << i))
			continue;
		if (!(word & READ_BACK_NO_COUNT))
			latch_count(&pit->channel[i], clock);
		if (!(word & READ_BACK_NO_STATUS))
			latch_status(&pit->channel[i], clock);
	}
}

static void write_control(struct standin_pit *pit, uint8_t word, uint64_t clock)
{
	struct standin_pit_channel *channel;

	if (CONTROL_CHANNEL(word) == READ_BACK) {
		read_back(pit, word, clock);
		return;
	}
	channel = &pit->channel[CONTROL_CHANNEL(word)];
	if ((word >> 4 & 3) == LATCH)
		latch_count(channel, clock);
	else
		*channel =
			(struct standin_pit_channel){.control = word & CONTROL_KEPT, .gate = channel->gate};
}

static uint8_t read_port61(const struct standin_pit *pit, uint64_t clock)
{
	return (uint8_t)(pit->port61 | (clock / REFRESH_CLOCKS & 1 ? PORT_61_REFRESH : 0) |
			 (output_at(&pit->channel[SPEAKER], clock) ? PORT_61_OUT : 0));
}

uint8_t pit_read(struct standin_pit *pit, const struct standin_clock *time, uint16_t port, uint64_t now)
{
	uint64_t clock = standin_scale(time, now, PIT_HERTZ);

	if (port == PORT_61)
		return read_port61(pit, clock);
	return port == CONTROL ? 0xff : read_channel(&pit->channel[port - CHANNEL_0], clock);
}

void pit_write(struct standin_pit *pit, const struct standin_clock *time, uint16_t port, uint8_t value,
	       uint64_t now)
{
	uint64_t clock = standin_scale(time, now, PIT_HERTZ);

	if (port == CONTROL) {
		write_control(pit, value, clock);
	} else if (port == PORT_61) {
		pit->port61 = value & PORT_61_KEPT;
		set_gate(&pit->channel[SPEAKER], value & PORT_61_GATE, clock);
	} else {
		write_channel(&pit->channel[port - CHANNEL_0], value, clock);
	}
}

/* As a BIOS leaves it: the clock tick of 18.2 Hz, DRAM refresh, and a silent speaker. */
void pit_reset(struct standin_pit *pit)
{
	*pit = (struct standin_pit){
		.channel = {{.control = BOTH << 4 | SQUARE << 1, .loaded = 1, .runs = 1, .gate = 1},
			    {.control = LOW << 4 | RATE << 1,
			     .reload = REFRESH_CLOCKS,
			     .loaded = 1,
			     .runs = 1,
			     .gate = 1},
			    {.control = BOTH << 4 | SQUARE << 1}},
	};
}
