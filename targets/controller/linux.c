/* SPDX-License-Identifier: MIT */
/*
 * linux: starts a payload by the Linux/x86 boot protocol, 64-bit entry (Documentation/arch/x86/boot.rst,
 * "64-bit BOOT PROTOCOL"; offsets in the setup header as there).
 *
 * Where things go, in the partition's first memory entry that the payload fits into, of base E:
 *   E + 64 KiB   page tables, zero page, command line, descriptor table
 *   E + 1 MiB    the protected-mode part, or at the next multiple of its kernel_alignment
 *   end          initial RAM disk, if there is one
 */
#include "bytes.h"
#include "console.h"
#include "firmware.h"
#include "guest.h"
#include "partition.h"

#define SECTOR	     512
#define SETUP_SECTS  0x1f1
#define BOOT_FLAG    0x1fe
#define JUMP_LENGTH  0x201
#define HEADER	     0x202
#define VERSION	     0x206
#define LOADER_TYPE  0x210
#define INITRD_BASE  0x218
#define INITRD_BYTES 0x21c
#define COMMAND_LINE 0x228
#define ALIGNMENT    0x230
#define RELOCATABLE  0x234
#define XLOADFLAGS   0x236
#define INIT_SIZE    0x260
#define HEADER_END   0x268 /* of version 2.12, the oldest with a 64-bit entry */

#define BOOT_FLAG_VALUE	 0xaa55u
#define HEADER_MAGIC	 0x53726448u /* "HdrS" */
#define VERSION_64	 0x020cu
#define XLF_KERNEL_64	 1u
#define LOADER_UNDEFINED 0xffu
#define ENTRY_64	 0x200u
#define DEFAULT_SETUP	 4u

/* In the zero page (boot_params) */
#define ACPI_RSDP    0x070
#define E820_COUNT   0x1e8
#define E820_TABLE   0x2d0
#define E820_BYTES   20u
#define E820_ENTRIES 32u

#define BOOT_DATA      0x10000u /* from E */
#define BOOT_PML4      0x0000u	/* from there, a page each */
#define BOOT_PDPT      0x1000u
#define BOOT_ZERO_PAGE 0x2000u
#define BOOT_COMMAND   0x3000u
#define BOOT_GDT       0x4000u
#define BOOT_BYTES     0x5000u
#define PIECE	       0x10000u
#define KERNEL_FROM    0x100000u

#define CODE64_SELECTOR	  0x10
#define DATA_SELECTOR	  0x18
#define CODE64_DESCRIPTOR 0x00af9b000000ffffull
#define DATA_DESCRIPTOR	  0x00cf93000000ffffull
#define CODE64_ATTRIBUTES 0xa9b
#define DATA_ATTRIBUTES	  0xc93

/* Where a payload goes, in guest-physical addresses. */
struct plan {
	const struct module *image;
	const struct module *initrd; /* NULL: none */
	uint64_t setup_bytes;
	uint64_t boot;
	uint64_t kernel;
	uint64_t kernel_bytes; /* in memory, with what it needs behind its image */
	uint64_t initrd_base;
};

static uint32_t get(const uint8_t *bytes, uint32_t offset, uint8_t size)
{
	uint32_t value = 0;

	memcpy(&value, bytes + offset, size);
	return value;
}

static uint64_t align_up(uint64_t value, uint64_t alignment)
{
	return (value + alignment - 1) & ~(alignment - 1);
}

static const char *header_fault(const struct module *image)
{
	if (image->size_bytes < HEADER_END || get(image->bytes, BOOT_FLAG, 2) != BOOT_FLAG_VALUE ||
	    get(image->bytes, HEADER, 4) != HEADER_MAGIC)
		return "its payload is no Linux boot image";
	if (get(image->bytes, VERSION, 2) < VERSION_64 || !(get(image->bytes, XLOADFLAGS, 2) & XLF_KERNEL_64))
		return "its payload has no 64-bit entry (boot protocol 2.12 and XLF_KERNEL_64 are wanted)";
	if (!get(image->bytes, RELOCATABLE, 1))
		return "its payload is not relocatable";
	return NULL;
}

static bool is_power_of_two(uint64_t value)
{
	return value && !(value & (value - 1));
}

/* Fits the payload into one memory entry. */
static bool fits(struct plan *plan, const struct cfg_memory *memory)
{
	uint64_t alignment = get(plan->image->bytes, ALIGNMENT, 4);
	uint64_t end = memory->gpa + memory->size_bytes;
	uint64_t initrd_bytes = plan->initrd ? align_up(plan->initrd->size_bytes, PAGE_BYTES) : 0;

	if (!is_power_of_two(alignment) || initrd_bytes > memory->size_bytes)
		return false;
	plan->boot = memory->gpa + BOOT_DATA;
	plan->kernel = align_up(memory->gpa + KERNEL_FROM, alignment);
	plan->initrd_base = end - initrd_bytes;
	return plan->kernel + plan->kernel_bytes <= plan->initrd_base && plan->initrd_base <= UINT32_MAX;
}

