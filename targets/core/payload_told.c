// SPDX-License-Identifier: MIT
/*
 * What a multiboot payload is told: Multiboot 0.6.96 §3.3, Multiboot 2.0 §3.6. Strings and tables lie behind
 * the structure that names them.
 */
#include "memory.h"
#include "payload_parts.h"

#define LOADER_NAME "mrm"
#define KIB	    10

/* Writes one after the other; there is always room, the longest of all takes 2 KiB. */
struct told {
	uint8_t *out;
	uint64_t gpa; /* where out will lie */
	uint32_t at;
};

static void put(struct told *told, uint64_t value, uint32_t size_bytes)
{
	for (uint32_t i = 0; i < size_bytes; i++)
		told->out[told->at++] = (uint8_t)(value >> i * 8);
}

static void put_at(struct told *told, uint32_t at, uint64_t value, uint32_t size_bytes)
{
	struct told there = {.out = told->out, .at = at};

	put(&there, value, size_bytes);
}

static void put_string(struct told *told, const char *string, size_t most)
{
	for (size_t i = 0; i < most && string[i]; i++)
		put(told, (uint8_t)string[i], 1);
	put(told, 0, 1);
}

static void put_command_line(struct told *told, const struct cfg_partition *config)
{
	put_string(told, config->payload.command_line, sizeof(config->payload.command_line));
}

/* KiB of RAM from base to the first gap, as far as it counts. */
static uint64_t run_kib(const struct mem_e820 *map, size_t count, uint64_t base)
{
	for (size_t i = 0; i < count; i++)
		if (map[i].type == MEM_RAM && map[i].base == base)
			return map[i].size_bytes >> KIB;
	return 0;
}

struct map {
	struct mem_e820 entry[MEM_MAP_MAX];
	size_t count;
	uint64_t lower_kib; /* from 0 */
	uint64_t upper_kib; /* from 1 MiB */
};

static struct map map_of(const struct cfg_partition *config)
{
	struct map map;

	map.count = mem_map(config, map.entry, MEM_MAP_MAX);
	if (map.count > MEM_MAP_MAX)
		map.count = MEM_MAP_MAX;
	map.lower_kib = run_kib(map.entry, map.count, 0);
	map.upper_kib = run_kib(map.entry, map.count, MEM_LOW_TOP);
	return map;
}

/* Offsets into the structure of version 1, and the flags that say which of them hold something. */
#define INFO_MEMORY	  4
#define INFO_COMMAND_LINE 16
#define INFO_MODULES	  20
#define INFO_MAP	  44
#define INFO_LOADER	  64
#define INFO_BYTES	  88

#define HAS_MEMORY	 (1u << 0)
#define HAS_COMMAND_LINE (1u << 2)
#define HAS_MODULES	 (1u << 3)
#define HAS_MAP		 (1u << 6)
#define HAS_LOADER	 (1u << 9)

#define MODULE_BYTES 16
#define ENTRY_BYTES  20 /* of the map, without the size in front of it */

static void tell_map_1(struct told *told, const struct map *map)
{
	put_at(told, INFO_MEMORY, map->lower_kib, 4);
	put_at(told, INFO_MEMORY + 4, map->upper_kib, 4);
	put_at(told, INFO_MAP, map->count * (4 + ENTRY_BYTES), 4);
	put_at(told, INFO_MAP + 4, told->gpa + told->at, 4);
	for (size_t i = 0; i < map->count; i++) {
		put(told, ENTRY_BYTES, 4);
		put(told, map->entry[i].base, 8);
		put(told, map->entry[i].size_bytes, 8);
		put(told, map->entry[i].type, 4);
	}
}

static void tell_module_1(struct told *told, const struct pay_plan *plan)
{
	put_at(told, INFO_MODULES, 1, 4);
	put_at(told, INFO_MODULES + 4, told->gpa + told->at, 4);
	put(told, plan->initrd, 4);
	put(told, plan->initrd + plan->initrd_bytes, 4);
	put(told, 0, 8); /* no string */
}

