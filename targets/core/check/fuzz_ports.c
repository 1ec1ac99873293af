// SPDX-License-Identifier: MIT
/* fuzz_ports: what must never arrive at the keyboard controller and at the 8259 pair, see fuzz.c. */
#include "fuzz.h"

#define ICW1	    0x10u
#define ICW_BEHIND  3u /* the pair is always told all of them */
#define CASCADE	    2u
#define TIMER_GSI   2u
#define OUTPUT_PORT 0xd1u
#define PULSES	    0xf0u
#define ACCESSES    8u

static void is_own(const struct fuzz_ports *ports, uint16_t port, uint32_t irq)
{
	uint32_t gsi = irq ? irq : TIMER_GSI;

	MUST(irq == CASCADE || irq_gsi_owner(ports->core, gsi) == dev_port_owner(ports->core, port));
}

static void lines_are_own(const struct fuzz_ports *ports, uint16_t port, uint32_t chip, uint8_t lines)
{
	for (uint32_t bit = 0; bit < 8; bit++)
		if (lines >> bit & 1)
			is_own(ports, port, 8 * chip + bit);
}

/* An initialisation opens all lines (Intel 8259A data sheet, ICW1). */
static void pic_out(struct fuzz_ports *ports, uint16_t port, uint32_t chip, uint8_t value)
{
	if (!(port & 1) && value & ICW1) {
		ports->words[chip] = ICW_BEHIND;
		ports->open[chip] = 0xff;
	} else if (port & 1 && ports->words[chip]) {
		ports->words[chip]--;
	} else if (port & 1) {
		ports->open[chip] = (uint8_t)~value;
	}
}

/* Between two accesses of its owner. */
static void pic_is_confined(const struct fuzz_ports *ports)
{
	for (uint32_t chip = 0; chip < 2; chip++) {
		MUST(!ports->words[chip]);
		lines_are_own(ports, chip ? 0xa0 : 0x20, chip, ports->open[chip]);
	}
}

static void out(void *context, uint16_t port, uint8_t value)
{
	MUST(dev_port_owner(((const struct fuzz_ports *)context)->core, port) != CFG_NOBODY);
	switch (port) {
	case 0x20:
	case 0x21:
	case 0xa0:
	case 0xa1:
		pic_out(context, port, port >= 0xa0, value);
		break;
	case 0x4d0:
	case 0x4d1:
		lines_are_own(context, port, port - 0x4d0u, value);
		break;
	case 0x64:
		MUST(value != OUTPUT_PORT && value < PULSES);
		break;
	default:
		MUST(port == 0x60);
	}
}

/* Never busy, nothing to say. */
static uint8_t in(void *context, uint16_t port)
{
	(void)context;
	(void)port;
	return 0;
}

void fuzz_ports_open(struct fuzz_ports *ports, struct core *core)
{
	*ports = (struct fuzz_ports){.hardware = {ports, in, out}, .core = core};
	guard_open(core, &ports->hardware);
}

void fuzz_ports_use(struct core *core, uint8_t partition, struct input *input)
{
	static const uint16_t port[] = {0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1, 0x60, 0x64};
	const struct fuzz_ports *ports = core->guard.hardware->context;

	for (uint32_t i = 0; i < ACCESSES; i++) {
		uint16_t used = port[take_number(input, 1) % (sizeof(port) / sizeof(port[0]))];

		standin_write(core, partition, used, 1, (uint8_t)take_number(input, 1), 0);
		MUST(standin_read(core, partition, used, 1, 0) <= 0xff);
		pic_is_confined(ports);
	}
}
