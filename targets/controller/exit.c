/* SPDX-License-Identifier: MIT */
/* exit: why did the partition leave, and who deals with it. The frequent reasons are here. */
#include "exit.h"

#include "guest.h"

#define VMMCALL_BYTES 3

enum call { CALL_VERSION = 0 };
#define CALL_UNKNOWN (~0ull) /* in RAX */

/* The function is in EAX, so is the answer. Without the right to call, it is the bare machine's #UD. */
static void exit_vmmcall(struct cpu *cpu)
{
	struct vmcb *vmcb = cpu->vmcb;

	cpu->count->vmmcall++;
	if (!(cpu->config->rights & CFG_RIGHT_CALL)) {
		guest_inject(cpu, EXC_UD, 0);
		return;
	}
	vmcb->rax = (uint32_t)vmcb->rax == CALL_VERSION ? VERSION_NUMBER : CALL_UNKNOWN;
	guest_skip(cpu, VMMCALL_BYTES);
}

void exit_handle(struct cpu *cpu)
{
	cpu->vmcb->inject = 0; /* the processor need not clear it */
	cpu->vmcb->tlb_control = 0;
	switch (cpu->vmcb->exit_code) {
	case SVM_EXIT_CPUID:
		exit_cpuid(cpu);
		break;
	case SVM_EXIT_VMMCALL:
		exit_vmmcall(cpu);
		break;
	case SVM_EXIT_IOIO:
		exit_port(cpu);
		break;
	case SVM_EXIT_NPF:
		exit_npf(cpu);
		break;
	case SVM_EXIT_MSR:
		exit_msr(cpu);
		break;
	default:
		exit_rare(cpu);
	}
}