static void tell_1(struct told *told, const struct cfg_partition *config, const struct pay_plan *plan)
{
	struct map map = map_of(config);
	uint32_t flags = HAS_MEMORY | HAS_COMMAND_LINE | HAS_MAP | HAS_LOADER;

	told->at = INFO_BYTES;
	tell_map_1(told, &map);
	if (plan->initrd_bytes) {
		flags |= HAS_MODULES;
		tell_module_1(told, plan);
	}
	put_at(told, 0, flags, 4);
	put_at(told, INFO_COMMAND_LINE, told->gpa + told->at, 4);
	put_command_line(told, config);
	put_at(told, INFO_LOADER, told->gpa + told->at, 4);
	put_string(told, LOADER_NAME, sizeof(LOADER_NAME));
}

/* Types of tags of version 2, §3.6. */
enum tag {
	TAG_END = 0,
	TAG_COMMAND_LINE = 1,
	TAG_LOADER = 2,
	TAG_MODULE = 3,
	TAG_MEMORY = 4,
	TAG_MAP = 6,
	TAG_OLD_RSDP = 14,
	TAG_NEW_RSDP = 15
};

#define TAG_ALIGN      8u
#define MAP_ENTRY      24
#define OLD_RSDP_BYTES 20 /* ACPI 6.5 §5.2.5.3 */
#define NEW_RSDP_BYTES 36

/* Returns where the tag begins, for end_tag(). */
static uint32_t begin_tag(struct told *told, enum tag type)
{
	uint32_t at = told->at;

	put(told, type, 4);
	put(told, 0, 4);
	return at;
}

static void end_tag(struct told *told, uint32_t at)
{
	put_at(told, at + 4, told->at - at, 4);
	while (told->at % TAG_ALIGN)
		put(told, 0, 1);
}

static void tell_memory_2(struct told *told, const struct cfg_partition *config)
{
	struct map map = map_of(config);
	uint32_t tag = begin_tag(told, TAG_MEMORY);

	put(told, map.lower_kib, 4);
	put(told, map.upper_kib, 4);
	end_tag(told, tag);
	tag = begin_tag(told, TAG_MAP);
	put(told, MAP_ENTRY, 4);
	put(told, 0, 4); /* version of an entry */
	for (size_t i = 0; i < map.count; i++) {
		put(told, map.entry[i].base, 8);
		put(told, map.entry[i].size_bytes, 8);
		put(told, map.entry[i].type, 8); /* and four reserved bytes */
	}
	end_tag(told, tag);
}

static void tell_rsdp(struct told *told, enum tag type, const uint8_t *rsdp, uint32_t size_bytes)
{
	uint32_t tag = begin_tag(told, type);

	for (uint32_t i = 0; i < size_bytes; i++)
		put(told, rsdp[i], 1);
	end_tag(told, tag);
}

static void tell_2(struct told *told, const struct cfg_partition *config, const struct pay_plan *plan,
		   const uint8_t *rsdp)
{
	uint32_t tag;

	put(told, 0, 8); /* all bytes, and a reserved word */
	tag = begin_tag(told, TAG_COMMAND_LINE);
	put_command_line(told, config);
	end_tag(told, tag);
	tag = begin_tag(told, TAG_LOADER);
	put_string(told, LOADER_NAME, sizeof(LOADER_NAME));
	end_tag(told, tag);
	if (plan->initrd_bytes) {
		tag = begin_tag(told, TAG_MODULE);
		put(told, plan->initrd, 4);
		put(told, plan->initrd + plan->initrd_bytes, 4);
		put_string(told, "", 0);
		end_tag(told, tag);
	}
	tell_memory_2(told, config);
	tell_rsdp(told, TAG_OLD_RSDP, rsdp, OLD_RSDP_BYTES);
	tell_rsdp(told, TAG_NEW_RSDP, rsdp, NEW_RSDP_BYTES);
	end_tag(told, begin_tag(told, TAG_END));
	put_at(told, 0, told->at, 4);
}

void pay_multiboot_information(const struct cfg_partition *config, const struct pay_plan *plan,
			       const uint8_t *rsdp, uint8_t *out)
{
	struct told told = {.out = out, .gpa = plan->told};

	if (plan->start == PAY_MULTIBOOT_1)
		tell_1(&told, config, plan);
	else
		tell_2(&told, config, plan, rsdp);
}
