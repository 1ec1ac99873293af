// SPDX-License-Identifier: MIT
#include "text.h"

void txt_char(struct text *text, char c)
{
	if (text->left < 2)
		return;
	*text->at++ = c >= ' ' && c <= '~' ? c : '?';
	text->left--;
	text->length++;
}

void txt_string(struct text *text, const char *string, size_t most)
{
	for (size_t i = 0; i < most && string[i]; i++)
		txt_char(text, string[i]);
}

void txt_number(struct text *text, uint64_t number, unsigned base)
{
	char digits[20];
	size_t n = 0;

	do {
		digits[n++] = "0123456789abcdef"[number % base];
		number /= base;
	} while (number);
	while (n)
		txt_char(text, digits[--n]);
}

void txt_hex(struct text *text, uint64_t number)
{
	txt_string(text, "0x", 2);
	txt_number(text, number, 16);
}

void txt_range(struct text *text, uint64_t first, uint64_t last)
{
	txt_hex(text, first);
	if (last != first) {
		txt_char(text, '-');
		txt_hex(text, last);
	}
}

size_t txt_end(struct text *text, size_t size_bytes)
{
	if (size_bytes)
		*text->at = '\0';
	return text->length;
}
