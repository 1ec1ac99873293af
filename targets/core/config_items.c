// SPDX-License-Identifier: MIT
#include "config_items.h"

struct cfg_span cfg_span_of(uint64_t base, uint64_t size_bytes)
{
	const struct cfg_span none = {1, 0};

	if (!size_bytes || base + (size_bytes - 1) < base)
		return none;
	return (struct cfg_span){base, base + (size_bytes - 1)};
}

bool cfg_spans_meet(struct cfg_span a, struct cfg_span b, struct cfg_span *both)
{
	struct cfg_span meet = {
		.first = a.first > b.first ? a.first : b.first,
		.last = a.last < b.last ? a.last : b.last,
	};

	if (both)
		*both = meet;
	return a.first <= a.last && b.first <= b.last && meet.first <= meet.last;
}

static struct cfg_span single(uint64_t number)
{
	return (struct cfg_span){number, number};
}

/* One of the BARs of all functions, if it is of this kind. */
static struct cfg_span bar(const struct cfg_partition *partition, uint32_t index, bool ports)
{
	const struct cfg_pci *function = &partition->pci[index / CFG_BARS];
	const struct cfg_range *range = &function->bar[index % CFG_BARS];
	bool is_ports = function->port_bars >> index % CFG_BARS & 1;

	return cfg_span_of(range->base, is_ports == ports ? range->size_bytes : 0);
}

static struct cfg_span whole_pages(struct cfg_span span)
{
	const uint64_t inside = CFG_PAGE_BYTES - 1;

	return span.first > span.last ? span : (struct cfg_span){span.first & ~inside, span.last | inside};
}

uint32_t cfg_item_count(const struct cfg_partition *partition, enum cfg_field field)
{
	switch (field) {
	case CFG_FIELD_RAM:
	case CFG_FIELD_GPA:
		return partition->memory_count;
	case CFG_FIELD_PROCESSOR:
		return partition->processor_count;
	case CFG_FIELD_PORT:
		return partition->port_count;
	case CFG_FIELD_MMIO:
		return partition->mmio_count;
	case CFG_FIELD_GSI:
		return partition->gsi_count;
	case CFG_FIELD_PCI:
		return partition->pci_count;
	case CFG_FIELD_MEMORY_BAR:
	case CFG_FIELD_PORT_BAR:
		return partition->pci_count * CFG_BARS;
	default:
		return 0;
	}
}

struct cfg_span cfg_item(const struct cfg_partition *partition, enum cfg_field field, uint32_t index)
{
	switch (field) {
	case CFG_FIELD_RAM:
		return cfg_span_of(partition->memory[index].hpa, partition->memory[index].size_bytes);
	case CFG_FIELD_GPA:
		return cfg_span_of(partition->memory[index].gpa, partition->memory[index].size_bytes);
	case CFG_FIELD_PROCESSOR:
		return single(partition->processor[index]);
	case CFG_FIELD_PORT:
		return (struct cfg_span){partition->port[index].first, partition->port[index].last};
	case CFG_FIELD_MMIO:
		return cfg_span_of(partition->mmio[index].base, partition->mmio[index].size_bytes);
	case CFG_FIELD_GSI:
		return single(partition->gsi[index].gsi);
	case CFG_FIELD_PCI:
		return single(partition->pci[index].bdf);
	case CFG_FIELD_MEMORY_BAR:
		return whole_pages(bar(partition, index, false));
	case CFG_FIELD_PORT_BAR:
		return bar(partition, index, true);
	default:
		return cfg_span_of(0, 0);
	}
}

bool cfg_item_covers(const struct cfg_partition *partition, enum cfg_field field, struct cfg_span span)
{
	for (uint32_t i = 0; i < cfg_item_count(partition, field); i++) {
		struct cfg_span item = cfg_item(partition, field, i);

		if (item.first <= span.first && span.last <= item.last)
			return true;
	}
	return false;
}

uint8_t cfg_item_owner(const struct cfg_block *block, enum cfg_field field, uint64_t number)
{
	for (uint8_t p = 0; p < block->partition_count; p++)
		if (cfg_item_covers(&block->partition[p], field, single(number)))
			return p;
	return CFG_NOBODY;
}

