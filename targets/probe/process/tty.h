/* SPDX-License-Identifier: MIT */
/*
 * tty: the terminal device that the probe speaks on. Implements ../serial.h, and says what lies behind it.
 */
#ifndef PROBE_TTY_H
#define PROBE_TTY_H

#include <stdbool.h>
#include <stdint.h>

/* Opens the device, and makes it a line of plain bytes. False, with errno set, if that cannot be done. */
bool tty_open(const char *path);

/* The UART's first port and its interrupt line; zeros where the device is no UART. */
void tty_uart(uint16_t *port, uint16_t *gsi);

#endif
