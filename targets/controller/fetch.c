/* SPDX-License-Identifier: MIT */
/* fetch: the instruction that exited, from the partition's memory, decoded; and the registers it works on. */
#include "guest.h"

#include "bytes.h"

/* As sim_cpu and the decoder take it: the mode of the code segment. */
static enum dec_mode mode_now(const struct vmcb *vmcb)
{
	if (vmcb->efer & EFER_LMA && vmcb->cs.attributes & SVM_SEGMENT_LONG)
		return DEC_64;
	return vmcb->cs.attributes & SVM_SEGMENT_BIG ? DEC_32 : DEC_16;
}

static uint64_t linear_rip(const struct vmcb *vmcb, enum dec_mode mode)
{
	return mode == DEC_64 ? vmcb->rip : (uint32_t)(vmcb->cs.base + vmcb->rip);
}

/* Up to size bytes at linear that lie in one page; how many could be had. */
static size_t fetch_part(const struct cpu *cpu, uint64_t linear, uint8_t *bytes, size_t size)
{
	uint64_t in_page = PAGE_BYTES - (linear & (PAGE_BYTES - 1));
	uint64_t gpa;
	uint32_t error;
	const uint8_t *ram;

	if (size > in_page)
		size = in_page;
	if (!guest_translate(cpu, linear, PF_FETCH, &gpa, &error))
		return 0;
	ram = guest_ram(cpu, gpa, size);
	if (!ram)
		return 0;
	memcpy(bytes, ram, size);
	return size;
}

/* Sixteen bytes, one more than the longest instruction, so that they are two words to compare. */
static size_t fetch(const struct cpu *cpu, uint64_t linear, uint64_t words[2])
{
	uint8_t *bytes = (uint8_t *)words;
	size_t size;

	words[0] = words[1] = 0;
	size = fetch_part(cpu, linear, bytes, 16);
	if (size && size < 16)
		size += fetch_part(cpu, linear + size, bytes + size, 16 - size);
	return size;
}

/*
 * What was decoded is kept with all the bytes that it was made from: they are fetched and compared each time,
 * so a hit is right whatever the partition did to its code or its page tables in between.
 */
const struct dec_insn *guest_instruction(struct cpu *cpu)
{
	enum dec_mode mode = mode_now(cpu->vmcb);
	uint64_t linear = linear_rip(cpu->vmcb, mode);
	struct cpu_decoded *slot = &cpu->decoded[linear / 2 % CPU_DECODED];
	uint64_t words[2];
	size_t size = fetch(cpu, linear, words);

	if (size == 16 && slot->mode == mode && slot->bytes[0] == words[0] && slot->bytes[1] == words[1])
		return &slot->insn;
	slot->mode = 0;
	if (!dec_decode((const uint8_t *)words, size > DEC_MAX_BYTES ? DEC_MAX_BYTES : size, mode, &slot->insn))
		return NULL;
	if (size == 16) {
		slot->mode = mode;
		slot->bytes[0] = words[0];
		slot->bytes[1] = words[1];
	}
	return &slot->insn;
}

/* FS and GS are in the processor, not in the VMCB: nothing but VMSAVE would put them there. */
static void get_segments(struct cpu *cpu, uint8_t segment)
{
	const struct vmcb *vmcb = cpu->vmcb;
	bool flat = cpu->regs.mode == DEC_64;

	cpu->regs.segment_base[DEC_ES] = flat ? 0 : vmcb->es.base;
	cpu->regs.segment_base[DEC_CS] = flat ? 0 : vmcb->cs.base;
	cpu->regs.segment_base[DEC_SS] = flat ? 0 : vmcb->ss.base;
	cpu->regs.segment_base[DEC_DS] = flat ? 0 : vmcb->ds.base;
	if (segment == DEC_FS)
		cpu->regs.segment_base[DEC_FS] = rdmsr(MSR_FS_BASE);
	if (segment == DEC_GS)
		cpu->regs.segment_base[DEC_GS] = rdmsr(MSR_GS_BASE);
}

void guest_registers_get(struct cpu *cpu, const struct dec_insn *insn)
{
	const struct vmcb *vmcb = cpu->vmcb;

	cpu->regs.gpr[RAX] = vmcb->rax;
	cpu->regs.gpr[RSP] = vmcb->rsp;
	cpu->regs.rip = vmcb->rip;
	cpu->regs.rflags = vmcb->rflags;
	cpu->regs.cpl = vmcb->cpl;
	cpu->regs.mode = (uint8_t)mode_now(vmcb);
	get_segments(cpu, insn->segment);
}

void guest_registers_put(struct cpu *cpu)
{
	struct vmcb *vmcb = cpu->vmcb;

	vmcb->rax = cpu->regs.gpr[RAX];
	vmcb->rsp = cpu->regs.gpr[RSP];
	vmcb->rip = cpu->regs.rip;
	vmcb->rflags = cpu->regs.rflags;
}
