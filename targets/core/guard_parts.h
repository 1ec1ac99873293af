/* SPDX-License-Identifier: MIT */
/* guard_parts: the devices behind guard.h, a file for each. Private to the core. */
#ifndef MRM_CORE_GUARD_PARTS_H
#define MRM_CORE_GUARD_PARTS_H

#include "core.h"

static inline uint8_t guard_in(const struct core *core, uint16_t port)
{
	const struct guard_hardware *hardware = core->guard.hardware;

	return hardware->in(hardware->context, port);
}

static inline void guard_out(const struct core *core, uint16_t port, uint8_t value)
{
	const struct guard_hardware *hardware = core->guard.hardware;

	hardware->out(hardware->context, port, value);
}

uint8_t guard_pic_read(struct core *core, uint8_t partition, uint16_t port);
void guard_pic_write(struct core *core, uint8_t partition, uint16_t port, uint8_t value);
void guard_pic_reset(struct core *core, uint8_t partition);

void guard_i8042_write(const struct core *core, uint8_t partition, uint16_t port, uint8_t value);
void guard_i8042_reset(const struct core *core);

#endif
