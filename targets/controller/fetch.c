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

/* An instruction near the end of a page, decoded into spare: rare, so nothing is remembered. */
static const struct dec_insn *fetch_across(const struct cpu *cpu, uint64_t linear, enum dec_mode mode,
					   struct dec_insn *spare)
{
	uint8_t bytes[DEC_MAX_BYTES];
	size_t size = fetch_part(cpu, linear, bytes, DEC_MAX_BYTES);

	if (size && size < DEC_MAX_BYTES)
		size += fetch_part(cpu, linear + size, bytes + size, DEC_MAX_BYTES - size);
	return dec_decode(bytes, size, mode, spare) ? spare : NULL;
}

/* Sixteen bytes, one more than the longest instruction, so that they are two words to compare. */
static const uint64_t *fetch_within(const struct cpu *cpu, uint64_t linear)
{
	uint64_t gpa, hpa;
	uint32_t error;

	if ((linear & (PAGE_BYTES - 1)) > PAGE_BYTES - 16)
		return NULL;
	if (!guest_translate(cpu, linear, PF_FETCH, &gpa, &error) || !mem_to_hpa(cpu->config, gpa, 16, &hpa))
		return NULL;
	return (const uint64_t *)hpa;
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
	const uint64_t *words = fetch_within(cpu, linear);

	if (words && slot->mode == mode && slot->bytes[0] == words[0] && slot->bytes[1] == words[1])
		return &slot->insn;
	slot->mode = 0;
	if (!words)
		return fetch_across(cpu, linear, mode, &slot->insn);
	slot->bytes[0] = words[0];
	slot->bytes[1] = words[1];
	if (!dec_decode((const uint8_t *)slot->bytes, DEC_MAX_BYTES, mode, &slot->insn))
		return NULL;
	slot->mode = mode;
	return &slot->insn;
}

/* FS and GS are in the processor, not in the VMCB: nothing but VMSAVE would put them there. */
static uint64_t segment_base(const struct vmcb *vmcb, uint8_t segment, enum dec_mode mode)
{
	const struct svm_segment *in_vmcb = &vmcb->es; /* in the order of enum dec_segment */

	if (segment == DEC_FS || segment == DEC_GS)
		return rdmsr(segment == DEC_FS ? MSR_FS_BASE : MSR_GS_BASE);
	return mode == DEC_64 ? 0 : in_vmcb[segment].base;
}

/* Only what the simulation of this instruction reads: its segment, and ES, the second one of strings. */
void guest_registers_get(struct cpu *cpu, const struct dec_insn *insn)
{
	const struct vmcb *vmcb = cpu->vmcb;
	enum dec_mode mode = mode_now(vmcb);

	cpu->regs.gpr[RAX] = vmcb->rax;
	cpu->regs.gpr[RSP] = vmcb->rsp;
	cpu->regs.rip = vmcb->rip;
	cpu->regs.rflags = vmcb->rflags;
	cpu->regs.cpl = vmcb->cpl;
	cpu->regs.mode = (uint8_t)mode;
	cpu->regs.segment_base[DEC_ES] = mode == DEC_64 ? 0 : vmcb->es.base;
	cpu->regs.segment_base[insn->segment] = segment_base(vmcb, insn->segment, mode);
}

void guest_registers_put(struct cpu *cpu)
{
	struct vmcb *vmcb = cpu->vmcb;

	vmcb->rax = cpu->regs.gpr[RAX];
	vmcb->rsp = cpu->regs.gpr[RSP];
	vmcb->rip = cpu->regs.rip;
	vmcb->rflags = cpu->regs.rflags;
}
