/* SPDX-License-Identifier: MIT */
/* machine: what there is once: the core, its lock, the boot modules, the RAM the controller has left. */
#ifndef MRM_CONTROLLER_MACHINE_H
#define MRM_CONTROLLER_MACHINE_H

#include <stddef.h>
#include <stdint.h>

#include "core.h"
#include "lock.h"

#define VERSION_TEXT   "0.1.0"
#define VERSION_NUMBER 0x000100u /* major, minor, patch, a byte each: what VMMCALL 0 answers */

/* The trap-and-route core. Its machine-wide calls, and the hardware behind them, are made under the lock. */
extern struct core core;
extern struct lock core_lock;

static inline const struct cfg_partition *partition_config(uint8_t partition)
{
	return &core.config->partition[partition];
}

/* A boot module, as the loader left it; never written, so that a partition can start from it again. */
struct module {
	const uint8_t *bytes;
	size_t size_bytes;
};

#define MODULES 16

size_t module_count(void);
const struct module *module_get(size_t number); /* NULL: there is none */
void module_find(uint32_t loader_magic, uint32_t loader_info);
uint64_t module_end(void); /* the first address behind all of them */

void legacy_open(void); /* gives the core the ports of guarded devices */
void clock_init(void);	/* completes core.clock, if somebody goes by it */

/* NULL, or why the machine has not the IOMMU that its description names. */
const char *iommu_missing(void);

/* From here on no DMA leaves its partition; or, without an IOMMU, says that it may. */
void iommu_init(void);

/* Pages of zeros out of the controller's RAM, while it starts: nothing is ever given back. */
void page_init(uint64_t first, uint64_t end);
void *page_take(size_t pages);

#endif
