// SPDX-License-Identifier: MIT
/*
 * Stand-in for fw_cfg, by which the board of an emulated PC tells its firmware what it has (QEMU,
 * docs/specs/fw_cfg.rst): here, what the partition has. So firmware that was built for such boards learns the
 * pseudo information (paper §3.3(2)B) by the way it asks for it anyway, and need not be changed.
 *
 * Items are selected by number and read byte by byte; files are items that a directory names. Nothing can be
 * written, and there is no DMA.
 */
#include "acpi.h"
#include "acpi_bytes.h"
#include "core.h"
#include "standin_parts.h"

#define SELECTOR 0x510 /* 16 bits; the upper ones lie at DATA, where only reads are data */
#define DATA	 0x511

enum item {
	SIGNATURE = 0x00,
	REVISION = 0x01,
	PROCESSORS = 0x05,
	BOOT_MENU = 0x0e, /* 0, as whatever is not there: nobody sits at a keyboard */
	MOST_PROCESSORS = 0x0f,
	DIRECTORY = 0x19,
	MEMORY_MAP = 0x20, /* the first of the files */
	RSDP,
	TABLE_LOADER,
	FILES_END
};

static const char *const file_name[FILES_END - MEMORY_MAP] = {"etc/e820", "etc/acpi/rsdp",
							      "etc/table-loader"};

#define FILE_NAME_BYTES	   56u
#define REVISION_NO_DMA	   1u
#define LOADER_ENTRY_BYTES 128u
#define LOADER_ALLOCATE	   1u
#define LOADER_LOW	   2u /* where an OS looks for the RSDP */
#define RSDP_ALIGN	   16u
#define RSDP_BYTES	   36u

static void put_big_endian(struct acpi_bytes *bytes, uint32_t value, uint32_t size_bytes)
{
	while (size_bytes--)
		acpi_put(bytes, value >> (size_bytes * 8) & 0xff, 1);
}

static void put_padded(struct acpi_bytes *bytes, const char *text, size_t size_bytes)
{
	size_t end = bytes->used + size_bytes;

	acpi_put_text(bytes, text);
	while (bytes->used < end)
		acpi_put(bytes, 0, 1);
}

/* The map of an E820 call, and the page of the ACPI tables, which is no RAM of the OS. */
static void put_memory_map(struct acpi_bytes *bytes, const struct cfg_partition *partition)
{
	struct mem_e820 map[MEM_MAP_MAX + 1];
	size_t count = mem_map(partition, map, MEM_MAP_MAX);

	map[count++] = (struct mem_e820){STANDIN_TABLES, ACPI_BYTES, MEM_RESERVED, 0};
	for (size_t i = 0; i < count; i++) {
		acpi_put(bytes, map[i].base, 8);
		acpi_put(bytes, map[i].size_bytes, 8);
		acpi_put(bytes, map[i].type, 4);
	}
}

/* The tables themselves stay where they are: only their root has to be where an OS looks for it. */
static void put_rsdp(struct acpi_bytes *bytes, const struct core *core, uint8_t p)
{
	uint8_t tables[ACPI_BYTES];

	if (!acpi_build(core->config, p, STANDIN_TABLES, tables, sizeof(tables)))
		return;
	for (size_t i = 0; i < RSDP_BYTES; i++)
		acpi_put(bytes, tables[i], 1);
}

/* What the firmware is to do with files; QEMU, hw/acpi/bios-linker-loader.c has the form. */
static void put_loader(struct acpi_bytes *bytes)
{
	size_t end = bytes->used + LOADER_ENTRY_BYTES;

	acpi_put(bytes, LOADER_ALLOCATE, 4);
	put_padded(bytes, file_name[RSDP - MEMORY_MAP], FILE_NAME_BYTES);
	acpi_put(bytes, RSDP_ALIGN, 4);
	acpi_put(bytes, LOADER_LOW, 1);
	while (bytes->used < end)
		acpi_put(bytes, 0, 1);
}

static void put_file(struct acpi_bytes *bytes, const struct core *core, uint8_t p, uint32_t item)
{
	if (item == MEMORY_MAP)
		put_memory_map(bytes, &core->config->partition[p]);
	else if (item == RSDP)
		put_rsdp(bytes, core, p);
	else if (item == TABLE_LOADER)
		put_loader(bytes);
}

static void put_directory(struct acpi_bytes *bytes, const struct core *core, uint8_t p)
{
	put_big_endian(bytes, FILES_END - MEMORY_MAP, 4);
	for (uint32_t item = MEMORY_MAP; item < FILES_END; item++) {
		struct acpi_bytes measured = {0};

		put_file(&measured, core, p, item);
		put_big_endian(bytes, (uint32_t)measured.used, 4);
		put_big_endian(bytes, item, 2);
		acpi_put(bytes, 0, 2);
		put_padded(bytes, file_name[item - MEMORY_MAP], FILE_NAME_BYTES);
	}
}

static void put_item(struct acpi_bytes *bytes, const struct core *core, uint8_t p, uint32_t item)
{
	switch (item) {
	case SIGNATURE:
		acpi_put_text(bytes, "QEMU");
		break;
	case REVISION:
		acpi_put(bytes, REVISION_NO_DMA, 4);
		break;
	case PROCESSORS:
	case MOST_PROCESSORS:
		acpi_put(bytes, core->config->partition[p].processor_count, 2);
		break;
	case DIRECTORY:
		put_directory(bytes, core, p);
		break;
	default:
		put_file(bytes, core, p, item);
		break;
	}
}

static void select(struct core *core, uint8_t p, uint16_t item)
{
	struct standin_fw_cfg *fw_cfg = &core->standin[p].fw_cfg;
	struct acpi_bytes bytes = {.out = fw_cfg->item, .size_bytes = sizeof(fw_cfg->item)};

	put_item(&bytes, core, p, item);
	fw_cfg->selected = item;
	fw_cfg->at = 0;
	fw_cfg->size = (uint16_t)(bytes.used < sizeof(fw_cfg->item) ? bytes.used : sizeof(fw_cfg->item));
}

void fw_cfg_reset(struct core *core, uint8_t partition)
{
	select(core, partition, SIGNATURE);
}

/* Behind its end an item reads as zeros, and so does one that is not there. */
uint8_t fw_cfg_read(struct standin_fw_cfg *fw_cfg, uint16_t port)
{
	if (port != DATA)
		return 0xff;
	return fw_cfg->at < fw_cfg->size ? fw_cfg->item[fw_cfg->at++] : 0;
}

void fw_cfg_write(struct core *core, uint8_t partition, uint16_t port, uint8_t value)
{
	uint16_t selected = core->standin[partition].fw_cfg.selected;

	if (port == SELECTOR)
		select(core, partition, (uint16_t)((selected & 0xff00u) | value));
	else
		select(core, partition, (uint16_t)((selected & 0xffu) | value << 8));
}
