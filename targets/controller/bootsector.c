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
#include "load.h"
#include "partition.h"

#define RESET_CS   0xf000
#define RESET_BASE 0xffff0000u
#define RESET_IP   0xfff0

void bootsector_start(struct cpu *cpu)
{
	reset_real_mode(cpu, RESET_CS, RESET_BASE, RESET_IP);
}
