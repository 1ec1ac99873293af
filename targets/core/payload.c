// SPDX-License-Identifier: MIT
/* Plans of all kinds: room in the partition, and refusals in words. */
#include "memory.h"
#include "payload_parts.h"
#include "text.h"

#define PAGE 4096u
#define TOP  (1ull << 32) /* every protocol has addresses of 32 bits */

enum pay_fault_kind pay_refuse(struct planning *planning, enum pay_fault_kind kind, uint64_t first,
			       uint64_t last)
{
	*planning->fault = (struct pay_fault){.kind = kind, .first = first, .last = last};
	return kind;
}

static bool meet(uint64_t a, uint64_t a_bytes, uint64_t b, uint64_t b_bytes)
{
	return a < b + b_bytes && b < a + a_bytes;
}

bool pay_is_room(const struct cfg_partition *config, uint64_t gpa, uint64_t size_bytes)
{
	uint64_t hpa;

	return gpa < TOP && size_bytes <= TOP - gpa && mem_to_hpa(config, gpa, size_bytes, &hpa) &&
	       !meet(gpa, size_bytes, MEM_HOLE, MEM_LOW_TOP - MEM_HOLE);
}

enum pay_fault_kind pay_add_segment(struct planning *planning, const struct pay_segment *segment)
{
	struct pay_plan *plan = planning->plan;

	if (plan->segment_count == PAY_SEGMENTS)
		return pay_refuse(planning, PAY_PIECES, 0, 0);
	if (!pay_is_room(planning->config, segment->gpa, segment->memory_bytes))
		return pay_refuse(planning, PAY_OUTSIDE, segment->gpa,
				  segment->gpa + segment->memory_bytes - 1);
	plan->segment[plan->segment_count++] = *segment;
	return PAY_OK;
}

/* The lowest address that is taken in a range: it has to be left out. Its own end if all of it is free. */
static uint64_t first_taken(const struct pay_plan *plan, uint64_t gpa, uint64_t size_bytes)
{
	uint64_t first = gpa + size_bytes;

	for (uint32_t i = 0; i < plan->segment_count; i++) {
		const struct pay_segment *taken = &plan->segment[i];

		if (meet(gpa, size_bytes, taken->gpa, taken->memory_bytes) && taken->gpa < first)
			first = taken->gpa;
	}
	if (plan->initrd_bytes && meet(gpa, size_bytes, plan->initrd, plan->initrd_bytes) &&
	    plan->initrd < first)
		first = plan->initrd;
	if (meet(gpa, size_bytes, MEM_HOLE, MEM_LOW_TOP - MEM_HOLE) && MEM_HOLE < first)
		first = MEM_HOLE;
	return first;
}

/* The highest free place in one memory entry, at or below end. */
static bool place_in(const struct planning *planning, const struct cfg_memory *memory, uint64_t size_bytes,
		     uint64_t end, uint64_t *gpa)
{
	while (end > memory->gpa && end - memory->gpa >= size_bytes) {
		uint64_t at = (end - size_bytes) & ~(uint64_t)(PAGE - 1);

		end = first_taken(planning->plan, at, size_bytes);
		if (end == at + size_bytes) {
			*gpa = at;
			return pay_is_room(planning->config, at, size_bytes);
		}
	}
	return false;
}

static bool place(const struct planning *planning, uint64_t size_bytes, uint64_t limit, uint64_t *gpa)
{
	for (uint32_t i = planning->config->memory_count; i-- > 0;) {
		const struct cfg_memory *memory = &planning->config->memory[i];
		uint64_t end = memory->gpa + memory->size_bytes;

		if (place_in(planning, memory, size_bytes, end < limit ? end : limit, gpa))
			return true;
	}
	return false;
}

enum pay_fault_kind pay_place_rest(struct planning *planning, uint64_t initrd_limit)
{
	struct pay_plan *plan = planning->plan;
	uint64_t wanted = planning->initrd_bytes;

