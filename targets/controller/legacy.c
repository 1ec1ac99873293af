/* SPDX-License-Identifier: MIT */
/* legacy: the real ports behind the devices of old that the core guards. */
#include "machine.h"
#include "x86.h"

static uint8_t port_in(void *context, uint16_t port)
{
	(void)context;
	return in8(port);
}

static void port_out(void *context, uint16_t port, uint8_t value)
{
	(void)context;
	out8(port, value);
}

void legacy_open(void)
{
	static const struct guard_hardware ports = {.in = port_in, .out = port_out};

	guard_open(&core, &ports);
}
