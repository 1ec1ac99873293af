/* SPDX-License-Identifier: MIT */
/*
 * vmrun: the loop in which a processor spends its life: partition, exit, handler, partition again.
 *
 * struct cpu lies at the top of its own stack and begins with the general registers in the order of
 * their numbers; RAX and RSP are in the VMCB. GIF is 0 outside of the partition, so whatever arrives here waits
 * for the VMRUN. VMRUN and #VMEXIT keep RSP and RAX of this side.
 */
#include "offset.h"

	.text
	.globl vm_enter
vm_enter: /* does not return; rdi: struct cpu, the partition ready to start */
	movq %rdi, %rsp
	jmp 2f

1:	movq %rcx, CPU_RCX(%rsp)
	movq %rdx, CPU_RDX(%rsp)
	movq %rbx, CPU_RBX(%rsp)
	movq %rbp, CPU_RBP(%rsp)
	movq %rsi, CPU_RSI(%rsp)
	movq %rdi, CPU_RDI(%rsp)
	movq %r8, CPU_R8(%rsp)
	movq %r9, CPU_R9(%rsp)
	movq %r10, CPU_R10(%rsp)
	movq %r11, CPU_R11(%rsp)
	movq %r12, CPU_R12(%rsp)
	movq %r13, CPU_R13(%rsp)
	movq %r14, CPU_R14(%rsp)
	movq %r15, CPU_R15(%rsp)
	movq %rsp, %rdi
	call *CPU_EXIT(%rsp)

2:	movq CPU_RCX(%rsp), %rcx
	movq CPU_RDX(%rsp), %rdx
	movq CPU_RBX(%rsp), %rbx
	movq CPU_RBP(%rsp), %rbp
	movq CPU_RSI(%rsp), %rsi
	movq CPU_RDI(%rsp), %rdi
	movq CPU_R8(%rsp), %r8
	movq CPU_R9(%rsp), %r9
	movq CPU_R10(%rsp), %r10
	movq CPU_R11(%rsp), %r11
	movq CPU_R12(%rsp), %r12
	movq CPU_R13(%rsp), %r13
	movq CPU_R14(%rsp), %r14
	movq CPU_R15(%rsp), %r15
	movq CPU_VMCB(%rsp), %rax
	vmrun %rax
	jmp 1b

	.section .note.GNU-stack, "", @progbits
