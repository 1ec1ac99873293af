/* SPDX-License-Identifier: MIT */
/* lapic: the real local APIC of the processor that calls (APM vol. 2, chapter 16). */
#include "lapic.h"

#include "cpu.h"

#define SVR_HANDED_OVER (LAPIC_SVR_ENABLE | 0xff)
#define DRAIN_TRIES	10000 /* 240 vectors can be pending; a source that never rests must not hold us up */

uint8_t *lapic_registers;

/* The high word is left as it was: the partition on this processor reads it, and believes it its own. */
void lapic_send(uint8_t apic_id, uint32_t icr)
{
	uint32_t high = lapic_read(LAPIC_ICR_HIGH);

	while (lapic_read(LAPIC_ICR) & LAPIC_ICR_PENDING)
		pause();
	lapic_write(LAPIC_ICR_HIGH, (uint32_t)apic_id << LAPIC_TARGET_SHIFT);
	lapic_write(LAPIC_ICR, icr);
	lapic_write(LAPIC_ICR_HIGH, high);
}

/* Is any of the 256 bits set that begin at this register? They lie in eight registers, 16 bytes apart. */
static bool any_vector(uint32_t first)
{
	uint32_t set = 0;

	for (uint32_t i = 0; i < 8; i++)
		set |= lapic_read(first + i * 0x10);
	return set != 0;
}

/*
 * What is in service is ended, then what is pending is taken and forgotten: a local APIC keeps both when it
 * is switched off (§16.4.2), and the next start would be interrupted by what the last one asked for.
 */
static void drain(void)
{
	uint32_t tries = DRAIN_TRIES;

	lapic_write(LAPIC_SVR, SVR_HANDED_OVER);
	lapic_write(LAPIC_TPR, 0);
	while (any_vector(LAPIC_ISR) && tries--)
		lapic_write(LAPIC_EOI, 0);
	idt_load_draining();
	while (any_vector(LAPIC_IRR) && tries--)
		trap_take_interrupts();
	idt_load();
}

void lapic_reset(bool nmi_owner)
{
	static const uint16_t local_vectors[] = {LAPIC_LVT_TIMER, LAPIC_LVT_THERMAL, LAPIC_LVT_COUNTER,
						 LAPIC_LVT_LINT0, LAPIC_LVT_LINT1,   LAPIC_LVT_ERROR};

	lapic_write(LAPIC_COUNT, 0);
	for (size_t i = 0; i < sizeof(local_vectors) / sizeof(local_vectors[0]); i++)
		lapic_write(local_vectors[i], LAPIC_LVT_MASKED);
	drain();
	lapic_write(LAPIC_DIVIDE, 0);
	lapic_write(LAPIC_DFR, ~0u);
	lapic_write(LAPIC_LDR, 0);
	lapic_write(LAPIC_ESR, 0);
	lapic_write(LAPIC_ICR_HIGH, 0);
	if (nmi_owner)
		lapic_write(LAPIC_LVT_LINT1, LAPIC_DELIVERY_NMI);
}
