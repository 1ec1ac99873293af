/* SPDX-License-Identifier: MIT */
/*
 * line: what the probe says by itself: frames and events on its serial line.
 */
#ifndef PROBE_LINE_H
#define PROBE_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "trap.h"
#include "wire.h"

/* Sends a frame that wire_end() has closed, on a line of its own. */
void line_send(const struct wire_frame *frame);

/* Prints bytes as they are. */
void line_print(const char *bytes, size_t count);

/* Begins an event, with the next number of events. */
void line_begin_event(struct wire_frame *frame, const char *name);

void line_event(const char *name); /* one without values */

void line_add_record(struct wire_frame *frame, const struct record *record);

#endif
