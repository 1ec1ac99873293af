// SPDX-License-Identifier: MIT
#include "turn.h"

_Static_assert(CFG_PARTITIONS <= 8, "a bit for each in preempts");

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void turn_add(struct turn *turn, uint64_t slice, bool preempts)
{
	turn->slice[turn->count] = turn->left[turn->count] = slice;
	turn->preempts |= (uint8_t)(preempts << turn->count);
	turn->count++;
}

static uint64_t price(const struct turn *turn, uint8_t member)
{
	return (turn->slice[member] + TURN_PRICE - 1) / TURN_PRICE;
}

static bool may_run(const struct turn *turn, uint32_t ready, uint8_t member)
{
	return ready >> member & 1 && turn->left[member];
}

static bool is_preempting(const struct turn *turn)
{
	return turn->running != TURN_NOBODY && turn->running != turn->place;
}

/* Whoever ran until now has had that much of its slice. */
static void charge(struct turn *turn, uint64_t now)
{
	if (turn->running != TURN_NOBODY) {
		uint64_t *left = &turn->left[turn->running];

		*left -= smaller(*left, now - turn->since);
	}
	turn->since = now;
}

/* The turn is over, and goes to the next one that can use it. */
static bool pass_on(struct turn *turn, uint32_t ready)
{
	for (uint8_t i = 0; i < turn->count; i++) {
		turn->place = (uint8_t)((turn->place + 1) % turn->count);
		turn->left[turn->place] = turn->slice[turn->place];
		if (may_run(turn, ready, turn->place))
			return true;
	}
	return false;
}

bool turn_may_preempt(const struct turn *turn, uint8_t member)
{
	return turn->preempts >> member & 1 && member != turn->place && !is_preempting(turn) &&
	       turn->left[member] >= price(turn, member);
}

static void preempt(struct turn *turn, uint8_t member)
{
	turn->running = member;
	turn->left_most = turn->left[member] - price(turn, member);
}

static void end_preemption(struct turn *turn)
{
	turn->left[turn->running] = smaller(turn->left[turn->running], turn->left_most);
	turn->running = turn->place;
}

uint8_t turn_choose(struct turn *turn, uint32_t ready, uint32_t interrupted, uint64_t now)
{
	charge(turn, now);
	if (is_preempting(turn)) {
		if (may_run(turn, ready, turn->running))
			return turn->running;
		end_preemption(turn);
	}
	if (!may_run(turn, ready, turn->place) && !pass_on(turn, ready))
		return turn->running = TURN_NOBODY;
	turn->running = turn->place;
	for (uint8_t i = 1; i < turn->count; i++) {
		uint8_t member = (uint8_t)((turn->place + i) % turn->count);

		if (ready & interrupted & 1u << member && turn_may_preempt(turn, member)) {
			preempt(turn, member);
			break;
		}
	}
	return turn->running;
}

uint64_t turn_end(const struct turn *turn)
{
	return turn->running == TURN_NOBODY ? TURN_NEVER : turn->since + turn->left[turn->running];
}
