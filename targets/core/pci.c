// SPDX-License-Identifier: MIT
/* Configuration space: who reaches which register, and the header. Capabilities are in files of their own. */
#include "config_items.h"
#include "pci_parts.h"

#define ENABLE	       0x80000000u
#define LATCHED	       0x80fffffcu /* without the bits that are reserved, or some chip set's own */
#define DATA	       0xcfcu
#define HOST_BRIDGE    0u
#define FUNCTIONS      0x100u /* of a bus */
#define CLASS_BRIDGE   0x06u
#define CLASS_SYSTEM   0x08u
#define PIN	       0x0000ff00u
#define LINE	       0x000000ffu
#define LINE_NOT_KNOWN 0xffu

static uint32_t real_register(const struct core *core, uint16_t bdf, uint32_t offset)
{
	const struct pci_hardware *hardware = core->pci.hardware;

	return hardware->config_read(hardware->context, bdf, (uint8_t)offset);
}

static bool is_present(const struct core *core, uint16_t bdf)
{
	return (real_register(core, bdf, PCI_ID) & 0xffff) != PCI_NO_FUNCTION;
}

static enum pci_fault open_function(struct core *core, struct pci_function *function,
				    struct pci_finding *finding)
{
	enum pci_fault fault;

	if (!is_present(core, function->config->bdf))
		return PCI_ABSENT;
	if (pci_register(core, function, PCI_HEADER) & PCI_HEADER_TYPE)
		return PCI_BRIDGE;
	pci_set_register(core, function, PCI_COMMAND, PCI_INTX_OFF); /* nothing decodes while it moves */
	fault = pci_bars_open(core, function, finding);
	if (fault != PCI_RIGHT)
		return fault;
	pci_capabilities_open(core, function);
	pci_messages_open(core, function);
	pci_messages_reset(core, function);
	return PCI_RIGHT;
}

static bool open_partition(struct core *core, uint8_t p, struct pci_finding *finding)
{
	for (uint32_t i = 0; i < core->config->partition[p].pci_count; i++) {
		struct pci_function *function = &core->pci.function[p][i];

		*finding = (struct pci_finding){.partition = p, .bdf = function->config->bdf};
		finding->fault = (uint8_t)open_function(core, function, finding);
		if (finding->fault != PCI_RIGHT)
			return false;
	}
	return true;
}

/*
 * A function of nobody's must not answer where somebody else's is, and must not write to memory. Bridges and
 * the chip set's own (timers, an IOMMU) stay; but what is behind a bridge to another bus is nobody's as well.
 */
static void switch_off(struct core *core, uint16_t bdf)
{
	const struct pci_hardware *hardware = core->pci.hardware;
	uint32_t class = real_register(core, bdf, PCI_CLASS) >> 24;
	uint32_t command = real_register(core, bdf, PCI_COMMAND) & 0xffff;

	if ((class == CLASS_BRIDGE || class == CLASS_SYSTEM) &&
	    !(real_register(core, bdf, PCI_HEADER) & PCI_HEADER_TYPE))
		return;
	command = (command & ~(PCI_PORTS | PCI_MEMORY | PCI_MASTER)) | PCI_INTX_OFF;
	hardware->config_write(hardware->context, bdf, PCI_COMMAND, command);
}

static void switch_off_all(struct core *core)
{
	for (uint16_t bdf = HOST_BRIDGE + 1; bdf < FUNCTIONS; bdf++)
		if (dev_pci_owner(core, bdf) == CFG_NOBODY && is_present(core, bdf))
			switch_off(core, bdf);
}

bool pci_open(struct core *core, const struct pci_hardware *hardware, struct pci_finding *finding)
{
	const struct cfg_block *config = core->config;

	core->pci.hardware = hardware;
	switch_off_all(core);
	/* those that share a processor first: their messages need vectors of the controller's */
	for (uint8_t pass = 0; pass < 2; pass++)
		for (uint8_t p = 0; p < config->partition_count; p++)
			if ((config->partition[p].slice_us == 0) == pass && !open_partition(core, p, finding))
				return false;
	return true;
}

