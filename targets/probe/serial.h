/* SPDX-License-Identifier: MIT */
/*
 * serial: the UART. Bytes come in by interrupt into a ring; they go out by polling.
 */
#ifndef PROBE_SERIAL_H
#define PROBE_SERIAL_H

#include <stdbool.h>
#include <stddef.h>

void serial_init(void);

/*
 * Waits for a line, asleep, and takes it without its LF and without any CR. Of a line that is longer than
 * size the rest is dropped, but counted: the result is the length it had.
 */
size_t serial_take_line(char *line, size_t size);

bool serial_line_waits(void);

void serial_send(const char *bytes, size_t count);

/* Waits until the last stop bit is out, not just the last byte given away. */
void serial_drain(void);

#endif
