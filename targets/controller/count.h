/* SPDX-License-Identifier: MIT */
/*
 * count: how often a partition left for the controller, by cause.
 *
 * The harness reads this table out of the controller's memory; its address is in the first line on the
 * controller's console. A row is written by one processor only: a partition's first one, or the
 * further one that it belongs to.
 */
#ifndef MRM_CONTROLLER_COUNT_H
#define MRM_CONTROLLER_COUNT_H

#include <stdint.h>

#include "config.h"

#define COUNT_MAGIC 0x53544e554f434d52 /* "RMCOUNTS" */

struct count_row {
	uint64_t starts;
	uint64_t cpuid;
	uint64_t msr;
	uint64_t port;	 /* I/O instructions that were trapped */
	uint64_t lapic;	 /* writes to the local APIC */
	uint64_t ioapic; /* accesses to the I/O APIC */
	uint64_t denied; /* memory accesses that hit nothing of the partition's */
	uint64_t vmmcall;
	uint64_t exception;
	uint64_t nmi;
	uint64_t shutdown;
	uint64_t other;
	uint64_t interrupt; /* of a shared processor: its own timer, and lines of its partitions */
	uint64_t halt;	    /* times a shared processor was given away in HLT */
	uint64_t messages;  /* accesses to MSI-X tables */
};

struct count_table {
	uint64_t magic;
	uint32_t partitions;
	uint32_t row_bytes;
	struct count_row row[CFG_PARTITIONS];
	struct count_row
		further[CFG_MACHINE_PROCESSORS]; /* by processor: those that are no partition's first */
};

extern struct count_table counts;

#endif
