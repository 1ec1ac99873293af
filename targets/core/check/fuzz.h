/* SPDX-License-Identifier: MIT */
/* fuzz: what the files of the fuzzer share. */
#ifndef MRM_CORE_CHECK_FUZZ_H
#define MRM_CORE_CHECK_FUZZ_H

#include "core.h"

#define MUST(condition)                                                                                      \
	do {                                                                                                 \
		if (!(condition))                                                                            \
			__builtin_trap();                                                                    \
	} while (0)

/* The input, taken from the front; zeros when it is used up. */
struct input {
	const uint8_t *at;
	size_t left;
};

void take(struct input *input, void *out, size_t size_bytes);
uint64_t take_number(struct input *input, size_t size_bytes);

/* A buffer that ends where it says, so that a byte behind it is noticed. */
void *allocate(size_t size_bytes);

/* The ports behind the devices that the core guards: they watch what arrives. */
struct fuzz_ports {
	struct guard_hardware hardware;
	const struct core *core;
	uint8_t words[2]; /* initialisation words that each 8259 waits for */
	uint8_t open[2];  /* its lines that are not masked */
};

void fuzz_ports_open(struct fuzz_ports *ports, struct core *core);

/* What a partition does at ports of guarded devices, whether they are its own or not. */
void fuzz_ports_use(struct core *core, uint8_t partition, struct input *input);

void fuzz_instruction(struct input *input);
void fuzz_payload(const uint8_t *data, size_t size_bytes);

#endif
