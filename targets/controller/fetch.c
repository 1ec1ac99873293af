/* SPDX-License-Identifier: MIT */
/* fetch: the instruction that exited, from the partition's memory, decoded. */
#include "guest.h"

#include "bytes.h"

static uint64_t linear_rip(const struct vmcb *vmcb, enum dec_mode mode)
{
	return mode == DEC_64 ? vmcb->rip : (uint32_t)(vmcb->cs.base + vmcb->rip);
}

/* Up to size bytes at linear that lie in one page; how many could be had. */
static size_t fetch_part(const struct cpu *cpu, uint64_t linear, uint8_t *bytes, size_t size)
{
	uint64_t in_page = PAGE_BYTES - (linear & (PAGE_BYTES - 1));
	struct guest_walk walk;
	const uint8_t *ram;

	if (size > in_page)
		size = in_page;
	if (!guest_translate(cpu, linear, PF_FETCH, &walk))
		return 0;
	ram = guest_ram(cpu, walk.gpa, size);
	if (!ram)
		return 0;
	memcpy(bytes, ram, size);
	return size;
}

/* Wherever it lies, and in all modes. Nothing is kept. */
static const struct dec_insn *fetch_anywhere(const struct cpu *cpu, enum dec_mode mode, struct dec_insn *insn)
{
	uint64_t linear = linear_rip(cpu->vmcb, mode);
	uint8_t bytes[DEC_MAX_BYTES];
	size_t size = fetch_part(cpu, linear, bytes, DEC_MAX_BYTES);

	if (size && size < DEC_MAX_BYTES)
		size += fetch_part(cpu, linear + size, bytes + size, DEC_MAX_BYTES - size);
	return dec_decode(bytes, size, mode, insn) ? insn : NULL;
}

/*
 * A driver uses the same few instructions on its registers again and again. What one was decoded to depends
 * on nothing but RIP, CR3, EFER, the entries of the page tables on the way, and 16 bytes of code; whether it
 * may be executed, the processor has found out before it exited. All of them are compared with what they are
 * now, so a hit is right whatever the partition wrote where in between; and that those entries and bytes lie
 * in its RAM cannot change. Only in 64-bit code, and only where 16 bytes do not reach into another page.
 */
static bool still_right(const struct cpu_decoded *kept, const struct vmcb *vmcb)
{
	if (kept->rip != vmcb->rip || kept->cr3 != vmcb->cr3 || kept->efer != vmcb->efer ||
	    kept->cs_attributes != vmcb->cs.attributes)
		return false;
#pragma GCC unroll GUEST_LEVELS
	for (uint32_t i = 0; i < GUEST_LEVELS; i++)
		if (*(const volatile uint64_t *)kept->walk.entry[i] != kept->walk.value[i])
			return false;
	return kept->words[0] == kept->bytes[0] && kept->words[1] == kept->bytes[1];
}

/* Fills the place for it. False: it has to be fetched otherwise, and nothing is kept. */
static bool keep(const struct cpu *cpu, struct cpu_decoded *kept)
{
	const struct vmcb *vmcb = cpu->vmcb;

	kept->efer = 0;
	if (guest_mode(vmcb) != DEC_64 || (vmcb->rip & (PAGE_BYTES - 1)) > PAGE_BYTES - sizeof(kept->bytes) ||
	    !guest_translate(cpu, vmcb->rip, PF_FETCH, &kept->walk))
		return false;
	for (uint32_t i = kept->walk.levels; i < GUEST_LEVELS; i++) { /* what is compared is always as much */
		kept->walk.entry[i] = kept->walk.entry[0];
		kept->walk.value[i] = kept->walk.value[0];
	}
	kept->words = (const uint64_t *)guest_ram(cpu, kept->walk.gpa, sizeof(kept->bytes));
	if (!kept->words)
		return false;
	memcpy(kept->bytes, kept->words, sizeof(kept->bytes));
	if (!dec_decode((const uint8_t *)kept->bytes, DEC_MAX_BYTES, DEC_64, &kept->insn))
		return false;
	kept->rip = vmcb->rip;
	kept->cr3 = vmcb->cr3;
	kept->efer = vmcb->efer;
	kept->cs_attributes = vmcb->cs.attributes;
	return true;
}

static RARELY const struct dec_insn *fetch(struct cpu *cpu, struct cpu_decoded *kept)
{
	enum dec_mode mode = guest_mode(cpu->vmcb);

	cpu->regs.mode = (uint8_t)mode;
	return keep(cpu, kept) ? &kept->insn : fetch_anywhere(cpu, mode, &cpu->spare);
}

const struct dec_insn *guest_instruction(struct cpu *cpu)
{
	struct cpu_decoded *kept = &cpu->decoded[cpu->vmcb->rip / 2 % CPU_DECODED];

	if (!still_right(kept, cpu->vmcb))
		return fetch(cpu, kept);
	cpu->regs.mode = DEC_64;
	return &kept->insn;
}
