/* SPDX-License-Identifier: MIT */
/*
 * iommu: DMA goes by the tables of the partition that owns the function, and nowhere if nobody does. AMD I/O
 * Virtualization Technology Specification (48882): registers §3.4, commands §2.4, capability block §3.2.
 *
 * All is set up before a partition starts, and never changed: a function keeps its owner, and a partition its
 * RAM, from start to start. So no translation is ever stale.
 */
#include "iommu.h"

#include "console.h"
#include "functions.h"
#include "machine.h"
#include "table.h"
#include "x86.h"

#define REG_DEVICE_TABLE       0x0000
#define REG_COMMANDS	       0x0008
#define REG_CONTROL	       0x0018
#define REG_FEATURES	       0x0030
#define REG_COMMAND_HEAD       0x2000
#define REG_COMMAND_TAIL       0x2008
#define CONTROL_ENABLE	       (1ull << 0)
#define CONTROL_COHERENT       (1ull << 10) /* the device table may be in a processor's cache */
#define CONTROL_COMMANDS       (1ull << 12)
#define FEATURE_INVALIDATE_ALL (1ull << 6)

#define COMMANDS_256	       (8ull << 56) /* a page of them */
#define COMMAND_WAIT	       (1ull << 60)
#define COMMAND_WAIT_STORE     (1ull << 0)
#define COMMAND_INVALIDATE_ALL (8ull << 60)

#define PCI_CAPABILITIES  0x34
#define CAPABILITY_SECURE 0x0f
#define CAPABILITY_IOMMU  3  /* its type, bits 16-18 */
#define CAPABILITY_MOST	  48 /* of 4 bytes, in what configuration space has for them */

#define TABLE_PAGES  (IOMMU_FUNCTIONS * sizeof(struct iommu_entry) / PAGE_BYTES)
#define ANSWER_TICKS 2000000000ull /* about a second: far longer than any command takes */

struct command {
	uint64_t low;
	uint64_t high;
};

static struct command *commands;
static uint64_t command_count;
static volatile uint64_t completed;

static const struct cfg_iommu *iommu(void)
{
	return &core.config->machine.iommu;
}

static volatile uint64_t *at(uint64_t offset)
{
	return (volatile uint64_t *)(iommu()->registers.base + offset);
}

static uint32_t configuration(uint32_t offset)
{
	return functions_read(iommu()->bdf, (uint8_t)offset);
}

static uint32_t find_capability(void)
{
	uint32_t offset = configuration(PCI_CAPABILITIES) & 0xfc;

	for (uint32_t i = 0; offset && i < CAPABILITY_MOST; i++) {
		uint32_t header = configuration(offset);

		if ((header & 0xff) == CAPABILITY_SECURE && (header >> 16 & 7) == CAPABILITY_IOMMU)
			return offset;
		offset = header >> 8 & 0xfc;
	}
	return 0;
}

const char *iommu_missing(void)
{
	uint32_t capability;
	uint64_t base;

	if (!iommu()->registers.size_bytes)
		return NULL;
	capability = find_capability();
	if (!capability)
		return "the PCI function that the board file names is no IOMMU";
	base = (uint64_t)configuration(capability + 8) << 32 | (configuration(capability + 4) & ~0x3fffu);
	if (base != iommu()->registers.base)
		return "the registers of the IOMMU are not where the board file says";
	if (!(*at(REG_FEATURES) & FEATURE_INVALIDATE_ALL))
		return "the IOMMU cannot forget all that it has cached (INVALIDATE_IOMMU_ALL)";
	return NULL;
}

static uint64_t make_table(uint8_t partition)
{
	const struct cfg_partition *config = partition_config(partition);
	const struct table table = {
		.root = page_take(1), .next = IOMMU_PTE_RAM, .next_level = 1ull << IOMMU_PTE_LEVEL_SHIFT};

	for (uint32_t i = 0; i < config->memory_count; i++)
		table_map(&table, config->memory[i].gpa, config->memory[i].hpa, config->memory[i].size_bytes,
			  IOMMU_PTE_RAM);
	return (uint64_t)table.root;
}

static struct iommu_entry *make_device_table(void)
{
	struct iommu_entry *entry = page_take(TABLE_PAGES);
	const struct iommu_entry denied = iommu_denied();
	uint64_t roots[CFG_PARTITIONS];

	for (uint32_t bdf = 0; bdf < IOMMU_FUNCTIONS; bdf++)
		entry[bdf] = denied;
	for (uint8_t p = 0; p < core.config->partition_count; p++)
		roots[p] = partition_config(p)->pci_count ? make_table(p) : 0;
	for (uint8_t p = 0; p < core.config->partition_count; p++)
		for (uint32_t i = 0; i < partition_config(p)->pci_count; i++) {
			uint16_t bdf = partition_config(p)->pci[i].bdf;

			entry[bdf] = iommu_entry(core.config, bdf, roots);
		}
	return entry;
}

static void command(uint64_t low)
{
	commands[command_count++] = (struct command){.low = low};
	*at(REG_COMMAND_TAIL) = command_count * sizeof(*commands);
}

/* The IOMMU writes the high half, 0, where the low one says, once all commands before are done. */
static void wait_done(void)
{
	uint64_t begin = rdtsc();

	completed = 1;
	command(COMMAND_WAIT | COMMAND_WAIT_STORE | (uint64_t)&completed);
	while (completed) {
		if (rdtsc() - begin > ANSWER_TICKS)
			panic("the IOMMU does not carry out its commands");
		pause();
	}
}

static void say_unconfined(void)
{
	for (uint8_t p = 0; p < core.config->partition_count; p++)
		if (partition_config(p)->pci_count) {
			print("DMA is not confined: the board has no IOMMU");
			return;
		}
}

void iommu_init(void)
{
	if (!iommu()->registers.size_bytes) {
		say_unconfined();
		return;
	}
	commands = page_take(1);
	*at(REG_CONTROL) = 0;
	*at(REG_DEVICE_TABLE) = (uint64_t)make_device_table() | (TABLE_PAGES - 1);
	*at(REG_COMMANDS) = (uint64_t)commands | COMMANDS_256;
	*at(REG_COMMAND_HEAD) = 0;
	*at(REG_COMMAND_TAIL) = 0;
	*at(REG_CONTROL) = CONTROL_ENABLE | CONTROL_COHERENT | CONTROL_COMMANDS;
	command(COMMAND_INVALIDATE_ALL);
	wait_done();
}
