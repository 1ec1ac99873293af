/* SPDX-License-Identifier: MIT */
/*
 * entry: into the handlers of all 256 vectors, and in and out of an attempt (attempt.h).
 */
#include "layout.h"

/* Vectors that push an error code themselves: APM vol. 2 table 8-1. */
#define HAS_ERROR(vector)                                                                                    \
	((vector) == 8 || ((vector) >= 10 && (vector) <= 14) || (vector) == 17 || (vector) == 21 ||          \
	 (vector) == 29 || (vector) == 30)

	.text
	.globl trap_stubs
	.balign STUB_BYTES
trap_stubs:
	.set vector, 0
	.rept 256
	.balign STUB_BYTES
	.if !HAS_ERROR(vector)
	pushq $0
	.endif
	pushq $vector
	jmp trap_common
	.set vector, vector + 1
	.endr

/* Builds struct frame of trap.c. SWAPGS has no place here: GS is not used. */
trap_common:
	/* the stubs leave the error code above the vector; struct frame wants it so too */
	pushq %rax
	pushq %rbx
	pushq %rcx
	pushq %rdx
	pushq %rsi
	pushq %rdi
	pushq %rbp
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	cld
	movq %rsp, %rdi
	call trap
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rbp
	popq %rdi
	popq %rsi
	popq %rdx
	popq %rcx
	popq %rbx
	popq %rax
	addq $16, %rsp
	iretq

/* bool attempt_enter(struct attempt *attempt): true if the code came back. */
	.globl attempt_enter
attempt_enter:
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	pushfq
	cli
	pushq %rdi
	movq %rsp, ATTEMPT_RESUME(%rdi)
	pushq ATTEMPT_LANDING(%rdi)
	movq %rsp, %rax
	movq ATTEMPT_STACK(%rdi), %rcx
	testq %rcx, %rcx
	cmovnzq %rcx, %rax
	pushq ATTEMPT_SS(%rdi)
	pushq %rax
	pushq ATTEMPT_RFLAGS(%rdi)
	pushq ATTEMPT_CS(%rdi)
	pushq ATTEMPT_CODE(%rdi)
	movq ATTEMPT_RAX(%rdi), %rax
	movq ATTEMPT_RBX(%rdi), %rbx
	movq ATTEMPT_RCX(%rdi), %rcx
	movq ATTEMPT_RDX(%rdi), %rdx
	movq ATTEMPT_RSI(%rdi), %rsi
	movq ATTEMPT_RDI(%rdi), %rdi
	iretq

/* Ring 0 code returns here. */
	.globl attempt_came_back
attempt_came_back:
	pushq %rdi
	movq 8(%rsp), %rdi
	movq %rax, ATTEMPT_RAX(%rdi)
	movq %rbx, ATTEMPT_RBX(%rdi)
	movq %rcx, ATTEMPT_RCX(%rdi)
	movq %rdx, ATTEMPT_RDX(%rdi)
	movq %rsi, ATTEMPT_RSI(%rdi)
	popq ATTEMPT_RDI(%rdi)
	movl $1, %eax
attempt_out:
	addq $8, %rsp
	popfq
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	ret

/* Code that had to fault returns here, from either ring: the record of this UD2 tells that it did not. */
	.globl attempt_did_not_fault
attempt_did_not_fault:
	ud2

/*
 * void attempt_leave(struct attempt *attempt), from the handler of its exception. Moves to the stack that the
 * attempt began on, does what is to be done inside the handler, and ends the handler as handlers end.
 */
	.globl attempt_leave
attempt_leave:
	movq ATTEMPT_RESUME(%rdi), %rsp
	movl $SEL_DATA, %eax
	movl %eax, %ss
	subq $8, %rsp
	call attempt_inside
	addq $8, %rsp
	movq %rsp, %rax
	pushq $SEL_DATA
	pushq %rax
	pushfq
	pushq $SEL_CODE64
	leaq 1f(%rip), %rax
	pushq %rax
	iretq
1:	xorl %eax, %eax
	jmp attempt_out
