// SPDX-License-Identifier: MIT
/* The DSDT of a partition: how it switches itself off, its serial port, its PCI functions. */
#include "acpi_aml.h"
#include "acpi_tables.h"

#define DSDT_REVISION 2 /* integers have 64 bits */

/* SLP_TYP of soft-off: any would do, for power takes each of them for off. */
#define SLEEP_TYPE_S5 5

#define PINS		 4u /* of a PCI device: INTA# to INTD# */
#define FUNCTIONS	 8u
#define EVERY_FUNCTION	 0xffffu
#define DEVICE_OF(bdf)	 ((bdf) >> 3)
#define FUNCTION_OF(bdf) ((bdf)&7u)

/* Devices of the ISA bus decode ten address bits; what is above is chosen by base address registers. */
#define ISA_PORTS_LAST 0x3ffu

/* ACPI 6.5 §7.4.2.6: SLP_TYPa, SLP_TYPb, and two that are reserved */
static void soft_off(struct acpi_bytes *bytes)
{
	size_t package;

	aml_name(bytes, "\\_S5_");
	package = aml_begin_package(bytes, 4);
	aml_integer(bytes, SLEEP_TYPE_S5);
	aml_integer(bytes, SLEEP_TYPE_S5);
	aml_integer(bytes, 0);
	aml_integer(bytes, 0);
	aml_end(bytes, package);
}

/* How the line is wired; cfg_check() saw to it that the partition has it. */
static uint16_t flags_of_line(const struct cfg_partition *partition, uint32_t gsi)
{
	for (uint32_t i = 0; i < partition->gsi_count; i++)
		if (partition->gsi[i].gsi == gsi)
			return partition->gsi[i].flags;
	return 0;
}

static void serial_port(struct acpi_bytes *bytes, const struct cfg_partition *partition)
{
	uint16_t flags = flags_of_line(partition, partition->serial_gsi);
	size_t device, resources;

	device = aml_begin_device(bytes, "COM0");
	aml_name(bytes, "_HID");
	aml_eisa_id(bytes, "PNP0501"); /* 16550A */
	aml_name(bytes, "_UID");
	aml_integer(bytes, 0);
	aml_name(bytes, "_CRS");
	resources = aml_begin_resources(bytes);
	aml_ports(bytes, partition->serial_port, CFG_UART_PORTS);
	aml_interrupt(bytes, partition->serial_gsi, flags & CFG_GSI_LEVEL, flags & CFG_GSI_ACTIVE_LOW);
	aml_end_resources(bytes, resources);
	aml_end(bytes, device);
}

/*
 * Where the base address registers of its functions lie: Linux moves those that lie in no window. ISA ports
 * are all passed on, as by every such bridge: a function that is as old (an IDE controller) has fixed ones
 * there, of two channels also if its owner has one, and Linux switches none on whose ports lie in no window.
 */
static void bridge_windows(struct acpi_bytes *bytes, const struct cfg_partition *partition)
{
	size_t resources;

	aml_name(bytes, "_CRS");
	resources = aml_begin_resources(bytes);
	aml_ports(bytes, CFG_PCI_PORTS_FIRST, CFG_PCI_PORTS_LAST - CFG_PCI_PORTS_FIRST + 1);
	aml_bus_window(bytes, 0, 0xff);
	aml_port_window(bytes, 0, ISA_PORTS_LAST);
	for (uint32_t i = 0; i < partition->port_count; i++)
		if (partition->port[i].first > ISA_PORTS_LAST)
			aml_port_window(bytes, partition->port[i].first, partition->port[i].last);
	for (uint32_t i = 0; i < partition->mmio_count; i++)
		aml_memory_window(bytes, partition->mmio[i].base,
				  partition->mmio[i].base + (partition->mmio[i].size_bytes - 1));
	aml_end_resources(bytes, resources);
}