/* Adds the span of a register block, if the board has it. Wider than 16 bits, so that no port wraps. */
static size_t add_ports(struct cfg_span *out, size_t n, bool present, uint64_t port, uint64_t count)
{
	if (present)
		out[n++] = (struct cfg_span){port, port + count - 1};
	return n;
}

/* What power simulates, and nobody may own. */
static size_t add_power_ports(const struct cfg_machine *machine, struct cfg_span *out)
{
	const struct cfg_power *power = &machine->power;
	size_t n = 0;

	/* ACPI 6.5 §4.8.3: status and enable are 2 bytes each, control is 2, the reset register is 1 */
	n = add_ports(out, n, power->pm1a_event != 0, power->pm1a_event, 4);
	n = add_ports(out, n, power->pm1b_event != 0, power->pm1b_event, 4);
	n = add_ports(out, n, power->pm1a_control != 0, power->pm1a_control, 2);
	n = add_ports(out, n, power->pm1b_control != 0, power->pm1b_control, 2);
	n = add_ports(out, n, power->smi_command != 0, power->smi_command, 1);
	n = add_ports(out, n, power->reset.port != 0, power->reset.port, 1);
	n = add_ports(out, n, machine->flags & CFG_MACHINE_CF9, 0xcf9, 1);
	return add_ports(out, n, machine->flags & CFG_MACHINE_PORT92, 0x92, 1);
}

size_t cfg_power_ports(const struct cfg_machine *machine, struct cfg_span out[CFG_POWER_SPANS])
{
	size_t n = add_power_ports(machine, out);

	n = add_ports(out, n, machine->flags & CFG_MACHINE_I8042, CFG_I8042_DATA, 1);
	return add_ports(out, n, machine->flags & CFG_MACHINE_I8042, CFG_I8042_COMMAND, 1);
}

size_t cfg_reserved_ports(const struct cfg_machine *machine, struct cfg_span out[CFG_RESERVED_SPANS])
{
	size_t n = add_power_ports(machine, out);

	n = add_ports(out, n, machine->power.pm_timer != 0, machine->power.pm_timer, CFG_PM_TIMER_PORTS);
	n = add_ports(out, n, machine->flags & CFG_MACHINE_PCI, CFG_PCI_PORTS_FIRST, 8);
	return add_ports(out, n, machine->console_port != 0, machine->console_port, CFG_UART_PORTS);
}

const struct cfg_standin_span cfg_standin_span[CFG_STANDIN_SPANS] = {
	{CFG_STANDIN_PIC, {0x20, 0x21}},   {CFG_STANDIN_PIT, {0x40, 0x43}},
	{CFG_STANDIN_I8042, {0x60, 0x60}}, {CFG_STANDIN_PIT, {0x61, 0x61}},
	{CFG_STANDIN_I8042, {0x64, 0x64}}, {CFG_STANDIN_RTC, {0x70, 0x71}},
	{CFG_STANDIN_PIC, {0xa0, 0xa1}},   {CFG_STANDIN_FW_CFG, {0x510, 0x511}},
};

const struct cfg_guarded_span cfg_guarded_span[CFG_GUARDED_SPANS] = {
	{CFG_GUARDED_I8042, {CFG_I8042_DATA, CFG_I8042_DATA}},
	{CFG_GUARDED_I8042, {CFG_I8042_COMMAND, CFG_I8042_COMMAND}},
	{CFG_GUARDED_PIC, {CFG_PIC_MASTER, CFG_PIC_MASTER + 1}},
	{CFG_GUARDED_PIC, {CFG_PIC_SLAVE, CFG_PIC_SLAVE + 1}},
	{CFG_GUARDED_PIC, {CFG_PIC_LEVELS, CFG_PIC_LEVELS + 1}},
};

void cfg_machine_windows(const struct cfg_machine *machine, struct cfg_span out[CFG_WINDOWS])
{
	out[0] = cfg_span_of(machine->lapic_base, CFG_PAGE_BYTES);
	out[1] = cfg_span_of(machine->ioapic.base, CFG_PAGE_BYTES);
	out[2] = cfg_span_of(machine->ecam.base, machine->ecam.size_bytes);
	out[3] = cfg_span_of(machine->iommu.registers.base, machine->iommu.registers.size_bytes);
}
