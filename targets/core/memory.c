// SPDX-License-Identifier: MIT
#include "memory.h"

/* The bytes from at to the end of [base, base + size_bytes), 0 if at is outside. */
static uint64_t bytes_from(uint64_t base, uint64_t size_bytes, uint64_t at)
{
	return at - base < size_bytes ? size_bytes - (at - base) : 0;
}

static const struct cfg_memory *entry_at_gpa(const struct cfg_partition *partition, uint64_t gpa)
{
	for (uint32_t i = 0; i < partition->memory_count; i++)
		if (bytes_from(partition->memory[i].gpa, partition->memory[i].size_bytes, gpa))
			return &partition->memory[i];
	return NULL;
}

bool mem_to_hpa_across(const struct cfg_partition *partition, uint64_t gpa, uint64_t size_bytes,
		       uint64_t *hpa)
{
	const struct cfg_memory *entry = entry_at_gpa(partition, gpa);
	uint64_t first, step;

	if (!entry || !size_bytes)
		return false;
	first = entry->hpa + (gpa - entry->gpa);
	for (uint64_t done = 0;; done += step) {
		step = bytes_from(entry->gpa, entry->size_bytes, gpa + done);
		if (step >= size_bytes - done)
			break;
		entry = entry_at_gpa(partition, gpa + done + step);
		if (!entry || entry->hpa != first + done + step)
			return false;
	}
	*hpa = first;
	return true;
}

bool mem_to_gpa(const struct cfg_partition *partition, uint64_t hpa, uint64_t size_bytes, uint64_t *gpa)
{
	for (uint32_t i = 0; i < partition->memory_count; i++) {
		const struct cfg_memory *entry = &partition->memory[i];

		if (!size_bytes || bytes_from(entry->hpa, entry->size_bytes, hpa) < size_bytes)
			continue;
		*gpa = entry->gpa + (hpa - entry->hpa);
		return true;
	}
	return false;
}

struct map {
	struct mem_e820 *entry;
	size_t max;
	size_t count;
	uint64_t end; /* of the last entry */
	uint32_t type;
};

/* Adds [base, end), empty or not, to the last entry if it is adjacent. */
static void add(struct map *map, uint64_t base, uint64_t end, uint32_t type)
{
	if (base >= end)
		return;
	if (map->count && map->end == base && map->type == type) {
		if (map->count <= map->max)
			map->entry[map->count - 1].size_bytes += end - base;
	} else {
		if (map->count < map->max)
			map->entry[map->count] =
				(struct mem_e820){.base = base, .size_bytes = end - base, .type = type};
		map->count++;
	}
	map->end = end;
	map->type = type;
}

/* Adds all RAM between from and to, ascending. */
static void add_ram(struct map *map, const struct cfg_partition *partition, uint64_t from, uint64_t to)
{
	while (from < to) {
		const struct cfg_memory *entry = NULL;

		for (uint32_t i = 0; i < partition->memory_count; i++) {
			const struct cfg_memory *other = &partition->memory[i];

			if (other->gpa + other->size_bytes > from && (!entry || other->gpa < entry->gpa))
				entry = other;
		}
		if (!entry)
			break;
		uint64_t end = entry->gpa + entry->size_bytes;

		add(map, entry->gpa > from ? entry->gpa : from, end < to ? end : to, MEM_RAM);
		from = end;
	}
}

size_t mem_map(const struct cfg_partition *partition, struct mem_e820 *entry, size_t max)
{
	struct map map = {.entry = entry, .max = max};

	add_ram(&map, partition, 0, MEM_HOLE);
	if (map.count)
		add(&map, MEM_HOLE, MEM_LOW_TOP, MEM_RESERVED);
	add_ram(&map, partition, MEM_LOW_TOP, MEM_GPA_TOP);
	return map.count;
}
