/* SPDX-License-Identifier: MIT */
/*
 * sum: sums that live in the registers of x87, SSE and AVX, in all of them from the first step to the last.
 * They depend on nothing but the number of steps, so one register that is disturbed at any time shows.
 */
#ifndef PROBE_SUM_H
#define PROBE_SUM_H

#include <stdbool.h>
#include <stdint.h>

#define SUM_BYTES 512 /* 16 registers of 32 bytes */

/* Each does so many steps, and leaves its registers in result, which is aligned to 32 bytes (sums.S). */
void sum_x87(uint64_t steps, uint8_t result[SUM_BYTES]);
void sum_sse(uint64_t steps, uint8_t result[SUM_BYTES]);
void sum_avx(uint64_t steps, uint8_t result[SUM_BYTES]);

/* Lets AVX be used, or says that it cannot be; and leaves all as it was (avx.c, process/avx.c). */
bool avx_begin(void);
void avx_end(void);

#endif
