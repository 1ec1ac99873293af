/* SPDX-License-Identifier: MIT */
/*
 * device: ports, MMIO and PCI functions: who may touch what.
 *
 * What nobody gave to a partition reads as all ones and swallows writes, as an empty bus does. Paper §3.1(2),
 * §3.2. Ports are routed by dev_port(), which is in core.h.
 */
#ifndef MRM_CORE_DEVICE_H
#define MRM_CORE_DEVICE_H

#include "config.h"

#define DEV_PORT_BITMAP_BYTES 8192

enum dev_route {
	DEV_ALLOW,    /* the hardware's own */
	DEV_DENY,     /* reads all ones, writes are dropped */
	DEV_SIMULATE, /* power, stand-ins, guarded devices, PCI configuration, interrupt controllers: ask who
			 simulates it */
};

struct dev_state {
	/* One bit a port, set where an access must be looked at: the form of an SVM I/O permission map (APM
	 * vol. 2 §15.10.1). */
	uint8_t port_trap[DEV_PORT_BITMAP_BYTES + 8];
	/* Set where a trapped access is simulated. */
	uint8_t port_simulated[DEV_PORT_BITMAP_BYTES + 8];
	uint32_t pci_address; /* the partition's own 0xCF8 latch */
};

struct core;

/* Routes an access to guest-physical memory that is no RAM of the partition. */
enum dev_route dev_mmio(const struct core *core, uint8_t partition, uint64_t gpa, uint8_t size);

/*
 * Whose a simulated port access is: true for PCI configuration (a double word at 0xCF8, anything inside
 * 0xCFC-0xCFF), false for all others. Narrower accesses to 0xCF8 are not PCI's (PCI 3.0 §3.2.2.3.2).
 */
bool dev_is_pci(uint16_t port, uint8_t size);

/* What a denied read returns: all ones in size bytes. */
static inline uint64_t dev_nothing(uint8_t size)
{
	return size >= 8 ? ~0ull : (1ull << (size * 8)) - 1;
}

/* Owner of a port, MMIO byte or PCI function: a partition index or CFG_NOBODY. */
uint8_t dev_port_owner(const struct core *core, uint16_t port);
uint8_t dev_mmio_owner(const struct core *core, uint64_t address);
uint8_t dev_pci_owner(const struct core *core, uint16_t bdf);

void dev_init(struct core *core); /* the port maps */

#endif
