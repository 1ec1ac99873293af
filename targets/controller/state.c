/* SPDX-License-Identifier: MIT */
/*
 * state: the registers that stay in the processor when a partition leaves it, kept apart for those that share
 * one: what VMSAVE saves (FS, GS, TR, LDTR, the MSRs of SYSCALL and SYSENTER), all that XSAVE knows, XCR0,
 * the debug registers, and the MSRs that a partition has directly. DR6, DR7 and CR2 are in the VMCB.
 */
#include "guest.h"
#include "slice.h"

struct state {
	uint64_t xcr0;
	uint64_t dr[4];
	uint64_t pat; /* the real one where a processor has no other for the guest */
	uint64_t tsc_aux;
	uint8_t *xsave;
};

static void xcr0_write(uint64_t value)
{
	__asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static uint64_t xcr0_read(void)
{
	uint32_t low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return low | (uint64_t)high << 32;
}

/* All components that the processor has (APM vol. 3, CPUID Fn0000_000D). */
static uint64_t xcr0_all(void)
{
	static uint64_t all;

	if (!all) {
		struct cpuid features = cpuid(0xd, 0);

		all = features.eax | features.edx << 32;
	}
	return all;
}

struct state *state_make(void)
{
	struct state *state = page_take(1);
	uint64_t pages = (cpuid(0xd, 0).ecx + PAGE_BYTES - 1) / PAGE_BYTES;

	state->xsave = page_take(pages);
	state->xcr0 = 1;
	state->pat = rdmsr(MSR_PAT);
	return state;
}

void state_save(struct cpu *cpu)
{
	struct state *state = cpu->state;
	uint64_t all = xcr0_all();

	state->xcr0 = xcr0_read();
	xcr0_write(all);
	__asm__ volatile("xsave64 (%0)"
			 :
			 : "r"(state->xsave), "a"((uint32_t)all), "d"((uint32_t)(all >> 32))
			 : "memory");
	__asm__ volatile("mov %%dr0, %0; mov %%dr1, %1; mov %%dr2, %2; mov %%dr3, %3"
			 : "=r"(state->dr[0]), "=r"(state->dr[1]), "=r"(state->dr[2]), "=r"(state->dr[3]));
	state->pat = rdmsr(MSR_PAT);
	state->tsc_aux = rdmsr(MSR_TSC_AUX);
	__asm__ volatile("vmsave %0" : : "a"(cpu->vmcb) : "memory");
}

void state_load(const struct cpu *cpu)
{
	const struct state *state = cpu->state;
	uint64_t all = xcr0_all();

	__asm__ volatile("vmload %0" : : "a"(cpu->vmcb) : "memory");
	wrmsr(MSR_TSC_AUX, state->tsc_aux);
	wrmsr(MSR_PAT, state->pat);
	__asm__ volatile("mov %0, %%dr0; mov %1, %%dr1; mov %2, %%dr2; mov %3, %%dr3"
			 :
			 : "r"(state->dr[0]), "r"(state->dr[1]), "r"(state->dr[2]), "r"(state->dr[3]));
	xcr0_write(all);
	__asm__ volatile("xrstor64 (%0)"
			 :
			 : "r"(state->xsave), "a"((uint32_t)all), "d"((uint32_t)(all >> 32))
			 : "memory");
	xcr0_write(state->xcr0);
}
