/* SPDX-License-Identifier: MIT */
/*
 * boot: what the loader told: command line and memory map. Copied once, because questions may overwrite it.
 */
#ifndef PROBE_BOOT_H
#define PROBE_BOOT_H

#include <stddef.h>
#include <stdint.h>

#include "layout.h"

#define BOOT_RANGES 64 /* as many as fit into one answer */

struct boot_range {
	uint64_t base;
	uint64_t size;
	uint32_t type; /* ACPI 6.5 §15, table 15.4 */
};

struct boot {
	uint32_t start; /* START_… */
	uint16_t serial_port;
	uint32_t serial_gsi;
	uint64_t ioapic;
	uint64_t lapic;
	size_t range_count;
	struct boot_range range[BOOT_RANGES];
};

extern struct boot boot;

void boot_read(uint32_t start, uint64_t information);

#endif
