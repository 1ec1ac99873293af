// SPDX-License-Identifier: MIT
/* Base address registers (PCI 3.0 §6.2.5.1): measured once, programmed by the block, and simulated. */
#include "pci_parts.h"

#define BAR_PORTS	(1u << 0)
#define BAR_64		(2u << 1)
#define BAR_WIDTH	(3u << 1)
#define PORT_KIND	0x3u
#define MEMORY_KIND	0xfu
#define PORT_UPPER_HALF 0xffff0000u /* which a function for a PC may leave out */

static uint32_t offset_of(uint32_t index)
{
	return PCI_BAR + 4 * index;
}

static bool is_64(const struct pci_function *function, uint32_t index)
{
	return (function->bar_kind[index] & (BAR_PORTS | BAR_WIDTH)) == BAR_64 && index + 1 < CFG_BARS;
}

static bool is_upper_half(const struct pci_function *function, uint32_t index)
{
	return index && is_64(function, index - 1); /* which keeps the kind 0 itself */
}

/* All ones are written; the bits that stay 0 are those within the range. */
static uint32_t writable(const struct core *core, const struct pci_function *function, uint32_t index)
{
	pci_set_register(core, function, offset_of(index), ~0u);
	return pci_register(core, function, offset_of(index));
}

/* The size of the range, 0 if there is no such register. */
static uint64_t measure(const struct core *core, struct pci_function *function, uint32_t index)
{
	uint32_t low = writable(core, function, index);
	uint32_t kind = low & (low & BAR_PORTS ? PORT_KIND : MEMORY_KIND);
	uint64_t mask = low & ~kind;

	function->bar_kind[index] = (uint8_t)kind;
	if (is_64(function, index))
		mask |= (uint64_t)writable(core, function, index + 1) << 32;
	else if (mask)
		mask |= ~0ull << 32 | (low & BAR_PORTS ? PORT_UPPER_HALF : 0);
	return ~mask + 1; /* 0 where nothing can be written */
}

/* A register that the block leaves out is the partition's not to have; one that it names must be so. */
static bool is_as_said(const struct pci_function *function, uint32_t index, uint64_t size_bytes)
{
	const struct cfg_range *bar = &function->config->bar[index];
	bool ports = function->config->port_bars >> index & 1;

	if (!bar->size_bytes)
		return true;
	if (bar->size_bytes != size_bytes || ports != (function->bar_kind[index] & BAR_PORTS))
		return false;
	return is_64(function, index) ? !function->config->bar[index + 1].size_bytes
				      : !((bar->base + bar->size_bytes - 1) >> 32);
}

enum pci_fault pci_bars_open(const struct core *core, struct pci_function *function,
			     struct pci_finding *finding)
{
	for (uint32_t i = 0; i < CFG_BARS; i++) {
		uint64_t size_bytes = is_upper_half(function, i) ? 0 : measure(core, function, i);

		if (is_as_said(function, i, size_bytes))
			continue;
		finding->bar = i;
		finding->size_bytes = size_bytes;
		return PCI_BAR_DIFFERS;
	}
	return PCI_RIGHT;
}

/* What is not given points to 0, where a PC has RAM or its own chip set: nothing of the function is seen. */
void pci_bars_set(const struct core *core, const struct pci_function *function)
{
	for (uint32_t i = 0; i < CFG_BARS; i++) {
		uint64_t base = function->config->bar[i].size_bytes ? function->config->bar[i].base : 0;

		if (is_upper_half(function, i))
			continue;
		pci_set_register(core, function, offset_of(i), (uint32_t)base);
		if (is_64(function, i))
			pci_set_register(core, function, offset_of(i + 1), (uint32_t)(base >> 32));
	}
	pci_set_register(core, function, PCI_ROM, 0);
}

/* Whoever wrote ones to all bits that could keep them is told the size; everybody else, the base. */
uint32_t pci_bar_read(const struct pci_function *function, uint32_t index)
{
	bool upper = is_upper_half(function, index);
	const struct cfg_range *bar = &function->config->bar[upper ? index - 1 : index];
	uint64_t mask = ~(bar->size_bytes - 1);
	uint32_t half = (uint32_t)(upper ? mask >> 32 : mask);
	uint32_t base = (uint32_t)(upper ? bar->base >> 32 : bar->base);

	if (!bar->size_bytes)
		return 0;
	return ((function->bar[index] & half) == half ? half : base) |
	       (upper ? 0 : function->bar_kind[index]);
}
