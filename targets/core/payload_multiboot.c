// SPDX-License-Identifier: MIT
/*
 * Multiboot payloads of both versions: the header in the file's beginning, its demands, and what is to be
 * loaded where, by addresses in the header or else by the program headers of an ELF file. A file with headers
 * of both versions is started by the newer one.
 */
#include "payload_parts.h"

#define MAGIC_1	 0x1badb002u /* Multiboot 0.6.96 §3.1.1 */
#define SEARCH_1 8192u
#define ALIGN_1	 4u
#define BYTES_1	 12u

/* Flags of version 1: the low half are demands. */
#define FLAG_PAGE_ALIGN 1u
#define FLAG_MEMORY	2u
#define FLAG_DEMANDS	0xffffu
#define FLAG_ADDRESSES	0x10000u

#define MAGIC_2	 0xe85250d6u /* Multiboot 2.0 §3.1.1 */
#define SEARCH_2 32768u
#define ALIGN_2	 8u
#define BYTES_2	 16u
#define ARCH_386 0u

/* Tags of a version 2 header (§3.1.3 and on), by their type. */
enum tag {
	TAG_END = 0,
	TAG_INFORMATION = 1,
	TAG_ADDRESSES = 2,
	TAG_ENTRY = 3,
	TAG_CONSOLE = 4,
	TAG_MODULE_ALIGN = 6,
	TAG_RELOCATABLE = 10
};

#define TAG_OPTIONAL   1u
#define CONSOLE_WANTED 1u /* there is none */
#define TAG_BYTES      8u

/* What it is told, by the type of the tag (§3.6): command line, loader, module, memory, map, both RSDPs. */
#define TOLD (1u << 1 | 1u << 2 | 1u << 3 | 1u << 4 | 1u << 6 | 1u << 14 | 1u << 15)

/* The address fields, which both versions have in the same order. */
struct addresses {
	bool given;
	uint64_t header; /* where the header itself comes to lie */
	uint64_t load;
	uint64_t load_end; /* 0: all of the file */
	uint64_t bss_end;  /* 0: nothing behind it */
};

static uint64_t find(struct pay_file file, uint32_t magic, uint64_t search, uint64_t align, uint64_t bytes)
{
	for (uint64_t at = 0; at + bytes <= search && pay_holds(file, at, bytes); at += align) {
		uint32_t sum = 0;

		/* the last word is a checksum over all of them */
		for (uint64_t word = 0; word < bytes; word += 4)
			sum += pay_get(file, at + word, 4);
		if (pay_get(file, at, 4) == magic && !sum)
			return at;
	}
	return search;
}

static struct addresses take_addresses(struct pay_file file, uint64_t at)
{
	return (struct addresses){
		.given = true,
		.header = pay_get(file, at, 4),
		.load = pay_get(file, at + 4, 4),
		.load_end = pay_get(file, at + 8, 4),
		.bss_end = pay_get(file, at + 12, 4),
	};
}

/* Multiboot 0.6.96 §3.1.3, Multiboot 2.0 §3.1.5. The offset in the file follows from where the header lies.
 */
static enum pay_fault_kind load_by_addresses(struct planning *planning, uint64_t header,
					     const struct addresses *given)
{
	struct pay_file file = planning->file;
	struct pay_segment all = {.gpa = given->load};
	uint64_t before = given->header - given->load;

	if (given->load > given->header || before > header)
		return pay_refuse(planning, PAY_CUT_SHORT, header, header);
	if (given->load_end && given->load_end <= given->load)
		return pay_refuse(planning, PAY_PIECES, 0, 0);
	all.offset = header - before;
	all.file_bytes = given->load_end ? given->load_end - given->load : file.size_bytes - all.offset;
	all.memory_bytes = all.file_bytes;
	if (given->bss_end > given->load + all.file_bytes)
		all.memory_bytes = given->bss_end - given->load;
	if (!pay_holds(file, all.offset, all.file_bytes))
		return pay_refuse(planning, PAY_CUT_SHORT, header, header);
	return pay_add_segment(planning, &all);
}

