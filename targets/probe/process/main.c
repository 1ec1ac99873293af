/* SPDX-License-Identifier: MIT */
/*
 * main: the probe as a process of Linux. Its one argument is the terminal device that it speaks on.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../main.h"
#include "../serve.h"
#include "tty.h"

void probe_introduce(struct wire_frame *frame)
{
	uint16_t port, gsi;

	tty_uart(&port, &gsi);
	wire_number(frame, PROTOCOL_VERSION);
	wire_word(frame, "process");
	wire_number(frame, 0); /* its pages lie anywhere */
	wire_number(frame, 0);
	wire_number(frame, port);
	wire_number(frame, gsi);
}

/* What is asked about "the processor" is asked about one and the same. */
static void stay_on_first_processor(void)
{
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sched_setaffinity(0, sizeof(first),
			  &first); /* where it is denied, all that is lost is repeatability */
}

int main(int count, char **argument)
{
	if (count != 2) {
		fprintf(stderr, "usage: probe-process TERMINAL\n");
		return EXIT_FAILURE;
	}
	if (!tty_open(argument[1])) {
		fprintf(stderr, "probe-process: %s: %s\n", argument[1], strerror(errno));
		return EXIT_FAILURE;
	}
	stay_on_first_processor();
	serve();
}
