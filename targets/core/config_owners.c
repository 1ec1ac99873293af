// SPDX-License-Identifier: MIT
/* The check that everything has one owner at most, and that nobody is given what only the controller may
 * have. */
#include "config_check.h"

static void report_pair(struct check *check, enum cfg_fault fault, enum cfg_field field, uint8_t partition,
			uint8_t other, struct cfg_span span)
{
	chk_report(check, &(struct cfg_finding){
				  .fault = fault,
				  .partition = partition,
				  .other = other,
				  .field = (uint16_t)field,
				  .first = span.first,
				  .last = span.last,
			  });
}

/* Every entry of one kind in partition p against every entry of another kind (or the same) in partition o. */
static void meet(struct check *check, enum cfg_fault fault, uint8_t p, enum cfg_field field, uint8_t o,
		 enum cfg_field other_field)
{
	const struct cfg_partition *a = &check->block->partition[p];
	const struct cfg_partition *b = &check->block->partition[o];
	bool same = p == o && field == other_field;
	struct cfg_span both;

	for (uint32_t i = 0; i < cfg_item_count(a, field); i++)
		for (uint32_t j = same ? i + 1 : 0; j < cfg_item_count(b, other_field); j++)
			if (cfg_spans_meet(cfg_item(a, field, i), cfg_item(b, other_field, j), &both))
				report_pair(check, fault, other_field, p, o, both);
}

static void twice_in_itself(struct check *check, enum cfg_fault fault, enum cfg_field field)
{
	for (uint8_t p = 0; p < check->block->partition_count; p++)
		meet(check, fault, p, field, p, field);
}

static void twice_between(struct check *check, enum cfg_fault fault, enum cfg_field field)
{
	for (uint8_t p = 0; p < check->block->partition_count; p++)
		for (uint8_t o = (uint8_t)(p + 1); o < check->block->partition_count; o++)
			meet(check, fault, p, field, o, field);
}

/* Every entry of one kind, in all partitions, against one span. */
static void each_meets(struct check *check, enum cfg_fault fault, enum cfg_field field, struct cfg_span span)
{
	struct cfg_span both;

	for (uint8_t p = 0; p < check->block->partition_count; p++) {
		const struct cfg_partition *partition = &check->block->partition[p];

		for (uint32_t i = 0; i < cfg_item_count(partition, field); i++)
			if (cfg_spans_meet(cfg_item(partition, field, i), span, &both))
				chk_report_one(check, fault, field, p, both);
	}
}

static void each_meets_range(struct check *check, enum cfg_fault fault, enum cfg_field field,
			     const struct cfg_range *range)
{
	each_meets(check, fault, field, cfg_span_of(range->base, range->size_bytes));
}

static void overlaps(struct check *check)
{
	const struct cfg_machine *machine = &check->block->machine;
	struct cfg_span both;

	twice_in_itself(check, CFG_OVERLAP_SELF, CFG_FIELD_RAM);
	twice_in_itself(check, CFG_OVERLAP_SELF, CFG_FIELD_GPA);
	twice_in_itself(check, CFG_OVERLAP_SELF, CFG_FIELD_PORT);
	twice_in_itself(check, CFG_OVERLAP_SELF, CFG_FIELD_MMIO);
	/* a page with an MSI-X table in it is not the partition's to touch, so nothing else may be there */
	twice_in_itself(check, CFG_OVERLAP_SELF, CFG_FIELD_MEMORY_BAR);
	twice_in_itself(check, CFG_OVERLAP_SELF, CFG_FIELD_PORT_BAR);
	/* RAM, as the partition sees it, must not hide its own MMIO */
	for (uint8_t p = 0; p < check->block->partition_count; p++)
		meet(check, CFG_OVERLAP_SELF, p, CFG_FIELD_GPA, p, CFG_FIELD_MMIO);

	twice_between(check, CFG_OVERLAP_PARTITION, CFG_FIELD_RAM);
	each_meets_range(check, CFG_OVERLAP_CONTROLLER, CFG_FIELD_RAM, &machine->controller);
	for (uint32_t i = 0; i < machine->firmware_count; i++) {
		each_meets_range(check, CFG_OVERLAP_FIRMWARE, CFG_FIELD_RAM, &machine->firmware[i]);
		if (cfg_spans_meet(cfg_span_of(machine->firmware[i].base, machine->firmware[i].size_bytes),
				   cfg_span_of(machine->controller.base, machine->controller.size_bytes),
				   &both))
			chk_report_one(check, CFG_OVERLAP_FIRMWARE, CFG_FIELD_CONTROLLER, CFG_NOBODY, both);
	}
}

