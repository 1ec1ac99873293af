// SPDX-License-Identifier: MIT
/*
 * fuzz_payload: any file as a payload, see fuzz.c. Two bytes choose kind, RAM and initrd; the rest is the
 * file, in a buffer that ends where it does.
 */
#include "fuzz.h"
#include "memory.h"
#include "payload.h"

#include <stdlib.h>
#include <string.h>

static void is_own(const struct cfg_partition *config, uint64_t gpa, uint64_t size_bytes)
{
	uint64_t hpa;

	MUST(size_bytes && mem_to_hpa(config, gpa, size_bytes, &hpa));
	MUST(gpa + size_bytes <= 1ull << 32 && (gpa + size_bytes <= MEM_HOLE || gpa >= MEM_LOW_TOP));
}

static void is_sound(const struct cfg_partition *config, const struct pay_plan *plan, uint64_t file_bytes)
{
	if (plan->start == PAY_FIRMWARE) /* shadowed where nothing else may lie */
		return;
	MUST(plan->start < PAY_STARTS && plan->segment_count && plan->segment_count <= PAY_SEGMENTS);
	for (uint32_t i = 0; i < plan->segment_count; i++) {
		const struct pay_segment *segment = &plan->segment[i];

		is_own(config, segment->gpa, segment->memory_bytes);
		MUST(segment->file_bytes <= segment->memory_bytes && segment->offset <= file_bytes &&
		     segment->file_bytes <= file_bytes - segment->offset);
	}
	is_own(config, plan->told, PAY_TOLD_BYTES);
	if (plan->initrd_bytes)
		is_own(config, plan->initrd, plan->initrd_bytes);
}

static void is_told(const struct cfg_partition *config, const struct pay_plan *plan)
{
	uint8_t rsdp[36] = {0}, *told = calloc(1, PAY_TOLD_BYTES);

	MUST(told);
	pay_multiboot_information(config, plan, rsdp, told);
	free(told);
}

static void is_refused_in_words(const struct pay_fault *fault)
{
	char text[PAY_TEXT_BYTES];

	MUST(fault->kind != PAY_OK && fault->kind < PAY_FAULTS);
	MUST(pay_text(fault, text, sizeof(text)) < sizeof(text) - 1); /* nothing was cut */
}

void fuzz_payload(const uint8_t *data, size_t size_bytes)
{
	static const struct cfg_memory memory[2][2] = {
		{{0, 0x10000000, 0x4000000}, {0x4000000, 0x18000000, 0x1000000}},
		{{0, 0x10000000, 0xa0000}, {0x10100000, 0x10100000, 0x1000000}},
	};
	struct cfg_partition config = {.memory_count = 2};
	struct pay_fault fault;
	struct pay_plan plan;
	uint8_t *file;

	if (size_bytes < 2)
		return;
	config.payload.kind = data[0] % 4;
	memset(config.payload.command_line, 'x', sizeof(config.payload.command_line) - 1);
	memcpy(config.memory, memory[data[0] >> 2 & 1], sizeof(memory[0]));
	size_bytes -= 2;
	file = malloc(size_bytes ? size_bytes : 1);
	MUST(file);
	memcpy(file, data + 2, size_bytes);
	if (pay_plan(&config, (struct pay_file){file, size_bytes}, (uint64_t)data[1] << data[1] % 24, &plan,
		     &fault) == PAY_OK) {
		is_sound(&config, &plan, size_bytes);
		if (plan.start == PAY_MULTIBOOT_1 || plan.start == PAY_MULTIBOOT_2)
			is_told(&config, &plan);
	} else {
		is_refused_in_words(&fault);
	}
	free(file);
}
