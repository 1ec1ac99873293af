// SPDX-License-Identifier: MIT
#include "acpi_bytes.h"

/* Header of a system description table (ACPI 6.5 §5.2.6) */
enum header_field { LENGTH = 4, CHECKSUM = 9 };

#define TABLE_ALIGN 16u /* nothing but the FACS has to be aligned; people like to read dumps */

static void store(struct acpi_bytes *bytes, size_t at, uint8_t value)
{
	if (at < bytes->size_bytes)
		bytes->out[at] = value;
}

void acpi_set(struct acpi_bytes *bytes, size_t at, uint64_t value, size_t size_bytes)
{
	for (size_t i = 0; i < size_bytes; i++)
		store(bytes, at + i, (uint8_t)(value >> (i * 8)));
}

void acpi_put(struct acpi_bytes *bytes, uint64_t value, size_t size_bytes)
{
	acpi_set(bytes, bytes->used, value, size_bytes);
	bytes->used += size_bytes;
}

void acpi_put_text(struct acpi_bytes *bytes, const char *text)
{
	while (*text)
		acpi_put(bytes, (uint8_t)*text++, 1);
}

void acpi_align(struct acpi_bytes *bytes, size_t align)
{
	while (bytes->used % align)
		acpi_put(bytes, 0, 1);
}

void acpi_set_checksum(struct acpi_bytes *bytes, size_t first, size_t size_bytes, size_t at)
{
	uint8_t sum = 0;

	for (size_t i = first; i < first + size_bytes && i < bytes->size_bytes; i++)
		sum = (uint8_t)(sum + bytes->out[i]);
	acpi_set(bytes, at, (uint8_t)-sum, 1);
}

size_t acpi_begin_table(struct acpi_bytes *bytes, const char *signature, uint8_t revision)
{
	size_t table;

	acpi_align(bytes, TABLE_ALIGN);
	table = bytes->used;
	acpi_put_text(bytes, signature);
	acpi_put(bytes, 0, 4); /* length, set at the end */
	acpi_put(bytes, revision, 1);
	acpi_put(bytes, 0, 1);		/* checksum, set at the end */
	acpi_put_text(bytes, "MRM   "); /* OEM */
	acpi_put_text(bytes, "PSEUDO  ");
	acpi_put(bytes, 1, 4);
	acpi_put_text(bytes, "MRM "); /* creator */
	acpi_put(bytes, 1, 4);
	return table;
}

void acpi_end_table(struct acpi_bytes *bytes, size_t table)
{
	size_t length = bytes->used - table;

	acpi_set(bytes, table + LENGTH, length, 4);
	acpi_set_checksum(bytes, table, length, table + CHECKSUM);
}
