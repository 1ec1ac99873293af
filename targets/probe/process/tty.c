/* SPDX-License-Identifier: MIT */
/*
 * tty: the probe's line as a terminal device, see tty.h.
 */
#include "tty.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "../serial.h"

static int tty;

bool tty_open(const char *path)
{
	struct termios mode;

	tty = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (tty < 0 || tcgetattr(tty, &mode) != 0)
		return false;
	cfmakeraw(&mode);
	mode.c_cflag |= CLOCAL | CREAD;
	return tcsetattr(tty, TCSANOW, &mode) == 0;
}

void tty_uart(uint16_t *port, uint16_t *gsi)
{
	struct serial_struct uart;

	*port = *gsi = 0;
	if (ioctl(tty, TIOCGSERIAL, &uart) != 0)
		return;
	*port = (uint16_t)uart.port;
	*gsi = (uint16_t)uart.irq;
}

/* A line that is gone is the end of this process; whoever started it starts it again. */
static ssize_t or_exit(ssize_t count)
{
	if (count > 0 || (count < 0 && errno == EINTR))
		return count;
	exit(EXIT_FAILURE);
}

static char take_byte(void)
{
	static char buffer[256];
	static ssize_t taken, filled;

	while (taken == filled) {
		filled = or_exit(read(tty, buffer, sizeof(buffer)));
		if (filled < 0)
			filled = 0;
		taken = 0;
	}
	return buffer[taken++];
}

size_t serial_take_line(char *line, size_t size)
{
	size_t length = 0;

	for (char byte = take_byte(); byte != '\n'; byte = take_byte()) {
		if (byte == '\r')
			continue;
		if (length < size)
			line[length] = byte;
		length++;
	}
	return length;
}

void serial_send(const char *bytes, size_t count)
{
	while (count > 0) {
		ssize_t sent = or_exit(write(tty, bytes, count));

		if (sent < 0)
			continue;
		bytes += sent;
		count -= (size_t)sent;
	}
}

void serial_drain(void)
{
	tcdrain(tty);
}
