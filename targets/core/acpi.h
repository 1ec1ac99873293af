/* SPDX-License-Identifier: MIT */
/*
 * acpi: the pseudo ACPI tables of a partition (paper §3.3(2)B): a machine that has what the partition owns,
 * and nothing else.
 *
 * RSDP 2.0, RSDT and XSDT, FADT, FACS, MADT, and a DSDT with \_S5, the partition's serial port and, if it
 * owns PCI functions, a host bridge with their windows and interrupt lines. Needs nothing but a block that
 * passed cfg_check().
 */
#ifndef MRM_CORE_ACPI_H
#define MRM_CORE_ACPI_H

#include "config.h"

/* All tables of any partition fit in a page. */
#define ACPI_BYTES 4096u

/*
 * Builds the tables of a partition into out, of size_bytes bytes, as they must lie at guest-physical address
 * gpa: a multiple of 64, and with all tables below 4 GiB, for the RSDT and the FACS have 32-bit addresses.
 * The RSDP comes first, so it is at gpa itself. Returns how many bytes were written, ACPI_BYTES at most; 0 if
 * they do not fit or gpa is none of these.
 *
 * The caller keeps these bytes out of the RAM that mem_map() lists, or out of the way of the OS otherwise.
 */
size_t acpi_build(const struct cfg_block *block, uint8_t partition, uint64_t gpa, void *out,
		  size_t size_bytes);

#endif
