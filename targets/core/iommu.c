// SPDX-License-Identifier: MIT
#include "iommu.h"

#include "config_items.h"

#define VALID		  (1ull << 0) /* without it DMA passes untranslated (48882 §2.2.2.1) */
#define TRANSLATION_VALID (1ull << 1)

struct iommu_entry iommu_denied(void)
{
	return (struct iommu_entry){{VALID | TRANSLATION_VALID}};
}

static bool may_be_master(const struct cfg_partition *partition, uint16_t bdf)
{
	for (uint32_t i = 0; i < partition->pci_count; i++)
		if (partition->pci[i].bdf == bdf)
			return !(partition->pci[i].flags & CFG_PCI_NO_MASTER);
	return false;
}

struct iommu_entry iommu_entry(const struct cfg_block *block, uint16_t bdf,
			       const uint64_t roots[CFG_PARTITIONS])
{
	uint8_t owner = cfg_item_owner(block, CFG_FIELD_PCI, bdf);
	struct iommu_entry entry = iommu_denied();

	if (owner == CFG_NOBODY || !may_be_master(&block->partition[owner], bdf))
		return entry;
	entry.word[0] |= roots[owner] | (uint64_t)IOMMU_LEVELS << IOMMU_PTE_LEVEL_SHIFT | IOMMU_PTE_READ |
			 IOMMU_PTE_WRITE;
	entry.word[1] = iommu_domain(owner);
	return entry;
}
