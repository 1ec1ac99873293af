// SPDX-License-Identifier: MIT
/* Linux boot images (boot.rst, "THE REAL-MODE KERNEL HEADER", and the 32-bit and 64-bit boot protocols). */
#include "payload_parts.h"

#define SECTOR	      512u
#define SETUP_SECTS   0x1f1
#define BOOT_FLAG     0x1fe
#define HEADER	      0x202
#define VERSION	      0x206
#define LOADFLAGS     0x211
#define CODE32_START  0x214
#define INITRD_MAX    0x22c
#define ALIGNMENT     0x230
#define RELOCATABLE   0x234
#define XLOADFLAGS    0x236
#define INIT_SIZE     0x260
#define HEADER_END    0x264 /* of version 2.10 */
#define DEFAULT_SETUP 4u

#define BOOT_FLAG_VALUE 0xaa55u
#define HEADER_MAGIC	0x53726448u /* "HdrS" */
#define VERSION_WANTED	0x020au	    /* the first that says how much memory it needs */
#define VERSION_64	0x020cu	    /* the first with XLOADFLAGS */
#define LOADED_HIGH	1u
#define XLF_KERNEL_64	1u
#define ENTRY_64	0x200u
#define LOWEST		0x100000u /* from the beginning of a memory entry: what is below stays free */

static bool is_boot_image(struct pay_file file)
{
	return pay_holds(file, 0, HEADER_END) && pay_get(file, BOOT_FLAG, 2) == BOOT_FLAG_VALUE &&
	       pay_get(file, HEADER, 4) == HEADER_MAGIC && pay_get(file, VERSION, 2) >= VERSION_WANTED &&
	       pay_get(file, LOADFLAGS, 1) & LOADED_HIGH;
}

static bool has_entry_64(struct pay_file file)
{
	return pay_get(file, VERSION, 2) >= VERSION_64 && pay_get(file, XLOADFLAGS, 2) & XLF_KERNEL_64;
}

/* The protected-mode part, with what it needs behind its image; where it goes is still open. */
static struct pay_segment protected_part(struct pay_file file)
{
	uint32_t sectors = pay_get(file, SETUP_SECTS, 1);
	struct pay_segment kernel = {.offset = (uint64_t)((sectors ? sectors : DEFAULT_SETUP) + 1) * SECTOR};

	if (!pay_holds(file, kernel.offset, ENTRY_64 + 1))
		return kernel;
	kernel.file_bytes = file.size_bytes - kernel.offset;
	kernel.memory_bytes = pay_get(file, INIT_SIZE, 4);
	if (kernel.memory_bytes < kernel.file_bytes)
		kernel.memory_bytes = kernel.file_bytes;
	return kernel;
}

static enum pay_fault_kind plan_at(struct planning *planning, struct pay_segment kernel, uint64_t gpa)
{
	struct pay_plan *plan = planning->plan;
	enum pay_fault_kind fault;

	plan->segment_count = 0;
	kernel.gpa = gpa;
	fault = pay_add_segment(planning, &kernel);
	if (fault != PAY_OK)
		return fault;
	plan->entry = gpa + (plan->start == PAY_LINUX_64 ? ENTRY_64 : 0);
	return pay_place_rest(planning, (uint64_t)pay_get(planning->file, INITRD_MAX, 4) + 1);
}

/* In the first memory entry that has room for all of it. */
static enum pay_fault_kind plan_anywhere(struct planning *planning, const struct pay_segment *kernel)
{
	uint64_t alignment = pay_get(planning->file, ALIGNMENT, 4);
	uint64_t wanted = kernel->memory_bytes + planning->initrd_bytes;

	if (!alignment || alignment & (alignment - 1))
		return pay_refuse(planning, PAY_NO_LINUX, 0, 0);
	for (uint32_t i = 0; i < planning->config->memory_count; i++) {
		uint64_t lowest = planning->config->memory[i].gpa + LOWEST;

		if (plan_at(planning, *kernel, (lowest + alignment - 1) & ~(alignment - 1)) == PAY_OK)
			return PAY_OK;
	}
	return pay_refuse(planning, PAY_NO_ROOM, wanted, wanted);
}

enum pay_fault_kind pay_plan_linux(struct planning *planning)
{
	struct pay_file file = planning->file;
	struct pay_segment kernel;

	if (!is_boot_image(file))
		return pay_refuse(planning, PAY_NO_LINUX, 0, 0);
	kernel = protected_part(file);
	if (!kernel.file_bytes)
		return pay_refuse(planning, PAY_CUT_SHORT, SETUP_SECTS, SETUP_SECTS);
	planning->plan->start = has_entry_64(file) ? PAY_LINUX_64 : PAY_LINUX_32;
	if (pay_get(file, RELOCATABLE, 1))
		return plan_anywhere(planning, &kernel);
	return plan_at(planning, kernel, pay_get(file, CODE32_START, 4));
}
