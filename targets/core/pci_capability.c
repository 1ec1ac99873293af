// SPDX-License-Identifier: MIT
/*
 * Capabilities (PCI 3.0 §6.7, appendix H): which of them a partition finds, and what it can do with them.
 *
 * Registers beyond the header are read as they are and never written, but for what is simulated here. That
 * keeps out of reach what would move decoding (vendors' own registers, enhanced allocation), outlast the
 * partition (vital product data) or undo what the controller programmed (function level reset).
 */
#include "pci_parts.h"

#define LIST_LONGEST 48u /* in 192 bytes, four each */
#define STATUS_LIST  (1u << 20)
#define NEXT	     0x0000ff00u

enum capability {
	CAP_POWER = 0x01,
	CAP_MSI = 0x05,
	CAP_VENDOR = 0x09,
	CAP_EXPRESS = 0x10,
	CAP_MSIX = 0x11,
	CAP_ADVANCED = 0x13
};

/* A window from configuration space into a BAR (Virtio 1.1 §4.1.4.9): useless if it cannot be written. */
#define VIRTIO_VENDOR	  0x1af4u
#define VIRTIO_WINDOW	  5u
#define VIRTIO_TYPE_SHIFT 24

/* Power management (PCI PM 1.2 §3.2) */
#define POWER_PME     0xf8000000u /* the states in which it could wake the system */
#define POWER_CONTROL 4u
#define POWER_STATE   0x3u
#define POWER_KEEPS   (1u << 3) /* coming back to D0 resets nothing */

/* PCI Express (3.0 §7.8) and the same of conventional PCI (Advanced Capabilities ECN) */
#define EXPRESS_CAPABILITIES 4u
#define EXPRESS_CONTROL	     8u
#define EXPRESS_CAN_RESET    (1u << 28)
#define EXPRESS_RESET	     (1u << 15)
#define ADVANCED_CAN_RESET   (1u << 25)
#define ADVANCED_CONTROL     4u
#define ADVANCED_RESET	     (1u << 0)

static bool is_shown(const struct pci_function *function, uint32_t offset)
{
	return function->shown >> offset / 4 & 1;
}

static void note(const struct core *core, struct pci_function *function, uint8_t offset)
{
	uint32_t header = pci_register(core, function, offset);
	bool show = true;

	switch ((enum capability)(header & 0xff)) {
	case CAP_POWER:
		function->power = offset;
		break;
	case CAP_MSI:
		function->msi = offset;
		break;
	case CAP_MSIX:
		function->msix = offset;
		break;
	case CAP_EXPRESS:
		function->express = offset;
		break;
	case CAP_VENDOR:
		show = (pci_register(core, function, PCI_ID) & 0xffff) != VIRTIO_VENDOR ||
		       header >> VIRTIO_TYPE_SHIFT != VIRTIO_WINDOW;
		break;
	case CAP_ADVANCED:
		function->advanced = offset;
		show = false;
		break;
	default:
		show = false;
	}
	function->shown |= (uint64_t)show << offset / 4;
}

void pci_capabilities_open(const struct core *core, struct pci_function *function)
{
	uint32_t next = pci_register(core, function, PCI_CAPABILITIES) & 0xfc;

	if (!(pci_register(core, function, PCI_COMMAND) & STATUS_LIST))
		return;
	for (uint32_t i = 0; i < LIST_LONGEST && next >= PCI_DEVICE_OWN; i++) {
		note(core, function, (uint8_t)next);
		next = pci_register(core, function, next) >> 8 & 0xfc;
	}
}

/* The first one in the list from this offset on that the partition is to find. */
uint8_t pci_next_shown(const struct core *core, const struct pci_function *function, uint32_t offset)
{
	uint32_t next = offset & 0xfc;

	for (uint32_t i = 0; i < LIST_LONGEST && next >= PCI_DEVICE_OWN; i++) {
		if (is_shown(function, next))
			return (uint8_t)next;
		next = pci_register(core, function, next) >> 8 & 0xfc;
	}
	return 0;
}

/* Where a register is in a capability of some length. */
static bool is_in(uint32_t offset, uint8_t capability, uint32_t bytes, uint32_t *at)
{
	*at = offset - capability;
	return capability && *at < bytes;
}

uint32_t pci_capability_read(const struct core *core, const struct pci_function *function, uint32_t offset)
{
	uint32_t real = pci_register(core, function, offset), at;

	if (is_shown(function, offset))
		real = (real & ~NEXT) | (uint32_t)pci_next_shown(core, function, real >> 8) << 8;
	if (is_in(offset, function->msi, pci_msi_bytes(core, function), &at))
		return pci_msi_read(core, function, at, real);
	if (is_in(offset, function->msix, PCI_MSIX_BYTES, &at))
		return pci_msix_read(function, at, real);
	if (is_in(offset, function->power, 8, &at))
		return at == POWER_CONTROL ? function->power_state | POWER_KEEPS : real & ~POWER_PME;
	if (is_in(offset, function->express, 8, &at) && at == EXPRESS_CAPABILITIES)
		return real & ~EXPRESS_CAN_RESET;
	return real;
}

void pci_capability_write(struct core *core, struct pci_function *function, uint32_t offset, uint32_t value,
			  uint32_t mask)
{
	uint32_t at;

	if (is_in(offset, function->msi, pci_msi_bytes(core, function), &at))
		pci_msi_write(core, function, at, value, mask);
	else if (is_in(offset, function->msix, PCI_MSIX_BYTES, &at))
		pci_msix_write(core, function, at, value, mask);
	else if (is_in(offset, function->power, 8, &at) && at == POWER_CONTROL)
		function->power_state = (uint8_t)pci_merge(function->power_state, value, mask & POWER_STATE);
}

/* Everything of it but what it is, is as after power-on. */
bool pci_function_reset(const struct core *core, const struct pci_function *function)
{
	uint32_t control = function->express + EXPRESS_CONTROL;

	if (function->express &&
	    pci_register(core, function, function->express + EXPRESS_CAPABILITIES) & EXPRESS_CAN_RESET) {
		pci_set_register(core, function, control,
				 (pci_register(core, function, control) & 0xffff) | EXPRESS_RESET);
		return true;
	}
	if (function->advanced && pci_register(core, function, function->advanced) & ADVANCED_CAN_RESET) {
		pci_set_register(core, function, function->advanced + ADVANCED_CONTROL, ADVANCED_RESET);
		return true;
	}
	return false;
}
