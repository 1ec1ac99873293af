/* SPDX-License-Identifier: MIT */
/*
 * firmware_map: the memory map that the kernel was given at its start, as it shows it to root
 * (Documentation/ABI/testing/sysfs-firmware-memmap).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../verbs.h"

/* The kernel's words for the types of E820 (ACPI 6.5 §15, table 15.4). */
static const struct {
	const char *word;
	uint64_t type;
} types[] = {
	{"System RAM", 1},	{"Reserved", 2},
	{"ACPI Tables", 3},	{"ACPI Non-volatile Storage", 4},
	{"Unusable memory", 5}, {"Persistent Memory", 7},
};

static bool read_line(unsigned int entry, const char *name, char *line, int size)
{
	char path[64];
	FILE *file;
	bool done;

	snprintf(path, sizeof(path), "/sys/firmware/memmap/%u/%s", entry, name);
	file = fopen(path, "re");
	if (!file)
		return false;
	done = fgets(line, size, file) != NULL;
	fclose(file);
	line[done ? strcspn(line, "\n") : 0] = '\0';
	return done;
}

static uint64_t type_number(const char *word)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].word, word) == 0)
			return types[i].type;
	return 0; /* one that E820 does not have */
}

static bool add_entry(struct wire_frame *answer, unsigned int entry)
{
	char first[32], last[32], type[64];
	uint64_t base, end;

	if (!read_line(entry, "start", first, sizeof(first)) ||
	    !read_line(entry, "end", last, sizeof(last)) || !read_line(entry, "type", type, sizeof(type)))
		return false;
	if (sscanf(first, "%" SCNx64, &base) != 1 || sscanf(last, "%" SCNx64, &end) != 1)
		return false;
	wire_number(answer, base);
	wire_number(answer, end - base + 1);
	wire_number(answer, type_number(type));
	return true;
}

enum outcome verb_e820(struct call *call)
{
	unsigned int entry = 0;

	while (add_entry(call->answer, entry))
		entry++;
	return entry > 0 ? DONE : BAD_DENIED;
}
