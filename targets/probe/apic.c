/* SPDX-License-Identifier: MIT */
/*
 * apic: interrupt controllers, see apic.h.
 *
 * On the bare machine the probe owns all of them, and quiets what firmware may have left on. In a partition
 * the same writes are simulated, confined or dropped, and reads may answer with ones.
 */
#include "apic.h"

#include "boot.h"
#include "cpu.h"
#include "trap.h"

#define LAPIC_ENABLE (1u << 8)
#define LAPIC_NMI    (4u << 8) /* delivery mode of a local vector table entry */
#define ICR_BUSY     (1u << 12)
#define ICR_PATIENCE 1000000 /* reads; a message that takes longer never goes out */

#define IOAPIC_SELECT 0x00
#define IOAPIC_WINDOW 0x10

#define PIC_MASTER_MASK 0x21
#define PIC_SLAVE_MASK	0xa1

uint32_t lapic_read(uint32_t offset)
{
	return mmio_read(boot.lapic + offset);
}

void lapic_write(uint32_t offset, uint32_t value)
{
	mmio_write(boot.lapic + offset, value);
}

void apic_acknowledge(uint8_t vector)
{
	uint32_t in_service = lapic_read(LAPIC_IN_SERVICE + (uint32_t)(vector / 32) * 16);

	if (in_service >> (vector % 32) & 1)
		lapic_write(LAPIC_EOI, 0);
}

uint32_t apic_send(uint32_t high, uint32_t low)
{
	lapic_write(LAPIC_ICR_HIGH, high);
	lapic_write(LAPIC_ICR_LOW, low);
	for (unsigned int i = 0; i < ICR_PATIENCE; i++) {
		uint32_t now = lapic_read(LAPIC_ICR_LOW);

		if (!(now & ICR_BUSY))
			return now;
		relax();
	}
	return lapic_read(LAPIC_ICR_LOW);
}

uint32_t ioapic_read(uint32_t index)
{
	mmio_write(boot.ioapic + IOAPIC_SELECT, index);
	return mmio_read(boot.ioapic + IOAPIC_WINDOW);
}

void ioapic_write(uint32_t index, uint32_t value)
{
	mmio_write(boot.ioapic + IOAPIC_SELECT, index);
	mmio_write(boot.ioapic + IOAPIC_WINDOW, value);
}

uint32_t ioapic_pins(void)
{
	return (ioapic_read(IOAPIC_VERSION) >> 16 & 0xff) + 1;
}

uint64_t ioapic_entry(uint32_t pin)
{
	uint32_t low = ioapic_read(IOAPIC_ENTRY + 2 * pin);
	uint32_t high = ioapic_read(IOAPIC_ENTRY + 2 * pin + 1);

	return (uint64_t)high << 32 | (low & ~(RTE_DELIVERY_STATUS | RTE_REMOTE_IRR));
}

void ioapic_route(uint32_t pin, uint8_t vector, uint32_t flags)
{
	ioapic_mask(pin, true);
	ioapic_write(IOAPIC_ENTRY + 2 * pin + 1, lapic_read(LAPIC_ID)); /* both have the ID in bits 31:24 */
	ioapic_write(IOAPIC_ENTRY + 2 * pin, vector | flags);
}

void ioapic_mask(uint32_t pin, bool masked)
{
	uint32_t low = ioapic_read(IOAPIC_ENTRY + 2 * pin);

	ioapic_write(IOAPIC_ENTRY + 2 * pin, masked ? low | RTE_MASKED : low & ~RTE_MASKED);
}

void apic_init(void)
{
	uint32_t pins = ioapic_pins();

	out_byte(PIC_MASTER_MASK, 0xff);
	out_byte(PIC_SLAVE_MASK, 0xff);

	lapic_write(LAPIC_SPURIOUS, LAPIC_ENABLE | VECTOR_SPURIOUS);
	lapic_write(LAPIC_LVT_LINT0, LAPIC_MASKED);
	lapic_write(LAPIC_LVT_LINT1, LAPIC_NMI); /* the machine's NMI line, MultiProcessor 1.4 §3.6.2 */

	for (uint32_t pin = 0; pin < pins; pin++)
		ioapic_mask(pin, true);
}