/* ELF 1.2, figures 1-3 and 2-1. */
#define ELF_IDENT      0x464c457fu /* "\x7fELF" */
#define ELF_CLASS_DATA 0x0101u	   /* 32 bits, little-endian */
#define ELF_TYPE_EXEC  2u
#define ELF_386	       3u
#define ELF_BYTES      52u
#define PROGRAM_BYTES  32u
#define PROGRAM_LOAD   1u

static enum pay_fault_kind load_program(struct planning *planning, uint64_t at)
{
	struct pay_file file = planning->file;
	struct pay_segment segment = {
		.gpa = pay_get(file, at + 12, 4),
		.memory_bytes = pay_get(file, at + 20, 4),
		.offset = pay_get(file, at + 4, 4),
		.file_bytes = pay_get(file, at + 16, 4),
	};

	if (pay_get(file, at, 4) != PROGRAM_LOAD || !segment.memory_bytes)
		return PAY_OK;
	if (!pay_holds(file, segment.offset, segment.file_bytes) || segment.file_bytes > segment.memory_bytes)
		return pay_refuse(planning, PAY_CUT_SHORT, at, at);
	return pay_add_segment(planning, &segment);
}

static enum pay_fault_kind load_elf(struct planning *planning, uint64_t *entry)
{
	struct pay_file file = planning->file;
	uint64_t table, size, count;

	if (!pay_holds(file, 0, ELF_BYTES) || pay_get(file, 0, 4) != ELF_IDENT ||
	    pay_get(file, 4, 2) != ELF_CLASS_DATA || pay_get(file, 16, 2) != ELF_TYPE_EXEC ||
	    pay_get(file, 18, 2) != ELF_386)
		return pay_refuse(planning, PAY_NO_ELF, 0, 0);
	*entry = pay_get(file, 24, 4);
	table = pay_get(file, 28, 4);
	size = pay_get(file, 42, 2);
	count = pay_get(file, 44, 2);
	if (size < PROGRAM_BYTES || !pay_holds(file, table, size * count))
		return pay_refuse(planning, PAY_CUT_SHORT, 28, 28);
	for (uint64_t i = 0; i < count; i++) {
		enum pay_fault_kind fault = load_program(planning, table + i * size);

		if (fault != PAY_OK)
			return fault;
	}
	return PAY_OK;
}

/* Loads it, and checks what is left to check: that it starts in what was loaded. */
static enum pay_fault_kind load(struct planning *planning, uint64_t header, const struct addresses *addresses,
				const uint64_t *given_entry)
{
	struct pay_plan *plan = planning->plan;
	enum pay_fault_kind fault = addresses->given ? load_by_addresses(planning, header, addresses)
						     : load_elf(planning, &plan->entry);

	if (fault != PAY_OK)
		return fault;
	if (!plan->segment_count)
		return pay_refuse(planning, PAY_PIECES, 0, 0);
	if (given_entry)
		plan->entry = *given_entry;
	for (uint32_t i = 0; i < plan->segment_count; i++)
		if (plan->entry - plan->segment[i].gpa < plan->segment[i].memory_bytes)
			return pay_place_rest(planning, UINT64_MAX);
	return pay_refuse(planning, PAY_ENTRY, plan->entry, plan->entry);
}

static enum pay_fault_kind plan_1(struct planning *planning, uint64_t header)
{
	struct pay_file file = planning->file;
	uint32_t flags = pay_get(file, header + 4, 4);
	uint32_t demands = flags & FLAG_DEMANDS & ~(FLAG_PAGE_ALIGN | FLAG_MEMORY);
	struct addresses addresses = {.given = false};
	uint64_t entry;

	planning->plan->start = PAY_MULTIBOOT_1;
	if (demands)
		return pay_refuse(planning, PAY_DEMAND, demands, demands);
	if (!(flags & FLAG_ADDRESSES))
		return load(planning, header, &addresses, NULL);
	if (!pay_holds(file, header, BYTES_1 + 20))
		return pay_refuse(planning, PAY_CUT_SHORT, header, header);
	addresses = take_addresses(file, header + BYTES_1);
	entry = pay_get(file, header + BYTES_1 + 16, 4);
	return load(planning, header, &addresses, &entry);
}

