/* SPDX-License-Identifier: MIT */
/*
 * exit_msr: model-specific registers. Those that only the partition's own programs feel are its own without
 * an exit; some are simulated; all others do not exist: #GP(0), as the architecture has it (APM vol. 2
 * §15.11).
 */
#include "exit.h"
#include "guest.h"
#include "bytes.h"

#define MSR_BYTES 2 /* of RDMSR and WRMSR */

/* Permission map: two bits for each MSR, read and write; three ranges of 8192 MSRs in 2 KiB each. */
#define MAP_BYTES 0x2000
#define MAP_READ  1u
#define MAP_WRITE 2u

static const struct direct {
	uint32_t first;
	uint32_t last;
	uint8_t access;
} direct[] = {
	{MSR_TSC, MSR_TSC, MAP_READ},
	{MSR_SYSENTER_CS, MSR_SYSENTER_CS + 2, MAP_READ | MAP_WRITE}, /* CS, ESP, EIP */
	{MSR_PAT, MSR_PAT, MAP_READ | MAP_WRITE},
	{MSR_STAR, MSR_STAR + 3, MAP_READ | MAP_WRITE},	  /* STAR, LSTAR, CSTAR, SFMASK */
	{MSR_FS_BASE, MSR_TSC_AUX, MAP_READ | MAP_WRITE}, /* FS, GS, KernelGS, TSC_AUX */
};

static uint8_t map[MAP_BYTES] __attribute__((aligned(4096)));

/* Where the two bits of an MSR are, counted from the start of the map. */
static uint32_t map_bit(uint32_t msr)
{
	uint32_t range = msr >= 0xc0010000 ? 2 : msr >= 0xc0000000 ? 1 : 0;

	return range * 0x800 * 8 + (msr & 0x1fff) * 2;
}

static void allow(uint32_t msr, uint8_t access)
{
	uint32_t bit = map_bit(msr);

	map[bit / 8] &= (uint8_t) ~(access << bit % 8);
}

const void *msr_permissions(void)
{
	memset(map, 0xff, sizeof(map));
	for (size_t i = 0; i < sizeof(direct) / sizeof(direct[0]); i++)
		for (uint32_t msr = direct[i].first; msr <= direct[i].last; msr++)
			allow(msr, direct[i].access);
	return map;
}

#define EFER_KNOWN (EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE | EFER_FFXSR)

/* SVM is the controller's: on under the partition, and not there for it (APM vol. 2 §15.5.1, §3.1.7). */
static bool write_efer(struct vmcb *vmcb, uint64_t value)
{
	if (value & ~EFER_KNOWN)
		return false;
	if (vmcb->cr0 & CR0_PG && (value ^ vmcb->efer) & EFER_LME)
		return false;
	vmcb->efer = (value & ~EFER_LMA) | (vmcb->efer & EFER_LMA) | EFER_SVME;
	return true;
}

/* The first processor of a partition is the one that boots. */
static uint64_t apic_base(const struct cpu *cpu)
{
	uint64_t real = rdmsr(MSR_APIC_BASE) & ~APIC_BASE_BSP;

	return cpu_is_first(cpu) ? real | APIC_BASE_BSP : real;
}

#define MTRR_DEF_WRITE_BACK                                                                                  \
	0x806 /* enabled, no ranges, all memory write-back: the nested tables know better */

static bool is_mtrr_range(uint32_t msr)
{
	return (msr >= MSR_MTRR_FIRST && msr <= MSR_MTRR_LAST) ||
	       (msr >= MSR_MTRR_FIX64K && msr <= MSR_MTRR_FIX4K);
}

/*
 * No CPUID bit says that the first four performance counters may be missing (APM vol. 2 §13.2). Here they
 * count nothing: they would count the controller as well.
 */
static bool is_performance(uint32_t msr)
{
	return msr >= MSR_PERF_FIRST && msr <= MSR_PERF_LAST;
}

static bool read_msr(const struct cpu *cpu, uint32_t msr, uint64_t *value)
{
	*value = 0;
	switch (msr) {
	case MSR_EFER:
		*value = cpu->vmcb->efer & ~EFER_SVME;
		return true;
	case MSR_APIC_BASE:
		*value = apic_base(cpu);
		return true;
	case MSR_MTRR_DEF:
		*value = MTRR_DEF_WRITE_BACK;
		return true;
	case MSR_PATCH_LEVEL:
	case MSR_SYSCFG:
	case MSR_HWCR:
		*value = rdmsr(msr);
		return true;
	case MSR_NB_CFG:
	case MSR_MTRR_CAP:
	case MSR_MCG_CAP: /* no banks */
	case MSR_MCG_STATUS:
	case MSR_DEBUG_CTL:
		return true;
	default:
		return is_mtrr_range(msr) || is_performance(msr);
	}
}

static bool write_msr(struct cpu *cpu, uint32_t msr, uint64_t value)
{
	switch (msr) {
	case MSR_EFER:
		return write_efer(cpu->vmcb, value);
	case MSR_TSC:
		cpu->vmcb->tsc_offset = value - rdtsc();
		return true;
	case MSR_APIC_BASE: /* moved or off, the page that is confined would be another one */
		return value == apic_base(cpu);
	case MSR_MTRR_DEF:
	case MSR_PATCH_LEVEL: /* an update would reach all partitions that share the core's microcode */
	case MSR_SYSCFG:
	case MSR_HWCR:
	case MSR_NB_CFG: /* of the northbridge, which all partitions have in common */
	case MSR_MCG_STATUS:
	case MSR_DEBUG_CTL:
		return true; /* dropped */
	default:
		return is_mtrr_range(msr) || is_performance(msr);
	}
}

void exit_msr(struct cpu *cpu)
{
	uint32_t msr = (uint32_t)cpu->regs.gpr[RCX];
	uint64_t value = (uint32_t)cpu->vmcb->rax | cpu->regs.gpr[RDX] << 32;
	bool write = cpu->vmcb->exit_info1;

	cpu->count->msr++;
	if (!(write ? write_msr(cpu, msr, value) : read_msr(cpu, msr, &value))) {
		guest_trace(cpu, TRC_MSR, msr, value);
		guest_inject(cpu, EXC_GP, 0);
		return;
	}
	if (!write) {
		cpu->vmcb->rax = (uint32_t)value;
		cpu->regs.gpr[RDX] = value >> 32;
	}
	guest_skip(cpu, MSR_BYTES);
}
