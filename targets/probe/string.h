/* SPDX-License-Identifier: MIT */
/*
 * string: memory. Stands in for the C library's header of the same name, which a freestanding
 * program does not have.
 */
#ifndef PROBE_STRING_H
#define PROBE_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
int memcmp(const void *a, const void *b, size_t count);

#endif
