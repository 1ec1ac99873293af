// SPDX-License-Identifier: MIT
/* Findings as sentences. Templates, so that the words of a fault stand in one place and can be searched. */
#include "config.h"
#include "text.h"

static const char *const fault_name[CFG_FAULTS] = {
	[CFG_BAD_HEADER] = "bad-header",
	[CFG_BAD_COUNT] = "bad-count",
	[CFG_BAD_NAME] = "bad-name",
	[CFG_BAD_VALUE] = "bad-value",
	[CFG_UNALIGNED] = "unaligned",
	[CFG_EMPTY] = "empty",
	[CFG_BEYOND_MACHINE] = "beyond-machine",
	[CFG_VIEW_MISMATCH] = "view-mismatch",
	[CFG_OVERLAP_SELF] = "overlap-self",
	[CFG_OVERLAP_PARTITION] = "overlap-partition",
	[CFG_OVERLAP_CONTROLLER] = "overlap-controller",
	[CFG_OVERLAP_FIRMWARE] = "overlap-firmware",
	[CFG_TWO_AT_ZERO] = "two-at-zero",
	[CFG_PROCESSOR_TWICE] = "processor-twice",
	[CFG_PORT_TWICE] = "port-twice",
	[CFG_DEVICE_SPLIT] = "device-split",
	[CFG_PORT_RESERVED] = "port-reserved",
	[CFG_MMIO_TWICE] = "mmio-twice",
	[CFG_MMIO_RESERVED] = "mmio-reserved",
	[CFG_GSI_TWICE] = "gsi-twice",
	[CFG_GSI_RESERVED] = "gsi-reserved",
	[CFG_LINE_SPLIT] = "line-split",
	[CFG_PCI_TWICE] = "pci-twice",
	[CFG_PCI_RESERVED] = "pci-reserved",
	[CFG_PCI_BEHIND_BRIDGE] = "pci-behind-bridge",
	[CFG_PCI_LINE_SHARED] = "pci-line-shared",
	[CFG_BAR_FORM] = "bar-form",
	[CFG_BAR_NOT_OWNED] = "bar-not-owned",
	[CFG_NEEDS_IOMMU] = "needs-iommu",
	[CFG_NMI_TWICE] = "nmi-twice",
	[CFG_SERIAL_NOT_OWNED] = "serial-not-owned",
	[CFG_PIC_NOT_WIRED] = "pic-not-wired",
	[CFG_STANDIN_OWNED] = "standin-owned",
};

/*
 * %p the partition, or "the machine"; %o the other one; %f the field; %r its numbers; %n the first of them,
 * decimal; %b the first of them as a PCI function.
 */
static const char *const template[CFG_FAULTS] = {
	[CFG_BAD_HEADER] = "this is no configuration block of version 1: magic, version or size is wrong",
	[CFG_BAD_COUNT] = "%p: %n is no possible number of entries for %f",
	[CFG_BAD_NAME] = "%p: a name is 1 to 15 printable characters without spaces, and used once",
	[CFG_BAD_VALUE] = "%p: %r is not a known value for %f",
	[CFG_UNALIGNED] = "%p: %f %r does not begin and end on a page of 4096 bytes",
	[CFG_EMPTY] = "%p: %f, entry %n, is empty or wraps around",
	[CFG_BEYOND_MACHINE] = "%p: %f %r is not in the machine",
	[CFG_VIEW_MISMATCH] =
		"%p: %f %r contradicts its view: identity wants gpa = hpa above 1 MiB, zero-based gpa 0",
	[CFG_OVERLAP_SELF] = "%p: %f %r is listed twice, or hides another range of its own",
	[CFG_OVERLAP_PARTITION] = "%p and %o both have %f %r: RAM has one owner",
	[CFG_OVERLAP_CONTROLLER] = "%p: %f %r is the controller's own",
	[CFG_OVERLAP_FIRMWARE] = "%p: %f %r is kept by firmware or the chip set",
	[CFG_TWO_AT_ZERO] = "%p and %o both have RAM at host-physical 0: all but one must begin elsewhere",
	[CFG_PROCESSOR_TWICE] =
		"%p and %o both have %f %n: give each a slice, or one of them another processor",
	[CFG_PORT_TWICE] = "%p and %o both have %f %r: a port has one owner",
	[CFG_DEVICE_SPLIT] = "%p: %f %r is of a device of which it has other ports: give it all, or none",
	[CFG_PORT_RESERVED] =
		"%p: %f %r is kept by the controller: power, reset, PCI configuration or its console",
	[CFG_MMIO_TWICE] = "%p and %o both have %f %r: a device has one owner",
	[CFG_MMIO_RESERVED] =
		"%p: %f %r touches RAM of the machine, an interrupt controller, the PCI window or the IOMMU",
	[CFG_GSI_TWICE] = "%p and %o both have %f %n: an interrupt line has one owner",
	[CFG_GSI_RESERVED] = "%p: %f %n is the line of the controller's console",
	[CFG_LINE_SPLIT] =
		"%p could interrupt %o by the keyboard controller's line %f %n: give both ends to one",
	[CFG_PCI_TWICE] = "%p and %o both have %f %b: a function has one owner",
	[CFG_PCI_RESERVED] = "%p: %f %b is the host bridge or the IOMMU: nobody may have them",
	[CFG_PCI_BEHIND_BRIDGE] =
		"%p: %f %b is behind a bridge, which has no owner: only functions on bus 0 can be given",
	[CFG_PCI_LINE_SHARED] =
		"%p and %o share the interrupt line GSI %n of a PCI function: give both ends to one",
	[CFG_BAR_FORM] =
		"%p: no %f is %r: sizes are powers of two (ports 4-256, memory from 16), bases multiples",
	[CFG_BAR_NOT_OWNED] = "%p: %f %r is not among its own ranges: give it the range, or move the BAR",
	[CFG_NEEDS_IOMMU] =
		"%p: DMA of %f %b would hit another's RAM: the zero-based view needs a board with an IOMMU",
	[CFG_NMI_TWICE] = "%p and %o both own the machine's NMI: only one can",
	[CFG_SERIAL_NOT_OWNED] = "%p: its serial line needs %f %r, which is not among its own",
	[CFG_PIC_NOT_WIRED] = "%p: the 8259 pair is its own: it must begin at a processor of its own to "
			      "whose LINT0 that is "
			      "wired, not at %f %n",
	[CFG_STANDIN_OWNED] = "%p: %f %r is its own, and stood in for: leave out the device, or the stand-in",
};

