/* SPDX-License-Identifier: MIT */
/*
 * acpi_bytes: writes little-endian bytes and ACPI tables into a buffer that is never exceeded. Private to the
 * core.
 */
#ifndef MRM_CORE_ACPI_BYTES_H
#define MRM_CORE_ACPI_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* What does not fit is counted, and lost; who asks for the result looks at used. */
struct acpi_bytes {
	uint8_t *out;
	size_t size_bytes;
	size_t used;
	uint64_t gpa; /* where out will be; below 4 GiB */
};

/* Appends the low size_bytes (0 to 8) bytes of value; a text without its zero; zeros up to a multiple of
 * align. */
void acpi_put(struct acpi_bytes *bytes, uint64_t value, size_t size_bytes);
void acpi_put_text(struct acpi_bytes *bytes, const char *text);
void acpi_align(struct acpi_bytes *bytes, size_t align);

/* Overwrites what was appended before. */
void acpi_set(struct acpi_bytes *bytes, size_t at, uint64_t value, size_t size_bytes);

/* Sets the byte at `at`, which is 0, so that size_bytes bytes from first on add up to 0 (ACPI 6.5 §5.2.6). */
void acpi_set_checksum(struct acpi_bytes *bytes, size_t first, size_t size_bytes, size_t at);

/* A system description table (ACPI 6.5 §5.2.6): begins with a header, aligned; returns where that is. */
size_t acpi_begin_table(struct acpi_bytes *bytes, const char *signature, uint8_t revision);
void acpi_end_table(struct acpi_bytes *bytes, size_t table);

/* The guest-physical address of what was appended at `at`. */
static inline uint64_t acpi_gpa(const struct acpi_bytes *bytes, size_t at)
{
	return bytes->gpa + at;
}

#endif
