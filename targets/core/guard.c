// SPDX-License-Identifier: MIT
#include "config_items.h"
#include "guard_parts.h"

/* The guarded device of the partition that has this port, or CFG_GUARDED. */
static enum cfg_guarded guarded_at(const struct core *core, uint8_t partition, uint16_t port)
{
	const struct cfg_span wanted = {port, port};

	for (uint32_t i = 0; i < CFG_GUARDED_SPANS; i++)
		if (cfg_spans_meet(cfg_guarded_span[i].ports, wanted, NULL) &&
		    cfg_item_covers(&core->config->partition[partition], CFG_FIELD_PORT, wanted))
			return cfg_guarded_span[i].device;
	return CFG_GUARDED;
}

bool guard_has(const struct core *core, uint8_t partition, uint16_t port)
{
	return guarded_at(core, partition, port) != CFG_GUARDED;
}

bool guard_has_pic(const struct core *core, uint8_t partition)
{
	return guard_has(core, partition, CFG_PIC_MASTER);
}

uint8_t guard_read(struct core *core, uint8_t partition, uint16_t port)
{
	return guarded_at(core, partition, port) == CFG_GUARDED_PIC ? guard_pic_read(core, partition, port)
								    : guard_in(core, port);
}

void guard_write(struct core *core, uint8_t partition, uint16_t port, uint8_t value)
{
	if (guarded_at(core, partition, port) == CFG_GUARDED_PIC)
		guard_pic_write(core, partition, port, value);
	else
		guard_i8042_write(core, partition, port, value);
}

void guard_reset(struct core *core, uint8_t partition)
{
	if (guard_has_pic(core, partition))
		guard_pic_reset(core, partition);
	if (guard_has(core, partition, CFG_I8042_COMMAND))
		guard_i8042_reset(core);
}

void guard_open(struct core *core, const struct guard_hardware *hardware)
{
	core->guard.hardware = hardware;
}

void guard_init(struct core *core)
{
	core->guard = (struct guard_state){0};
}
