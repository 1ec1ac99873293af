// SPDX-License-Identifier: MIT
/*
 * The real 8259 pair (Intel 8259A data sheet). Lines that its owner has not are masked, whatever it writes,
 * and it sees nothing of them. An initialisation opens all lines until the mask is written, so the real one
 * has its words together with that mask, when the last of them is there. How the pair is wired is the
 * machine's affair: words that say otherwise are taken, and not passed on.
 */
#include "config_items.h"
#include "guard_parts.h"

/* Command port */
#define ICW1	    0x10u /* initialisation begins */
#define ICW1_SINGLE 0x02u /* no ICW3 */
#define ICW1_ICW4   0x01u
#define OCW3	    0x08u
#define OCW3_POLL   0x04u

#define ICW4_MODES 0x12u /* special fully nested; an interrupt ends by itself */
#define ICW4_8086  0x01u

enum word { EXPECT_ICW2 = 1u << 0, EXPECT_ICW3 = 1u << 1, EXPECT_ICW4 = 1u << 2 };

#define CASCADE	       2u	       /* the line of the first one that the second one has */
#define MASTER_CASCADE (1u << CASCADE) /* ICW3: which line */
#define SLAVE_CASCADE  CASCADE	       /* ICW3: at which line */

/* Where firmware leaves the vectors (IBM PC AT Technical Reference, system interrupts). */
#define MASTER_VECTOR 0x08u
#define SLAVE_VECTOR  0x70u

static bool is_levels(uint16_t port)
{
	return port >= CFG_PIC_LEVELS;
}

/* Which of the two has the port. */
static uint32_t chip_of(uint16_t port)
{
	return is_levels(port) ? port - CFG_PIC_LEVELS : port >= CFG_PIC_SLAVE;
}

static uint16_t command_port(uint32_t chip)
{
	return chip ? CFG_PIC_SLAVE : CFG_PIC_MASTER;
}

/* The lines of one that are the partition's, a bit each; the cascade is wire between the two. */
static uint8_t own_lines(const struct core *core, uint8_t partition, uint32_t chip)
{
	uint8_t own = chip ? 0 : MASTER_CASCADE;

	for (uint32_t bit = 0; bit < 8; bit++) {
		uint32_t irq = 8 * chip + bit;

		if (irq != CASCADE &&
		    irq_gsi_owner(core, irq == CFG_PIT_IRQ ? CFG_PIT_GSI : irq) == partition)
			own |= (uint8_t)(1u << bit);
	}
	return own;
}

static void write_mask(const struct core *core, uint8_t partition, uint32_t chip)
{
	guard_out(core, command_port(chip) + 1,
		  (uint8_t)(core->guard.pic[chip].mask | ~own_lines(core, partition, chip)));
}

static void initialise(const struct core *core, uint8_t partition, uint32_t chip)
{
	const struct guard_pic *pic = &core->guard.pic[chip];
	uint16_t port = command_port(chip);

	guard_out(core, port, ICW1 | ICW1_ICW4);
	guard_out(core, port + 1, pic->vector);
	guard_out(core, port + 1, chip ? SLAVE_CASCADE : MASTER_CASCADE);
	guard_out(core, port + 1, pic->mode | ICW4_8086);
	write_mask(core, partition, chip);
}

static void write_command(const struct core *core, struct guard_pic *pic, uint16_t port, uint8_t value)
{
	if (value & ICW1) {
		*pic = (struct guard_pic){
			.words = (uint8_t)(EXPECT_ICW2 | (value & ICW1_SINGLE ? 0 : EXPECT_ICW3) |
					   (value & ICW1_ICW4 ? EXPECT_ICW4 : 0)),
		};
		return;
	}
	if (value & OCW3 && value & OCW3_POLL)
		pic->polled = 1;
	guard_out(core, port, value);
}

static void take_word(struct guard_pic *pic, uint8_t value)
{
	if (pic->words & EXPECT_ICW2)
		pic->vector = value;
	else if (!(pic->words & EXPECT_ICW3))
		pic->mode = value & ICW4_MODES;
	pic->words &= (uint8_t)(pic->words - 1); /* the lowest one came */
}

static void write_data(struct core *core, uint8_t partition, uint32_t chip, uint8_t value)
{
	struct guard_pic *pic = &core->guard.pic[chip];

	if (!pic->words) {
		pic->mask = value;
		write_mask(core, partition, chip);
		return;
	}
	take_word(pic, value);
	if (!pic->words)
		initialise(core, partition, chip);
}

void guard_pic_write(struct core *core, uint8_t partition, uint16_t port, uint8_t value)
{
	uint32_t chip = chip_of(port);

	if (is_levels(port))
		guard_out(core, port, value & own_lines(core, partition, chip));
	else if (port & 1)
		write_data(core, partition, chip, value);
	else
		write_command(core, &core->guard.pic[chip], port, value);
}

/* What a poll answers is a line that was open. */
uint8_t guard_pic_read(struct core *core, uint8_t partition, uint16_t port)
{
	uint32_t chip = chip_of(port);
	struct guard_pic *pic = &core->guard.pic[chip];

	if (is_levels(port))
		return guard_in(core, port) & own_lines(core, partition, chip);
	if (pic->polled) {
		pic->polled = 0;
		return guard_in(core, port);
	}
	return port & 1 ? pic->mask : guard_in(core, port) & own_lines(core, partition, chip);
}

/* Which of its lines are levels is the board's to say. */
static uint8_t levels(const struct core *core, uint8_t partition, uint32_t chip)
{
	const struct cfg_partition *config = &core->config->partition[partition];
	uint32_t lines = 0;

	for (uint32_t i = 0; i < config->gsi_count; i++)
		if (config->gsi[i].flags & CFG_GSI_LEVEL && config->gsi[i].gsi / 8 == chip)
			lines |= 1u << config->gsi[i].gsi % 8;
	return (uint8_t)lines;
}

void guard_pic_reset(struct core *core, uint8_t partition)
{
	for (uint32_t chip = 0; chip < 2; chip++) {
		core->guard.pic[chip] = (struct guard_pic){
			.mask = 0xff,
			.vector = chip ? SLAVE_VECTOR : MASTER_VECTOR,
		};
		initialise(core, partition, chip);
		guard_out(core, (uint16_t)(CFG_PIC_LEVELS + chip), levels(core, partition, chip));
	}
}
