/* SPDX-License-Identifier: MIT */
/*
 * exit_cpuid: what CPUID says in a partition: the machine's processor, but for what the partition does not
 * have (SVM, x2APIC), and with its own number of processors. APM vol. 3, appendix E.
 */
#include "exit.h"
#include "guest.h"

#define CPUID_BYTES 2

#define LEAF1_ECX_MONITOR (1ull << 3)
#define LEAF1_ECX_X2APIC  (1ull << 21)
#define LEAF1_ECX_OSXSAVE (1ull << 27)
#define LEAF7_ECX_OSPKE	  (1ull << 4)
#define EXT1_ECX_SVM	  (1ull << 2)
#define EXT1_ECX_SKINIT	  (1ull << 12)
#define EXT8_ECX_CORES	  0xffull

/* Bits that show the partition's own CR4, not the controller's, which is loaded while it is asked. */
static uint64_t follow(uint64_t features, uint64_t bit, bool on)
{
	return on ? features | bit : features & ~bit;
}

static void filter_1(const struct cpu *cpu, struct cpuid *r)
{
	r->ebx = (r->ebx & 0xffff) | cpu->config->processor_count << 16 | (uint32_t)cpu->apic_id << 24;
	if (cpu->config->slice_us)
		r->ecx &=
			~LEAF1_ECX_MONITOR; /* nobody sees the store that ends MWAIT while another one runs */
	r->ecx = follow(r->ecx & ~LEAF1_ECX_X2APIC, LEAF1_ECX_OSXSAVE, cpu->vmcb->cr4 & CR4_OSXSAVE);
}

void exit_cpuid(struct cpu *cpu)
{
	struct vmcb *vmcb = cpu->vmcb;
	uint32_t leaf = (uint32_t)vmcb->rax;
	struct cpuid r = cpuid(leaf, (uint32_t)cpu->regs.gpr[RCX]);

	switch (leaf) {
	case 1:
		filter_1(cpu, &r);
		break;
	case 7:
		r.ecx = follow(r.ecx, LEAF7_ECX_OSPKE, vmcb->cr4 & CR4_PKE);
		break;
	case 0xb: /* extended topology: one core of one thread for each processor */
		r.ebx = r.ebx ? cpu->config->processor_count : 0;
		break;
	case 0x80000001:
		r.ecx &= ~(EXT1_ECX_SVM | EXT1_ECX_SKINIT);
		break;
	case 0x80000008:
		r.ecx = (r.ecx & ~EXT8_ECX_CORES) | (cpu->config->processor_count - 1);
		break;
	case 0x8000000a: /* SVM's own leaf */
		r = (struct cpuid){0};
		break;
	}
	vmcb->rax = r.eax;
	cpu->regs.gpr[RBX] = r.ebx;
	cpu->regs.gpr[RCX] = r.ecx;
	cpu->regs.gpr[RDX] = r.edx;
	cpu->count->cpuid++;
	guest_skip(cpu, CPUID_BYTES);
}