static void start_function(struct core *core, struct pci_function *function)
{
	uint32_t spaces = 0;

	for (uint32_t i = 0; i < CFG_BARS; i++)
		if (function->config->bar[i].size_bytes)
			spaces |= function->config->port_bars >> i & 1 ? PCI_PORTS : PCI_MEMORY;
	pci_set_register(core, function, PCI_COMMAND, PCI_INTX_OFF);
	pci_messages_off(core, function);
	pci_bars_set(core, function);
	pci_set_register(core, function, PCI_COMMAND, PCI_INTX_OFF | PCI_MEMORY);
	pci_messages_mask(core, function);
	pci_set_register(core, function, PCI_COMMAND, spaces);
}

void pci_start(struct core *core, uint8_t partition)
{
	for (uint32_t i = 0; i < core->config->partition[partition].pci_count; i++)
		start_function(core, &core->pci.function[partition][i]);
}

/* The read pushes what the function has written until now in front of it (PCI 3.0 §3.2.5). */
static void stop_function(const struct core *core, const struct pci_function *function)
{
	pci_set_register(core, function, PCI_COMMAND, PCI_INTX_OFF);
	pci_register(core, function, PCI_COMMAND);
	pci_messages_off(core, function);
}

bool pci_stop(struct core *core, uint8_t partition)
{
	const struct cfg_partition *config = &core->config->partition[partition];
	bool reset = false;

	for (uint32_t i = 0; i < config->pci_count; i++)
		stop_function(core, &core->pci.function[partition][i]);
	for (uint32_t i = 0; i < config->pci_count && !config->slice_us; i++)
		reset |= pci_function_reset(core, &core->pci.function[partition][i]);
	return reset;
}

/* The bits that only write status (1 clears) are 0 unless the partition wrote them. */
static void write_command(struct core *core, const struct pci_function *function, uint32_t value,
			  uint32_t mask)
{
	uint32_t own = PCI_PORTS | PCI_MEMORY | PCI_INTX_OFF;
	uint32_t command = pci_register(core, function, PCI_COMMAND) & 0xffff;

	if (!(function->config->flags & CFG_PCI_NO_MASTER))
		own |= PCI_MASTER;
	pci_set_register(core, function, PCI_COMMAND,
			 pci_merge(command, value, own & mask) | (value & mask & 0xffff0000));
}

static bool is_bar(uint32_t offset)
{
	return offset >= PCI_BAR && offset < PCI_BAR + 4 * CFG_BARS;
}

static uint32_t read_own(const struct core *core, const struct pci_function *function, uint32_t offset)
{
	uint32_t real;

	if (is_bar(offset))
		return pci_bar_read(function, (offset - PCI_BAR) / 4);
	if (offset == PCI_ROM)
		return 0; /* code for firmware, which the partition has not */
	if (offset >= PCI_DEVICE_OWN)
		return pci_capability_read(core, function, offset);
	real = pci_register(core, function, offset);
	if (offset == PCI_CAPABILITIES)
		return (real & ~0xffu) | pci_next_shown(core, function, real);
	if (offset == PCI_LINE)
		return (function->config->line_gsi == CFG_PCI_NO_LINE ? real & ~(PIN | LINE) : real & ~LINE) |
		       function->line;
	return real;
}

static void write_own(struct core *core, struct pci_function *function, uint32_t offset, uint32_t value,
		      uint32_t mask)
{
	if (offset == PCI_COMMAND) {
		write_command(core, function, value, mask);
	} else if (is_bar(offset)) {
		uint32_t *bar = &function->bar[(offset - PCI_BAR) / 4];

		*bar = pci_merge(*bar, value, mask);
	} else if (offset == PCI_LINE) {
		function->line = (uint8_t)pci_merge(function->line, value, mask);
	} else if (offset >= PCI_DEVICE_OWN) {
		pci_capability_write(core, function, offset, value, mask);
	}
}

