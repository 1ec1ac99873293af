/* SPDX-License-Identifier: MIT */
/*
 * wire: frames of the probe protocol, see wire.h.
 */
#include "wire.h"

#define CRC_DIGITS 8
#define TAIL_BYTES (1 + CRC_DIGITS + 1) /* space, checksum, LF */
#define HEAD_BYTES 3			/* sign and sequence number */

static const char digits[] = "0123456789abcdef";

/* Four bits at a time: a table of 16 words is small, and requests are short. Reflected polynomial EDB88320.
 */
uint32_t wire_crc(const char *text, size_t length)
{
	static const uint32_t step[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	uint32_t crc = ~0u;

	for (size_t i = 0; i < length; i++) {
		crc ^= (uint8_t)text[i];
		crc = crc >> 4 ^ step[crc & 15];
		crc = crc >> 4 ^ step[crc & 15];
	}
	return ~crc;
}

static void put(struct wire_frame *frame, char c)
{
	if (frame->length < WIRE_FRAME_BYTES - TAIL_BYTES)
		frame->text[frame->length++] = c;
}

static void put_digits(struct wire_frame *frame, uint64_t number, unsigned int count)
{
	while (count-- > 0)
		put(frame, digits[number >> (4 * count) & 15]);
}

void wire_begin(struct wire_frame *frame, char sign, uint8_t sequence)
{
	frame->length = 0;
	put(frame, sign);
	put_digits(frame, sequence, 2);
}

void wire_word(struct wire_frame *frame, const char *word)
{
	put(frame, ' ');
	while (*word)
		put(frame, *word++);
}

void wire_number(struct wire_frame *frame, uint64_t number)
{
	unsigned int count = 1;

	while (count < 16 && number >> (4 * count))
		count++;
	put(frame, ' ');
	put_digits(frame, number, count);
}

void wire_bytes(struct wire_frame *frame, const uint8_t *bytes, size_t count)
{
	put(frame, ' ');
	put(frame, 'x');
	for (size_t i = 0; i < count; i++)
		put_digits(frame, bytes[i], 2);
}

void wire_end(struct wire_frame *frame)
{
	uint32_t crc = wire_crc(frame->text, frame->length);

	frame->text[frame->length++] = ' ';
	for (int digit = CRC_DIGITS - 1; digit >= 0; digit--)
		frame->text[frame->length++] = digits[crc >> (4 * digit) & 15];
	frame->text[frame->length++] = '\n';
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Exactly count lower-case digits; -1 if one of them is something else. */
static int64_t fixed_number(const char *text, size_t count)
{
	int64_t number = 0;

	for (size_t i = 0; i < count; i++) {
		int digit = digit_value(text[i]);

		if (digit < 0)
			return -1;
		number = number << 4 | digit;
	}
	return number;
}

/* Cuts at single spaces. False at an empty field or a byte that is not printable. */
static bool cut(char *text, char *end, struct wire_request *request)
{
	bool inside = false;

	request->count = 0;
	*end = '\0';
	for (char *c = text; c < end; c++) {
		if (*c == ' ') {
			if (!inside)
				return false;
			*c = '\0';
			inside = false;
			continue;
		}
		if (*c < '!' || *c > '~')
			return false;
		if (!inside && request->count++ < WIRE_FIELDS)
			request->field[request->count - 1] = c;
		inside = true;
	}
	return inside;
}

bool wire_open(char *line, size_t length, struct wire_request *request)
{
	int64_t sequence, crc;
	size_t body = length - (1 + CRC_DIGITS);

	if (length < HEAD_BYTES + 2 + 1 + CRC_DIGITS || length >= WIRE_REQUEST_BYTES)
		return false;
	sequence = fixed_number(line + 1, 2);
	crc = fixed_number(line + body + 1, CRC_DIGITS);
	if (line[0] != '>' || sequence < 0 || crc < 0 || line[HEAD_BYTES] != ' ' || line[body] != ' ')
		return false;
	if (wire_crc(line, body) != (uint32_t)crc)
		return false;
	request->sequence = (uint8_t)sequence;
	return cut(line + HEAD_BYTES + 1, line + body, request);
}

bool wire_is_word(const char *field)
{
	if (*field < 'a' || *field > 'z')
		return false;
	while (*++field)
		if (!(*field >= 'a' && *field <= 'z') && !(*field >= '0' && *field <= '9') && *field != '-')
			return false;
	return true;
}

bool wire_to_number(const char *field, uint64_t *number)
{
	size_t count = 0;

	*number = 0;
	if (field[0] == '0' && field[1])
		return false;
	for (; field[count]; count++) {
		int digit = digit_value(field[count]);

		if (digit < 0 || count == 16)
			return false;
		*number = *number << 4 | (uint64_t)digit;
	}
	return count > 0;
}

bool wire_to_bytes(char *field, size_t *count)
{
	const char *pair = field + 1;

	if (field[0] != 'x')
		return false;
	for (*count = 0; *pair; ++*count, pair += 2) {
		int64_t value = fixed_number(pair, 2);

		if (value < 0)
			return false;
		((uint8_t *)field)[*count] = (uint8_t)value;
	}
	return true;
}
