/* SPDX-License-Identifier: MIT */
/*
 * verbs_end: ways to be gone.
 */
#include "cpu.h"
#include "verbs.h"

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
