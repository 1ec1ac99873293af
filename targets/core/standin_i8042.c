// SPDX-License-Identifier: MIT
/*
 * Stand-in for the keyboard controller: it answers at once, and nothing is plugged into it. What resets is
 * power's to see.
 */
#include "standin_parts.h"

#define DATA 0x60

/* Status register */
#define OUTPUT_FULL 0x01u
#define TESTED	    0x04u
#define WAS_COMMAND 0x08u
#define NOT_LOCKED  0x10u
#define TIMED_OUT   0x40u
#define ALWAYS	    (TESTED | NOT_LOCKED)

/* Commands */
#define READ_CONFIGURATION  0x20
#define WRITE_CONFIGURATION 0x60
#define TEST_MOUSE	    0xa9
#define TEST_SELF	    0xaa
#define TEST_KEYBOARD	    0xab
#define DISABLE_KEYBOARD    0xad
#define ENABLE_KEYBOARD	    0xae
#define READ_INPUT_PORT	    0xc0
#define READ_OUTPUT_PORT    0xd0
#define WRITE_OUTPUT_PORT   0xd1 /* power looks at its data byte */
#define WRITE_AS_KEYBOARD   0xd2
#define WRITE_AS_MOUSE	    0xd3
#define WRITE_MOUSE	    0xd4

/* Answers */
#define SELF_IS_FINE	 0x55
#define LINE_IS_FINE	 0x00
#define CLOCK_STUCK_LOW	 0x01 /* so there is no mouse port */
#define INPUT_NOT_LOCKED 0x80
#define OUTPUT_A20_ON	 0x03 /* and no reset */
#define RESEND		 0xfe /* with TIMED_OUT: nobody took the byte */

#define CONFIGURATION_TESTED	  0x04u
#define CONFIGURATION_NO_CLOCK	  0x10u /* keyboard */
#define CONFIGURATION_AFTER_RESET (CONFIGURATION_TESTED | CONFIGURATION_NO_CLOCK)

void i8042_reset(struct standin_i8042 *i8042)
{
	*i8042 = (struct standin_i8042){.configuration = CONFIGURATION_AFTER_RESET};
}

uint8_t i8042_read(struct standin_i8042 *i8042, uint16_t port)
{
	if (port != DATA)
		return i8042->status | ALWAYS;
	i8042->status &= (uint8_t) ~(OUTPUT_FULL | TIMED_OUT);
	return i8042->output;
}

static void answer(struct standin_i8042 *i8042, uint8_t value)
{
	i8042->output = value;
	i8042->status |= OUTPUT_FULL;
}

static void nobody_there(struct standin_i8042 *i8042)
{
	answer(i8042, RESEND);
	i8042->status |= TIMED_OUT;
}

static void write_command(struct standin_i8042 *i8042, uint8_t command)
{
	i8042->status |= WAS_COMMAND;
	i8042->command = 0;
	switch (command) {
	case READ_CONFIGURATION:
		answer(i8042, i8042->configuration);
		break;
	case TEST_MOUSE:
		answer(i8042, CLOCK_STUCK_LOW);
		break;
	case TEST_SELF:
		answer(i8042, SELF_IS_FINE);
		break;
	case TEST_KEYBOARD:
		answer(i8042, LINE_IS_FINE);
		break;
	case DISABLE_KEYBOARD:
		i8042->configuration |= CONFIGURATION_NO_CLOCK;
		break;
	case ENABLE_KEYBOARD:
		i8042->configuration &= (uint8_t)~CONFIGURATION_NO_CLOCK;
		break;
	case READ_INPUT_PORT:
		answer(i8042, INPUT_NOT_LOCKED);
		break;
	case READ_OUTPUT_PORT:
		answer(i8042, OUTPUT_A20_ON);
		break;
	case WRITE_CONFIGURATION:
	case WRITE_OUTPUT_PORT:
	case WRITE_AS_KEYBOARD:
	case WRITE_AS_MOUSE:
	case WRITE_MOUSE:
		i8042->command = command;
		break;
	default:
		break;
	}
}

static void write_data(struct standin_i8042 *i8042, uint8_t value)
{
	uint8_t command = i8042->command;

	i8042->status &= (uint8_t)~WAS_COMMAND;
	i8042->command = 0;
	switch (command) {
	case WRITE_CONFIGURATION:
		i8042->configuration = value;
		break;
	case WRITE_OUTPUT_PORT:
		break;
	case WRITE_AS_KEYBOARD:
	case WRITE_AS_MOUSE: /* not marked as the mouse's, for there is no such port */
		answer(i8042, value);
		break;
	default: /* for the keyboard, or the mouse */
		nobody_there(i8042);
		break;
	}
}

void i8042_write(struct standin_i8042 *i8042, uint16_t port, uint8_t value)
{
	if (port == DATA)
		write_data(i8042, value);
	else
		write_command(i8042, value);
}
