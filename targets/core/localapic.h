/* SPDX-License-Identifier: MIT */
/*
 * localapic: a local APIC in software, for a partition that shares its processor (APM vol. 2, chapter 16).
 *
 * Its timer counts the TSC: one count a tick at divider 1, as seen by the caller, who brings the time along
 * and who asks again when apic_expires() has come. Nothing happens by itself.
 */
#ifndef MRM_CORE_LOCALAPIC_H
#define MRM_CORE_LOCALAPIC_H

#include <stdbool.h>
#include <stdint.h>

/* Register offsets (APM vol. 2 table 16-2) */
#define LAPIC_ID	  0x20u
#define LAPIC_VERSION	  0x30u
#define LAPIC_TPR	  0x80u
#define LAPIC_EOI	  0xb0u
#define LAPIC_LDR	  0xd0u
#define LAPIC_DFR	  0xe0u
#define LAPIC_SVR	  0xf0u
#define LAPIC_PPR	  0xa0u
#define LAPIC_ISR	  0x100u
#define LAPIC_TMR	  0x180u
#define LAPIC_IRR	  0x200u
#define LAPIC_ESR	  0x280u
#define LAPIC_ICR	  0x300u
#define LAPIC_ICR_HIGH	  0x310u
#define LAPIC_LVT_TIMER	  0x320u
#define LAPIC_LVT_THERMAL 0x330u
#define LAPIC_LVT_COUNTER 0x340u
#define LAPIC_LVT_LINT0	  0x350u
#define LAPIC_LVT_LINT1	  0x360u
#define LAPIC_LVT_ERROR	  0x370u
#define LAPIC_COUNT	  0x380u
#define LAPIC_COUNT_NOW	  0x390u
#define LAPIC_DIVIDE	  0x3e0u

#define LAPIC_SVR_ENABLE      (1u << 8)
#define LAPIC_DELIVERY	      (7u << 8)
#define LAPIC_DELIVERY_NMI    (4u << 8)
#define LAPIC_DELIVERY_INIT   (5u << 8)
#define LAPIC_DELIVERY_SIPI   (6u << 8)
#define LAPIC_DELIVERY_EXTINT (7u << 8)
#define LAPIC_ICR_PENDING     (1u << 12)
#define LAPIC_ICR_ASSERT      (1u << 14)
#define LAPIC_LVT_MASKED      (1u << 16)
#define LAPIC_TARGET_SHIFT    24

#define LAPIC_LVT_PERIODIC (1u << 17)

#define APIC_NEVER (~0ull)

enum apic_vector_entry {
	APIC_LVT_TIMER,
	APIC_LVT_THERMAL,
	APIC_LVT_COUNTER,
	APIC_LVT_LINT0,
	APIC_LVT_LINT1,
	APIC_LVT_ERROR,
	APIC_LVTS
};

/* A bit a vector; and a bit for each word that is not 0, because the highest vector is asked for often. */
struct apic_vectors {
	uint32_t word[8];
	uint32_t words;
};

struct apic {
	struct apic_vectors irr; /* asked for */
	struct apic_vectors isr; /* in service */
	uint32_t lvt[APIC_LVTS];
	uint32_t id, tpr, ldr, svr, icr, icr_high, divide;
	uint32_t count;	  /* that the timer began with; 0: it stands */
	uint64_t began;	  /* when */
	uint64_t expires; /* when it gets to 0 next */
	uint8_t owns_nmi; /* the machine's NMI line ends at its LINT1 */
	uint8_t ended;	  /* the vector of the last EOI */
	uint8_t reserved[6];
};

/* What a write wants done outside. */
enum apic_wish {
	APIC_NOTHING,
	APIC_ENDED,	/* the interrupt apic->ended is over: a level-triggered line may come again */
	APIC_SEND,	/* the message in icr_high and icr */
	APIC_NOT_THERE, /* no register that can be written */
};

/* The state in which firmware hands it over: enabled, everything masked but the NMI line at its owner. */
void apic_reset(struct apic *apic, uint8_t id, bool owns_nmi);

uint32_t apic_read(const struct apic *apic, uint32_t offset, uint64_t now);
enum apic_wish apic_write(struct apic *apic, uint32_t offset, uint32_t value, uint64_t now);

/* An interrupt arrives. One that has been asked for already merges with it. */
void apic_accept(struct apic *apic, uint8_t vector);

/* The vector that the processor has to take now if its interrupts are on, or 0. */
uint8_t apic_pending(const struct apic *apic);

/* The same if the task priority were 0. */
uint8_t apic_waiting(const struct apic *apic);

/* The processor takes it: it is in service. */
void apic_take(struct apic *apic, uint8_t vector);

/* When the timer interrupts next, APIC_NEVER if it does not. */
uint64_t apic_expires(const struct apic *apic);

/* Lets the timer interrupt if it is time: once, however many of its periods have gone by. */
void apic_expire(struct apic *apic, uint64_t now);

/* Whether an NMI on the machine's line gets through. */
bool apic_takes_nmi(const struct apic *apic);

#endif
