/* SPDX-License-Identifier: MIT */
/* table: page tables, made once out of the controller's RAM. */
#include "table.h"

#include <stdbool.h>

#include "machine.h"
#include "x86.h"

#define ENTRIES	     512
#define TOP	     4
#define LARGE	     2 /* the level whose entries may be pages of 2 MiB */
#define LEVEL_BITS   9
#define PAGE_BITS    12
#define ENTRY_EXISTS 1ull

static uint64_t *entry_at(uint64_t *tables, uint64_t from, unsigned level)
{
	return &tables[from >> (PAGE_BITS + LEVEL_BITS * (level - 1)) & (ENTRIES - 1)];
}

/* The table that an entry of this level names, made when it is first needed. */
static uint64_t *below(const struct table *table, uint64_t *entry, unsigned level)
{
	if (!(*entry & ENTRY_EXISTS))
		*entry = (uint64_t)page_take(1) | table->next | table->next_level * (level - 1);
	return (uint64_t *)(*entry & PTE_ADDRESS);
}

static void map_page(const struct table *table, uint64_t from, uint64_t page, unsigned last)
{
	uint64_t *tables = table->root;

	for (unsigned level = TOP; level > last; level--)
		tables = below(table, entry_at(tables, from, level), level);
	*entry_at(tables, from, last) = page;
}

/* In pages of 2 MiB wherever both addresses allow it. */
void table_map(const struct table *table, uint64_t from, uint64_t to, uint64_t size_bytes, uint64_t rights)
{
	while (size_bytes) {
		bool large = !((from | to) & (PAGE2M_BYTES - 1)) && size_bytes >= PAGE2M_BYTES;
		uint64_t step = large ? PAGE2M_BYTES : PAGE_BYTES;

		map_page(table, from, to | rights | (large ? table->large : 0), large ? LARGE : 1);
		from += step;
		to += step;
		size_bytes -= step;
	}
}