/* Whether everything that an information request asks for is told (Multiboot 2.0 §3.1.4). */
static bool is_told(struct pay_file file, uint64_t tag, uint64_t end)
{
	for (uint64_t at = tag + TAG_BYTES; at + 4 <= end; at += 4) {
		uint32_t type = pay_get(file, at, 4);

		if (type >= 32 || !(TOLD >> type & 1))
			return false;
	}
	return true;
}

/* What a version 2 header says, tag by tag. */
struct header_2 {
	uint64_t at;
	uint64_t end;
	struct addresses addresses;
	bool has_entry;
	uint64_t entry;
};

static enum pay_fault_kind take_tag(struct planning *planning, struct header_2 *header, uint64_t tag,
				    uint64_t size)
{
	struct pay_file file = planning->file;
	uint32_t type = pay_get(file, tag, 2);
	bool known = type == TAG_MODULE_ALIGN || type == TAG_RELOCATABLE;

	if (type == TAG_ADDRESSES && size >= TAG_BYTES + 16) {
		header->addresses = take_addresses(file, tag + TAG_BYTES);
		known = true;
	} else if (type == TAG_ENTRY && size >= TAG_BYTES + 4) {
		header->has_entry = known = true;
		header->entry = pay_get(file, tag + TAG_BYTES, 4);
	} else if (type == TAG_CONSOLE && size >= TAG_BYTES + 4) {
		known = !(pay_get(file, tag + TAG_BYTES, 4) & CONSOLE_WANTED);
	} else if (type == TAG_INFORMATION) {
		known = is_told(file, tag, tag + size);
	}
	if (!known && !(pay_get(file, tag + 2, 2) & TAG_OPTIONAL))
		return pay_refuse(planning, PAY_DEMAND, type, type);
	return PAY_OK;
}

static enum pay_fault_kind take_tags(struct planning *planning, struct header_2 *header)
{
	uint64_t tag = header->at + BYTES_2;

	while (tag + TAG_BYTES <= header->end) {
		uint64_t size = pay_get(planning->file, tag + 4, 4);
		enum pay_fault_kind fault;

		if (pay_get(planning->file, tag, 2) == TAG_END)
			return PAY_OK;
		if (size < TAG_BYTES || size > header->end - tag)
			break;
		fault = take_tag(planning, header, tag, size);
		if (fault != PAY_OK)
			return fault;
		tag += (size + ALIGN_2 - 1) & ~(uint64_t)(ALIGN_2 - 1);
	}
	return pay_refuse(planning, PAY_CUT_SHORT, tag, tag);
}

static enum pay_fault_kind plan_2(struct planning *planning, uint64_t at)
{
	struct pay_file file = planning->file;
	struct header_2 header = {.at = at, .end = at + pay_get(file, at + 8, 4)};
	enum pay_fault_kind fault;

	planning->plan->start = PAY_MULTIBOOT_2;
	if (pay_get(file, at + 4, 4) != ARCH_386)
		return pay_refuse(planning, PAY_NO_MULTIBOOT, 0, 0);
	if (!pay_holds(file, at, header.end - at))
		return pay_refuse(planning, PAY_CUT_SHORT, at, at);
	fault = take_tags(planning, &header);
	if (fault != PAY_OK)
		return fault;
	return load(planning, at, &header.addresses, header.has_entry ? &header.entry : NULL);
}

enum pay_fault_kind pay_plan_multiboot(struct planning *planning)
{
	uint64_t at = find(planning->file, MAGIC_2, SEARCH_2, ALIGN_2, BYTES_2);

	if (at < SEARCH_2)
		return plan_2(planning, at);
	at = find(planning->file, MAGIC_1, SEARCH_1, ALIGN_1, BYTES_1);
	if (at < SEARCH_1)
		return plan_1(planning, at);
	return pay_refuse(planning, PAY_NO_MULTIBOOT, 0, 0);
}
