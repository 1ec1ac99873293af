/* SPDX-License-Identifier: MIT */
/* pci_parts: what the files of pci share. Private to the core. */
#ifndef MRM_CORE_PCI_PARTS_H
#define MRM_CORE_PCI_PARTS_H

#include "core.h"

/* The header (PCI 3.0 §6.1) */
#define PCI_ID		  0x00u
#define PCI_COMMAND	  0x04u
#define PCI_CLASS	  0x08u
#define PCI_HEADER	  0x0cu
#define PCI_BAR		  0x10u
#define PCI_ROM		  0x30u
#define PCI_CAPABILITIES  0x34u
#define PCI_LINE	  0x3cu
#define PCI_DEVICE_OWN	  0x40u /* from here on each device has what it likes */
#define PCI_NO_FUNCTION	  0xffffu
#define PCI_HEADER_TYPE	  0x007f0000u
#define PCI_MULTIFUNCTION 0x00800000u

/* Command register (§6.2.2) */
#define PCI_PORTS    (1u << 0)
#define PCI_MEMORY   (1u << 1)
#define PCI_MASTER   (1u << 2)
#define PCI_INTX_OFF (1u << 10)

static inline uint32_t pci_register(const struct core *core, const struct pci_function *function,
				    uint32_t offset)
{
	const struct pci_hardware *hardware = core->pci.hardware;

	return hardware->config_read(hardware->context, function->config->bdf, (uint8_t)offset);
}

static inline void pci_set_register(const struct core *core, const struct pci_function *function,
				    uint32_t offset, uint32_t value)
{
	const struct pci_hardware *hardware = core->pci.hardware;

	hardware->config_write(hardware->context, function->config->bdf, (uint8_t)offset, value);
}

static inline uint32_t pci_merge(uint32_t old, uint32_t value, uint32_t mask)
{
	return (old & ~mask) | (value & mask);
}

/* Base address registers (pci_bar.c): what they are, where they point, what the partition reads. */
enum pci_fault pci_bars_open(const struct core *core, struct pci_function *function,
			     struct pci_finding *finding);
void pci_bars_set(const struct core *core, const struct pci_function *function);
uint32_t pci_bar_read(const struct pci_function *function, uint32_t index);

/* Capabilities (pci_capability.c). The mask has the bits that are written. */
void pci_capabilities_open(const struct core *core, struct pci_function *function);
uint8_t pci_next_shown(const struct core *core, const struct pci_function *function, uint32_t offset);
uint32_t pci_capability_read(const struct core *core, const struct pci_function *function, uint32_t offset);
void pci_capability_write(struct core *core, struct pci_function *function, uint32_t offset, uint32_t value,
			  uint32_t mask);
bool pci_function_reset(const struct core *core, const struct pci_function *function);

/* Messages (pci_message.c). at: the register's offset in the capability. */
#define PCI_MSIX_BYTES 12u
uint32_t pci_msi_bytes(const struct core *core, const struct pci_function *function);
void pci_messages_open(struct core *core, struct pci_function *function);
void pci_messages_reset(struct core *core, struct pci_function *function);
void pci_messages_off(const struct core *core, const struct pci_function *function);
void pci_messages_mask(const struct core *core, const struct pci_function *function);
uint32_t pci_msi_read(const struct core *core, const struct pci_function *function, uint32_t at,
		      uint32_t real);
void pci_msi_write(struct core *core, struct pci_function *function, uint32_t at, uint32_t value,
		   uint32_t mask);
uint32_t pci_msix_read(const struct pci_function *function, uint32_t at, uint32_t real);
void pci_msix_write(struct core *core, struct pci_function *function, uint32_t at, uint32_t value,
		    uint32_t mask);

#endif
