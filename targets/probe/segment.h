/* SPDX-License-Identifier: MIT */
/*
 * segment: descriptor table and task state. See layout.h for the selectors.
 */
#ifndef PROBE_SEGMENT_H
#define PROBE_SEGMENT_H

#include <stdint.h>

/* Interrupt stacks of the vectors that must not rely on the stack they meet. */
enum segment_stack {
	STACK_DOUBLE_FAULT = 1,
	STACK_NMI = 2,
	STACK_MACHINE_CHECK = 3,
	STACK_BEYOND_TASK = 7, /* the task state segment ends before this one: using it is a #TS */
};

void segment_init(void);

#endif
