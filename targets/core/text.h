/* SPDX-License-Identifier: MIT */
/* text: sentences with numbers in them, written into a buffer that they may be too long for. Private to the
 * core. */
#ifndef MRM_CORE_TEXT_H
#define MRM_CORE_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct text {
	char *at;
	size_t left; /* with room for the zero */
	size_t length;
};

/* A name that a check refuses may hold anything; what is printed is printable. */
void txt_char(struct text *text, char c);
void txt_string(struct text *text, const char *string, size_t most);
void txt_number(struct text *text, uint64_t number, unsigned base);
void txt_hex(struct text *text, uint64_t number);
void txt_range(struct text *text, uint64_t first,
	       uint64_t last); /* hexadecimal; one number if they are equal */

/* The terminating zero, if there is any room at all; returns the length without it. */
size_t txt_end(struct text *text, size_t size_bytes);

#endif
