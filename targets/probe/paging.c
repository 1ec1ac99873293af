/* SPDX-License-Identifier: MIT */
/*
 * paging: four levels of page tables out of a small fixed store. APM vol. 2 §5.3.
 */
#include "paging.h"

#include <stddef.h>

#include "cpu.h"
#include "image.h"
#include "string.h"

#define ENTRIES	    512
#define TABLES	    48 /* 6 for the first map, the rest for questions */
#define LEVELS	    4  /* level 1 holds 4 KiB pages, 2 of 2 MiB, 3 of 1 GiB */
#define PAGE_SHIFT  12
#define LEVEL_SHIFT 9

#define PTE_PRESENT    (1ull << 0)
#define PTE_WRITABLE   (1ull << 1)
#define PTE_USER       (1ull << 2)
#define PTE_UNCACHED   (3ull << 3) /* PCD and PWT */
#define PTE_LARGE      (1ull << 7) /* levels 2 and 3 */
#define PTE_NO_EXECUTE (1ull << 63)
#define PTE_ADDRESS    0x000ffffffffff000ull
#define PTE_TABLE      (PTE_PRESENT | PTE_WRITABLE | PTE_USER)

struct table {
	uint64_t entry[ENTRIES];
} __attribute__((aligned(4096)));

static struct table store[TABLES];
static bool used[TABLES];
static struct table *root;

static uint64_t level_bytes(unsigned int level)
{
	return 1ull << (PAGE_SHIFT + LEVEL_SHIFT * (level - 1));
}

static uint64_t *entry_of(struct table *table, unsigned int level, uint64_t address)
{
	return &table->entry[address / level_bytes(level) % ENTRIES];
}

static bool is_table(uint64_t entry, unsigned int level)
{
	return level > 1 && (entry & PTE_PRESENT) && !(entry & PTE_LARGE);
}

static struct table *table_at(uint64_t entry)
{
	return (struct table *)(entry & PTE_ADDRESS);
}

static struct table *table_new(void)
{
	for (unsigned int i = 0; i < TABLES; i++) {
		if (used[i])
			continue;
		used[i] = true;
		return memset(&store[i], 0, sizeof(store[i]));
	}
	return NULL;
}

/* Gives back the tables below an entry that is about to be replaced; the depth is at most three. */
static void table_free(uint64_t entry, unsigned int level)
{
	struct table *table = table_at(entry);

	if (!is_table(entry, level))
		return;
	for (unsigned int i = 0; i < ENTRIES; i++)
		table_free(table->entry[i], level - 1);
	used[table - store] = false;
}

/* A large page becomes a table of smaller ones that map the same with the same rights. */
static void split(struct table *table, uint64_t entry, unsigned int level)
{
	uint64_t step = level_bytes(level - 1);
	uint64_t page = level - 1 > 1 ? entry : entry & ~PTE_LARGE;

	for (unsigned int i = 0; i < ENTRIES; i++)
		table->entry[i] = page + i * step;
}

/* The table below an entry, made if there is none. NULL if the store is empty. */
static struct table *descend(uint64_t *entry, unsigned int level)
{
	struct table *table;

	if (is_table(*entry, level))
		return table_at(*entry);
	table = table_new();
	if (!table)
		return NULL;
	if (*entry & PTE_PRESENT)
		split(table, *entry, level);
	*entry = (uint64_t)table | PTE_TABLE;
	return table;
}

static bool place(uint64_t address, unsigned int level, uint64_t page)
{
	struct table *table = root;
	uint64_t *entry;

	for (unsigned int above = LEVELS; above > level; above--) {
		table = descend(entry_of(table, above, address), above);
		if (!table)
			return false;
	}
	entry = entry_of(table, level, address);
	table_free(*entry, level);
	*entry = page;
	return true;
}

static uint64_t page_entry(uint64_t physical, unsigned int level, uint32_t flags)
{
	uint64_t entry = physical;

	if (!(flags & MAP_NOT_PRESENT))
		entry |= PTE_PRESENT;
	if (flags & MAP_WRITABLE)
		entry |= PTE_WRITABLE;
	if (flags & MAP_USER)
		entry |= PTE_USER;
	if (flags & MAP_UNCACHED)
		entry |= PTE_UNCACHED;
	if (flags & MAP_NO_EXECUTE)
		entry |= PTE_NO_EXECUTE;
	if (level > 1)
		entry |= PTE_LARGE;
	return entry;
}

static unsigned int level_of(uint64_t page_bytes)
{
	for (unsigned int level = 1; level < LEVELS; level++)
		if (page_bytes == level_bytes(level))
			return level;
	return 0;
}

static bool is_canonical(uint64_t address)
{
	return (uint64_t)((int64_t)(address << 16) >> 16) == address;
}

bool paging_map(uint64_t address, uint64_t physical, uint64_t page_bytes, uint32_t flags)
{
	unsigned int level = level_of(page_bytes);

	if (!level || (address | physical) % page_bytes || (physical & ~PTE_ADDRESS))
		return false;
	if (!is_canonical(address) || image_overlaps(address, page_bytes))
		return false;
	if (!place(address, level, page_entry(physical, level, flags)))
		return false;
	write_cr3(read_cr3());
	return true;
}

void paging_init(void)
{
	root = table_new();
	for (uint64_t address = 0; address < 1ull << 32; address += level_bytes(2))
		place(address, 2, page_entry(address, 2, MAP_WRITABLE | MAP_USER));
	write_cr3((uint64_t)root);
}
