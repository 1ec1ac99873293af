/* SPDX-License-Identifier: MIT */
/*
 * primitive: see primitive.h. The label of each is the address of the one instruction that may fault.
 */
#include "layout.h"

	.macro primitive name, instruction:vararg
	.globl primitive_\name
primitive_\name:
	\instruction
	ret
	.endm

	.text
	primitive load_1, movzbl (%rsi), %eax
	primitive load_2, movzwl (%rsi), %eax
	primitive load_4, movl (%rsi), %eax
	primitive load_8, movq (%rsi), %rax
	primitive store_1, movb %al, (%rdi)
	primitive store_2, movw %ax, (%rdi)
	primitive store_4, movl %eax, (%rdi)
	primitive store_8, movq %rax, (%rdi)
	primitive copy, rep movsb

	primitive in_1, inb %dx, %al
	primitive in_2, inw %dx, %ax
	primitive in_4, inl %dx, %eax
	primitive out_1, outb %al, %dx
	primitive out_2, outw %ax, %dx
	primitive out_4, outl %eax, %dx
	primitive ins_1, rep insb
	primitive ins_2, rep insw
	primitive ins_4, rep insl
	primitive outs_1, rep outsb
	primitive outs_2, rep outsw
	primitive outs_4, rep outsl

	primitive rdmsr, rdmsr
	primitive wrmsr, wrmsr
	primitive cpuid, cpuid
	primitive set_cr0, movq %rax, %cr0
	primitive set_cr3, movq %rax, %cr3
	primitive set_cr4, movq %rax, %cr4
	primitive set_cr8, movq %rax, %cr8

/* To be raised: by what surrounds them these fault, or trap. */
	primitive divide, divl %ecx
	primitive nop, nop
	primitive breakpoint, int3
	primitive undefined, ud2
	primitive x87, fnop
	primitive x87_wait, fwait
	primitive interrupt, int $VECTOR_BEAT
	primitive load_es, movl %eax, %es
	primitive load_ss, movl %eax, %ss
	primitive divide_sse, divss %xmm1, %xmm0

	.code32
	primitive overflow, into
	primitive bound, bound %eax, (%ecx)
	.code64
