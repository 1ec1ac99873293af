/* SPDX-License-Identifier: MIT */
/* lock: one processor at a time. Held for a few accesses, with GIF 0, so that no holder is interrupted. */
#ifndef MRM_CONTROLLER_LOCK_H
#define MRM_CONTROLLER_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "x86.h"

struct lock {
	uint8_t held;
};

static inline void lock_take(struct lock *lock)
{
	while (__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE))
		pause();
}

static inline void lock_release(struct lock *lock)
{
	__atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
}

#endif
