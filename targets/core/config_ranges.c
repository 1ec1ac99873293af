// SPDX-License-Identifier: MIT
/* The check of each range and number by itself: its form, its place in the machine, its view. */
#include "config_check.h"
#include "memory.h"

/* One range of the block, and where it stands there. An empty or wrapped one has first > last. */
struct place {
	enum cfg_field field;
	uint8_t partition; /* CFG_NOBODY: the machine's own */
	uint32_t index;
	struct cfg_span span;
};

typedef void (*place_fn)(struct check *check, const struct place *place);

static void each_machine_range(struct check *check, place_fn visit, enum cfg_field field,
			       const struct cfg_range *range, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		visit(check, &(struct place){.field = field,
					     .partition = CFG_NOBODY,
					     .index = i,
					     .span = cfg_span_of(range[i].base, range[i].size_bytes)});
}

static void each_range_of_machine(struct check *check, place_fn visit)
{
	const struct cfg_machine *machine = &check->block->machine;
	const struct cfg_range lapic = {machine->lapic_base, CFG_PAGE_BYTES};
	const struct cfg_range ioapic = {machine->ioapic.base, CFG_PAGE_BYTES};

	each_machine_range(check, visit, CFG_FIELD_RAM, machine->ram, machine->ram_count);
	each_machine_range(check, visit, CFG_FIELD_FIRMWARE, machine->firmware, machine->firmware_count);
	each_machine_range(check, visit, CFG_FIELD_CONTROLLER, &machine->controller, 1);
	each_machine_range(check, visit, CFG_FIELD_LAPIC, &lapic, 1);
	each_machine_range(check, visit, CFG_FIELD_IOAPIC, &ioapic, 1);
	each_machine_range(check, visit, CFG_FIELD_ECAM, &machine->ecam, machine->ecam.size_bytes != 0);
	each_machine_range(check, visit, CFG_FIELD_IOMMU, &machine->iommu.registers,
			   machine->iommu.registers.size_bytes != 0);
}

static void each_item(struct check *check, place_fn visit, enum cfg_field field)
{
	for (uint8_t p = 0; p < check->block->partition_count; p++) {
		const struct cfg_partition *partition = &check->block->partition[p];

		for (uint32_t i = 0; i < cfg_item_count(partition, field); i++)
			visit(check, &(struct place){.field = field,
						     .partition = p,
						     .index = i,
						     .span = cfg_item(partition, field, i)});
	}
}

static bool is_empty(struct cfg_span span)
{
	return span.first > span.last;
}

static void unaligned(struct check *check, const struct place *place)
{
	struct cfg_span span = place->span;

	if (!is_empty(span) && (span.first | (span.last + 1)) % CFG_PAGE_BYTES)
		chk_report_one(check, CFG_UNALIGNED, place->field, place->partition, span);
}

static void empty(struct check *check, const struct place *place)
{
	if (is_empty(place->span))
		chk_report_one(check, CFG_EMPTY, place->field, place->partition,
			       (struct cfg_span){place->index, place->index});
}

/* True if the machine's RAM ranges, whatever their order, cover all of the span. */
static bool is_machine_ram(const struct cfg_machine *machine, struct cfg_span span)
{
	uint64_t next = span.first;

	for (uint32_t step = 0; step < machine->ram_count; step++) {
		for (uint32_t i = 0; i < machine->ram_count; i++) {
			struct cfg_span ram = cfg_span_of(machine->ram[i].base, machine->ram[i].size_bytes);

			if (next < ram.first || next > ram.last)
				continue;
			if (ram.last >= span.last)
				return true;
			next = ram.last + 1;
		}
	}
	return false;
}

static bool is_in_machine(const struct cfg_machine *machine, enum cfg_field field, struct cfg_span span)
{
	uint32_t first_gsi = machine->ioapic.first_gsi;

	switch (field) {
	case CFG_FIELD_RAM:
	case CFG_FIELD_CONTROLLER:
		return is_machine_ram(machine, span);
	case CFG_FIELD_GPA:
		return span.last < MEM_GPA_TOP;
	case CFG_FIELD_PROCESSOR:
		return span.last < machine->processor_count;
	case CFG_FIELD_GSI:
		return first_gsi <= span.first && span.last - first_gsi < machine->ioapic.pins;
	default:
		return span.last <= 0xffff; /* a port */
	}
}

