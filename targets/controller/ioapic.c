/* SPDX-License-Identifier: MIT */
/* ioapic: the one real I/O APIC (82093AA datasheet §3), and the 8259s that it replaces. */
#include "cpu.h"
#include "lapic.h"

#define IOAPIC_SELECT	0x00u
#define IOAPIC_WINDOW	0x10u
#define IOAPIC_TABLE	0x10u /* index of the first redirection entry: two registers each */
#define PIC_MASTER_MASK 0x21
#define PIC_SLAVE_MASK	0xa1

static void write_register(uint32_t index, uint32_t value)
{
	volatile uint32_t *page = (volatile uint32_t *)core.config->machine.ioapic.base;

	page[IOAPIC_SELECT / 4] = index;
	page[IOAPIC_WINDOW / 4] = value;
}

/* The high half, where to, before the low half, which unmasks. */
void ioapic_write_pin(uint32_t pin, uint64_t rte)
{
	if (pin >= core.config->machine.ioapic.pins)
		return;
	write_register(IOAPIC_TABLE + 2 * pin, (uint32_t)IRQ_RTE_MASKED);
	write_register(IOAPIC_TABLE + 2 * pin + 1, (uint32_t)(rte >> 32));
	write_register(IOAPIC_TABLE + 2 * pin, (uint32_t)rte);
}

/* The 8259s are masked until somebody begins who owns them: all others' interrupts come through the APICs. */
void ioapic_init(void)
{
	out8(PIC_MASTER_MASK, 0xff);
	out8(PIC_SLAVE_MASK, 0xff);
	for (uint32_t pin = 0; pin < core.config->machine.ioapic.pins; pin++)
		ioapic_write_pin(pin, IRQ_RTE_MASKED);
}

void ioapic_mask_partition(uint8_t partition)
{
	const struct cfg_partition *config = partition_config(partition);

	for (uint32_t i = 0; i < config->gsi_count; i++)
		ioapic_write_pin(config->gsi[i].gsi - core.config->machine.ioapic.first_gsi, IRQ_RTE_MASKED);
}
