/* SPDX-License-Identifier: MIT */
/* lapic: the real local APIC of the processor that calls, and the one real I/O APIC. */
#ifndef MRM_CONTROLLER_LAPIC_H
#define MRM_CONTROLLER_LAPIC_H

#include <stdbool.h>
#include <stdint.h>

/* Register offsets (APM vol. 2 table 16-2) */
#define LAPIC_ID	  0x20u
#define LAPIC_TPR	  0x80u
#define LAPIC_EOI	  0xb0u
#define LAPIC_LDR	  0xd0u
#define LAPIC_DFR	  0xe0u
#define LAPIC_SVR	  0xf0u
#define LAPIC_ISR	  0x100u
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
#define LAPIC_DIVIDE	  0x3e0u

#define LAPIC_SVR_ENABLE    (1u << 8)
#define LAPIC_DELIVERY	    (7u << 8)
#define LAPIC_DELIVERY_NMI  (4u << 8)
#define LAPIC_DELIVERY_INIT (5u << 8)
#define LAPIC_DELIVERY_SIPI (6u << 8)
#define LAPIC_ICR_PENDING   (1u << 12)
#define LAPIC_ICR_ASSERT    (1u << 14)
#define LAPIC_LVT_MASKED    (1u << 16)
#define LAPIC_TARGET_SHIFT  24

extern volatile uint32_t *lapic_registers;

static inline uint32_t lapic_read(uint32_t offset)
{
	return lapic_registers[offset / 4];
}

static inline void lapic_write(uint32_t offset, uint32_t value)
{
	lapic_registers[offset / 4] = value;
}

static inline uint8_t lapic_id(void)
{
	return (uint8_t)(lapic_read(LAPIC_ID) >> LAPIC_TARGET_SHIFT);
}

/* Sends one interprocessor interrupt: icr is the low word of the ICR, destination physical. */
void lapic_send(uint8_t apic_id, uint32_t icr);

/* Puts it into the state in which firmware hands it over, with nothing in service and nothing pending. */
void lapic_reset(bool nmi_owner);

void ioapic_init(void);				   /* all pins masked, the 8259s too */
void ioapic_write_pin(uint32_t pin, uint64_t rte); /* under core_lock */
void ioapic_mask_partition(uint8_t partition);	   /* under core_lock */

#endif
