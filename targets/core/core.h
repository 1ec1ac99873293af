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
#include "interrupt.h"
#include "memory.h"
#include "power.h"
#include "trace.h"

struct core {
	const struct cfg_block *config;
	uint64_t (*now)(void); /* time stamps for the trace; may be NULL */
	struct irq_state irq;
	struct dev_state device[CFG_PARTITIONS];
	uint8_t port_simulated[DEV_PORT_BITMAP_BYTES + 8]; /* one bit a port, the same for every partition */
	struct pwr_state power[CFG_PARTITIONS];
	struct trc_ring trace;
};

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
