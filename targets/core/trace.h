/* SPDX-License-Identifier: MIT */
/*
 * trace: a fixed ring of events, "what was routed where, and why".
 *
 * Written by every processor without a lock (the head is taken atomically), read by the harness out of the
 * controller's memory or after its end. An event is 32 bytes; the ring keeps the newest TRC_EVENTS.
 */
#ifndef MRM_CORE_TRACE_H
#define MRM_CORE_TRACE_H

#include <stdint.h>

#define TRC_MAGIC	 0x4543415254204d52 /* "RM TRACE" */
#define TRC_EVENTS	 1024		    /* a power of two */
#define TRC_NO_PROCESSOR 0xffff
#define TRC_WRITTEN	 0x80000000u

enum trc_kind {
	TRC_NONE,
	TRC_START,     /* a: entry point, b: base of its RAM */
	TRC_END,       /* a: enum pwr_cause */
	TRC_EXCEPTION, /* a: vector | error code << 32, b: enum exc_route */
	TRC_GSI,       /* a: gsi | vector << 32, b: enum irq_answer */
	TRC_IPI,       /* a: the ICR value asked for, b: enum irq_answer */
	TRC_NMI,       /* a: owner */
	TRC_PORT,      /* a: port | size << 16 | write << 24, b: value; only what was denied or simulated */
	TRC_MMIO,      /* a: guest-physical address, b: value; only what was denied */
	TRC_MSR,       /* a: MSR, b: value; only what was denied */
	TRC_POWER,     /* a: enum pwr_cause, b: enum pwr_decision */
	TRC_OPERATOR,  /* a: command letter */
	TRC_BROKEN,    /* the controller met what it cannot: a: exit code, b: guest RIP */
	TRC_KINDS
};

struct trc_event {
	uint64_t ticks; /* time stamp counter */
	uint8_t kind;	/* enum trc_kind */
	uint8_t partition;
	uint16_t processor; /* TRC_NO_PROCESSOR: not told */
	uint32_t sequence;  /* low bits of the event's number, TRC_WRITTEN set; 0 while it is being written */
	uint64_t a;
	uint64_t b;
};

struct trc_ring {
	uint64_t magic;
	uint32_t capacity; /* TRC_EVENTS */
	uint32_t event_bytes;
	uint64_t head; /* number of events ever written */
	uint64_t reserved;
	struct trc_event event[TRC_EVENTS];
};

void trc_init(struct trc_ring *ring);
void trc_add(struct trc_ring *ring, const struct trc_event *event); /* fills in the sequence */
const char *trc_kind_name(uint8_t kind);			    /* never NULL */

#endif
