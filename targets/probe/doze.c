/* SPDX-License-Identifier: MIT */
/*
 * doze: time that passes while the processor sleeps. A machine that counts instructions leaps over it, so
 * waiting long for what a device does by itself costs nothing there, and always ends at the same instant.
 */
#include "cpu.h"
#include "timer.h"
#include "verbs.h"

static volatile bool over;

static void end(void)
{
	over = true;
}

enum outcome verb_doze(struct call *call)
{
	uint64_t counts = call->argument[0].number;

	if (counts == 0 || counts > UINT32_MAX)
		return BAD_RANGE;
	over = false;
	trap_expect(VECTOR_BEAT);
	trap_handle(VECTOR_BEAT, end);
	timer_lapic(VECTOR_BEAT, (uint32_t)counts);
	interrupts_off();
	while (!over)
		wait_for_interrupt();
	interrupts_on();
	timer_lapic(VECTOR_BEAT, 0);
	return DONE;
}
