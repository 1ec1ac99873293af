/* SPDX-License-Identifier: MIT */
/*
 * core: the trap-and-route core as a whole. Decides who gets what; touches no hardware.
 *
 * The caller owns the one struct core, gives it a checked block, and asks. What a call decides is returned;
 * what it remembers is in the struct; what it did is in the trace. State of one partition is only changed by
 * calls in that partition's name, so partitions may be served concurrently; calls marked "machine-wide" need
 * the caller's lock.
 */
#ifndef MRM_CORE_CORE_H
#define MRM_CORE_CORE_H

#include "config.h"
#include "device.h"
#include "exception.h"
#include "guard.h"
#include "interrupt.h"
#include "memory.h"
#include "pci.h"
#include "power.h"
#include "standin.h"
#include "trace.h"

struct core {
	const struct cfg_block *config;
	uint64_t (*now)(void); /* time stamps for the trace; may be NULL */
	struct irq_state irq;
	struct dev_state device[CFG_PARTITIONS];
	struct pci_state pci;
	struct guard_state guard;
	struct pwr_state power[CFG_PARTITIONS];
	struct standin_clock clock; /* the controller completes it before it starts a partition */
	struct standin_state standin[CFG_PARTITIONS];
	struct trc_ring trace;
};

/* The bits of the ports under an access of 1, 2 or 4 bytes, lowest first. The maps have slack at their end.
 */
static inline uint32_t core_port_bits(const uint8_t *map, uint16_t port, uint8_t size)
{
	uint16_t two;

	__builtin_memcpy(&two, map + (port >> 3), sizeof(two));
	return (uint32_t)two >> (port & 7) & ((1u << size) - 1);
}

/*
 * Routes an access of size 1, 2 or 4 at port. An access that covers ports of different routes goes the way of
 * the strictest: simulate over deny over allow. One that passes 0xFFFF is denied. Every trapped access asks
 * this, so it is inline.
 */
static inline enum dev_route dev_port(const struct core *core, uint8_t partition, uint16_t port, uint8_t size)
{
	if ((uint32_t)port + size > 0x10000)
		return DEV_DENY;
	if (!core_port_bits(core->device[partition].port_trap, port, size))
		return DEV_ALLOW;
	return core_port_bits(core->device[partition].port_simulated, port, size) ? DEV_SIMULATE : DEV_DENY;
}

/*
 * Makes the core for a block, which must stay where it is. Refuses a block that cfg_check() refuses.
 * Returns false then, and the core must not be used.
 */
bool core_init(struct core *core, const void *block, size_t size_bytes, uint64_t (*now)(void));

/* Forgets what a partition did, before it is started again: claims, latches, power registers. Machine-wide.
 */
void core_reset_partition(struct core *core, uint8_t partition);

/* Adds an event to the trace. */
void core_trace(struct core *core, enum trc_kind kind, uint8_t partition, uint64_t a, uint64_t b);

#endif
