// SPDX-License-Identifier: MIT
#include "acpi_aml.h"

/* ACPI 6.5 §20.3 */
enum opcode {
	NAME = 0x08,
	BYTE = 0x0a,
	WORD = 0x0b,
	DWORD = 0x0c,
	SCOPE = 0x10,
	BUFFER = 0x11,
	PACKAGE = 0x12,
	EXTENDED = 0x5b,
	DEVICE = 0x82, /* after EXTENDED */
};

/* Resource descriptors, ACPI 6.5 §6.4: tags, and the flags that all windows here have */
enum descriptor {
	IO_PORTS = 0x47,
	END_TAG = 0x79,
	WORD_WINDOW = 0x88,
	EXTENDED_INTERRUPT = 0x89,
	QWORD_WINDOW = 0x8a,
};

enum window_kind { MEMORY_WINDOW = 0, PORT_WINDOW = 1, BUS_WINDOW = 2 };

#define WINDOW_FIXED   0x0cu /* its first and last address are fixed; it is handed on */
#define PORTS_ENTIRE   0x03u /* ISA and other ports alike */
#define MEMORY_WRITE   0x01u /* read-write, not cached */
#define DECODE_16_BITS 0x01u

#define INTERRUPT_CONSUMER   0x01u
#define INTERRUPT_EDGE	     0x02u
#define INTERRUPT_ACTIVE_LOW 0x04u

/*
 * PkgLength (ACPI 6.5 §20.2.4) in its form of two bytes, whatever the length: four bits in the first byte,
 * eight in the second, its own two bytes included. The DSDT is shorter than the 4095 that they can say.
 */
#define LENGTH_BYTES 2u

static size_t begin(struct acpi_bytes *bytes, enum opcode opcode)
{
	size_t block;

	acpi_put(bytes, opcode, 1);
	block = bytes->used;
	acpi_put(bytes, 0, LENGTH_BYTES);
	return block;
}

void aml_end(struct acpi_bytes *bytes, size_t block)
{
	size_t length = bytes->used - block;

	acpi_set(bytes, block, 0x40u | (length & 0xf), 1);
	acpi_set(bytes, block + 1, length >> 4, 1);
}

void aml_name(struct acpi_bytes *bytes, const char *name)
{
	acpi_put(bytes, NAME, 1);
	acpi_put_text(bytes, name);
}

void aml_integer(struct acpi_bytes *bytes, uint32_t value)
{
	bool is_byte = value <= 0xff;

	acpi_put(bytes, is_byte ? BYTE : DWORD, 1);
	acpi_put(bytes, value, is_byte ? 1 : 4);
}

static uint8_t hex_digit(char digit)
{
	return (uint8_t)(digit <= '9' ? digit - '0' : digit - 'A' + 10);
}

/* Three letters of five bits and four hexadecimal digits, big-endian (ACPI 6.5 §19.6.37). */
void aml_eisa_id(struct acpi_bytes *bytes, const char *id)
{
	uint16_t maker = 0;

	for (size_t i = 0; i < 3; i++)
		maker = (uint16_t)(maker << 5 | (id[i] - '@'));
	acpi_put(bytes, DWORD, 1);
	acpi_put(bytes, maker >> 8, 1);
	acpi_put(bytes, maker, 1);
	for (size_t i = 3; i < 7; i += 2)
		acpi_put(bytes, (uint8_t)(hex_digit(id[i]) << 4 | hex_digit(id[i + 1])), 1);
}

size_t aml_begin_scope(struct acpi_bytes *bytes, const char *name)
{
	size_t block = begin(bytes, SCOPE);

	acpi_put_text(bytes, name);
	return block;
}

size_t aml_begin_device(struct acpi_bytes *bytes, const char *name)
{
	size_t block;

	acpi_put(bytes, EXTENDED, 1);
	block = begin(bytes, DEVICE);
	acpi_put_text(bytes, name);
	return block;
}

size_t aml_begin_package(struct acpi_bytes *bytes, uint8_t elements)
{
	size_t block = begin(bytes, PACKAGE);

	acpi_put(bytes, elements, 1);
	return block;
}

/* BufferOp PkgLength BufferSize bytes; the size follows the length at once, see aml_end_resources(). */
size_t aml_begin_resources(struct acpi_bytes *bytes)
{
	size_t block = begin(bytes, BUFFER);

	acpi_put(bytes, WORD, 1);
	acpi_put(bytes, 0, 2);
	return block;
}

void aml_end_resources(struct acpi_bytes *bytes, size_t block)
{
	size_t size_at = block + LENGTH_BYTES + 1;

	acpi_put(bytes, END_TAG, 1);
	acpi_put(bytes, 0, 1); /* "no checksum" */
	acpi_set(bytes, size_at, bytes->used - (size_at + 2), 2);
	aml_end(bytes, block);
}

void aml_ports(struct acpi_bytes *bytes, uint16_t first, uint8_t count)
{
	acpi_put(bytes, IO_PORTS, 1);
	acpi_put(bytes, DECODE_16_BITS, 1);
	acpi_put(bytes, first, 2); /* lowest base */
	acpi_put(bytes, first, 2); /* highest base */
	acpi_put(bytes, 1, 1);	   /* alignment */
	acpi_put(bytes, count, 1);
}

void aml_interrupt(struct acpi_bytes *bytes, uint32_t gsi, bool level, bool active_low)
{
	uint32_t flags =
		INTERRUPT_CONSUMER | (level ? 0 : INTERRUPT_EDGE) | (active_low ? INTERRUPT_ACTIVE_LOW : 0);

	acpi_put(bytes, EXTENDED_INTERRUPT, 1);
	acpi_put(bytes, 6, 2); /* length of what follows */
	acpi_put(bytes, flags, 1);
	acpi_put(bytes, 1, 1);
	acpi_put(bytes, gsi, 4);
}

/* An address space descriptor (ACPI 6.5 §6.4.3.5) with numbers of size_bytes bytes. */
static void window(struct acpi_bytes *bytes, enum window_kind kind, uint8_t flags, uint64_t first,
		   uint64_t last, size_t size_bytes)
{
	acpi_put(bytes, size_bytes == 2 ? WORD_WINDOW : QWORD_WINDOW, 1);
	acpi_put(bytes, 3 + 5 * size_bytes, 2); /* length of what follows */
	acpi_put(bytes, kind, 1);
	acpi_put(bytes, WINDOW_FIXED, 1);
	acpi_put(bytes, flags, 1);
	acpi_put(bytes, 0, size_bytes); /* granularity */
	acpi_put(bytes, first, size_bytes);
	acpi_put(bytes, last, size_bytes);
	acpi_put(bytes, 0, size_bytes); /* translation */
	acpi_put(bytes, last - first + 1, size_bytes);
}

void aml_bus_window(struct acpi_bytes *bytes, uint8_t first, uint8_t last)
{
	window(bytes, BUS_WINDOW, 0, first, last, 2);
}

void aml_port_window(struct acpi_bytes *bytes, uint16_t first, uint16_t last)
{
	window(bytes, PORT_WINDOW, PORTS_ENTIRE, first, last, 2);
}

void aml_memory_window(struct acpi_bytes *bytes, uint64_t first, uint64_t last)
{
	window(bytes, MEMORY_WINDOW, MEMORY_WRITE, first, last, 8);
}
