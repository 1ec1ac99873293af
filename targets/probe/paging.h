/* SPDX-License-Identifier: MIT */
/*
 * paging: the probe's own page tables. At first the lowest 4 GiB map to themselves, open to rings 0 and 3.
 */
#ifndef PROBE_PAGING_H
#define PROBE_PAGING_H

#include <stdbool.h>
#include <stdint.h>

/* Flags of paging_map() */
#define MAP_WRITABLE	(1u << 0)
#define MAP_USER	(1u << 1)
#define MAP_NO_EXECUTE	(1u << 2)
#define MAP_NOT_PRESENT (1u << 3)
#define MAP_UNCACHED	(1u << 4)
#define MAP_FLAGS	0x1fu

void paging_init(void);

/*
 * Maps one page of page_bytes (4 KiB, 2 MiB or 1 GiB) at address. Splits or replaces what was mapped there.
 * False if something is unaligned or not canonical, if the page covers the probe itself, or if the tables
 * are used up.
 */
bool paging_map(uint64_t address, uint64_t physical, uint64_t page_bytes, uint32_t flags);

#endif
