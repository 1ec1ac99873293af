// SPDX-License-Identifier: MIT
/* The check begins here: header, counts, names and values. Ranges and owners have files of their own. */
#include "config_check.h"

static const struct cfg_span nowhere = {0, 0};

void chk_report(struct check *check, const struct cfg_finding *finding)
{
	if (check->count < check->max)
		check->findings[check->count] = *finding;
	check->count++;
}

void chk_report_one(struct check *check, enum cfg_fault fault, enum cfg_field field, uint8_t partition,
		    struct cfg_span span)
{
	chk_report(check, &(struct cfg_finding){
				  .fault = fault,
				  .partition = partition,
				  .other = CFG_NOBODY,
				  .field = (uint16_t)field,
				  .first = span.first,
				  .last = span.last,
			  });
}

static bool header_is_right(const void *block, size_t size_bytes)
{
	const struct cfg_block *header = block;

	if ((uintptr_t)block % _Alignof(struct cfg_block) || size_bytes < sizeof(*header))
		return false;
	return header->magic == CFG_MAGIC && header->version == CFG_VERSION &&
	       header->size_bytes == sizeof(*header);
}

static void count_within(struct check *check, enum cfg_field field, uint8_t partition, uint32_t count,
			 uint32_t least, uint32_t most)
{
	if (count < least || count > most)
		chk_report_one(check, CFG_BAD_COUNT, field, partition, (struct cfg_span){count, count});
}

static void partition_counts(struct check *check, uint8_t p)
{
	const struct cfg_partition *partition = &check->block->partition[p];

	count_within(check, CFG_FIELD_RAM, p, partition->memory_count, 1, CFG_MEMORY);
	count_within(check, CFG_FIELD_PROCESSOR, p, partition->processor_count, 1, CFG_PROCESSORS);
	count_within(check, CFG_FIELD_PORT, p, partition->port_count, 0, CFG_PORTS);
	count_within(check, CFG_FIELD_MMIO, p, partition->mmio_count, 0, CFG_MMIO);
	count_within(check, CFG_FIELD_GSI, p, partition->gsi_count, 0, CFG_GSIS);
	count_within(check, CFG_FIELD_PCI, p, partition->pci_count, 0, CFG_PCI);
}

static void counts(struct check *check)
{
	const struct cfg_machine *machine = &check->block->machine;
	uint32_t partitions = check->block->partition_count;

	count_within(check, CFG_FIELD_RAM, CFG_NOBODY, machine->ram_count, 1, CFG_MACHINE_RAM);
	count_within(check, CFG_FIELD_FIRMWARE, CFG_NOBODY, machine->firmware_count, 0, CFG_MACHINE_FIRMWARE);
	count_within(check, CFG_FIELD_PROCESSOR, CFG_NOBODY, machine->processor_count, 1,
		     CFG_MACHINE_PROCESSORS);
	count_within(check, CFG_FIELD_PARTITIONS, CFG_NOBODY, partitions, 1, CFG_PARTITIONS);
	for (uint8_t p = 0; p < partitions && p < CFG_PARTITIONS; p++)
		partition_counts(check, p);
}

/* A name is printed and typed on the operator's console: printable ASCII, no space. */
static bool name_is_plain(const char *name)
{
	size_t length = 0;

	while (length < CFG_NAME_BYTES && name[length] > ' ' && name[length] <= '~')
		length++;
	return length > 0 && length < CFG_NAME_BYTES && name[length] == '\0';
}

static bool names_equal(const char *a, const char *b)
{
	for (size_t i = 0; i < CFG_NAME_BYTES; i++) {
		if (a[i] != b[i])
			return false;
		if (!a[i])
			break;
	}
	return true;
}

static void names(struct check *check)
{
	const struct cfg_partition *partition = check->block->partition;

	for (uint8_t p = 0; p < check->block->partition_count; p++) {
		if (!name_is_plain(partition[p].name))
			chk_report_one(check, CFG_BAD_NAME, CFG_FIELD_NAME, p, nowhere);
		for (uint8_t o = 0; o < p; o++)
			if (names_equal(partition[o].name, partition[p].name))
				chk_report(check, &(struct cfg_finding){.fault = CFG_BAD_NAME,
									.field = CFG_FIELD_NAME,
									.partition = o,
									.other = p});
	}
}

static void value_known(struct check *check, enum cfg_field field, uint8_t partition, uint64_t value,
			bool known)
{
	if (!known)
		chk_report_one(check, CFG_BAD_VALUE, field, partition, (struct cfg_span){value, value});
}

/* The destination of an I/O APIC entry and of an ICR write has 8 bits, and 0xff addresses everybody. */
static void apic_ids(struct check *check)
{
	const struct cfg_machine *machine = &check->block->machine;

	for (uint32_t i = 0; i < machine->processor_count; i++) {
		bool usable = machine->apic_id[i] < 0xff;

		for (uint32_t j = 0; j < i; j++)
			usable = usable && machine->apic_id[j] != machine->apic_id[i];
		value_known(check, CFG_FIELD_APIC_ID, CFG_NOBODY, machine->apic_id[i], usable);
	}
}

