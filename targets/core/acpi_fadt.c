// SPDX-License-Identifier: MIT
/* The FADT of a partition: what power, timer and legacy devices it has (ACPI 6.5 §5.2.9). */
#include "acpi_tables.h"

#define FADT_REVISION 6
#define FADT_MINOR    5

/* Offsets in the FADT, ACPI 6.5 §5.2.9 */
enum fadt_field {
	FADT_FACS = 36,
	FADT_DSDT = 40,
	FADT_SCI = 46,
	FADT_PM1A_EVENT = 56,
	FADT_PM1B_EVENT = 60,
	FADT_PM1A_CONTROL = 64,
	FADT_PM1B_CONTROL = 68,
	FADT_PM_TIMER = 76,
	FADT_PM1_EVENT_BYTES = 88,
	FADT_PM1_CONTROL_BYTES = 89,
	FADT_PM_TIMER_BYTES = 91,
	FADT_C2_LATENCY = 96,
	FADT_C3_LATENCY = 98,
	FADT_CENTURY = 108,
	FADT_BOOT_ARCH = 109,
	FADT_FLAGS = 112,
	FADT_RESET_REGISTER = 116,
	FADT_RESET_VALUE = 128,
	FADT_MINOR_VERSION = 131,
	FADT_X_DSDT = 140,
	FADT_X_PM1A_EVENT = 148,
	FADT_X_PM1B_EVENT = 160,
	FADT_X_PM1A_CONTROL = 172,
	FADT_X_PM1B_CONTROL = 184,
	FADT_X_PM_TIMER = 208,
	FADT_BYTES = 276,
};

enum fadt_flag {
	FADT_WBINVD = 1u << 0,
	FADT_C1 = 1u << 2,
	FADT_NO_POWER_BUTTON = 1u << 4, /* no fixed one: PM1 never reports it */
	FADT_NO_SLEEP_BUTTON = 1u << 5,
	FADT_NO_RTC_WAKE = 1u << 6,
	FADT_RESET = 1u << 10,
	FADT_PHYSICAL_APIC = 1u << 19,	  /* logical destinations would meet the neighbour's processors */
	FADT_HARDWARE_REDUCED = 1u << 20, /* no PM1 registers */
};

/* IAPC_BOOT_ARCH, ACPI 6.5 §5.2.9.3 */
enum boot_arch {
	BOOT_LEGACY_DEVICES = 1u << 0,
	BOOT_I8042 = 1u << 1,
	BOOT_NO_VGA = 1u << 2,
	BOOT_NO_RTC = 1u << 5,
};

#define NO_C2	     0xffffu /* more than 100 µs */
#define NO_C3	     0xffffu /* more than 1000 µs */
#define USUAL_SCI    9u
#define CMOS_CENTURY 0x32u

static bool has_line(const struct cfg_partition *partition, uint32_t gsi)
{
	for (uint32_t i = 0; i < partition->pci_count; i++)
		if (partition->pci[i].line_gsi == gsi)
			return true;
	return acpi_owns_gsi(partition, gsi);
}

/*
 * The system control interrupt is never raised, but an OS takes its line, and takes it for level triggered:
 * it is one that nothing else of the partition uses, the usual 9 if that is free.
 */
static uint32_t sci_line(const struct cfg_ioapic *ioapic, const struct cfg_partition *partition)
{
	uint32_t end = ioapic->first_gsi + ioapic->pins;

	for (uint32_t gsi = USUAL_SCI; gsi < end; gsi++)
		if (!has_line(partition, gsi))
			return gsi;
	return USUAL_SCI;
}

/* A register of size_bytes bytes at an I/O port (ACPI 6.5 §5.2.3.2, Generic Address Structure). */
static void set_register(struct acpi_bytes *bytes, size_t at, uint16_t port, uint32_t size_bytes)
{
	if (!port)
		return;
	acpi_set(bytes, at, 1, 1); /* system I/O */
	acpi_set(bytes, at + 1, size_bytes * 8, 1);
	acpi_set(bytes, at + 4, port, 8);
}

/* A register block of the FADT in its old and its extended form. */
static void set_block(struct acpi_bytes *bytes, size_t at, size_t extended_at, uint16_t port,
		      uint32_t size_bytes)
{
	acpi_set(bytes, at, port, 4);
	set_register(bytes, extended_at, port, size_bytes);
}

