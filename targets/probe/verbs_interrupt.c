/* SPDX-License-Identifier: MIT */
/*
 * verbs_interrupt: questions to the interrupt controllers.
 */
#include "apic.h"
#include "boot.h"
#include "primitive.h"
#include "verbs.h"

#define CLAIM_LEVEL	 (1u << 0)
#define CLAIM_ACTIVE_LOW (1u << 1)
#define CLAIM_FLAGS	 0x3u

#define LAPIC_PAGE_BYTES     0x1000
#define LAPIC_REGISTER_BYTES 16
#define IOAPIC_REGISTERS     0x100

/* Interrupt command register, APM vol. 2 §16.5 */
#define ICR_VECTOR(low)	   ((uint8_t)(low))
#define ICR_DELIVERY(low)  ((low) >> 8 & 7)
#define ICR_LOGICAL	   (1u << 11)
#define ICR_SHORTHAND(low) ((low) >> 18 & 3)

enum { DELIVERY_NMI = 4 };
enum { TO_DESTINATION = 0, TO_OTHERS = 3 };

/* Whether a question may have this pin: it exists, and is not the one that the questions come by. */
static enum outcome check_pin(uint64_t pin)
{
	if (pin >= ioapic_pins())
		return BAD_RANGE;
	return pin == boot.serial_gsi ? BAD_BUSY : DONE;
}

enum outcome verb_claim(struct call *call)
{
	uint64_t pin = call->argument[0].number, vector = call->argument[1].number;
	uint64_t flags = call->argument[2].number;
	enum outcome outcome = check_pin(pin);

	if (outcome != DONE)
		return outcome;
	if (!trap_may_claim(vector) || (flags & ~(uint64_t)CLAIM_FLAGS))
		return BAD_RANGE;
	trap_expect((uint8_t)vector);
	ioapic_route((uint32_t)pin, (uint8_t)vector,
		     (flags & CLAIM_LEVEL ? RTE_LEVEL : 0) | (flags & CLAIM_ACTIVE_LOW ? RTE_ACTIVE_LOW : 0));
	wire_number(call->answer, ioapic_entry((uint32_t)pin));
	return DONE;
}

static enum outcome mask(struct call *call, bool masked)
{
	uint64_t pin = call->argument[0].number;
	enum outcome outcome = check_pin(pin);

	if (outcome != DONE)
		return outcome;
	ioapic_mask((uint32_t)pin, masked);
	wire_number(call->answer, ioapic_entry((uint32_t)pin));
	return DONE;
}

enum outcome verb_mask(struct call *call)
{
	return mask(call, true);
}

enum outcome verb_unmask(struct call *call)
{
	return mask(call, false);
}

/* Whether an interprocessor interrupt may come back to this processor. */
static bool includes_self(uint32_t high, uint32_t low)
{
	if (ICR_SHORTHAND(low) != TO_DESTINATION)
		return ICR_SHORTHAND(low) != TO_OTHERS;
	return (low & ICR_LOGICAL) || high >> 24 == 0xff || high >> 24 == lapic_read(LAPIC_ID) >> 24;
}

enum outcome verb_ipi(struct call *call)
{
	uint64_t high = call->argument[0].number, low = call->argument[1].number;

	if (high > UINT32_MAX || low > UINT32_MAX)
		return BAD_RANGE;
	if (includes_self((uint32_t)high, (uint32_t)low))
		trap_expect(ICR_DELIVERY(low) == DELIVERY_NMI ? VECTOR_NMI : ICR_VECTOR(low));
	wire_number(call->answer, apic_send((uint32_t)high, (uint32_t)low));
	return DONE;
}

/* The address of a local APIC register, or 0 if there is none at this offset. */
static uint64_t lapic_register(uint64_t offset)
{
	if (offset >= LAPIC_PAGE_BYTES || offset % LAPIC_REGISTER_BYTES)
		return 0;
	return boot.lapic + offset;
}

enum outcome verb_lapic(struct call *call)
{
	struct attempt attempt = attempt_at((uint64_t)primitive_load_4);
	enum outcome outcome;

	attempt.rsi = lapic_register(call->argument[0].number);
	if (!attempt.rsi)
		return BAD_RANGE;
	outcome = verb_attempt(call, &attempt);
	wire_number(call->answer, attempt.rax);
	return outcome;
}

enum outcome verb_lapic_set(struct call *call)
{
	struct attempt attempt = attempt_at((uint64_t)primitive_store_4);

	attempt.rdi = lapic_register(call->argument[0].number);
	attempt.rax = call->argument[1].number;
	if (!attempt.rdi || attempt.rax > UINT32_MAX)
		return BAD_RANGE;
	return verb_attempt(call, &attempt);
}

enum outcome verb_ioapic(struct call *call)
{
	if (call->argument[0].number >= IOAPIC_REGISTERS)
		return BAD_RANGE;
	wire_number(call->answer, ioapic_read((uint32_t)call->argument[0].number));
	return DONE;
}

enum outcome verb_ioapic_set(struct call *call)
{
	if (call->argument[0].number >= IOAPIC_REGISTERS || call->argument[1].number > UINT32_MAX)
		return BAD_RANGE;
	ioapic_write((uint32_t)call->argument[0].number, (uint32_t)call->argument[1].number);
	return DONE;
}
