/* SPDX-License-Identifier: MIT */
/* bytes: the four functions that a freestanding compiler may call of its own accord (C11 §4, gcc). */
#ifndef MRM_CONTROLLER_BYTES_H
#define MRM_CONTROLLER_BYTES_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);

#endif
