// SPDX-License-Identifier: MIT
#include "config_items.h"
#include "core.h"
#include "standin_parts.h"

#define UNKNOWN_KHZ 1000000u

/* Whole seconds and the rest apart, for the product must not pass 64 bits: hertz is below 2^21, a rest below
 * 2^42. */
uint64_t standin_scale(const struct standin_clock *clock, uint64_t ticks, uint64_t hertz)
{
	uint64_t rate = (uint64_t)(clock->tsc_khz ? clock->tsc_khz : UNKNOWN_KHZ) * 1000;

	return ticks / rate * hertz + ticks % rate * hertz / rate;
}

/* The stand-in of the partition that has this port, or 0. */
static uint32_t standin_at(const struct cfg_partition *partition, uint32_t port)
{
	for (uint32_t i = 0; i < CFG_STANDIN_SPANS; i++)
		if (cfg_standin_span[i].ports.first <= port && port <= cfg_standin_span[i].ports.last)
			return partition->standins & cfg_standin_span[i].standin;
	return 0;
}

bool standin_covers(const struct core *core, uint8_t partition, uint16_t port, uint8_t size)
{
	for (uint32_t i = 0; i < size; i++)
		if (standin_at(&core->config->partition[partition], port + i))
			return true;
	return false;
}

static uint8_t read_byte(struct core *core, uint8_t p, uint16_t port, uint64_t now)
{
	struct standin_state *state = &core->standin[p];

	switch (standin_at(&core->config->partition[p], port)) {
	case CFG_STANDIN_PIT:
		return pit_read(&state->pit, &core->clock, port, now);
	case CFG_STANDIN_RTC:
		return rtc_read(&state->rtc, &core->clock, port, now);
	case CFG_STANDIN_PIC:
		return pic_read(state->pic, port);
	case CFG_STANDIN_I8042:
		return i8042_read(&state->i8042, port);
	case CFG_STANDIN_FW_CFG:
		return fw_cfg_read(&state->fw_cfg, port);
	default:
		return guard_has(core, p, port) ? guard_read(core, p, port)
						: (uint8_t)pwr_port_read(core, p, port, 1);
	}
}

static void write_byte(struct core *core, uint8_t p, uint16_t port, uint8_t value, uint64_t now)
{
	struct standin_state *state = &core->standin[p];

	switch (standin_at(&core->config->partition[p], port)) {
	case CFG_STANDIN_PIT:
		pit_write(&state->pit, &core->clock, port, value, now);
		break;
	case CFG_STANDIN_RTC:
		rtc_write(&state->rtc, &core->clock, port, value, now);
		break;
	case CFG_STANDIN_PIC:
		pic_write(state->pic, port, value);
		break;
	case CFG_STANDIN_I8042:
		i8042_write(&state->i8042, port, value);
		break;
	case CFG_STANDIN_FW_CFG:
		fw_cfg_write(core, p, port, value);
		break;
	default:
		if (guard_has(core, p, port))
			guard_write(core, p, port, value);
		break;
	}
}

uint32_t standin_read(struct core *core, uint8_t partition, uint16_t port, uint8_t size, uint64_t now)
{
	uint32_t value = 0;

	for (uint32_t i = 0; i < size && i < 4; i++)
		value |= (uint32_t)read_byte(core, partition, (uint16_t)(port + i), now) << (i * 8);
	return value;
}

enum pwr_cause standin_write(struct core *core, uint8_t partition, uint16_t port, uint8_t size,
			     uint32_t value, uint64_t now)
{
	for (uint32_t i = 0; i < size && i < 4; i++)
		write_byte(core, partition, (uint16_t)(port + i), (uint8_t)(value >> (i * 8)), now);
	return pwr_port_write(core, partition, port, size, value);
}

void standin_reset_partition(struct core *core, uint8_t partition)
{
	struct standin_state *state = &core->standin[partition];

	pit_reset(&state->pit);
	rtc_reset(&state->rtc, &core->config->partition[partition]);
	pic_reset(state->pic);
	i8042_reset(&state->i8042);
	fw_cfg_reset(core, partition);
}
