/* SPDX-License-Identifier: MIT */
/* main: from the boot loader to the first partition: what is here, is it right, set it up, let them go. */
#include "bytes.h"
#include "console.h"
#include "cpu.h"
#include "functions.h"
#include "lapic.h"
#include "partition.h"

#define FINDINGS      32
#define FINDING_BYTES 200
#define DEFAULT_PORT  0x3f8 /* COM1: where to complain if nobody has told which port is ours */

struct core core;
struct lock core_lock;
struct count_table counts = {.magic = COUNT_MAGIC, .row_bytes = sizeof(struct count_row)};

extern uint8_t image_start[], image_end[]; /* controller.ld */

static _Noreturn void halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

static bool has_header(const struct module *block)
{
	const struct cfg_block *config = (const struct cfg_block *)block->bytes;

	return block->size_bytes >= sizeof(*config) && config->magic == CFG_MAGIC &&
	       config->version == CFG_VERSION;
}

/* The core's words, the same that `mrm image check` says. */
static void refuse_wrong_block(const struct module *block)
{
	struct cfg_finding finding[FINDINGS];
	char text[FINDING_BYTES];
	size_t count = cfg_check(block->bytes, block->size_bytes, finding, FINDINGS);

	for (size_t i = 0; i < count && i < FINDINGS; i++) {
		cfg_text((const struct cfg_block *)block->bytes, &finding[i], text, sizeof(text));
		print("refused: %s", text);
	}
	if (count)
		halt();
}

/* What is right, but more than this controller can do. */
static void refuse_unsupported(void)
{
	const char *missing = cpu_missing(), *wrong = iommu_missing();
	bool refused = missing || wrong;

	if (missing)
		print("refused: the processor lacks %s", missing);
	if (wrong)
		print("refused: %s", wrong);
	for (uint8_t p = 0; p < core.config->partition_count; p++) {
		const char *why = partition_unsupported(partition_config(p));

		if (why)
			print("refused: partition %s: %s", partition_config(p)->name, why);
		refused |= why != NULL;
	}
	if (refused)
		halt();
}

/* Everything that no partition may reach has to lie in the controller's own range, and be found there. */
static void refuse_misplaced(void)
{
	const struct cfg_range *own = &core.config->machine.controller;
	bool refused = (uint64_t)image_start < own->base || module_end() > own->base + own->size_bytes;

	for (size_t i = 0; i < module_count(); i++)
		refused |= (uint64_t)module_get(i)->bytes < (uint64_t)image_end;
	if (!refused)
		return;
	print("refused: a partition could overwrite image or boot modules, which end at 0x%lx: "
	      "the controller's memory 0x%lx-0x%lx in the manifest must hold them",
	      module_end(), own->base, own->base + own->size_bytes - 1);
	halt();
}

/* A processor without a partition listens best; the NMI owner's worst: both kinds look alike there. */
static struct cpu *choose_listener(void)
{
	struct cpu *best = cpu_here();

	for (uint8_t i = 0; i < core.config->machine.processor_count; i++) {
		struct cpu *cpu = cpu_get(i);

		if (cpu->partition == CFG_NOBODY)
			return cpu;
		if (cpu->partition != irq_nmi_owner(&core) && best->partition == irq_nmi_owner(&core))
			best = cpu;
	}
	return best;
}

void main(uint32_t loader_magic, uint32_t loader_info);
void main(uint32_t loader_magic, uint32_t loader_info)
{
	const struct module *block;

	idt_init();
	idt_load();
	module_find(loader_magic, loader_info);
	block = module_get(0);
	console_init(block && has_header(block)
			     ? ((const struct cfg_block *)block->bytes)->machine.console_port
			     : DEFAULT_PORT);
	print("version %s, trace at 0x%lx, counters at 0x%lx", VERSION_TEXT, (uint64_t)&core.trace,
	      (uint64_t)&counts);
	if (!block) {
		print("refused: no boot module: the first one must be the configuration block");
		halt();
	}
	refuse_wrong_block(block);
	core_init(&core, block->bytes, block->size_bytes, rdtsc);
	refuse_unsupported();
	refuse_misplaced();
	lapic_registers = (uint8_t *)core.config->machine.lapic_base;
	page_init(module_end(),
		  core.config->machine.controller.base + core.config->machine.controller.size_bytes);
	counts.partitions = core.config->partition_count;
	iommu_init();
	ioapic_init();
	legacy_open();
	clock_init();
	if (!functions_open())
		halt();
	cpu_start_all();
	console_listen(choose_listener());
	cpu_release_all();
	cpu_main(cpu_here());
}
