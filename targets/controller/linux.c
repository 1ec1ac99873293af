/* SPDX-License-Identifier: MIT */
/*
 * linux: starts a payload by the Linux/x86 boot protocol, 64-bit or 32-bit entry
 * (Documentation/arch/x86/boot.rst, "64-bit BOOT PROTOCOL" and "32-bit BOOT PROTOCOL"; offsets in the setup
 * header as there).
 */
#include "bytes.h"
#include "firmware.h"
#include "load.h"
#include "memory.h"

#define SETUP_SECTS  0x1f1
#define JUMP_LENGTH  0x201
#define HEADER	     0x202
#define LOADER_TYPE  0x210
#define INITRD_BASE  0x218
#define INITRD_BYTES 0x21c
#define COMMAND_LINE 0x228

#define LOADER_UNDEFINED 0xffu

/* In the zero page (boot_params) */
#define ACPI_RSDP    0x070
#define E820_COUNT   0x1e8
#define E820_TABLE   0x2d0
#define E820_BYTES   20u
#define E820_ENTRIES 32u

/* What it is told, a page each. */
#define TOLD_PML4      0x0000u
#define TOLD_PDPT      0x1000u
#define TOLD_ZERO_PAGE 0x2000u
#define TOLD_COMMAND   0x3000u
#define TOLD_GDT       0x4000u
_Static_assert(TOLD_GDT + PAGE_BYTES == PAY_TOLD_BYTES, "the core plans for as much");

#define CODE_SELECTOR	  0x10 /* __BOOT_CS */
#define DATA_SELECTOR	  0x18 /* __BOOT_DS */
#define CODE64_ATTRIBUTES 0xa9b

/* The first 512 GiB as they are, in pages of 1 GiB: any RAM it can have, and all devices. */
static void make_page_tables(uint8_t *told, uint64_t gpa)
{
	uint64_t *pml4 = (uint64_t *)(told + TOLD_PML4);
	uint64_t *pdpt = (uint64_t *)(told + TOLD_PDPT);

	pml4[0] = (gpa + TOLD_PDPT) | PTE_P | PTE_W | PTE_U;
	for (uint64_t i = 0; i < PAGE_BYTES / 8; i++)
		pdpt[i] = i << 30 | PTE_P | PTE_W | PTE_PS;
}

/* The pseudo memory map (paper §3.3(2)B). Its entries are not aligned. */
static void make_memory_map(const struct cfg_partition *config, uint8_t *zero_page)
{
	struct mem_e820 map[E820_ENTRIES];
	size_t count = mem_map(config, map, E820_ENTRIES);

	for (size_t i = 0; i < count && i < E820_ENTRIES; i++)
		memcpy(zero_page + E820_TABLE + i * E820_BYTES, &map[i], E820_BYTES);
	zero_page[E820_COUNT] = (uint8_t)(count < E820_ENTRIES ? count : E820_ENTRIES);
}

static void put32(uint8_t *bytes, uint32_t offset, uint64_t value)
{
	uint32_t word = (uint32_t)value;

	memcpy(bytes + offset, &word, sizeof(word));
}

static void make_zero_page(const struct cfg_partition *config, const struct pay_plan *plan, uint8_t *told)
{
	uint8_t *zero_page = told + TOLD_ZERO_PAGE;
	const uint8_t *image = module_get(config->payload.module)->bytes;

	memcpy(zero_page + SETUP_SECTS, image + SETUP_SECTS,
	       (size_t)(HEADER + image[JUMP_LENGTH] - SETUP_SECTS));
	zero_page[LOADER_TYPE] = LOADER_UNDEFINED;
	put32(zero_page, ACPI_RSDP, FIRMWARE_TABLES);
	put32(zero_page, COMMAND_LINE, plan->told + TOLD_COMMAND);
	if (plan->initrd_bytes) {
		put32(zero_page, INITRD_BASE, plan->initrd);
		put32(zero_page, INITRD_BYTES, plan->initrd_bytes);
	}
	make_memory_map(config, zero_page);
}

static void set_long_mode(struct vmcb *vmcb, const struct pay_plan *plan, uint8_t *told)
{
	make_page_tables(told, plan->told);
	vmcb->cs.attributes = CODE64_ATTRIBUTES;
	vmcb->cr0 |= CR0_PG;
	vmcb->cr3 = plan->told + TOLD_PML4;
	vmcb->cr4 = CR4_PAE;
	vmcb->efer |= EFER_LME | EFER_LMA;
}

void linux_tell(struct cpu *cpu, const struct pay_plan *plan, uint8_t *told)
{
	uint64_t *gdt = (uint64_t *)(told + TOLD_GDT);
	bool is_64 = plan->start == PAY_LINUX_64;

	make_zero_page(cpu->config, plan, told);
	memcpy(told + TOLD_COMMAND, cpu->config->payload.command_line,
	       sizeof(cpu->config->payload.command_line));
	gdt[CODE_SELECTOR / 8] = is_64 ? LOAD_CODE64_DESCRIPTOR : LOAD_CODE32_DESCRIPTOR;
	gdt[DATA_SELECTOR / 8] = LOAD_DATA_DESCRIPTOR;
	load_protected_mode(cpu, CODE_SELECTOR, DATA_SELECTOR);
	cpu->vmcb->gdtr.base = plan->told + TOLD_GDT;
	cpu->vmcb->gdtr.limit = DATA_SELECTOR + 7;
	if (is_64)
		set_long_mode(cpu->vmcb, plan, told);
	cpu->regs.gpr[RSI] = plan->told + TOLD_ZERO_PAGE;
}
