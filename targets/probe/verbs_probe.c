/* SPDX-License-Identifier: MIT */
/*
 * verbs_probe: what the probe does with itself: it introduces itself, says, spins and ends.
 */
#include "cpu.h"
#include "line.h"
#include "main.h"
#include "verbs.h"

#define ECHO_BYTES 200

enum outcome verb_hello(struct call *call)
{
	probe_introduce(call->answer);
	return DONE;
}

enum outcome verb_echo(struct call *call)
{
	const struct argument *argument = &call->argument[0];

	if (argument->byte_count > ECHO_BYTES)
		return BAD_RANGE;
	wire_bytes(call->answer, argument->bytes, argument->byte_count);
	return DONE;
}

enum outcome verb_say(struct call *call)
{
	line_print((const char *)call->argument[0].bytes, call->argument[0].byte_count);
	return DONE;
}

enum outcome verb_spin(struct call *call)
{
	uint64_t begin = read_tsc();

	while (read_tsc() - begin < call->argument[0].number)
		relax();
	return DONE;
}

enum outcome verb_halt(struct call *call)
{
	(void)call;
	for (;;) {
		interrupts_off();
		halt(); /* an NMI ends it */
	}
}

enum outcome verb_hang(struct call *call)
{
	(void)call;
	interrupts_off();
	for (;;)
		relax();
}

enum outcome verb_sleep(struct call *call)
{
	(void)call;
	for (;;) {
		interrupts_on();
		halt();
	}
}

/* With an empty interrupt table neither #UD nor #GP nor #DF can be delivered (APM vol. 2 §8.2.9). */
enum outcome verb_triple(struct call *call)
{
	struct table_pointer nothing = {0, 0};

	(void)call;
	__asm__ volatile("cli\n\tlidt %0\n\tud2" : : "m"(nothing));
	return DONE;
}
