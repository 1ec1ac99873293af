// SPDX-License-Identifier: MIT
#include "trace.h"

#include <stddef.h>

void trc_init(struct trc_ring *ring)
{
	ring->magic = TRC_MAGIC;
	ring->capacity = TRC_EVENTS;
	ring->event_bytes = sizeof(struct trc_event);
	ring->head = 0;
	ring->reserved = 0;
	for (size_t i = 0; i < TRC_EVENTS; i++)
		ring->event[i] = (struct trc_event){0};
}

void trc_add(struct trc_ring *ring, const struct trc_event *event)
{
	uint64_t number = __atomic_fetch_add(&ring->head, 1, __ATOMIC_RELAXED);
	struct trc_event *slot = &ring->event[number % TRC_EVENTS];

	/* A reader that looks in between sees sequence 0 and leaves the event out. */
	__atomic_store_n(&slot->sequence, 0, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	slot->ticks = event->ticks;
	slot->kind = event->kind;
	slot->partition = event->partition;
	slot->processor = event->processor;
	slot->a = event->a;
	slot->b = event->b;
	__atomic_store_n(&slot->sequence, (uint32_t)number | TRC_WRITTEN, __ATOMIC_RELEASE);
}

const char *trc_kind_name(uint8_t kind)
{
	static const char *const name[TRC_KINDS] = {
		[TRC_NONE] = "none",	 [TRC_START] = "start",
		[TRC_END] = "end",	 [TRC_EXCEPTION] = "exception",
		[TRC_GSI] = "gsi",	 [TRC_IPI] = "ipi",
		[TRC_NMI] = "nmi",	 [TRC_PORT] = "port",
		[TRC_MMIO] = "mmio",	 [TRC_MSR] = "msr",
		[TRC_POWER] = "power",	 [TRC_OPERATOR] = "operator",
		[TRC_BROKEN] = "broken",
	};

	return kind < TRC_KINDS ? name[kind] : "unknown";
}
