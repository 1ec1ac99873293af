// SPDX-License-Identifier: MIT
#include "localapic.h"

#include <stddef.h>

#define VERSION	      0x00050014u /* that of an integrated one, with six local vectors (§16.3.3) */
#define HANDED_OVER   (LAPIC_SVR_ENABLE | 0xff)
#define FLAT_MODEL    0xffffffffu
#define VECTOR_FIRST  16
#define VECTOR_MASK   0xffu
#define CLASS(vector) ((vector) >> 4)
#define ICR_WRITABLE  0x000ccfffu /* without delivery status */
#define DIVIDE_BITS   0xbu
#define BITMAP_STEP   0x10 /* registers lie 16 bytes apart */
#define BITMAP_BYTES  0x80

void apic_reset(struct apic *apic, uint8_t id, bool owns_nmi)
{
	*apic = (struct apic){
		.id = (uint32_t)id << LAPIC_TARGET_SHIFT,
		.svr = HANDED_OVER,
		.expires = APIC_NEVER,
		.owns_nmi = owns_nmi,
	};
	for (int i = 0; i < APIC_LVTS; i++)
		apic->lvt[i] = LAPIC_LVT_MASKED;
	if (owns_nmi)
		apic->lvt[APIC_LVT_LINT1] = LAPIC_DELIVERY_NMI;
}

/* The highest vector of a map, 0 if it is empty: vector 0 is none. */
static uint8_t highest(const struct apic_vectors *map)
{
	int i;

	if (!map->words)
		return 0;
	i = 31 - __builtin_clz(map->words);
	return (uint8_t)(i * 32 + 31 - __builtin_clz(map->word[i]));
}

static void set(struct apic_vectors *map, uint8_t vector)
{
	map->word[vector / 32] |= 1u << vector % 32;
	map->words |= 1u << vector / 32;
}

static void clear(struct apic_vectors *map, uint8_t vector)
{
	map->word[vector / 32] &= ~(1u << vector % 32);
	if (!map->word[vector / 32])
		map->words &= ~(1u << vector / 32);
}

void apic_accept(struct apic *apic, uint8_t vector)
{
	if (vector >= VECTOR_FIRST && apic->svr & LAPIC_SVR_ENABLE)
		set(&apic->irr, vector);
}

/* Processor priority: that of the task, or of what is in service (§16.6.4). */
static uint32_t priority(const struct apic *apic)
{
	uint8_t serving = highest(&apic->isr);

	return CLASS(serving) > CLASS(apic->tpr) ? serving & 0xf0u : apic->tpr;
}

uint8_t apic_pending(const struct apic *apic)
{
	uint8_t vector = highest(&apic->irr);

	return CLASS(vector) > CLASS(priority(apic)) ? vector : 0;
}

uint8_t apic_waiting(const struct apic *apic)
{
	uint8_t vector = highest(&apic->irr);

	return CLASS(vector) > CLASS(highest(&apic->isr)) ? vector : 0;
}

void apic_take(struct apic *apic, uint8_t vector)
{
	clear(&apic->irr, vector);
	set(&apic->isr, vector);
}

/* Ticks of the TSC for so many counts: dividers 2, 4, 8, 16, 32, 64, 128, 1, in this order (§16.4.1). */
static uint64_t ticks(const struct apic *apic, uint32_t count)
{
	uint32_t order = (apic->divide & 3) | (apic->divide & 8) >> 1;

	return (uint64_t)count << ((order + 1) & 7);
}

static bool is_periodic(const struct apic *apic)
{
	return apic->lvt[APIC_LVT_TIMER] & LAPIC_LVT_PERIODIC;
}

uint64_t apic_expires(const struct apic *apic)
{
	return apic->lvt[APIC_LVT_TIMER] & LAPIC_LVT_MASKED ? APIC_NEVER : apic->expires;
}

void apic_expire(struct apic *apic, uint64_t now)
{
	uint64_t period;

	if (now < apic->expires)
		return;
	period = ticks(apic, apic->count);
	if (!(apic->lvt[APIC_LVT_TIMER] & LAPIC_LVT_MASKED))
		apic_accept(apic, apic->lvt[APIC_LVT_TIMER] & VECTOR_MASK);
	if (is_periodic(apic))
		apic->expires += ((now - apic->expires) / period + 1) * period;
	else
		apic->expires = APIC_NEVER;
}

static uint32_t count_now(const struct apic *apic, uint64_t now)
{
	uint64_t elapsed = now - apic->began, period = ticks(apic, apic->count);

	if (!apic->count || (elapsed >= period && !is_periodic(apic)))
		return 0;
	return apic->count - (uint32_t)(elapsed % period / ticks(apic, 1));
}

static void start_timer(struct apic *apic, uint32_t count, uint64_t now)
{
	apic->count = count;
	apic->began = now;
	apic->expires = count ? now + ticks(apic, count) : APIC_NEVER;
}

/* Another divider: what is left to count goes on with it. */
static void divide(struct apic *apic, uint32_t value, uint64_t now)
{
	uint32_t left = count_now(apic, now);

	apic->divide = value & DIVIDE_BITS;
	if (!left)
		return;
	apic->expires = now + ticks(apic, left);
	apic->began = now - ticks(apic, apic->count - left);
}

