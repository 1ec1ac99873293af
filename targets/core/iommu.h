/* SPDX-License-Identifier: MIT */
/*
 * iommu: which PCI function's DMA reaches what, as the tables of an AMD IOMMU (I/O Virtualization Technology
 * Specification, 48882, §2.2.2 and §2.2.3). Paper §3.3(1).
 *
 * A function that a partition owns is in that partition's domain: its DMA goes by guest-physical addresses,
 * and ends where the partition's RAM ends. Every other function is denied, whatever there is on the bus. The
 * page tables are not those of nested paging, which hold devices, too: no DMA reaches a register.
 */
#ifndef MRM_CORE_IOMMU_H
#define MRM_CORE_IOMMU_H

#include "config.h"

#define IOMMU_FUNCTIONS 0x10000u /* a device table entry for each bus, device and function */
#define IOMMU_LEVELS	4	 /* of page tables: 48 bits, as nested paging has */

/* Page table entries, for reads and writes; in one that names a table, its level stands in bits 9-11. */
#define IOMMU_PTE_PRESENT     (1ull << 0)
#define IOMMU_PTE_LEVEL_SHIFT 9
#define IOMMU_PTE_READ	      (1ull << 61)
#define IOMMU_PTE_WRITE	      (1ull << 62)
#define IOMMU_PTE_RAM	      (IOMMU_PTE_PRESENT | IOMMU_PTE_READ | IOMMU_PTE_WRITE)

struct iommu_entry {
	uint64_t word[4];
};

/* The domain of a partition: what its cached translations are known by. 0 is the domain of the denied. */
static inline uint16_t iommu_domain(uint8_t partition)
{
	return (uint16_t)(partition + 1);
}

/* The entry of a function that nobody owns: translated, by no table, for neither reads nor writes. */
struct iommu_entry iommu_denied(void);

/*
 * The device table entry of a function; one that may not be a bus master is denied, too. roots: for each
 * partition the physical address of its page tables, a multiple of 4096.
 */
struct iommu_entry iommu_entry(const struct cfg_block *block, uint16_t bdf,
			       const uint64_t roots[CFG_PARTITIONS]);

#endif
