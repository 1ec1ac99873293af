/* SPDX-License-Identifier: MIT */
/*
 * guest: the partition's memory and processor as its own instructions see them. Every address is checked
 * against the partition's RAM before it is used.
 */
#ifndef MRM_CONTROLLER_GUEST_H
#define MRM_CONTROLLER_GUEST_H

#include "cpu.h"
#include "exception.h"

/* Kept out of its callers, so that they save no registers for it on their usual way. */
#define RARELY __attribute__((cold, noinline))

/* The host address of size bytes of its RAM, NULL if they are not all its own. */
uint8_t *guest_ram(const struct cpu *cpu, uint64_t gpa, uint64_t size_bytes);

/* Walks its page tables. access: PF_WRITE, PF_FETCH or 0. False: walk->error is the error code of #PF. */
bool guest_translate(const struct cpu *cpu, uint64_t linear, uint32_t access, struct guest_walk *walk);

/* The instruction at RIP; regs.mode is its mode. NULL if its bytes cannot be had, or it is not one that can
 * be simulated. */
const struct dec_insn *guest_instruction(struct cpu *cpu);

/* As sim_cpu and the decoder take it: the mode of the code segment. */
static inline enum dec_mode guest_mode(const struct vmcb *vmcb)
{
	if (vmcb->efer & EFER_LMA && vmcb->cs.attributes & SVM_SEGMENT_LONG)
		return DEC_64;
	return vmcb->cs.attributes & SVM_SEGMENT_BIG ? DEC_32 : DEC_16;
}

/* An event to be delivered as the partition goes on. The error code is for those vectors that have one. */
void guest_inject(struct cpu *cpu, uint8_t vector, uint32_t error);
void guest_inject_page_fault(struct cpu *cpu, uint64_t linear, uint32_t error);
void guest_inject_nmi(struct cpu *cpu);

/*
 * An instruction was carried out, RIP is behind it. That ends an interrupt shadow, and a single step is
 * reported as the processor would.
 */
static inline void guest_stepped(struct cpu *cpu)
{
	cpu->vmcb->interrupt_shadow = 0;
	if (cpu->vmcb->rflags & RFLAGS_TF) {
		cpu->vmcb->dr6 |= DR6_BS;
		guest_inject(cpu, EXC_DB, 0);
	}
}

/* There is no next-RIP in every processor's VMCB, so whoever carries out an instruction knows its length. */
static inline void guest_skip(struct cpu *cpu, uint8_t length)
{
	cpu->vmcb->rip += length;
	guest_stepped(cpu);
}

static inline void guest_trace(const struct cpu *cpu, enum trc_kind kind, uint64_t a, uint64_t b)
{
	core_trace(&core, kind, cpu->partition, a, b);
}

#endif