/* Paper §3.3(1): all operating systems but one see memory that does not begin at 0. */
static void two_at_zero(struct check *check)
{
	uint8_t first = CFG_NOBODY;

	for (uint8_t p = 0; p < check->block->partition_count; p++) {
		if (!cfg_item_covers(&check->block->partition[p], CFG_FIELD_RAM, (struct cfg_span){0, 0}))
			continue;
		if (first != CFG_NOBODY)
			report_pair(check, CFG_TWO_AT_ZERO, CFG_FIELD_RAM, first, p, (struct cfg_span){0, 0});
		else
			first = p;
	}
}

/* A processor may have several owners if each of them has a slice of it. */
static void processors(struct check *check)
{
	const struct cfg_partition *partition = check->block->partition;

	twice_in_itself(check, CFG_PROCESSOR_TWICE, CFG_FIELD_PROCESSOR);
	for (uint8_t p = 0; p < check->block->partition_count; p++)
		for (uint8_t o = (uint8_t)(p + 1); o < check->block->partition_count; o++)
			if (!partition[p].slice_us || !partition[o].slice_us)
				meet(check, CFG_PROCESSOR_TWICE, p, CFG_FIELD_PROCESSOR, o,
				     CFG_FIELD_PROCESSOR);
}

static bool has_some_of(const struct cfg_partition *partition, enum cfg_guarded device)
{
	for (uint32_t i = 0; i < CFG_GUARDED_SPANS; i++)
		for (uint32_t j = 0; j < partition->port_count; j++)
			if (cfg_guarded_span[i].device == device &&
			    cfg_spans_meet(cfg_guarded_span[i].ports, cfg_item(partition, CFG_FIELD_PORT, j),
					   NULL))
				return true;
	return false;
}

/* A word at one port decides what the next one at another port means, so two owners would speak for each
 * other. */
static void split_devices(struct check *check, uint8_t p)
{
	const struct cfg_partition *partition = &check->block->partition[p];

	for (uint32_t i = 0; i < CFG_GUARDED_SPANS; i++)
		if (has_some_of(partition, cfg_guarded_span[i].device) &&
		    !cfg_item_covers(partition, CFG_FIELD_PORT, cfg_guarded_span[i].ports))
			chk_report_one(check, CFG_DEVICE_SPLIT, CFG_FIELD_PORT, p, cfg_guarded_span[i].ports);
}

static void ports(struct check *check)
{
	struct cfg_span reserved[CFG_RESERVED_SPANS];
	size_t count = cfg_reserved_ports(&check->block->machine, reserved);

	twice_between(check, CFG_PORT_TWICE, CFG_FIELD_PORT);
	for (uint8_t p = 0; p < check->block->partition_count; p++)
		split_devices(check, p);
	for (size_t i = 0; i < count; i++)
		each_meets(check, CFG_PORT_RESERVED, CFG_FIELD_PORT, reserved[i]);
}

