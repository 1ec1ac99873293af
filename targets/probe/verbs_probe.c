/* SPDX-License-Identifier: MIT */
/*
 * verbs_probe: what the probe does with itself, be it alone on a machine or a process: it introduces itself,
 * says and spins.
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
