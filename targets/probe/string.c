/* SPDX-License-Identifier: MIT */
/*
 * string: the four functions that the compiler may call even in a freestanding program (GCC manual §2.1).
 */
#include <stddef.h>
#include <stdint.h>

#include "string.h"

void *memcpy(void *restrict to, const void *restrict from, size_t count)
{
	void *result = to;

	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
	return result;
}

void *memmove(void *to, const void *from, size_t count)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	if (t <= f || t >= f + count)
		return memcpy(to, from, count);
	while (count-- > 0)
		t[count] = f[count];
	return to;
}

void *memset(void *to, int value, size_t count)
{
	void *result = to;

	__asm__ volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(value) : "memory");
	return result;
}

int memcmp(const void *a, const void *b, size_t count)
{
	const uint8_t *x = a, *y = b;

	for (; count > 0; count--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}
