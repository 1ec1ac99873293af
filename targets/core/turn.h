/* SPDX-License-Identifier: MIT */
/*
 * turn: whose turn it is on a processor that partitions share: in a round, each for its own slice at most.
 *
 * An interrupt of one that is not running is held until its turn, or pre-empts, as the manifest says. Who
 * pre-empts runs on what it has left of its slice, which is made full again whenever its turn comes by; at
 * least 1/TURN_PRICE of a slice is taken off each time, for the switches have to be paid, and a storm of
 * interrupts must come to an end. With less than that left, its interrupts are held. The one it came in
 * before has the rest of its slice afterwards. So
 *
 * - pre-empting moves a share to an earlier time, and makes nobody's bigger;
 * - who uses up its slice in its own turn pre-empts nobody;
 * - nobody waits longer for its turn than the slices of all others together, and once more those of who
 *   pre-empt;
 * - there are at most TURN_PRICE pre-emptions in a slice of who pre-empts; none is pre-empted itself.
 */
#ifndef MRM_CORE_TURN_H
#define MRM_CORE_TURN_H

#include <stdbool.h>

#include "config.h"

#define TURN_NOBODY 0xff
#define TURN_NEVER  (~0ull)
#define TURN_PRICE  8 /* a pre-emption costs at least this part of a slice: 1/8 */

struct turn {
	uint64_t slice[CFG_PARTITIONS]; /* ticks that each has in a round */
	uint64_t left[CFG_PARTITIONS];	/* of them, since its turn came by */
	uint64_t since;			/* until when those that ran have been charged */
	uint64_t left_most;		/* when this pre-emption is over */
	uint8_t preempts;		/* a bit for each whose interrupts pre-empt */
	uint8_t count;
	uint8_t place;	 /* whose turn it is */
	uint8_t running; /* the same one, or who came in before it; TURN_NOBODY */
	uint8_t reserved[4];
};

/* Adds one to a round, which begins as zeros. */
void turn_add(struct turn *turn, uint64_t slice, bool preempts);

/*
 * Who runs from now on. A bit for each is set in ready if it has something to do, and in interrupted if it
 * has an interrupt to take. The one that runs is asked about again when turn_end() has come, and may be at
 * any time before. TURN_NOBODY: the processor has nothing to do.
 */
uint8_t turn_choose(struct turn *turn, uint32_t ready, uint32_t interrupted, uint64_t now);

/* When the time of the one that runs is over; TURN_NEVER if nobody does. */
uint64_t turn_end(const struct turn *turn);

/* Whether an interrupt of this one would give it the processor now. */
bool turn_may_preempt(const struct turn *turn, uint8_t member);

#endif
