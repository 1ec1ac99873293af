/* SPDX-License-Identifier: MIT */
/* lapic: the real local APIC of the processor that calls, and the one real I/O APIC. */
#ifndef MRM_CONTROLLER_LAPIC_H
#define MRM_CONTROLLER_LAPIC_H

#include <stdbool.h>
#include <stdint.h>

#include "localapic.h"

extern uint8_t *lapic_registers;

static inline volatile uint32_t *lapic_register(uint32_t offset)
{
	return (volatile uint32_t *)(lapic_registers + offset);
}

static inline uint32_t lapic_read(uint32_t offset)
{
	return *lapic_register(offset);
}

static inline void lapic_write(uint32_t offset, uint32_t value)
{
	*lapic_register(offset) = value;
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