static void beyond(struct check *check, const struct place *place)
{
	if (!is_empty(place->span) && !is_in_machine(&check->block->machine, place->field, place->span))
		chk_report_one(check, CFG_BEYOND_MACHINE, place->field, place->partition, place->span);
}

static void beyond_number(struct check *check, enum cfg_field field, uint8_t partition, struct cfg_span span)
{
	beyond(check, &(struct place){.field = field, .partition = partition, .span = span});
}

static void machine_beyond(struct check *check)
{
	const struct cfg_machine *machine = &check->block->machine;
	struct cfg_span reserved[CFG_RESERVED_SPANS];
	size_t count = cfg_reserved_ports(machine, reserved);

	each_machine_range(check, beyond, CFG_FIELD_CONTROLLER, &machine->controller, 1);
	for (size_t i = 0; i < count; i++)
		beyond_number(check, CFG_FIELD_PORT, CFG_NOBODY, reserved[i]);
	if (machine->console_port)
		beyond_number(check, CFG_FIELD_GSI, CFG_NOBODY,
			      (struct cfg_span){machine->console_gsi, machine->console_gsi});
}

static void pci_lines_beyond(struct check *check, uint8_t p)
{
	const struct cfg_partition *partition = &check->block->partition[p];

	for (uint32_t i = 0; i < partition->pci_count; i++) {
		uint16_t line = partition->pci[i].line_gsi;

		if (line != CFG_PCI_NO_LINE)
			beyond_number(check, CFG_FIELD_GSI, p, (struct cfg_span){line, line});
	}
}

/*
 * Identity: only a block below 1 MiB may lie elsewhere, because the machine has just one there. Zero-based:
 * there must be RAM at guest-physical 0, which is what the view is for.
 */
static void view(struct check *check, uint8_t p)
{
	const struct cfg_partition *partition = &check->block->partition[p];
	bool has_zero = false;

	for (uint32_t i = 0; i < partition->memory_count; i++) {
		const struct cfg_memory *memory = &partition->memory[i];
		struct cfg_span gpa = cfg_item(partition, CFG_FIELD_GPA, i);

		has_zero = has_zero || memory->gpa == 0;
		if (partition->view == CFG_IDENTITY && memory->gpa != memory->hpa && gpa.last >= MEM_LOW_TOP)
			chk_report_one(check, CFG_VIEW_MISMATCH, CFG_FIELD_GPA, p, gpa);
	}
	if (partition->view == CFG_ZERO_BASED && !has_zero)
		chk_report_one(check, CFG_VIEW_MISMATCH, CFG_FIELD_GPA, p, (struct cfg_span){0, 0});
}

void chk_ranges(struct check *check)
{
	uint8_t partitions = (uint8_t)check->block->partition_count;

	each_range_of_machine(check, unaligned);
	each_item(check, unaligned, CFG_FIELD_RAM);
	each_item(check, unaligned, CFG_FIELD_GPA);
	each_item(check, unaligned, CFG_FIELD_MMIO);

	each_range_of_machine(check, empty);
	each_item(check, empty, CFG_FIELD_RAM);
	each_item(check, empty, CFG_FIELD_GPA);
	each_item(check, empty, CFG_FIELD_MMIO);
	each_item(check, empty, CFG_FIELD_PORT);

	machine_beyond(check);
	each_item(check, beyond, CFG_FIELD_RAM);
	each_item(check, beyond, CFG_FIELD_GPA);
	each_item(check, beyond, CFG_FIELD_PROCESSOR);
	each_item(check, beyond, CFG_FIELD_GSI);
	for (uint8_t p = 0; p < partitions; p++)
		pci_lines_beyond(check, p);

	for (uint8_t p = 0; p < partitions; p++)
		view(check, p);
}
