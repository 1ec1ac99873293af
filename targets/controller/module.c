/* SPDX-License-Identifier: MIT */
/* module: the boot modules that a multiboot loader left (Multiboot 0.6.96 §3.3). */
#include "machine.h"

#define LOADER_MAGIC 0x2badb002u
#define INFO_MODULES (1u << 3)

struct multiboot_info {
	uint32_t flags;
	uint32_t memory[2];
	uint32_t boot_device;
	uint32_t command_line;
	uint32_t module_count;
	uint32_t modules;
};

struct multiboot_module {
	uint32_t start;
	uint32_t end;
	uint32_t text;
	uint32_t reserved;
};

static struct module module[MODULES];
static size_t count;

/* Only places are kept: the loader's tables lie in memory that a partition will own. */
void module_find(uint32_t loader_magic, uint32_t loader_info)
{
	const struct multiboot_info *info = (const struct multiboot_info *)(uint64_t)loader_info;
	const struct multiboot_module *list;

	if (loader_magic != LOADER_MAGIC || !(info->flags & INFO_MODULES))
		return;
	list = (const struct multiboot_module *)(uint64_t)info->modules;
	for (; count < info->module_count && count < MODULES; count++) {
		module[count].bytes = (const uint8_t *)(uint64_t)list[count].start;
		module[count].size_bytes = list[count].end - list[count].start;
	}
}

size_t module_count(void)
{
	return count;
}

const struct module *module_get(size_t number)
{
	return number < count ? &module[number] : NULL;
}

uint64_t module_end(void)
{
	uint64_t end = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t own = (uint64_t)module[i].bytes + module[i].size_bytes;

		if (own > end)
			end = own;
	}
	return end;
}
