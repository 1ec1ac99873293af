/* SPDX-License-Identifier: MIT */
/*
 * memory: which host-physical byte a partition's guest-physical byte is, if any.
 *
 * Needs nothing but the partition's entry in a block that passed cfg_check(). Paper §3.3(1): each OS is
 * limited to its own range.
 */
#ifndef MRM_CORE_MEMORY_H
#define MRM_CORE_MEMORY_H

#include "config.h"

#define MEM_HOLE    0xA0000	 /* up to MEM_LOW_TOP: adapters and ROM, never listed as RAM */
#define MEM_LOW_TOP 0x100000	 /* below: the private low memory of a partition */
#define MEM_GPA_TOP (1ull << 48) /* what four levels of nested page tables reach (APM vol. 2 §15.25) */
#define MEM_MAP_MAX                                                                                          \
	(CFG_MEMORY + 2) /* entries that mem_map() can write: an entry split by the hole, and the hole */

enum mem_type { MEM_RAM = 1, MEM_RESERVED = 2 }; /* ACPI 6.5 §15, address range types */

struct mem_e820 {
	uint64_t base;
	uint64_t size_bytes;
	uint32_t type;
	uint32_t reserved;
};

/* mem_to_hpa() where the bytes lie in several entries, or in none. */
bool mem_to_hpa_across(const struct cfg_partition *partition, uint64_t gpa, uint64_t size_bytes,
		       uint64_t *hpa);

/*
 * Translates size_bytes (> 0) at gpa. False unless every byte is RAM of the partition and they are contiguous
 * in HPA. Every exit with a memory operand asks this several times, so the usual case, one entry, is inline.
 */
static inline bool mem_to_hpa(const struct cfg_partition *partition, uint64_t gpa, uint64_t size_bytes,
			      uint64_t *hpa)
{
	for (uint32_t i = 0; i < partition->memory_count; i++) {
		const struct cfg_memory *entry = &partition->memory[i];
		uint64_t offset = gpa - entry->gpa;

		if (offset < entry->size_bytes && size_bytes - 1 < entry->size_bytes - offset) {
			*hpa = entry->hpa + offset;
			return true;
		}
	}
	return mem_to_hpa_across(partition, gpa, size_bytes, hpa);
}

/* The way back. False unless every byte belongs to one memory entry of the partition. */
bool mem_to_gpa(const struct cfg_partition *partition, uint64_t hpa, uint64_t size_bytes, uint64_t *gpa);

/*
 * The pseudo memory map (paper §3.3(2)B): the partition's RAM by guest-physical address, ascending, merged
 * where adjacent, without [0xA0000, 0x100000), which is reserved if it has RAM below. Writes up to max
 * entries, returns how many there are.
 */
size_t mem_map(const struct cfg_partition *partition, struct mem_e820 *map, size_t max);

#endif
