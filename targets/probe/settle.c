/* SPDX-License-Identifier: MIT */
/*
 * settle: what a driver's handler does to its device, so that the interrupt ends. Without it a level goes on
 * interrupting, and a machine may do nothing else any more.
 */
#include "trap.h"
#include "verbs.h"

static struct {
	uint8_t vector;
	uint64_t arrivals, enough;
	volatile uint32_t *device;
	uint32_t value;
} order;

static void settle(void)
{
	if (++order.arrivals >= order.enough)
		*order.device = order.value;
}

enum outcome verb_settle(struct call *call)
{
	uint64_t vector = call->argument[0].number, enough = call->argument[1].number;
	uint64_t address = call->argument[2].number, value = call->argument[3].number;

	if (!trap_may_claim(vector) || address % sizeof(uint32_t) || address >> 32 || value >> 32)
		return BAD_RANGE;
	if (order.device)
		trap_handle(order.vector, NULL);
	order.vector = (uint8_t)vector;
	order.arrivals = 0;
	order.enough = enough;
	order.device = (volatile uint32_t *)address;
	order.value = (uint32_t)value;
	trap_handle(order.vector, settle);
	return DONE;
}
