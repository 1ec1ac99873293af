/* SPDX-License-Identifier: MIT */
/*
 * boot: reads what the loader left behind. Sources: Linux Documentation/arch/x86/zero-page.rst, Multiboot
 * 0.6.96 §3.3, Multiboot 2.0 §3.6.
 */
#include "boot.h"

#include "string.h"

#define PARAMS_E820_COUNT      0x1e8
#define PARAMS_E820_TABLE      0x2d0
#define PARAMS_E820_ENTRY      20
#define PARAMS_COMMAND_LINE    0x228
#define PARAMS_COMMAND_LINE_HI 0x0c8

#define MULTIBOOT_HAS_COMMAND_LINE (1u << 2)
#define MULTIBOOT_HAS_MAP	   (1u << 6)

#define TAGS_BEGIN	 8
#define TAG_END		 0
#define TAG_COMMAND_LINE 1
#define TAG_MAP		 6

struct multiboot_information {
	uint32_t flags;
	uint32_t memory_lower, memory_upper;
	uint32_t boot_device;
	uint32_t command_line;
	uint32_t modules_count, modules;
	uint32_t symbols[4];
	uint32_t map_bytes, map;
};

struct boot boot = {
	.serial_port = 0x3f8,
	.serial_gsi = 4,
	.ioapic = 0xfec00000,
	.lapic = 0xfee00000,
};

/* All loaders' tables hold base, size and type in a row, unaligned. */
static void add_range(uint64_t at)
{
	struct boot_range *range = &boot.range[boot.range_count];

	if (boot.range_count == BOOT_RANGES)
		return;
	memcpy(&range->base, (const void *)at, 8);
	memcpy(&range->size, (const void *)(at + 8), 8);
	memcpy(&range->type, (const void *)(at + 16), 4);
	boot.range_count++;
}

/* Decimal, or hex after 0x. Stops at what is no digit. */
static uint64_t parse_number(const char *text)
{
	uint64_t number = 0, base = 10;

	if (text[0] == '0' && text[1] == 'x') {
		base = 16;
		text += 2;
	}
	for (;; text++) {
		uint64_t digit = base;

		if (*text >= '0' && *text <= '9')
			digit = (uint64_t)(*text - '0');
		else if (*text >= 'a' && *text <= 'f')
			digit = (uint64_t)(*text - 'a' + 10);
		if (digit >= base)
			return number;
		number = number * base + digit;
	}
}

/* The value behind "key=" at the beginning of text, or NULL. */
static const char *value_of(const char *text, const char *key)
{
	while (*key && *text == *key)
		text++, key++;
	return *key ? NULL : text;
}

static void read_option(const char *text)
{
	const char *value;

	if ((value = value_of(text, "serial=")))
		boot.serial_port = (uint16_t)parse_number(value);
	else if ((value = value_of(text, "gsi=")))
		boot.serial_gsi = (uint32_t)parse_number(value);
	else if ((value = value_of(text, "ioapic=")))
		boot.ioapic = parse_number(value);
	else if ((value = value_of(text, "lapic=")))
		boot.lapic = parse_number(value);
}

static void read_command_line(const char *line)
{
	while (*line) {
		read_option(line);
		while (*line && *line != ' ')
			line++;
		while (*line == ' ')
			line++;
	}
}

static void read_linux(uint64_t params)
{
	uint64_t line = *(const uint32_t *)(params + PARAMS_COMMAND_LINE) |
			(uint64_t) * (const uint32_t *)(params + PARAMS_COMMAND_LINE_HI) << 32;
	unsigned int count = *(const uint8_t *)(params + PARAMS_E820_COUNT);

	for (unsigned int i = 0; i < count; i++)
		add_range(params + PARAMS_E820_TABLE + i * PARAMS_E820_ENTRY);
	if (line)
		read_command_line((const char *)line);
}

static void read_multiboot(const struct multiboot_information *information)
{
	uint64_t at = information->map, end = at + information->map_bytes;

	/* Each entry begins with its size, which does not count itself. */
	if (information->flags & MULTIBOOT_HAS_MAP)
		for (; at < end; at += 4 + *(const uint32_t *)at)
			add_range(at + 4);
	if (information->flags & MULTIBOOT_HAS_COMMAND_LINE)
		read_command_line((const char *)(uint64_t)information->command_line);
}

/* A tag of what version 2 tells (Multiboot 2.0 §3.4). */
struct tag {
	uint32_t type;
	uint32_t size;
};

struct map_tag {
	struct tag tag;
	uint32_t entry_bytes;
	uint32_t entry_version;
};

static void read_map_tag(const struct map_tag *map)
{
	uint64_t at = (uint64_t)(map + 1), end = (uint64_t)map + map->tag.size;

	for (; at < end; at += map->entry_bytes)
		add_range(at);
}

static void read_multiboot_2(uint64_t information)
{
	const struct tag *tag = (const struct tag *)(information + TAGS_BEGIN);

	while (tag->type != TAG_END) {
		if (tag->type == TAG_MAP)
			read_map_tag((const struct map_tag *)tag);
		else if (tag->type == TAG_COMMAND_LINE)
			read_command_line((const char *)(tag + 1));
		tag = (const struct tag *)((uint64_t)tag + (tag->size + 7u) / 8 * 8);
	}
}

void boot_read(uint32_t start, uint64_t information)
{
	boot.start = start;
	if (start == START_LINUX)
		read_linux(information);
	else if (start == START_MULTIBOOT)
		read_multiboot((const struct multiboot_information *)information);
	else
		read_multiboot_2(information);
}
