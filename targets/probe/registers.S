/* SPDX-License-Identifier: MIT */
/*
 * uint32_t registers_changed(void): fills all general and XMM registers, lets time pass with interrupts on, and
 * counts those that are not as they were. RSP is left out: the handlers live on it.
 */
#define ROUNDS 1000

	.section .rodata
	.balign 16
expected:
	.set number, 0
	.rept 15		/* as they are pushed: RAX last, so it is first in memory */
	.quad 0x5a5a5a5a00000000 + number * 0x0101
	.set number, number + 1
	.endr
	.quad 0			/* keeps the XMM part aligned */
expected_xmm:
	.set number, 0
	.rept 16
	.quad 0xa5a5a5a500000000 + number * 0x0101, ~(number * 0x1111)
	.set number, number + 1
	.endr

	.bss
	.balign 8
rounds:
	.quad 0

	.text
	.globl registers_changed
registers_changed:
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15

	.set number, 0
	.irp register, xmm0, xmm1, xmm2, xmm3, xmm4, xmm5, xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15
	movdqa expected_xmm + 16 * number(%rip), %\register
	.set number, number + 1
	.endr
	.set number, 0
	.irp register, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
	movq expected + 8 * number(%rip), %\register
	.set number, number + 1
	.endr

	movq $ROUNDS, rounds(%rip)
1:	decq rounds(%rip)
	jnz 1b

	.irp register, r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax
	pushq %\register
	.endr
	movq %rsp, %rsi		/* the general registers, in the order of the table */
	leaq expected(%rip), %rdi
	xorl %eax, %eax
	movl $15, %ecx
2:	movq (%rsi), %rdx
	xorl %ebx, %ebx
	cmpq (%rdi), %rdx
	setne %bl
	addl %ebx, %eax
	addq $8, %rsi
	addq $8, %rdi
	decl %ecx
	jnz 2b
	addq $(15 * 8), %rsp

	.set number, 0
	.irp register, xmm0, xmm1, xmm2, xmm3, xmm4, xmm5, xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15
	pcmpeqb expected_xmm + 16 * number(%rip), %\register
	pmovmskb %\register, %edx
	xorl %ebx, %ebx
	cmpl $0xffff, %edx
	setne %bl
	addl %ebx, %eax
	.set number, number + 1
	.endr

	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	ret