/* Firmware ranges are not refused here: the display adapter's window lies in one. */
static void mmio(struct check *check)
{
	const struct cfg_machine *machine = &check->block->machine;
	struct cfg_span window[CFG_WINDOWS];

	twice_between(check, CFG_MMIO_TWICE, CFG_FIELD_MMIO);
	for (uint32_t i = 0; i < machine->ram_count; i++)
		each_meets_range(check, CFG_MMIO_RESERVED, CFG_FIELD_MMIO, &machine->ram[i]);
	cfg_machine_windows(machine, window);
	for (size_t i = 0; i < CFG_WINDOWS; i++) {
		each_meets(check, CFG_MMIO_RESERVED, CFG_FIELD_MMIO, window[i]);
		each_meets(check, CFG_MMIO_RESERVED, CFG_FIELD_GPA, window[i]);
	}
}

/* Whoever talks to the keyboard controller decides when keyboard and mouse interrupt. */
static void split_lines(struct check *check, uint8_t p)
{
	static const struct cfg_span lines[] = {{CFG_KEYBOARD_GSI, CFG_KEYBOARD_GSI},
						{CFG_MOUSE_GSI, CFG_MOUSE_GSI}};

	if (!has_some_of(&check->block->partition[p], CFG_GUARDED_I8042))
		return;
	for (uint8_t o = 0; o < check->block->partition_count; o++)
		for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
			if (o != p && cfg_item_covers(&check->block->partition[o], CFG_FIELD_GSI, lines[i]))
				report_pair(check, CFG_LINE_SPLIT, CFG_FIELD_GSI, p, o, lines[i]);
}

static void gsis(struct check *check)
{
	const struct cfg_machine *machine = &check->block->machine;
	struct cfg_span console = {machine->console_gsi, machine->console_gsi};

	twice_in_itself(check, CFG_GSI_TWICE, CFG_FIELD_GSI);
	twice_between(check, CFG_GSI_TWICE, CFG_FIELD_GSI);
	if (machine->console_port)
		each_meets(check, CFG_GSI_RESERVED, CFG_FIELD_GSI, console);
	for (uint8_t p = 0; p < check->block->partition_count; p++)
		split_lines(check, p);
}

static bool uses_line(const struct cfg_partition *partition, uint16_t line)
{
	for (uint32_t i = 0; i < partition->pci_count; i++)
		if (partition->pci[i].line_gsi == line)
			return true;
	return cfg_item_covers(partition, CFG_FIELD_GSI, (struct cfg_span){line, line});
}

/* An INTx line is wired: whoever else has something on it would be interrupted as well (PCI 3.0 §2.2.6). */
static void pci_lines(struct check *check, uint8_t p)
{
	const struct cfg_machine *machine = &check->block->machine;
	const struct cfg_partition *partition = &check->block->partition[p];

	for (uint32_t i = 0; i < partition->pci_count; i++) {
		uint16_t line = partition->pci[i].line_gsi;
		struct cfg_span span = {line, line};

		if (line == CFG_PCI_NO_LINE)
			continue;
		if (machine->console_port && line == machine->console_gsi)
			report_pair(check, CFG_PCI_LINE_SHARED, CFG_FIELD_PCI, p, CFG_NOBODY, span);
		for (uint8_t o = 0; o < check->block->partition_count; o++)
			if (o != p && uses_line(&check->block->partition[o], line))
				report_pair(check, CFG_PCI_LINE_SHARED, CFG_FIELD_PCI, p, o, span);
	}
}

/* Zero-based, a function would reach what lies at the addresses that its driver knows: another's RAM. */
static void dma(struct check *check, uint8_t p)
{
	const struct cfg_partition *partition = &check->block->partition[p];

	if (partition->view != CFG_ZERO_BASED || check->block->machine.iommu.registers.size_bytes)
		return;
	for (uint32_t i = 0; i < partition->pci_count; i++)
		if (!(partition->pci[i].flags & CFG_PCI_NO_MASTER))
			chk_report_one(check, CFG_NEEDS_IOMMU, CFG_FIELD_PCI, p,
				       cfg_item(partition, CFG_FIELD_PCI, i));
}

