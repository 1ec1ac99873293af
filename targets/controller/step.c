/* SPDX-License-Identifier: MIT */
/* step: carries out the instruction that exited, on the registers that it works on. */
#include "exit.h"
#include "guest.h"

/*
 * Only what the simulation of this instruction reads: its segment, and ES, the second one of strings. FS and
 * GS are in the processor, not in the VMCB: nothing but VMSAVE would put them there. The others have no base
 * in 64-bit code.
 */
static RARELY void get_segments(struct cpu *cpu, uint8_t segment)
{
	const struct svm_segment *in_vmcb = &cpu->vmcb->es; /* in the order of enum dec_segment */

	if (segment >= DEC_FS)
		cpu->regs.segment_base[segment] = rdmsr(segment == DEC_FS ? MSR_FS_BASE : MSR_GS_BASE);
	else
		cpu->regs.segment_base[segment] = in_vmcb[segment].base;
	cpu->regs.segment_base[DEC_ES] = in_vmcb[DEC_ES].base;
}

static void registers_get(struct cpu *cpu, const struct dec_insn *insn)
{
	const struct vmcb *vmcb = cpu->vmcb;

	cpu->regs.gpr[RAX] = vmcb->rax;
	cpu->regs.gpr[RSP] = vmcb->rsp;
	cpu->regs.rip = vmcb->rip;
	cpu->regs.rflags = vmcb->rflags;
	cpu->regs.cpl = vmcb->cpl;
	if (cpu->regs.mode != DEC_64 || insn->segment >= DEC_FS)
		get_segments(cpu, insn->segment);
}

static void registers_put(struct cpu *cpu)
{
	struct vmcb *vmcb = cpu->vmcb;

	vmcb->rax = cpu->regs.gpr[RAX];
	vmcb->rsp = cpu->regs.gpr[RSP];
	vmcb->rip = cpu->regs.rip;
	vmcb->rflags = cpu->regs.rflags;
}

/* The processor checked before it exited that there is something here to simulate: a refusal is our limit. */
static RARELY void refuse(struct cpu *cpu)
{
	guest_trace(cpu, TRC_BROKEN, cpu->vmcb->exit_code, cpu->vmcb->rip);
	guest_inject(cpu, EXC_GP, 0);
}

static bool is_string(const struct dec_insn *insn)
{
	return insn->op >= DEC_MOVS && insn->op <= DEC_OUTS;
}

/* False: refused. Otherwise carried out, or partly, or it faulted. */
static bool step(struct cpu *cpu, const struct dec_insn *insn)
{
	enum sim_result result;

	registers_get(cpu, insn);
	result = sim_step(&cpu->regs, insn, &cpu->bus);
	if (result == SIM_UNHANDLED)
		return false;
	registers_put(cpu);
	if (result == SIM_DONE)
		guest_stepped(cpu);
	else if (result == SIM_FAULT)
		guest_inject(cpu, cpu->bus.vector, cpu->bus.error);
	return true; /* SIM_AGAIN: a long one lets interrupts in between its parts */
}

void simulate_instruction(struct cpu *cpu)
{
	const struct dec_insn *insn = guest_instruction(cpu);

	if (!insn) {
		refuse(cpu);
		return;
	}
	if (is_string(insn))
		cpu->fault_gpa = 0;
	if (!step(cpu, insn))
		refuse(cpu);
	cpu->fault_gpa = 0;
}
