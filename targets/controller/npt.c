/* SPDX-License-Identifier: MIT */
/*
 * npt: nested page tables: the partition's own RAM and devices, pseudo firmware and, if it is its own, the
 * local APIC to read, and nothing else (APM vol. 2 §15.25). Made once; what is not in them does not exist for
 * the partition.
 */
#include "exit.h"
#include "firmware.h"

#define ROM_END	      (1ull << 32)
#define TABLE_ENTRIES 512
#define NPT_ANY	      (PTE_P | PTE_U) /* all nested accesses count as user accesses (§15.25.5) */
#define NPT_RAM	      (NPT_ANY | PTE_W)
#define NPT_DEVICE    (NPT_ANY | PTE_W | PTE_PCD | PTE_PWT | PTE_NX)
#define NPT_READ_ONLY (NPT_ANY | PTE_PCD | PTE_PWT | PTE_NX)
#define NPT_FIRMWARE  (NPT_ANY | PTE_NX)
#define NPT_ROM	      NPT_ANY

/* The table that an entry points to, made when it is first needed. */
static uint64_t *below(uint64_t *entry)
{
	if (!(*entry & PTE_P))
		*entry = (uint64_t)page_take(1) | NPT_RAM;
	return (uint64_t *)(*entry & PTE_ADDRESS);
}

static uint64_t *entry_at(uint64_t *table, uint64_t gpa, uint32_t shift)
{
	return &table[gpa >> shift & (TABLE_ENTRIES - 1)];
}

static void map_page(uint64_t *root, uint64_t gpa, uint64_t hpa, uint64_t size_bytes, uint64_t rights)
{
	uint64_t *directory = below(entry_at(below(entry_at(root, gpa, 39)), gpa, 30));
	uint64_t *entry = entry_at(directory, gpa, 21);

	if (size_bytes == PAGE2M_BYTES)
		*entry = hpa | rights | PTE_PS;
	else
		*entry_at(below(entry), gpa, 12) = hpa | rights;
}

/* In pages of 2 MiB wherever both addresses allow it. */
static void map(uint64_t *root, uint64_t gpa, uint64_t hpa, uint64_t size_bytes, uint64_t rights)
{
	while (size_bytes) {
		bool large = !((gpa | hpa) & (PAGE2M_BYTES - 1)) && size_bytes >= PAGE2M_BYTES;
		uint64_t step = large ? PAGE2M_BYTES : PAGE_BYTES;

		map_page(root, gpa, hpa, step, rights);
		gpa += step;
		hpa += step;
		size_bytes -= step;
	}
}

/* Where neither RAM nor a device of the partition is. */
static void map_firmware(uint64_t *root, uint8_t partition)
{
	for (uint64_t gpa = MEM_HOLE; gpa < MEM_LOW_TOP; gpa += PAGE_BYTES) {
		uint64_t hpa;

		if (!mem_to_hpa(partition_config(partition), gpa, PAGE_BYTES, &hpa) &&
		    dev_mmio(&core, partition, gpa, 1) == DEV_DENY)
			map(root, gpa, (uint64_t)firmware_page(partition, gpa), PAGE_BYTES, NPT_FIRMWARE);
	}
}

/* Firmware of its own ends where the addresses of 32 bits do; below it are the tables that it is told of. */
static void map_rom(uint64_t *root, uint8_t partition)
{
	const struct cfg_payload *payload = &partition_config(partition)->payload;
	const struct module *rom = module_get(payload->module);

	if (payload->kind != CFG_PAYLOAD_BOOTSECTOR)
		return;
	map(root, ROM_END - rom->size_bytes, (uint64_t)rom->bytes, rom->size_bytes, NPT_ROM);
	map(root, STANDIN_TABLES, (uint64_t)firmware_tables(partition, STANDIN_TABLES), PAGE_BYTES,
	    NPT_FIRMWARE);
}

uint64_t npt_make(uint8_t partition)
{
	const struct cfg_partition *config = partition_config(partition);
	uint64_t *root = page_take(1);
	uint64_t lapic = core.config->machine.lapic_base;

	for (uint32_t i = 0; i < config->memory_count; i++)
		map(root, config->memory[i].gpa, config->memory[i].hpa, config->memory[i].size_bytes,
		    NPT_RAM);
	for (uint32_t i = 0; i < config->mmio_count; i++)
		map(root, config->mmio[i].base, config->mmio[i].base, config->mmio[i].size_bytes, NPT_DEVICE);
	if (!config->slice_us)
		map(root, lapic, lapic, PAGE_BYTES, NPT_READ_ONLY);
	map_firmware(root, partition);
	map_rom(root, partition);
	return (uint64_t)root;
}
