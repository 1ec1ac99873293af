/* SPDX-License-Identifier: MIT */
/* firmware: what a partition finds where a PC has adapters and ROM, from 640 KiB to 1 MiB. */
#ifndef MRM_CONTROLLER_FIRMWARE_H
#define MRM_CONTROLLER_FIRMWARE_H

#include "cpu.h"

/*
 * The guest-physical page of the pseudo ACPI tables, which begins with the RSDP: the first place where an OS
 * looks for it that is not told (ACPI 6.5 §5.2.5.1).
 */
#define FIRMWARE_TABLES 0xe0000u

/* A page of the pseudo ACPI tables, as they lie at gpa. */
const void *firmware_tables(uint8_t partition, uint64_t gpa);

/* The page that nested paging shows at gpa, which is in the range and no RAM of the partition. */
const void *firmware_page(uint8_t partition, uint64_t gpa);

/* Where the range is RAM of the partition, the tables are put there before each start. */
void firmware_load(const struct cpu *cpu);

/* The RSDP at FIRMWARE_TABLES, when the tables are there. */
const uint8_t *firmware_root(uint8_t partition);

#endif
