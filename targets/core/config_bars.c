// SPDX-License-Identifier: MIT
/* The check of base address registers (PCI 3.0 §6.2.5.1): their form, and that their ranges are the
 * partition's. */
#include "config_check.h"

#define MEMORY_BAR_LEAST 16u
#define PORT_BAR_LEAST	 4u
#define PORT_BAR_MOST	 256u
#define BELOW_4G	 (1ull << 32)

static bool is_aligned_power(uint64_t base, uint64_t size_bytes)
{
	return !(size_bytes & (size_bytes - 1)) && !(base & (size_bytes - 1));
}

/* A register of 32 bits cannot point above 4 GiB; one of 64 bits is two registers. */
static bool has_upper_half(const struct cfg_pci *function, uint32_t index)
{
	return index + 1 < CFG_BARS && !function->bar[index + 1].size_bytes;
}

static bool is_possible(const struct cfg_pci *function, uint32_t index)
{
	const struct cfg_range *bar = &function->bar[index];

	if (!is_aligned_power(bar->base, bar->size_bytes))
		return false;
	if (function->port_bars >> index & 1)
		return bar->size_bytes >= PORT_BAR_LEAST && bar->size_bytes <= PORT_BAR_MOST;
	if (bar->size_bytes < MEMORY_BAR_LEAST)
		return false;
	return bar->base + (bar->size_bytes - 1) < BELOW_4G || has_upper_half(function, index);
}

static void form(struct check *check, uint8_t p, uint32_t item)
{
	const struct cfg_pci *function = &check->block->partition[p].pci[item / CFG_BARS];
	uint32_t index = item % CFG_BARS;
	const struct cfg_range *bar = &function->bar[index];

	if (bar->size_bytes && !is_possible(function, index))
		chk_report_one(check, CFG_BAR_FORM,
			       function->port_bars >> index & 1 ? CFG_FIELD_PORT_BAR : CFG_FIELD_MEMORY_BAR,
			       p, (struct cfg_span){bar->base, bar->base + (bar->size_bytes - 1)});
}

static void owned(struct check *check, uint8_t p, enum cfg_field bars, enum cfg_field ranges)
{
	const struct cfg_partition *partition = &check->block->partition[p];

	for (uint32_t i = 0; i < cfg_item_count(partition, bars); i++) {
		struct cfg_span bar = cfg_item(partition, bars, i);

		if (bar.first <= bar.last && !cfg_item_covers(partition, ranges, bar))
			chk_report_one(check, CFG_BAR_NOT_OWNED, bars, p, bar);
	}
}

void chk_bars(struct check *check)
{
	uint8_t partitions = (uint8_t)check->block->partition_count;

	for (uint8_t p = 0; p < partitions; p++)
		for (uint32_t i = 0; i < check->block->partition[p].pci_count * CFG_BARS; i++)
			form(check, p, i);
	for (uint8_t p = 0; p < partitions; p++) {
		owned(check, p, CFG_FIELD_MEMORY_BAR, CFG_FIELD_MMIO);
		owned(check, p, CFG_FIELD_PORT_BAR, CFG_FIELD_PORT);
	}
}
