// SPDX-License-Identifier: MIT
/*
 * The real keyboard controller (IBM PS/2 Technical Reference, keyboard and auxiliary device controller). What
 * its output port does is everybody's: it never hears of that, and power answers for it.
 */
#include "config_items.h"
#include "guard_parts.h"

/* Status register */
#define OUTPUT_FULL 0x01u
#define INPUT_FULL  0x02u

/* Commands */
#define WRITE_CONFIGURATION 0x60
#define DISABLE_MOUSE	    0xa7
#define DISABLE_KEYBOARD    0xad

/* No interrupts; tested; both clocks stopped; scan codes are translated. */
#define CONFIGURATION 0x74

#define TRIES 10000 /* one a microsecond on a PC; it takes a few for a byte */

void guard_i8042_write(const struct core *core, uint8_t partition, uint16_t port, uint8_t value)
{
	if (!pwr_keeps_i8042(core, partition, port, value))
		guard_out(core, port, value);
}

static void send(const struct core *core, uint16_t port, uint8_t value)
{
	for (uint32_t i = 0; i < TRIES && guard_in(core, CFG_I8042_COMMAND) & INPUT_FULL; i++)
		;
	guard_out(core, port, value);
}

static void drain(const struct core *core)
{
	for (uint32_t i = 0; i < TRIES && guard_in(core, CFG_I8042_COMMAND) & OUTPUT_FULL; i++)
		guard_in(core, CFG_I8042_DATA);
}

/* What keyboard and mouse do is their driver's to reset. */
void guard_i8042_reset(const struct core *core)
{
	send(core, CFG_I8042_COMMAND, DISABLE_KEYBOARD);
	send(core, CFG_I8042_COMMAND, DISABLE_MOUSE);
	send(core, CFG_I8042_COMMAND, WRITE_CONFIGURATION);
	send(core, CFG_I8042_DATA, CONFIGURATION);
	drain(core);
}
