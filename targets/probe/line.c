/* SPDX-License-Identifier: MIT */
/*
 * line: frames and events on the serial line, see line.h.
 */
#include "line.h"

#include "serial.h"

static uint8_t events;
static bool printed = true; /* something other than a frame may stand on the line: firmware begins */

void line_print(const char *bytes, size_t count)
{
	printed = true;
	serial_send(bytes, count);
}

void line_send(const struct wire_frame *frame)
{
	if (printed)
		serial_send("\n", 1);
	printed = true; /* until the frame is out: an exception on the way begins a line of its own */
	serial_send(frame->text, frame->length);
	printed = false;
}

void line_begin_event(struct wire_frame *frame, const char *name)
{
	wire_begin(frame, '!', events++);
	wire_word(frame, name);
}

void line_event(const char *name)
{
	struct wire_frame frame;

	line_begin_event(&frame, name);
	wire_end(&frame);
	line_send(&frame);
}

void line_add_record(struct wire_frame *frame, const struct record *record)
{
	const uint64_t *value = &record->vector;

	_Static_assert(sizeof(struct record) == RECORD_VALUES * sizeof(*value), "ten values and no gaps");
	for (unsigned int i = 0; i < RECORD_VALUES; i++)
		wire_number(frame, value[i]);
}
