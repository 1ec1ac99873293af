/* SPDX-License-Identifier: MIT */
/*
 * loops: see loops.h. All loops are the same but for one instruction, so the empty one is what to subtract.
 */
	.macro ticks
	lfence
	rdtsc
	lfence
	shlq $32, %rdx
	orq %rdx, %rax
	.endm

	.macro loop name, instruction:vararg
	.globl loop_\name, loop_\name\()_site
	.balign 16
loop_\name:
	movq %rdi, %r8
	ticks
	movq %rax, %r9
	.balign 16
1:	xorl %eax, %eax		/* CPUID's leaf, STORE's value; some instructions destroy the others: */
	movl %esi, %ecx		/* RDMSR's register */
	movl %esi, %edx		/* IN's port */
loop_\name\()_site:
	\instruction
	decq %r8
	jnz 1b
	ticks
	subq %r9, %rax
	ret
	.endm

	.text
	loop empty, 
	loop cpuid, cpuid
	loop vmmcall, vmmcall
	loop in, inb %dx, %al
	loop load, movl (%rsi), %eax
	loop store, movl %eax, (%rsi)
	loop rdmsr, rdmsr