static void machine_values(struct check *check)
{
	const struct cfg_machine *machine = &check->block->machine;
	const struct cfg_power *power = &machine->power;
	const uint32_t flags = CFG_MACHINE_CF9 | CFG_MACHINE_I8042 | CFG_MACHINE_PORT92 | CFG_MACHINE_PCI;
	uint64_t reserved = power->reserved[0] | (uint64_t)power->reserved[1] | machine->reserved0;
	uint64_t gsi_end = (uint64_t)machine->ioapic.first_gsi + machine->ioapic.pins;

	for (size_t i = 0; i < sizeof(power->reset.reserved); i++)
		reserved |= power->reset.reserved[i];
	for (size_t i = 0; i < sizeof(machine->iommu.reserved) / sizeof(machine->iommu.reserved[0]); i++)
		reserved |= machine->iommu.reserved[i];
	value_known(check, CFG_FIELD_FLAGS, CFG_NOBODY, machine->flags, !(machine->flags & ~flags));
	value_known(check, CFG_FIELD_RESERVED, CFG_NOBODY, reserved, reserved == 0);
	value_known(check, CFG_FIELD_LAPIC, CFG_NOBODY, machine->lint0_processors,
		    (uint64_t)machine->lint0_processors >> machine->processor_count == 0);
	/* 82093AA §3.2.2: the version register has 8 bits for the last pin; the index register, 240 entries
	 */
	value_known(check, CFG_FIELD_IOAPIC, CFG_NOBODY, gsi_end,
		    machine->ioapic.pins - 1 < 120 && gsi_end <= CFG_MACHINE_GSIS);
	apic_ids(check);
}

static bool is_terminated(const char *text, size_t size_bytes)
{
	for (size_t i = 0; i < size_bytes; i++)
		if (!text[i])
			return true;
	return false;
}

static void partition_values(struct check *check, uint8_t p)
{
	const struct cfg_partition *partition = &check->block->partition[p];
	const struct cfg_payload *payload = &partition->payload;
	const uint32_t rights = CFG_RIGHT_NMI | CFG_RIGHT_CALL | CFG_RIGHT_LAST_LIGHT | CFG_RIGHT_PM_TIMER;
	const uint32_t standins =
		CFG_STANDIN_PIT | CFG_STANDIN_RTC | CFG_STANDIN_PIC | CFG_STANDIN_I8042 | CFG_STANDIN_FW_CFG;
	uint8_t interrupts = partition->slice_us ? CFG_PREEMPT : CFG_HOLD;

	value_known(check, CFG_FIELD_RESERVED, p, payload->reserved, payload->reserved == 0);
	value_known(check, CFG_FIELD_VIEW, p, partition->view, partition->view <= CFG_ZERO_BASED);
	value_known(check, CFG_FIELD_RIGHTS, p, partition->rights, !(partition->rights & ~rights));
	value_known(check, CFG_FIELD_POLICY, p, partition->on_reset, partition->on_reset <= CFG_RESTART);
	value_known(check, CFG_FIELD_POLICY, p, partition->on_crash, partition->on_crash <= CFG_RESTART);
	value_known(check, CFG_FIELD_INTERRUPT, p, partition->on_interrupt,
		    partition->on_interrupt <= interrupts);
	value_known(check, CFG_FIELD_STARTED, p, partition->started, partition->started <= 1);
	value_known(check, CFG_FIELD_STANDINS, p, partition->standins, !(partition->standins & ~standins));
	for (uint32_t i = 0; i < partition->gsi_count; i++)
		value_known(check, CFG_FIELD_GSI, p, partition->gsi[i].flags,
			    partition->gsi[i].flags <= (CFG_GSI_LEVEL | CFG_GSI_ACTIVE_LOW));
	for (uint32_t i = 0; i < partition->pci_count; i++)
		value_known(check, CFG_FIELD_PORT_BAR, p, partition->pci[i].port_bars,
			    partition->pci[i].port_bars < 1u << CFG_BARS);
	for (uint32_t i = 0; i < partition->pci_count; i++)
		value_known(check, CFG_FIELD_PCI, p, partition->pci[i].flags,
			    partition->pci[i].flags <= CFG_PCI_NO_MASTER);
	/* module 0 is the block itself */
	value_known(check, CFG_FIELD_PAYLOAD, p, payload->kind, payload->kind <= CFG_PAYLOAD_BOOTSECTOR);
	value_known(check, CFG_FIELD_PAYLOAD, p, payload->module, payload->module != 0);
	value_known(check, CFG_FIELD_COMMAND_LINE, p, 0,
		    is_terminated(payload->command_line, sizeof(payload->command_line)));
}

size_t cfg_check(const void *block, size_t size_bytes, struct cfg_finding *findings, size_t max)
{
	struct check check = {.block = block, .findings = findings, .max = max};

	if (!header_is_right(block, size_bytes))
		chk_report_one(&check, CFG_BAD_HEADER, CFG_FIELD_BLOCK, CFG_NOBODY, nowhere);
	else
		counts(&check);
	if (check.count)
		return check.count;

	names(&check);
	machine_values(&check);
	for (uint8_t p = 0; p < check.block->partition_count; p++)
		partition_values(&check, p);
	chk_ranges(&check);
	chk_owners(&check);
	return check.count;
}