static struct pci_function *function_at(struct core *core, uint8_t partition, uint16_t bdf)
{
	for (uint32_t i = 0; i < core->config->partition[partition].pci_count; i++)
		if (core->config->partition[partition].pci[i].bdf == bdf)
			return &core->pci.function[partition][i];
	return NULL;
}

/* Whether this is the first function of a device of which the partition has another one. */
static bool is_first_of_own(const struct core *core, uint8_t partition, uint16_t bdf)
{
	const struct cfg_partition *config = &core->config->partition[partition];

	for (uint32_t i = 0; i < config->pci_count; i++)
		if ((config->pci[i].bdf & ~7u) == bdf)
			return true;
	return false;
}

static uint32_t read_identity(const struct core *core, uint16_t bdf, uint32_t offset)
{
	if (offset == PCI_ID || offset == PCI_CLASS)
		return real_register(core, bdf, offset);
	return offset == PCI_HEADER ? PCI_MULTIFUNCTION : 0;
}

static uint32_t read_register(struct core *core, uint8_t partition, uint16_t bdf, uint32_t offset)
{
	const struct pci_function *function = function_at(core, partition, bdf);

	if (function)
		return read_own(core, function, offset);
	if (bdf == HOST_BRIDGE)
		return real_register(core, bdf, offset);
	return is_first_of_own(core, partition, bdf) ? read_identity(core, bdf, offset) : ~0u;
}

uint32_t pci_read(struct core *core, uint8_t partition, uint16_t port, uint8_t size)
{
	uint32_t address = core->device[partition].pci_address;

	if (port == CFG_PCI_PORTS_FIRST)
		return address;
	if (!(address & ENABLE))
		return (uint32_t)dev_nothing(size);
	return read_register(core, partition, (uint16_t)(address >> 8), address & 0xfc) >> (port - DATA) * 8 &
	       (uint32_t)dev_nothing(size);
}

void pci_write(struct core *core, uint8_t partition, uint16_t port, uint8_t size, uint32_t value)
{
	uint32_t address = core->device[partition].pci_address;
	uint32_t shift = (port - DATA) * 8;
	struct pci_function *function;

	if (port == CFG_PCI_PORTS_FIRST) {
		core->device[partition].pci_address = value & LATCHED;
		return;
	}
	function = function_at(core, partition, (uint16_t)(address >> 8));
	if (function && address & ENABLE)
		write_own(core, function, address & 0xfc, value << shift,
			  (uint32_t)dev_nothing(size) << shift);
}

static void reset_function(struct core *core, struct pci_function *function)
{
	uint16_t line = function->config->line_gsi;

	for (uint32_t i = 0; i < CFG_BARS; i++)
		function->bar[i] = 0;
	function->line = line == CFG_PCI_NO_LINE ? LINE_NOT_KNOWN : (uint8_t)line;
	function->power_state = 0;
	pci_messages_reset(core, function);
}

void pci_init(struct core *core)
{
	core->pci.hardware = NULL;
	core->pci.messages = 0;
	for (uint8_t p = 0; p < core->config->partition_count; p++) {
		for (uint32_t i = 0; i < core->config->partition[p].pci_count; i++)
			core->pci.function[p][i] = (struct pci_function){
				.config = &core->config->partition[p].pci[i],
				.partition = p,
			};
		core->pci.tables[p] = 0;
		pci_reset_partition(core, p);
	}
}

void pci_reset_partition(struct core *core, uint8_t partition)
{
	core->device[partition].pci_address = 0;
	for (uint32_t i = 0; i < core->config->partition[partition].pci_count; i++)
		reset_function(core, &core->pci.function[partition][i]);
}
