/* SPDX-License-Identifier: MIT */
/*
 * firmware: what a partition finds where a PC has adapters and ROM: the pseudo ACPI tables (paper §3.3(2)B),
 * and an empty bus.
 *
 * An OS that looks for firmware reads all of the 128 KiB below 1 MiB, byte by byte: pages of ones answer
 * without an exit.
 */
#include "firmware.h"

#include "acpi.h"
#include "bytes.h"
#include "console.h"
#include "guest.h"

static const uint8_t *root[CFG_PARTITIONS];

static void make_tables(uint8_t partition, uint64_t gpa, uint8_t *page)
{
	if (!acpi_build(core.config, partition, gpa, page, PAGE_BYTES))
		panic("the pseudo ACPI tables of a partition do not fit into their page");
	if (gpa == FIRMWARE_TABLES)
		root[partition] = page;
}

const uint8_t *firmware_root(uint8_t partition)
{
	return root[partition];
}

const void *firmware_tables(uint8_t partition, uint64_t gpa)
{
	uint8_t *page = page_take(1);

	make_tables(partition, gpa, page);
	return page;
}

static void *empty_bus(void)
{
	static void *page;

	if (!page) {
		page = page_take(1);
		memset(page, 0xff, PAGE_BYTES);
	}
	return page;
}

const void *firmware_page(uint8_t partition, uint64_t gpa)
{
	return gpa == FIRMWARE_TABLES ? firmware_tables(partition, gpa) : empty_bus();
}

void firmware_load(const struct cpu *cpu)
{
	uint8_t *page = guest_ram(cpu, FIRMWARE_TABLES, PAGE_BYTES);

	if (page)
		make_tables(cpu->partition, FIRMWARE_TABLES, page);
}
