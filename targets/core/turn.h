/* SPDX-License-Identifier: MIT */
/*
 * turn: whose turn it is on a processor that partitions share: in a round, each for its own slice at most.
 *
 * An interrupt of one that is not running is held until its turn, or pre-empts, as the manifest says. Who
 * pre-empts runs on what its own slice of this round has left, and at least TURN_PRICE of the whole slice is
 * taken off for it: the switches have to be paid, and a storm of interrupts must come to an end. With nothing
 * left, its interrupts are held as well. The one it came in between has the rest of its slice afterwards; in
 * the round, who has used all of its slice beforehand is left out. So
 *
 * - where all have something to do, pre-empting moves a share to an earlier time, and makes nobody's bigger;
 * - nobody waits longer for its turn than the slices of all others together, those of who pre-empts twice;
 * - there are at most TURN_PRICE pre-emptions in a slice of who pre-empts; none is pre-empted itself.
 */
#ifndef MRM_CORE_TURN_H
#define MRM_CORE_TURN_H

#include <stdbool.h>

#include "config.h"

#define TURN_NOBODY 0xff
#define TURN_NEVER  (~0ull)
#define TURN_PRICE  8 /* a pre-emption costs at least this part of a slice: 1/8 */

/* Begins with slice, count and preempts filled in, and all the rest 0. */
struct turn {
	uint64_t slice[CFG_PARTITIONS]; /* ticks that each has in a round */
	uint64_t left[CFG_PARTITIONS];	/* of them, in this round */
	uint64_t since;			/* until when those that ran have been charged */
	uint64_t left_most;		/* when this pre-emption is over */
	uint8_t preempts;		/* a bit for each whose interrupts pre-empt */
	uint8_t count;
	uint8_t place;	 /* whose turn it is */
	uint8_t running; /* the same one, or who came in between; TURN_NOBODY */
	uint8_t reserved[4];
};

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
