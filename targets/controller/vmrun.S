/* SPDX-License-Identifier: MIT */
/*
 * vmrun: the loop in which a processor spends its life. Partition, exit, exit_handle(), partition again.
 *
 * struct cpu lies at the top of its stack and begins with the general registers in the order of their
 * numbers, so that pushing them is saving them. RAX and RSP are in the VMCB; their slots are filled with
 * anything. GIF is 0 outside of the partition: an interrupt or NMI that arrives here waits for the VMRUN.
 */
#include "offset.h"

	.text
	.globl vm_enter
vm_enter: /* does not return; rdi: struct cpu, the partition ready to start */
	movq %rdi, %rsp
	jmp 2f
1:	pushq %r15
	pushq %r14
	pushq %r13
	pushq %r12
	pushq %r11
	pushq %r10
	pushq %r9
	pushq %r8
	pushq %rdi
	pushq %rsi
	pushq %rbp
	pushq %rax
	pushq %rbx
	pushq %rdx
	pushq %rcx
	pushq %rax
	movq %rsp, %rdi
	call exit_handle
2:	popq %rax
	popq %rcx
	popq %rdx
	popq %rbx
	popq %rax
	popq %rbp
	popq %rsi
	popq %rdi
	popq %r8
	popq %r9
	popq %r10
	popq %r11
	popq %r12
	popq %r13
	popq %r14
	popq %r15
	movq (CPU_VMCB - CPU_GPR_END)(%rsp), %rax
	vmrun %rax
	jmp 1b

	.section .note.GNU-stack, "", @progbits
