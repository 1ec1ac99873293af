/* SPDX-License-Identifier: MIT */
/* fuzz: what the files of the fuzzer share. */
#ifndef MRM_CORE_CHECK_FUZZ_H
#define MRM_CORE_CHECK_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#define MUST(condition)                                                                                      \
	do {                                                                                                 \
		if (!(condition))                                                                            \
			__builtin_trap();                                                                    \
	} while (0)

void fuzz_payload(const uint8_t *data, size_t size_bytes);

#endif
