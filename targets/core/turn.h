/* SPDX-License-Identifier: MIT */
/* turn: whose turn it is on a processor that partitions share: in a round, each for its own slice at most. */
#ifndef MRM_CORE_TURN_H
#define MRM_CORE_TURN_H

#include "config.h"

#define TURN_NOBODY 0xff

struct turn {
	uint64_t slice[CFG_PARTITIONS]; /* ticks of each of those that share */
	uint64_t end;			/* of the slice that runs */
	uint8_t count;
	uint8_t running;
	uint8_t reserved[6];
};

/*
 * Who runs now, of those whose bit in ready is set: the one that runs until its slice is over, then the next
 * one. Who is alone begins another slice. TURN_NOBODY: the processor has nothing to do.
 */
uint8_t turn_choose(struct turn *turn, uint32_t ready, uint64_t now);

#endif
