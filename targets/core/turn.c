// SPDX-License-Identifier: MIT
#include "turn.h"

static bool is_ready(uint32_t ready, uint8_t member)
{
	return ready >> member & 1;
}

uint8_t turn_choose(struct turn *turn, uint32_t ready, uint64_t now)
{
	uint8_t member = turn->running;

	if (is_ready(ready, member) && now < turn->end)
		return member;
	for (uint8_t i = 0; i < turn->count; i++) {
		member = (uint8_t)((member + 1) % turn->count);
		if (!is_ready(ready, member))
			continue;
		turn->running = member;
		turn->end = now + turn->slice[member];
		return member;
	}
	return TURN_NOBODY;
}
