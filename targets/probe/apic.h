/* SPDX-License-Identifier: MIT */
/*
 * apic: the local APIC of this processor and the machine's I/O APIC. APM vol. 2 chapter 16, 82093AA
 * datasheet.
 */
#ifndef PROBE_APIC_H
#define PROBE_APIC_H

#include <stdbool.h>
#include <stdint.h>

/* Local APIC registers, by offset */
#define LAPIC_ID	  0x020
#define LAPIC_EOI	  0x0b0
#define LAPIC_SPURIOUS	  0x0f0
#define LAPIC_IN_SERVICE  0x100 /* eight of them, 16 bytes apart */
#define LAPIC_ICR_LOW	  0x300
#define LAPIC_ICR_HIGH	  0x310
#define LAPIC_LVT_TIMER	  0x320
#define LAPIC_LVT_LINT0	  0x350
#define LAPIC_LVT_LINT1	  0x360
#define LAPIC_TIMER_COUNT 0x380
#define LAPIC_TIMER_NOW	  0x390
#define LAPIC_TIMER_RATIO 0x3e0

#define LAPIC_MASKED   (1u << 16)
#define LAPIC_PERIODIC (1u << 17)

/* I/O APIC registers, by index */
#define IOAPIC_VERSION 1
#define IOAPIC_ENTRY   0x10 /* two for each pin, low one first */

/* Redirection entry */
#define RTE_DELIVERY_STATUS (1u << 12)
#define RTE_ACTIVE_LOW	    (1u << 13)
#define RTE_REMOTE_IRR	    (1u << 14)
#define RTE_LEVEL	    (1u << 15)
#define RTE_MASKED	    (1u << 16)

void apic_init(void);

uint32_t lapic_read(uint32_t offset);
void lapic_write(uint32_t offset, uint32_t value);

/* Ends the interrupt that came with vector, if the local APIC brought it. */
void apic_acknowledge(uint8_t vector);

/* Sends an interprocessor interrupt and waits until it has gone out. Returns the low word as it reads then.
 */
uint32_t apic_send(uint32_t high, uint32_t low);

uint32_t ioapic_read(uint32_t index);
void ioapic_write(uint32_t index, uint32_t value);
uint32_t ioapic_pins(void);

/* A pin's redirection entry, without what the hardware adds as it goes. */
uint64_t ioapic_entry(uint32_t pin);
void ioapic_route(uint32_t pin, uint8_t vector, uint32_t flags); /* to this processor, unmasked */
void ioapic_mask(uint32_t pin, bool masked);

#endif
