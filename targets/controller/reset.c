/* SPDX-License-Identifier: MIT */
/* reset: a processor of a partition as it is after a reset, whatever ran on it before. */
#include "bytes.h"
#include "partition.h"

#define PAT_RESET 0x0007040600070406ull

#define REAL_MODE_LIMIT	  0xffffu
#define CODE16_ATTRIBUTES 0x9b
#define DATA16_ATTRIBUTES 0x93

/* All that XSAVE knows, to its initial state: a header that says "nothing saved" (APM vol. 2 §11.5). */
static void reset_fpu(void)
{
	static const struct {
		uint16_t fcw;
		uint8_t reserved0[22];
		uint32_t mxcsr;
		uint8_t reserved1[1024 - 28];
	} __attribute__((aligned(64))) initial = {.fcw = 0x37f, .mxcsr = 0x1f80};
	struct cpuid features = cpuid(0xd, 0);

	__asm__ volatile("xsetbv" : : "c"(0), "a"(features.eax), "d"(features.edx));
	__asm__ volatile("xrstor %0" : : "m"(initial), "a"(features.eax), "d"(features.edx));
	__asm__ volatile("xsetbv" : : "c"(0), "a"(1), "d"(0));
}

/* The state that neither VMRUN nor the payload's entry sets. */
void reset_processor(struct cpu *cpu)
{
	struct vmcb *vmcb = cpu->vmcb;

	memset(&vmcb->es, 0, sizeof(*vmcb) - offsetof(struct vmcb, es));
	memset(&cpu->regs, 0, sizeof(cpu->regs));
	vmcb->tr.attributes = 0x8b;
	vmcb->rflags = RFLAGS_FIXED;
	vmcb->dr6 = DR6_RESET;
	vmcb->dr7 = DR7_RESET;
	vmcb->g_pat = PAT_RESET;
	vmcb->tsc_offset = 0;
	vmcb->inject = 0;
	vmcb->interrupt_shadow = 0;
	vmcb->tlb_control = SVM_TLB_FLUSH_ALL;
	cpu->icr_high = cpu->logical_id = 0;
	cpu->traced_port = cpu->denied_access = cpu->denied_port = 0;
	__asm__ volatile("mov %0, %%dr0; mov %0, %%dr1; mov %0, %%dr2; mov %0, %%dr3" : : "r"(0ull));
	wrmsr(MSR_TSC_AUX, 0);
	wrmsr(MSR_PAT, PAT_RESET);
	reset_fpu();
	/* FS, GS, TR, LDTR, and the MSRs of SYSCALL and SYSENTER */
	__asm__ volatile("vmload %0" : : "a"(vmcb) : "memory");
}

void reset_real_mode(struct cpu *cpu, uint16_t cs, uint64_t cs_base, uint16_t ip)
{
	const struct svm_segment data = {0, DATA16_ATTRIBUTES, REAL_MODE_LIMIT, 0};
	struct vmcb *vmcb = cpu->vmcb;

	vmcb->cs = (struct svm_segment){cs, CODE16_ATTRIBUTES, REAL_MODE_LIMIT, cs_base};
	vmcb->ds = vmcb->es = vmcb->ss = data;
	vmcb->gdtr.limit = vmcb->idtr.limit = REAL_MODE_LIMIT;
	vmcb->cr0 = CR0_ET;
	vmcb->efer = EFER_SVME;
	vmcb->rip = ip;
	cpu->regs.gpr[RDX] = cpuid(1, 0).eax;
}