static const char *const field_name[CFG_FIELDS] = {
	[CFG_FIELD_BLOCK] = "block",
	[CFG_FIELD_PARTITIONS] = "partitions",
	[CFG_FIELD_FLAGS] = "flags",
	[CFG_FIELD_RESERVED] = "reserved bytes",
	[CFG_FIELD_NAME] = "name",
	[CFG_FIELD_VIEW] = "view",
	[CFG_FIELD_RIGHTS] = "rights",
	[CFG_FIELD_POLICY] = "on_reset or on_crash",
	[CFG_FIELD_INTERRUPT] = "on_interrupt",
	[CFG_FIELD_STARTED] = "started",
	[CFG_FIELD_STANDINS] = "stand-ins",
	[CFG_FIELD_PAYLOAD] = "payload",
	[CFG_FIELD_COMMAND_LINE] = "command line",
	[CFG_FIELD_RAM] = "RAM",
	[CFG_FIELD_GPA] = "guest-physical RAM",
	[CFG_FIELD_PROCESSOR] = "processor",
	[CFG_FIELD_PORT] = "port",
	[CFG_FIELD_MMIO] = "MMIO",
	[CFG_FIELD_GSI] = "GSI",
	[CFG_FIELD_PCI] = "PCI function",
	[CFG_FIELD_MEMORY_BAR] = "memory BAR",
	[CFG_FIELD_PORT_BAR] = "I/O BAR",
	[CFG_FIELD_FIRMWARE] = "firmware range",
	[CFG_FIELD_CONTROLLER] = "controller memory",
	[CFG_FIELD_APIC_ID] = "APIC id",
	[CFG_FIELD_LAPIC] = "LAPIC page",
	[CFG_FIELD_IOAPIC] = "I/O APIC",
	[CFG_FIELD_ECAM] = "PCI window",
	[CFG_FIELD_IOMMU] = "IOMMU registers",
};

const char *cfg_fault_name(uint32_t fault)
{
	return fault < CFG_FAULTS ? fault_name[fault] : "unknown";
}

const char *cfg_field_name(uint32_t field)
{
	return field < CFG_FIELDS ? field_name[field] : "unknown";
}

static void put_partition(struct text *text, const struct cfg_block *block, uint8_t partition)
{
	if (partition >= CFG_PARTITIONS) {
		txt_string(text, "the machine", 11);
		return;
	}
	txt_string(text, "partition ", 10);
	txt_string(text, block->partition[partition].name, CFG_NAME_BYTES);
}

static void put_other(struct text *text, const struct cfg_block *block, const struct cfg_finding *finding)
{
	if (finding->other == finding->partition)
		txt_string(text, "itself", 6);
	else
		put_partition(text, block, finding->other);
}

/* bus:device.function, the way everybody writes it */
static void put_function(struct text *text, uint64_t bdf)
{
	static const char digit[] = "0123456789abcdef";

	txt_char(text, digit[bdf >> 12 & 15]);
	txt_char(text, digit[bdf >> 8 & 15]);
	txt_char(text, ':');
	txt_char(text, digit[bdf >> 7 & 1]);
	txt_char(text, digit[bdf >> 3 & 15]);
	txt_char(text, '.');
	txt_char(text, digit[bdf & 7]);
}

static void put_part(struct text *text, const struct cfg_block *block, const struct cfg_finding *finding,
		     char what)
{
	if (what == 'p')
		put_partition(text, block, finding->partition);
	else if (what == 'o')
		put_other(text, block, finding);
	else if (what == 'f')
		txt_string(text, cfg_field_name(finding->field), SIZE_MAX);
	else if (what == 'r')
		txt_range(text, finding->first, finding->last);
	else if (what == 'b')
		put_function(text, finding->first);
	else
		txt_number(text, finding->first, 10);
}

size_t cfg_text(const struct cfg_block *block, const struct cfg_finding *finding, char *out,
		size_t size_bytes)
{
	struct text text = {.at = out, .left = size_bytes};
	const char *from = finding->fault < CFG_FAULTS ? template[finding->fault] : "unknown fault";

	for (; *from; from++)
		if (*from == '%')
			put_part(&text, block, finding, *++from);
		else
			txt_char(&text, *from);
	return txt_end(&text, size_bytes);
}
