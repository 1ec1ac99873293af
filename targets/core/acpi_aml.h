/* SPDX-License-Identifier: MIT */
/*
 * acpi_aml: as much of the ACPI Machine Language (ACPI 6.5 §20) as a pseudo DSDT needs. Private to the core.
 *
 * A block begins with aml_begin_…(), which returns what the aml_end() for it wants; what is written in
 * between is inside.
 */
#ifndef MRM_CORE_ACPI_AML_H
#define MRM_CORE_ACPI_AML_H

#include "acpi_bytes.h"

#include <stdbool.h>

/* The name of an object, followed by its value. Names have four characters, with a '\' before them or not. */
void aml_name(struct acpi_bytes *bytes, const char *name);
void aml_integer(struct acpi_bytes *bytes, uint32_t value);
void aml_eisa_id(struct acpi_bytes *bytes, const char *id); /* such as "PNP0501" */

size_t aml_begin_scope(struct acpi_bytes *bytes, const char *name);
size_t aml_begin_device(struct acpi_bytes *bytes, const char *name);
size_t aml_begin_package(struct acpi_bytes *bytes, uint8_t elements);
void aml_end(struct acpi_bytes *bytes, size_t block);

/* A buffer of resource descriptors (ACPI 6.5 §6.4). */
size_t aml_begin_resources(struct acpi_bytes *bytes);
void aml_end_resources(struct acpi_bytes *bytes, size_t block);

/* Fixed ports that the device itself decodes. */
void aml_ports(struct acpi_bytes *bytes, uint16_t first, uint8_t count);
void aml_interrupt(struct acpi_bytes *bytes, uint32_t gsi, bool level, bool active_low);

/* What a host bridge hands on to its bus: bus numbers, ports, memory. */
void aml_bus_window(struct acpi_bytes *bytes, uint8_t first, uint8_t last);
void aml_port_window(struct acpi_bytes *bytes, uint16_t first, uint16_t last);
void aml_memory_window(struct acpi_bytes *bytes, uint64_t first, uint64_t last);

#endif
