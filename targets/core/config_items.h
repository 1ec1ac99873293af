/* SPDX-License-Identifier: MIT */
/*
 * config_items: whatever a partition owns, seen as inclusive spans of numbers, so that the check and the
 * owner look-ups need one loop and not one for each kind. Private to the core.
 */
#ifndef MRM_CORE_CONFIG_ITEMS_H
#define MRM_CORE_CONFIG_ITEMS_H

#include "config.h"

#define CFG_PAGE_BYTES 4096u

/* Numbers from first to last; empty if first > last. */
struct cfg_span {
	uint64_t first;
	uint64_t last;
};

/* An empty span for a size of 0 or a range that wraps around the address space. */
struct cfg_span cfg_span_of(uint64_t base, uint64_t size_bytes);

/* True if they have a number in common; *both (may be NULL) is what they have in common. */
bool cfg_spans_meet(struct cfg_span a, struct cfg_span b, struct cfg_span *both);

/* How many entries of a kind a partition has, and one of them. CFG_FIELD_RAM to CFG_FIELD_PORT_BAR only.
 * BARs are counted through all functions; those that are not used, or of the other kind, are empty. */
uint32_t cfg_item_count(const struct cfg_partition *partition, enum cfg_field field);
struct cfg_span cfg_item(const struct cfg_partition *partition, enum cfg_field field, uint32_t index);

/* True if an entry of the kind covers all of the span. */
bool cfg_item_covers(const struct cfg_partition *partition, enum cfg_field field, struct cfg_span span);

/* The partition that has an entry of the kind with this number, or CFG_NOBODY. */
uint8_t cfg_item_owner(const struct cfg_block *block, enum cfg_field field, uint64_t number);

#define CFG_PCI_PORTS_FIRST 0xcf8
#define CFG_PCI_PORTS_LAST  0xcff
#define CFG_UART_PORTS	    8
#define CFG_PM_TIMER_PORTS  4

/* The keyboard controller with its lines, and the 8259 pair, where every PC has them; whether lines of the
 * pair are levels. */
#define CFG_I8042_DATA	  0x60
#define CFG_I8042_COMMAND 0x64
#define CFG_KEYBOARD_GSI  1
#define CFG_MOUSE_GSI	  12
#define CFG_PIC_MASTER	  0x20
#define CFG_PIC_SLAVE	  0xa0
#define CFG_PIC_LEVELS	  0x4d0

/* The interval timer's line of the ISA bus, and where it ends: chip sets keep pin 0 for the 8259 pair. */
#define CFG_PIT_IRQ 0u
#define CFG_PIT_GSI 2u

/* Port spans that power simulates on this machine. Fills out, returns how many. */
#define CFG_POWER_SPANS 10
size_t cfg_power_ports(const struct cfg_machine *machine, struct cfg_span out[CFG_POWER_SPANS]);

/* Port spans that no partition may own: power's, but for the keyboard controller, and others. */
#define CFG_RESERVED_SPANS (CFG_POWER_SPANS + 1)
size_t cfg_reserved_ports(const struct cfg_machine *machine, struct cfg_span out[CFG_RESERVED_SPANS]);

/* Which ports belong to which stand-in (enum cfg_standin). */
struct cfg_standin_span {
	uint32_t standin;
	struct cfg_span ports;
};

#define CFG_STANDIN_SPANS 8
extern const struct cfg_standin_span cfg_standin_span[CFG_STANDIN_SPANS];

/* Devices whose owner is looked at, see guard.h. */
enum cfg_guarded {
	CFG_GUARDED_I8042,
	CFG_GUARDED_PIC,
	CFG_GUARDED,
};

/* Which ports belong to which of them. */
struct cfg_guarded_span {
	enum cfg_guarded device;
	struct cfg_span ports;
};

#define CFG_GUARDED_SPANS 5
extern const struct cfg_guarded_span cfg_guarded_span[CFG_GUARDED_SPANS];

/* Pages and windows of the machine that are no partition's MMIO: LAPIC, I/O APIC, ECAM, IOMMU. */
#define CFG_WINDOWS 4
void cfg_machine_windows(const struct cfg_machine *machine, struct cfg_span out[CFG_WINDOWS]);

#endif