/* NULL, or why the payload cannot be started. */
static const char *make_plan(const struct cfg_partition *config, struct plan *plan)
{
	const char *fault;
	uint32_t sectors;

	plan->image = module_get(config->payload.module);
	plan->initrd = config->payload.initrd_module ? module_get(config->payload.initrd_module) : NULL;
	if (!plan->image || (config->payload.initrd_module && !plan->initrd))
		return "the boot module with its payload is missing";
	fault = header_fault(plan->image);
	if (fault)
		return fault;
	sectors = get(plan->image->bytes, SETUP_SECTS, 1);
	plan->setup_bytes = ((sectors ? sectors : DEFAULT_SETUP) + 1) * SECTOR;
	if (plan->setup_bytes + ENTRY_64 >= plan->image->size_bytes)
		return "its payload ends within its own header";
	plan->kernel_bytes = get(plan->image->bytes, INIT_SIZE, 4);
	if (plan->kernel_bytes < plan->image->size_bytes - plan->setup_bytes)
		plan->kernel_bytes = plan->image->size_bytes - plan->setup_bytes;
	for (uint32_t i = 0; i < config->memory_count; i++)
		if (fits(plan, &config->memory[i]))
			return NULL;
	return "its payload fits into none of its memory ranges below 4 GiB";
}

const char *linux_unsupported(const struct cfg_partition *config)
{
	struct plan plan;

	return make_plan(config, &plan);
}

/* The first 512 GiB as they are, in pages of 1 GiB: any RAM it can have, and all devices. */
static void make_page_tables(uint8_t *boot, uint64_t gpa)
{
	uint64_t *pml4 = (uint64_t *)(boot + BOOT_PML4);
	uint64_t *pdpt = (uint64_t *)(boot + BOOT_PDPT);

	pml4[0] = (gpa + BOOT_PDPT) | PTE_P | PTE_W | PTE_U;
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

static void make_zero_page(const struct cfg_partition *config, const struct plan *plan, uint8_t *boot)
{
	uint8_t *zero_page = boot + BOOT_ZERO_PAGE;
	const uint8_t *image = plan->image->bytes;

	memcpy(zero_page + SETUP_SECTS, image + SETUP_SECTS,
	       (size_t)(HEADER + get(image, JUMP_LENGTH, 1) - SETUP_SECTS));
	zero_page[LOADER_TYPE] = LOADER_UNDEFINED;
	put32(zero_page, ACPI_RSDP, FIRMWARE_TABLES);
	put32(zero_page, COMMAND_LINE, plan->boot + BOOT_COMMAND);
	if (plan->initrd) {
		put32(zero_page, INITRD_BASE, plan->initrd_base);
		put32(zero_page, INITRD_BYTES, plan->initrd->size_bytes);
	}
	make_memory_map(config, zero_page);
}

/*
 * Megabytes are moved in pieces with a PAUSE between them: an emulator that runs all processors in one thread
 * lets the others go on there. Without it, a neighbour would see gaps while this partition starts.
 */
static void copy(uint8_t *to, const uint8_t *from, uint64_t size)
{
	for (uint64_t done = 0; done < size; done += PIECE) {
		memcpy(to + done, from + done, size - done < PIECE ? size - done : PIECE);
		pause();
	}
}

static void clear(uint8_t *to, uint64_t size)
{
	for (uint64_t done = 0; done < size; done += PIECE) {
		memset(to + done, 0, size - done < PIECE ? size - done : PIECE);
		pause();
	}
}

/* Everything comes from the untouched boot module again, so that no start depends on the one before. */
static void fill_memory(const struct cpu *cpu, const struct plan *plan)
{
	uint8_t *boot = guest_ram(cpu, plan->boot, BOOT_BYTES);
	uint8_t *kernel = guest_ram(cpu, plan->kernel, plan->kernel_bytes);
	size_t image_bytes = plan->image->size_bytes - plan->setup_bytes;
	uint64_t *gdt = (uint64_t *)(boot + BOOT_GDT);

	memset(boot, 0, BOOT_BYTES);
	make_page_tables(boot, plan->boot);
	make_zero_page(cpu->config, plan, boot);
	memcpy(boot + BOOT_COMMAND, cpu->config->payload.command_line,
	       sizeof(cpu->config->payload.command_line));
	gdt[CODE64_SELECTOR / 8] = CODE64_DESCRIPTOR;
	gdt[DATA_SELECTOR / 8] = DATA_DESCRIPTOR;
	copy(kernel, plan->image->bytes + plan->setup_bytes, image_bytes);
	clear(kernel + image_bytes, plan->kernel_bytes - image_bytes);
	if (plan->initrd)
		copy(guest_ram(cpu, plan->initrd_base, plan->initrd->size_bytes), plan->initrd->bytes,
		     plan->initrd->size_bytes);
}

static void set_entry(struct cpu *cpu, const struct plan *plan)
{
	const struct svm_segment data = {DATA_SELECTOR, DATA_ATTRIBUTES, 0xffffffff, 0};
	struct vmcb *vmcb = cpu->vmcb;

	vmcb->cs = (struct svm_segment){CODE64_SELECTOR, CODE64_ATTRIBUTES, 0xffffffff, 0};
	vmcb->ds = vmcb->es = vmcb->ss = data;
	vmcb->gdtr.base = plan->boot + BOOT_GDT;
	vmcb->gdtr.limit = DATA_SELECTOR + 7;
	vmcb->cr0 = CR0_PE | CR0_ET | CR0_NE | CR0_PG;
	vmcb->cr3 = plan->boot + BOOT_PML4;
	vmcb->cr4 = CR4_PAE;
	vmcb->efer = EFER_SVME | EFER_LME | EFER_LMA;
	vmcb->rip = plan->kernel + ENTRY_64;
	cpu->regs.gpr[RSI] = plan->boot + BOOT_ZERO_PAGE;
}

void linux_load(struct cpu *cpu)
{
	struct plan plan;

	if (make_plan(cpu->config, &plan))
		panic("a payload that could be started when the machine was cannot be any more");
	fill_memory(cpu, &plan);
	set_entry(cpu, &plan);
}
