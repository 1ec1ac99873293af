/* SPDX-License-Identifier: MIT */
/*
 * bootsector: a partition that starts as a PC does: by firmware of its own, which looks for a disk and starts
 * what its boot sector says.
 *
 * The payload is the firmware's ROM. It is seen read-only below 4 GiB, where the processor begins after a
 * reset (APM vol. 2 §14.1.5), and as a copy below 1 MiB, in RAM, as chip sets shadow it. The
 * machine's own BIOS could not be shared: it keeps the state of one operating system, sees the devices of all
 * of them, and need not even be there.
 */
#include "bytes.h"
#include "firmware.h"
#include "guest.h"
#include "partition.h"

#define ROM_GRAIN  0x10000u /* a segment of real mode */
#define ROM_MOST   0x40000u /* what fits into 0xC0000-0xFFFFF */
#define RESET_CS   0xf000
#define RESET_BASE 0xffff0000u
#define RESET_IP   0xfff0

const char *bootsector_unsupported(const struct cfg_partition *config)
{
	const struct module *rom = module_get(config->payload.module);
	uint64_t hpa;

	if (!rom)
		return "the boot module with its firmware is missing";
	if (!rom->size_bytes || rom->size_bytes % ROM_GRAIN || rom->size_bytes > ROM_MOST)
		return "its payload is no firmware: its size is not 64, 128, 192 or 256 KiB";
	if (!mem_to_hpa(config, 0, MEM_LOW_TOP, &hpa))
		return "firmware of its own needs all of the first MiB as RAM: the zero-based view has it";
	return NULL;
}

void bootsector_load(struct cpu *cpu)
{
	const struct module *rom = module_get(cpu->config->payload.module);

	memcpy(guest_ram(cpu, MEM_LOW_TOP - rom->size_bytes, rom->size_bytes), rom->bytes, rom->size_bytes);
	reset_real_mode(cpu, RESET_CS, RESET_BASE, RESET_IP);
}
