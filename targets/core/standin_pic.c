// SPDX-License-Identifier: MIT
/*
 * Stand-in for the 8259 pair: keeps the masks, takes its initialisation, has nothing to say.
 *
 * An OS that finds it may insist on a timer interrupt through it: Linux 6.1 does, and stops if none comes.
 * Where none of these ports answers, it goes on without. Give it to an OS that cannot.
 */
#include "standin_parts.h"

#define SLAVE 0xa0

/* Intel 8259A data sheet, initialisation command words */
#define ICW1	    0x10u /* at the command port: initialisation begins */
#define ICW1_ICW4   0x01u
#define ICW1_SINGLE 0x02u
#define EXPECT_ICW2 0x01u
#define EXPECT_ICW3 0x02u
#define EXPECT_ICW4 0x04u

static void reset(struct standin_pic *pic)
{
	*pic = (struct standin_pic){.mask = 0xff};
}

void pic_reset(struct standin_pic *pic)
{
	reset(&pic[0]);
	reset(&pic[1]);
}

static bool is_data(uint16_t port)
{
	return port & 1;
}

/* Neither requests nor interrupts in service, so the command port reads 0, whichever is selected. */
uint8_t pic_read(const struct standin_pic *pic, uint16_t port)
{
	return is_data(port) ? pic[port >= SLAVE].mask : 0;
}

static void write_command(struct standin_pic *pic, uint8_t value)
{
	if (!(value & ICW1))
		return; /* OCW2, OCW3: nothing is in service, nothing is requested */
	pic->mask = 0;
	pic->words = (uint8_t)(EXPECT_ICW2 | (value & ICW1_SINGLE ? 0 : EXPECT_ICW3) |
			       (value & ICW1_ICW4 ? EXPECT_ICW4 : 0));
}

void pic_write(struct standin_pic *pic, uint16_t port, uint8_t value)
{
	struct standin_pic *one = &pic[port >= SLAVE];

	if (!is_data(port))
		write_command(one, value);
	else if (one->words)
		one->words &= (uint8_t)(one->words - 1); /* the lowest one came */
	else
		one->mask = value;
}