static void fadt_power(struct acpi_bytes *bytes, size_t fadt, const struct cfg_power *power, bool has_timer)
{
	set_block(bytes, fadt + FADT_PM1A_EVENT, fadt + FADT_X_PM1A_EVENT, power->pm1a_event, 4);
	set_block(bytes, fadt + FADT_PM1B_EVENT, fadt + FADT_X_PM1B_EVENT, power->pm1b_event, 4);
	set_block(bytes, fadt + FADT_PM1A_CONTROL, fadt + FADT_X_PM1A_CONTROL, power->pm1a_control, 2);
	set_block(bytes, fadt + FADT_PM1B_CONTROL, fadt + FADT_X_PM1B_CONTROL, power->pm1b_control, 2);
	acpi_set(bytes, fadt + FADT_PM1_EVENT_BYTES, 4, 1);
	acpi_set(bytes, fadt + FADT_PM1_CONTROL_BYTES, 2, 1);
	if (has_timer) {
		set_block(bytes, fadt + FADT_PM_TIMER, fadt + FADT_X_PM_TIMER, power->pm_timer,
			  CFG_PM_TIMER_PORTS);
		acpi_set(bytes, fadt + FADT_PM_TIMER_BYTES, CFG_PM_TIMER_PORTS, 1);
	}
	set_register(bytes, fadt + FADT_RESET_REGISTER, power->reset.port, 1);
	acpi_set(bytes, fadt + FADT_RESET_VALUE, power->reset.value, 1);
}

static uint32_t fadt_flags(const struct cfg_power *power)
{
	uint32_t flags = FADT_WBINVD | FADT_C1 | FADT_NO_POWER_BUTTON | FADT_NO_SLEEP_BUTTON |
			 FADT_NO_RTC_WAKE | FADT_PHYSICAL_APIC;

	if (power->reset.port)
		flags |= FADT_RESET;
	if (!power->pm1a_event || !power->pm1a_control)
		flags |= FADT_HARDWARE_REDUCED;
	return flags;
}

static uint32_t boot_arch(const struct cfg_partition *partition)
{
	uint32_t flags = 0;

	if (partition->serial_port)
		flags |= BOOT_LEGACY_DEVICES;
	if (acpi_has_device(partition, CFG_STANDIN_I8042, CFG_I8042_DATA, CFG_I8042_DATA))
		flags |= BOOT_I8042;
	if (!acpi_owns_ports(partition, 0x3c0, 0x3cf))
		flags |= BOOT_NO_VGA;
	if (!acpi_has_device(partition, CFG_STANDIN_RTC, 0x70, 0x71))
		flags |= BOOT_NO_RTC;
	return flags;
}

/* SMI_CMD stays 0: the machine is in ACPI mode, and there is no way back. */
size_t acpi_fadt(struct acpi_bytes *bytes, const struct cfg_machine *machine,
		 const struct cfg_partition *partition, size_t facs, size_t dsdt)
{
	bool has_timer = machine->power.pm_timer && partition->rights & CFG_RIGHT_PM_TIMER;
	size_t table = acpi_begin_table(bytes, "FACP", FADT_REVISION);

	while (bytes->used < table + FADT_BYTES)
		acpi_put(bytes, 0, 1);
	acpi_set(bytes, table + FADT_FACS, acpi_gpa(bytes, facs), 4);
	acpi_set(bytes, table + FADT_DSDT, acpi_gpa(bytes, dsdt), 4);
	acpi_set(bytes, table + FADT_X_DSDT, acpi_gpa(bytes, dsdt), 8);
	acpi_set(bytes, table + FADT_MINOR_VERSION, FADT_MINOR, 1);
	acpi_set(bytes, table + FADT_SCI, sci_line(&machine->ioapic, partition), 2);
	acpi_set(bytes, table + FADT_C2_LATENCY, NO_C2, 2);
	acpi_set(bytes, table + FADT_C3_LATENCY, NO_C3, 2);
	acpi_set(bytes, table + FADT_BOOT_ARCH, boot_arch(partition), 2);
	acpi_set(bytes, table + FADT_FLAGS, fadt_flags(&machine->power), 4);
	if (partition->standins & CFG_STANDIN_RTC)
		acpi_set(bytes, table + FADT_CENTURY, CMOS_CENTURY, 1);
	fadt_power(bytes, table, &machine->power, has_timer);
	acpi_end_table(bytes, table);
	return table;
}