	plan->initrd_bytes = 0; /* it takes no room yet */
	if (wanted && !place(planning, wanted, initrd_limit, &plan->initrd))
		return pay_refuse(planning, PAY_NO_ROOM, wanted, wanted);
	plan->initrd_bytes = wanted;
	if (!place(planning, PAY_TOLD_BYTES, TOP, &plan->told))
		return pay_refuse(planning, PAY_NO_ROOM, PAY_TOLD_BYTES, PAY_TOLD_BYTES);
	return PAY_OK;
}

enum pay_fault_kind pay_plan(const struct cfg_partition *config, struct pay_file file, uint64_t initrd_bytes,
			     struct pay_plan *plan, struct pay_fault *fault)
{
	struct planning planning = {
		.config = config, .file = file, .initrd_bytes = initrd_bytes, .plan = plan, .fault = fault};

	*plan = (struct pay_plan){.start = PAY_LINUX_64};
	*fault = (struct pay_fault){.kind = PAY_OK};
	switch (config->payload.kind) {
	case CFG_PAYLOAD_LINUX:
		return pay_plan_linux(&planning);
	case CFG_PAYLOAD_MULTIBOOT:
		return pay_plan_multiboot(&planning);
	case CFG_PAYLOAD_BOOTSECTOR:
		return pay_plan_firmware(&planning);
	default:
		return pay_refuse(&planning, PAY_KIND, config->payload.kind, config->payload.kind);
	}
}

/* %r stands for the numbers, %n for the first of them, decimal. */
static const struct {
	const char *name;
	const char *template;
} word[PAY_FAULTS] = {
	[PAY_OK] = {"ok", "its payload can be started"},
	[PAY_KIND] = {"kind", "payloads of its kind are not started"},
	[PAY_NO_LINUX] = {"no-linux",
			  "its payload is no Linux boot image (bzImage) of boot protocol 2.10 or newer"},
	[PAY_NO_MULTIBOOT] =
		{"no-multiboot",
		 "its payload has no multiboot header of version 1 or 2 for i386 in its beginning"},
	[PAY_CUT_SHORT] = {"cut-short", "its payload ends before what it refers to at byte %n"},
	[PAY_NO_ELF] = {"no-elf",
			"its payload has a multiboot header without addresses, and is no ELF file of "
			"32 bits for i386"},
	[PAY_NO_ROM] = {"no-rom", "its payload is no firmware: its size is not 64, 128, 192 or 256 KiB"},
	[PAY_NO_LOW] = {"no-low",
			"firmware of its own needs the first MiB as RAM, but for the memory of a display "
			"adapter: the zero-based view has it"},
	[PAY_DEMAND] = {"demand", "its payload demands of its loader what this one does not have (%r)"},
	[PAY_PIECES] = {"pieces", "its payload has no segment to load, or more than there is a place for"},
	[PAY_OUTSIDE] = {"outside",
			 "its payload must lie at %r, and that is not, in one piece, RAM of its own "
			 "below 4 GiB"},
	[PAY_ENTRY] = {"entry", "its payload would start at %r, where nothing of it is loaded"},
	[PAY_NO_ROOM] = {"no-room",
			 "none of its memory ranges below 4 GiB has %n bytes left that its payload "
			 "needs"},
};

size_t pay_text(const struct pay_fault *fault, char *out, size_t size_bytes)
{
	struct text text = {.at = out, .left = size_bytes};
	const char *from = fault->kind < PAY_FAULTS ? word[fault->kind].template : "unknown fault";

	for (; *from; from++) {
		if (*from != '%')
			txt_char(&text, *from);
		else if (*++from == 'r')
			txt_range(&text, fault->first, fault->last);
		else
			txt_number(&text, fault->first, 10);
	}
	return txt_end(&text, size_bytes);
}

const char *pay_fault_name(uint32_t kind)
{
	return kind < PAY_FAULTS ? word[kind].name : "unknown";
}

const char *pay_start_name(uint32_t start)
{
	static const char *const name[PAY_STARTS] = {
		[PAY_LINUX_64] = "linux-64",	   [PAY_LINUX_32] = "linux-32",
		[PAY_MULTIBOOT_1] = "multiboot-1", [PAY_MULTIBOOT_2] = "multiboot-2",
		[PAY_FIRMWARE] = "firmware",
	};

	return start < PAY_STARTS ? name[start] : "unknown";
}
