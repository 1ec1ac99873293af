/* SPDX-License-Identifier: MIT */
/* functions: the real configuration space behind the core, and functions that are handed over and taken back.
 */
#include "functions.h"

#include "console.h"
#include "cpu.h"

#define ADDRESS	       0xcf8
#define DATA	       0xcfc
#define ADDRESS_ENABLE 0x80000000u
#define BETWEEN_LOOKS  4096u	/* some microseconds */
#define FASTEST_KHZ    8000000u /* what a TSC runs at most where its rate is not known */

static uint64_t reset_until[CFG_PARTITIONS]; /* its functions are being reset until then */

static void select(uint16_t bdf, uint8_t offset)
{
	out32(ADDRESS, ADDRESS_ENABLE | (uint32_t)bdf << 8 | offset);
}

uint32_t functions_read(uint16_t bdf, uint8_t offset)
{
	select(bdf, offset);
	return in32(DATA);
}

static uint32_t config_read(void *context, uint16_t bdf, uint8_t offset)
{
	(void)context;
	return functions_read(bdf, offset);
}

static void config_write(void *context, uint16_t bdf, uint8_t offset, uint32_t value)
{
	(void)context;
	select(bdf, offset);
	out32(DATA, value);
}

static uint32_t load(void *context, uint64_t address)
{
	(void)context;
	return *(volatile uint32_t *)address;
}

static void store(void *context, uint64_t address, uint32_t value)
{
	(void)context;
	*(volatile uint32_t *)address = value;
}

static const struct pci_hardware hardware = {
	.config_read = config_read,
	.config_write = config_write,
	.load = load,
	.store = store,
};

static void print_difference(const struct pci_finding *finding)
{
	const char *name = partition_config(finding->partition)->name;
	uint32_t device = finding->bdf >> 3, function = finding->bdf & 7;

	if (finding->fault == PCI_ABSENT)
		print("refused: partition %s: there is no PCI function 0:%u.%u in this machine", name, device,
		      function);
	else if (finding->fault == PCI_BRIDGE)
		print("refused: partition %s: PCI function 0:%u.%u is a bridge", name, device, function);
	else
		print("refused: partition %s: BAR %u of PCI function 0:%u.%u has 0x%lx bytes here, or is of "
		      "another kind: correct the board file",
		      name, finding->bar, device, function, finding->size_bytes);
}

bool functions_open(void)
{
	struct pci_finding finding;

	if (pci_open(&core, &hardware, &finding))
		return true;
	print_difference(&finding);
	return false;
}

/* Not only by PAUSE, of which each costs an emulator as much as thousands of other instructions. */
static void wait_until(uint64_t ticks)
{
	while (rdtsc() < ticks) {
		for (uint32_t i = 0; i < BETWEEN_LOOKS; i++)
			__asm__ volatile("");
		pause();
	}
}

void functions_hand_over(uint8_t partition)
{
	wait_until(reset_until[partition]);
	lock_take(&core_lock);
	pci_start(&core, partition);
	lock_release(&core_lock);
}

void functions_take_back(uint8_t partition)
{
	uint64_t khz = core.clock.tsc_khz ? core.clock.tsc_khz : FASTEST_KHZ;

	if (pci_stop(&core, partition))
		reset_until[partition] = rdtsc() + khz * PCI_RESET_MS;
}
