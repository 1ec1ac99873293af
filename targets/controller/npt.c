/* SPDX-License-Identifier: MIT */
/*
 * npt: nested page tables: the partition's own RAM and devices, pseudo firmware and, if it is its own, the
 * local APIC to read, and nothing else (APM vol. 2 §15.25). Made once; what is not in them does not exist for
 * the partition.
 */
#include "exit.h"
#include "firmware.h"
#include "table.h"

#define ROM_END	      (1ull << 32)
#define NPT_ANY	      (PTE_P | PTE_U) /* all nested accesses count as user accesses (§15.25.5) */
#define NPT_RAM	      (NPT_ANY | PTE_W)
#define NPT_DEVICE    (NPT_ANY | PTE_W | PTE_PCD | PTE_PWT | PTE_NX)
#define NPT_READ_ONLY (NPT_ANY | PTE_PCD | PTE_PWT | PTE_NX)
#define NPT_FIRMWARE  (NPT_ANY | PTE_NX)
#define NPT_ROM	      NPT_ANY

/* But for pages with an MSI-X table: what is written there interrupts whom it names, so it is looked at. */
static void map_devices(const struct table *table, uint8_t partition, const struct cfg_range *range)
{
	uint64_t first = range->base, end = range->base + range->size_bytes;

	for (uint64_t gpa = first; gpa < end; gpa += PAGE_BYTES) {
		if (!pci_is_table_page(&core, partition, gpa))
			continue;
		table_map(table, first, first, gpa - first, NPT_DEVICE);
		first = gpa + PAGE_BYTES;
	}
	table_map(table, first, first, end - first, NPT_DEVICE);
}

/* Where neither RAM nor a device of the partition is. */
static void map_firmware(const struct table *table, uint8_t partition)
{
	for (uint64_t gpa = MEM_HOLE; gpa < MEM_LOW_TOP; gpa += PAGE_BYTES) {
		uint64_t hpa;

		if (!mem_to_hpa(partition_config(partition), gpa, PAGE_BYTES, &hpa) &&
		    dev_mmio(&core, partition, gpa, 1) == DEV_DENY)
			table_map(table, gpa, (uint64_t)firmware_page(partition, gpa), PAGE_BYTES,
				  NPT_FIRMWARE);
	}
}

/* Firmware of its own ends where the addresses of 32 bits do; below it are the tables that it is told of. */
static void map_rom(const struct table *table, uint8_t partition)
{
	const struct cfg_payload *payload = &partition_config(partition)->payload;
	const struct module *rom = module_get(payload->module);

	if (payload->kind != CFG_PAYLOAD_BOOTSECTOR)
		return;
	table_map(table, ROM_END - rom->size_bytes, (uint64_t)rom->bytes, rom->size_bytes, NPT_ROM);
	table_map(table, STANDIN_TABLES, (uint64_t)firmware_tables(partition, STANDIN_TABLES), PAGE_BYTES,
		  NPT_FIRMWARE);
}

uint64_t npt_make(uint8_t partition)
{
	const struct cfg_partition *config = partition_config(partition);
	const struct table table = {.root = page_take(1), .next = NPT_RAM, .large = PTE_PS};
	uint64_t lapic = core.config->machine.lapic_base;

	for (uint32_t i = 0; i < config->memory_count; i++)
		table_map(&table, config->memory[i].gpa, config->memory[i].hpa, config->memory[i].size_bytes,
			  NPT_RAM);
	for (uint32_t i = 0; i < config->mmio_count; i++)
		map_devices(&table, partition, &config->mmio[i]);
	if (!config->slice_us)
		table_map(&table, lapic, lapic, PAGE_BYTES, NPT_READ_ONLY);
	map_firmware(&table, partition);
	map_rom(&table, partition);
	return (uint64_t)table.root;
}
