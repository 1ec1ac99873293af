/* SPDX-License-Identifier: MIT */
/*
 * load: carries out what the core has planned. Everything comes from the untouched boot modules again, so
 * that no start depends on the one before.
 */
#include "load.h"

#include "bytes.h"
#include "console.h"
#include "firmware.h"
#include "guest.h"

#define PIECE 0x10000u

#define CODE32_ATTRIBUTES 0xc9b
#define DATA_ATTRIBUTES	  0xc93

static struct pay_file file_of(const struct module *module)
{
	return (struct pay_file){module->bytes, module->size_bytes};
}

/* NULL, or why there is no plan. */
static const char *make_plan(const struct cfg_partition *config, struct pay_plan *plan)
{
	const struct module *image = module_get(config->payload.module);
	const struct module *initrd = module_get(config->payload.initrd_module);
	static char text[PAY_TEXT_BYTES];
	struct pay_fault fault;

	if (!image || !initrd)
		return "the boot module with its payload, or with its initrd, is missing";
	if (pay_plan(config, file_of(image), config->payload.initrd_module ? initrd->size_bytes : 0, plan,
		     &fault) == PAY_OK)
		return NULL;
	pay_text(&fault, text, sizeof(text));
	return text;
}

const char *load_unsupported(const struct cfg_partition *config)
{
	struct pay_plan plan;

	return make_plan(config, &plan);
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

static void load_segment(const struct cpu *cpu, const struct module *image, const struct pay_segment *segment)
{
	uint8_t *to = guest_ram(cpu, segment->gpa, segment->memory_bytes);

	copy(to, image->bytes + segment->offset, segment->file_bytes);
	clear(to + segment->file_bytes, segment->memory_bytes - segment->file_bytes);
}

static void tell(struct cpu *cpu, const struct pay_plan *plan)
{
	uint8_t *told = guest_ram(cpu, plan->told, PAY_TOLD_BYTES);

	memset(told, 0, PAY_TOLD_BYTES);
	firmware_load(cpu);
	cpu->vmcb->rip = plan->entry;
	if (plan->start == PAY_LINUX_64 || plan->start == PAY_LINUX_32)
		linux_tell(cpu, plan, told);
	else
		multiboot_tell(cpu, plan, told);
}

void load_payload(struct cpu *cpu)
{
	const struct cfg_payload *payload = &cpu->config->payload;
	struct pay_plan plan;

	if (make_plan(cpu->config, &plan))
		panic("a payload that could be started when the machine was cannot be any more");
	for (uint32_t i = 0; i < plan.segment_count; i++)
		load_segment(cpu, module_get(payload->module), &plan.segment[i]);
	if (plan.initrd_bytes)
		copy(guest_ram(cpu, plan.initrd, plan.initrd_bytes),
		     module_get(payload->initrd_module)->bytes, plan.initrd_bytes);
	if (plan.start == PAY_FIRMWARE)
		bootsector_start(cpu);
	else
		tell(cpu, &plan);
}

void load_protected_mode(struct cpu *cpu, uint16_t code_selector, uint16_t data_selector)
{
	const struct svm_segment data = {data_selector, DATA_ATTRIBUTES, 0xffffffff, 0};
	struct vmcb *vmcb = cpu->vmcb;

	vmcb->cs = (struct svm_segment){code_selector, CODE32_ATTRIBUTES, 0xffffffff, 0};
	vmcb->ds = vmcb->es = vmcb->ss = vmcb->fs = vmcb->gs = data;
	vmcb->cr0 = CR0_PE | CR0_ET | CR0_NE;
	vmcb->efer = EFER_SVME;
	__asm__ volatile("vmload %0" : : "a"(vmcb) : "memory"); /* FS and GS are not VMRUN's to load */
}