static bool has_line(const struct cfg_partition *partition, uint32_t index)
{
	return partition->pci[index].line_gsi != CFG_PCI_NO_LINE;
}

/*
 * The lines of a device's pins. Which pin a function uses is known to the function alone. If all of the
 * partition's functions in the device have the same line, all pins have; otherwise function 0 uses INTA#,
 * function 1 INTB# and so on, as is customary (PCI 3.0 §2.2.6 asks it of single functions only).
 */
static bool lines_of_pins(const struct cfg_partition *partition, uint16_t device, uint16_t line[PINS])
{
	bool found = false, same = true;
	uint16_t any = CFG_PCI_NO_LINE;

	for (uint32_t pin = 0; pin < PINS; pin++)
		line[pin] = CFG_PCI_NO_LINE;
	for (uint32_t i = 0; i < partition->pci_count; i++) {
		if (!has_line(partition, i) || DEVICE_OF(partition->pci[i].bdf) != device)
			continue;
		same = same && (!found || any == partition->pci[i].line_gsi);
		any = partition->pci[i].line_gsi;
		line[FUNCTION_OF(partition->pci[i].bdf) % PINS] = any;
		found = true;
	}
	for (uint32_t pin = 0; same && pin < PINS; pin++)
		line[pin] = any;
	return found;
}

/* Address, pin, and a GSI instead of a link device (ACPI 6.5 §6.2.13). Returns how many mappings there are.
 */
static uint8_t route_device(struct acpi_bytes *bytes, uint16_t device, const uint16_t line[PINS])
{
	uint8_t count = 0;

	for (uint32_t pin = 0; pin < PINS; pin++) {
		size_t package;

		if (line[pin] == CFG_PCI_NO_LINE)
			continue;
		package = aml_begin_package(bytes, 4);
		aml_integer(bytes, (uint32_t)device << 16 | EVERY_FUNCTION);
		aml_integer(bytes, pin);
		aml_integer(bytes, 0);
		aml_integer(bytes, line[pin]);
		aml_end(bytes, package);
		count++;
	}
	return count;
}

static bool has_lines(const struct cfg_partition *partition)
{
	for (uint32_t i = 0; i < partition->pci_count; i++)
		if (has_line(partition, i))
			return true;
	return false;
}

static void bridge_lines(struct acpi_bytes *bytes, const struct cfg_partition *partition)
{
	size_t package, count_at;
	uint16_t line[PINS];
	uint8_t count = 0;

	if (!has_lines(partition))
		return; /* an empty package is nothing that a _PRT may be */
	aml_name(bytes, "_PRT");
	package = aml_begin_package(bytes, 0);
	count_at = bytes->used - 1;
	for (uint16_t device = 0; device < 32; device++)
		if (lines_of_pins(partition, device, line))
			count = (uint8_t)(count + route_device(bytes, device, line));
	acpi_set(bytes, count_at, count, 1);
	aml_end(bytes, package);
}

static void host_bridge(struct acpi_bytes *bytes, const struct cfg_partition *partition)
{
	size_t device = aml_begin_device(bytes, "PCI0");

	aml_name(bytes, "_HID");
	aml_eisa_id(bytes, "PNP0A03"); /* not PCI Express: its window is hidden */
	aml_name(bytes, "_UID");
	aml_integer(bytes, 0);
	bridge_windows(bytes, partition);
	bridge_lines(bytes, partition);
	aml_end(bytes, device);
}

size_t acpi_dsdt(struct acpi_bytes *bytes, const struct cfg_partition *partition)
{
	size_t table = acpi_begin_table(bytes, "DSDT", DSDT_REVISION);
	size_t scope;

	soft_off(bytes);
	scope = aml_begin_scope(bytes, "\\_SB_");
	if (partition->serial_port)
		serial_port(bytes, partition);
	if (partition->pci_count)
		host_bridge(bytes, partition);
	aml_end(bytes, scope);
	acpi_end_table(bytes, table);
	return table;
}
