/* SPDX-License-Identifier: MIT */
/*
 * avx: lets the probe use AVX while it sums: an operating system has to switch it on (APM vol. 2 §11.5.2).
 */
#include "cpu.h"
#include "sum.h"

#define FEATURE_XSAVE (1u << 26) /* CPUID 1, ECX */
#define FEATURE_AVX   (1u << 28)
#define XCR0_X87      1u
#define XCR0_AVX      7u /* with x87 and SSE, which it wants */

static void write_xcr0(uint32_t value)
{
	__asm__ volatile("xsetbv" : : "c"(0), "a"(value), "d"(0));
}

bool avx_begin(void)
{
	uint32_t eax = 1, ebx, ecx = 0, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	if (!(ecx & FEATURE_XSAVE) || !(ecx & FEATURE_AVX))
		return false;
	write_cr4(read_cr4() | CR4_OSXSAVE);
	write_xcr0(XCR0_AVX);
	return true;
}

void avx_end(void)
{
	write_xcr0(XCR0_X87);
	write_cr4(read_cr4() & ~(uint64_t)CR4_OSXSAVE);
}