static void pci(struct check *check)
{
	const struct cfg_iommu *iommu = &check->block->machine.iommu;

	twice_in_itself(check, CFG_PCI_TWICE, CFG_FIELD_PCI);
	twice_between(check, CFG_PCI_TWICE, CFG_FIELD_PCI);
	each_meets(check, CFG_PCI_RESERVED, CFG_FIELD_PCI, (struct cfg_span){0, 0});
	if (iommu->registers.size_bytes)
		each_meets(check, CFG_PCI_RESERVED, CFG_FIELD_PCI, (struct cfg_span){iommu->bdf, iommu->bdf});
	each_meets(check, CFG_PCI_BEHIND_BRIDGE, CFG_FIELD_PCI, (struct cfg_span){0x100, 0xffff});
	for (uint8_t p = 0; p < check->block->partition_count; p++)
		pci_lines(check, p);
	for (uint8_t p = 0; p < check->block->partition_count; p++)
		dma(check, p);
}

static void nmi(struct check *check)
{
	uint8_t first = CFG_NOBODY;

	for (uint8_t p = 0; p < check->block->partition_count; p++) {
		if (!(check->block->partition[p].rights & CFG_RIGHT_NMI))
			continue;
		if (first != CFG_NOBODY)
			report_pair(check, CFG_NMI_TWICE, CFG_FIELD_RIGHTS, first, p,
				    (struct cfg_span){0, 0});
		else
			first = p;
	}
}

/* What the pair has to say goes by one wire to a processor, and is its owner's there. */
static void pic(struct check *check, uint8_t p)
{
	const struct cfg_partition *partition = &check->block->partition[p];
	uint8_t first = partition->processor[0];

	if (!has_some_of(partition, CFG_GUARDED_PIC))
		return;
	if (partition->slice_us || !(check->block->machine.lint0_processors >> first % 32 & 1))
		chk_report_one(check, CFG_PIC_NOT_WIRED, CFG_FIELD_PROCESSOR, p,
			       (struct cfg_span){first, first});
}

static void serial(struct check *check, uint8_t p)
{
	const struct cfg_partition *partition = &check->block->partition[p];
	struct cfg_span ports = {partition->serial_port, partition->serial_port + CFG_UART_PORTS - 1u};
	struct cfg_span gsi = {partition->serial_gsi, partition->serial_gsi};

	if (!partition->serial_port)
		return;
	if (!cfg_item_covers(partition, CFG_FIELD_PORT, ports))
		chk_report_one(check, CFG_SERIAL_NOT_OWNED, CFG_FIELD_PORT, p, ports);
	if (!cfg_item_covers(partition, CFG_FIELD_GSI, gsi))
		chk_report_one(check, CFG_SERIAL_NOT_OWNED, CFG_FIELD_GSI, p, gsi);
}

static void standins(struct check *check, uint8_t p)
{
	const struct cfg_partition *partition = &check->block->partition[p];
	struct cfg_span both;

	for (uint32_t i = 0; i < CFG_STANDIN_SPANS; i++)
		for (uint32_t j = 0; j < partition->port_count; j++)
			if (partition->standins & cfg_standin_span[i].standin &&
			    cfg_spans_meet(cfg_standin_span[i].ports, cfg_item(partition, CFG_FIELD_PORT, j),
					   &both))
				chk_report_one(check, CFG_STANDIN_OWNED, CFG_FIELD_PORT, p, both);
}

void chk_owners(struct check *check)
{
	overlaps(check);
	two_at_zero(check);
	processors(check);
	ports(check);
	mmio(check);
	gsis(check);
	pci(check);
	chk_bars(check);
	nmi(check);
	for (uint8_t p = 0; p < check->block->partition_count; p++)
		serial(check, p);
	for (uint8_t p = 0; p < check->block->partition_count; p++)
		pic(check, p);
	for (uint8_t p = 0; p < check->block->partition_count; p++)
		standins(check, p);
}