static int lvt_index(uint32_t offset)
{
	return offset >= LAPIC_LVT_TIMER && offset <= LAPIC_LVT_ERROR ? (int)(offset - LAPIC_LVT_TIMER) / 0x10
								      : -1;
}

/* A timer knows no delivery mode, LINT0 is nobody's line, and LINT1 only that of the NMI's owner. */
static uint32_t confined(const struct apic *apic, int entry, uint32_t value)
{
	uint32_t kept = value & (LAPIC_LVT_MASKED | VECTOR_MASK), mode = value & LAPIC_DELIVERY;

	if (entry == APIC_LVT_TIMER)
		return value & (LAPIC_LVT_MASKED | LAPIC_LVT_PERIODIC | VECTOR_MASK);
	if (entry == APIC_LVT_LINT1 && apic->owns_nmi)
		return kept | LAPIC_DELIVERY_NMI;
	if (mode == LAPIC_DELIVERY_NMI)
		kept |= mode;
	return mode == kept >> 8 << 8 && entry != APIC_LVT_LINT0 && entry != APIC_LVT_LINT1
		       ? kept
		       : kept | LAPIC_LVT_MASKED;
}

bool apic_takes_nmi(const struct apic *apic)
{
	return apic->owns_nmi && !(apic->lvt[APIC_LVT_LINT1] & LAPIC_LVT_MASKED);
}

static const uint32_t *bitmap(const struct apic *apic, uint32_t offset)
{
	if (offset >= LAPIC_ISR && offset < LAPIC_ISR + BITMAP_BYTES)
		return &apic->isr.word[(offset - LAPIC_ISR) / BITMAP_STEP];
	if (offset >= LAPIC_IRR && offset < LAPIC_IRR + BITMAP_BYTES)
		return &apic->irr.word[(offset - LAPIC_IRR) / BITMAP_STEP];
	return NULL;
}

static uint32_t read_plain(const struct apic *apic, uint32_t offset)
{
	const uint32_t *map = bitmap(apic, offset);
	int entry = lvt_index(offset);

	if (map)
		return *map;
	return entry >= 0 ? apic->lvt[entry] : 0;
}

uint32_t apic_read(const struct apic *apic, uint32_t offset, uint64_t now)
{
	switch (offset) {
	case LAPIC_ID:
		return apic->id;
	case LAPIC_VERSION:
		return VERSION;
	case LAPIC_TPR:
		return apic->tpr;
	case LAPIC_PPR:
		return priority(apic);
	case LAPIC_LDR:
		return apic->ldr;
	case LAPIC_DFR:
		return FLAT_MODEL;
	case LAPIC_SVR:
		return apic->svr;
	case LAPIC_ICR:
		return apic->icr;
	case LAPIC_ICR_HIGH:
		return apic->icr_high;
	case LAPIC_COUNT:
		return apic->count;
	case LAPIC_COUNT_NOW:
		return count_now(apic, now);
	case LAPIC_DIVIDE:
		return apic->divide;
	default:
		return read_plain(apic, offset);
	}
}

static enum apic_wish end_interrupt(struct apic *apic)
{
	apic->ended = highest(&apic->isr);
	if (!apic->ended)
		return APIC_NOTHING;
	clear(&apic->isr, apic->ended);
	return APIC_ENDED;
}

/* Switched off, it has all local vectors masked (§16.4.2). */
static void write_spurious(struct apic *apic, uint32_t value)
{
	apic->svr = value & HANDED_OVER;
	if (!(value & LAPIC_SVR_ENABLE))
		for (int i = 0; i < APIC_LVTS; i++)
			apic->lvt[i] |= LAPIC_LVT_MASKED;
}

static enum apic_wish write_lvt(struct apic *apic, int entry, uint32_t value)
{
	if (entry < 0)
		return APIC_NOT_THERE;
	apic->lvt[entry] = confined(apic, entry, value);
	if (!(apic->svr & LAPIC_SVR_ENABLE))
		apic->lvt[entry] |= LAPIC_LVT_MASKED;
	return APIC_NOTHING;
}

enum apic_wish apic_write(struct apic *apic, uint32_t offset, uint32_t value, uint64_t now)
{
	switch (offset) {
	case LAPIC_EOI:
		return end_interrupt(apic);
	case LAPIC_ICR:
		apic->icr = value & ICR_WRITABLE;
		return APIC_SEND;
	case LAPIC_TPR:
		apic->tpr = value & 0xff;
		break;
	case LAPIC_LDR:
		apic->ldr = value & 0xff000000;
		break;
	case LAPIC_SVR:
		write_spurious(apic, value);
		break;
	case LAPIC_ICR_HIGH:
		apic->icr_high = value & 0xff000000;
		break;
	case LAPIC_COUNT:
		start_timer(apic, value, now);
		break;
	case LAPIC_DIVIDE:
		divide(apic, value, now);
		break;
	case LAPIC_DFR: /* the flat model is the only one */
	case LAPIC_ESR:
		break;
	default:
		return write_lvt(apic, lvt_index(offset), value);
	}
	return APIC_NOTHING;
}
