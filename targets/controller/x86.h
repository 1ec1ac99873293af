/* SPDX-License-Identifier: MIT */
/* x86: the processor's own instructions and constants, one inline function each. */
#ifndef MRM_CONTROLLER_X86_H
#define MRM_CONTROLLER_X86_H

#include <stdint.h>

/* Registers by their number in an instruction: the index into sim_cpu.gpr. */
enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };

#define RFLAGS_FIXED (1ull << 1)
#define RFLAGS_TF    (1ull << 8)
#define RFLAGS_IF    (1ull << 9)

#define CR0_PE (1ull << 0)
#define CR0_ET (1ull << 4)
#define CR0_NE (1ull << 5)
#define CR0_WP (1ull << 16)
#define CR0_PG (1ull << 31)

#define CR4_PSE	    (1ull << 4)
#define CR4_PAE	    (1ull << 5)
#define CR4_OSFXSR  (1ull << 9)
#define CR4_OSXSAVE (1ull << 18)
#define CR4_PKE	    (1ull << 22)

#define DR6_RESET 0xffff0ff0ull
#define DR6_BS	  (1ull << 14)
#define DR7_RESET 0x400ull

#define EFER_SCE   (1ull << 0)
#define EFER_LME   (1ull << 8)
#define EFER_LMA   (1ull << 10)
#define EFER_NXE   (1ull << 11)
#define EFER_SVME  (1ull << 12)
#define EFER_FFXSR (1ull << 14)

/* Page table entries (APM vol. 2 §5.3, §5.4); nested tables have the same form. */
#define PTE_P	     (1ull << 0)
#define PTE_W	     (1ull << 1)
#define PTE_U	     (1ull << 2)
#define PTE_PWT	     (1ull << 3)
#define PTE_PCD	     (1ull << 4)
#define PTE_PS	     (1ull << 7)
#define PTE_NX	     (1ull << 63)
#define PTE_ADDRESS  0x000ffffffffff000ull
#define PAGE_BYTES   0x1000ull
#define PAGE2M_BYTES 0x200000ull

/* Error code of #PF (APM vol. 2 §8.4.2); nested page faults use the same bits. */
#define PF_P	 (1u << 0)
#define PF_WRITE (1u << 1)
#define PF_USER	 (1u << 2)
#define PF_RSVD	 (1u << 3)
#define PF_FETCH (1u << 4)

#define MSR_TSC		0x10u
#define MSR_APIC_BASE	0x1bu
#define MSR_PATCH_LEVEL 0x8bu
#define MSR_MTRR_CAP	0xfeu
#define MSR_SYSENTER_CS 0x174u
#define MSR_MCG_CAP	0x179u
#define MSR_MCG_STATUS	0x17au
#define MSR_DEBUG_CTL	0x1d9u
#define MSR_MTRR_FIRST	0x200u
#define MSR_MTRR_LAST	0x20fu
#define MSR_MTRR_FIX64K 0x250u
#define MSR_MTRR_FIX4K	0x26fu
#define MSR_PAT		0x277u
#define MSR_MTRR_DEF	0x2ffu
#define MSR_EFER	0xc0000080u
#define MSR_STAR	0xc0000081u
#define MSR_FS_BASE	0xc0000100u
#define MSR_GS_BASE	0xc0000101u
#define MSR_KERNEL_GS	0xc0000102u
#define MSR_TSC_AUX	0xc0000103u
#define MSR_PERF_FIRST	0xc0010000u /* event selections and counts, four each */
#define MSR_PERF_LAST	0xc0010007u
#define MSR_SYSCFG	0xc0010010u
#define MSR_HWCR	0xc0010015u
#define MSR_NB_CFG	0xc001001fu
#define MSR_VM_CR	0xc0010114u
#define MSR_VM_HSAVE_PA 0xc0010117u

#define APIC_BASE_BSP (1ull << 8)

static inline void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void out16(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline uint8_t in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline uint16_t in16(uint16_t port)
{
	uint16_t value;

	__asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline uint32_t in32(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return low | (uint64_t)high << 32;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

/* Of 64 bits each: the instruction clears the upper halves, and all who ask want to store them so. */
struct cpuid {
	uint64_t eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(subleaf));
	return r;
}

static inline uint64_t rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return low | (uint64_t)high << 32;
}

static inline uint64_t read_cr4(void)
{
	uint64_t value;

	__asm__ volatile("mov %%cr4, %0" : "=r"(value));
	return value;
}

static inline void write_cr4(uint64_t value)
{
	__asm__ volatile("mov %0, %%cr4" : : "r"(value) : "memory");
}

static inline void pause(void)
{
	__asm__ volatile("pause");
}

#endif
