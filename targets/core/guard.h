/* SPDX-License-Identifier: MIT */
/*
 * guard: devices that a partition owns, but whose words could reach beyond it (paper §3.2, §3.3(3)).
 *
 * The keyboard controller resets the machine and switches address line 20; the 8259 pair opens the lines of
 * all. So their owner's accesses are looked at, byte by byte, and the real ones get what concerns nobody
 * else.
 */
#ifndef MRM_CORE_GUARD_H
#define MRM_CORE_GUARD_H

#include <stdbool.h>
#include <stdint.h>

/* The ports of the real machine, a byte each. */
struct guard_hardware {
	void *context;
	uint8_t (*in)(void *context, uint16_t port);
	void (*out)(void *context, uint16_t port, uint8_t value);
};

/* One of the 8259 pair, as its owner wrote it. */
struct guard_pic {
	uint8_t mask;
	uint8_t words; /* initialisation command words that are still to come, one bit each */
	uint8_t vector;
	uint8_t mode;
	uint8_t polled; /* the next read answers a poll */
};

struct guard_state {
	const struct guard_hardware *hardware;
	struct guard_pic pic[2]; /* the machine has one pair, so it has one owner */
};

struct core;

/* Called once, before anything below; the hardware must stay. */
void guard_open(struct core *core, const struct guard_hardware *hardware);

/* True if the partition owns the device at this port, and it is a guarded one. */
bool guard_has(const struct core *core, uint8_t partition, uint16_t port);

/* True if the 8259 pair is the partition's: its output is, too, at the processor where it begins. */
bool guard_has_pic(const struct core *core, uint8_t partition);

/* An access of the owner. Machine-wide. A write is to be shown to power as well, afterwards. */
uint8_t guard_read(struct core *core, uint8_t partition, uint16_t port);
void guard_write(struct core *core, uint8_t partition, uint16_t port, uint8_t value);

/* The partition's guarded devices are as they are handed over at a start, and quiet. Machine-wide. */
void guard_reset(struct core *core, uint8_t partition);

void guard_init(struct core *core);

#endif
