/* SPDX-License-Identifier: MIT */
/*
 * trap: what the processor enters when something happens to the controller itself.
 *
 * Exceptions are the controller's death. NMIs only wake: what one was about is found out afterwards. Other
 * interrupts are taken in one place only, where a local APIC is emptied (lapic.c).
 */
	.text

/*
 * Waits until an NMI has been taken. GIF is 0 before and after. One that is pending, or that arrives
 * before the HLT, would be a lost wake-up: the handler sees where it came and moves RIP behind the HLT.
 */
	.globl trap_wait_nmi
trap_wait_nmi:
	stgi
wait_begin:
	nop
	hlt
wait_end:
	clgi
	ret

/* Takes an NMI that an exit has announced: it stays pending until GIF is 1 (APM vol. 2 §15.13.2). */
	.globl trap_take_nmi
trap_take_nmi:
	stgi
	nop
	clgi
	ret

	.globl trap_nmi
trap_nmi:
	pushq %rax
	leaq wait_begin(%rip), %rax
	cmpq %rax, 8(%rsp)
	jb 1f
	leaq wait_end(%rip), %rax
	cmpq %rax, 8(%rsp)
	jae 1f
	movq %rax, 8(%rsp)
1:	popq %rax
	iretq

/* Takes all interrupts that are pending, in the order of their priority. GIF is 0 before and after. */
	.globl trap_take_interrupts
trap_take_interrupts:
	stgi
	sti
	nop
	nop
	cli
	clgi
	ret

	.globl trap_interrupt
trap_interrupt:
	pushq %rax
	movq lapic_registers(%rip), %rax
	movl $0, 0xb0(%rax) /* EOI */
	popq %rax
	iretq

/* One entry of 16 bytes for each exception, all with vector and error code on the stack. */
	.balign 16
	.globl trap_exceptions
trap_exceptions:
	.set vector, 0
	.rept 32
	.balign 16
	.if !((0x60227d00 >> vector) & 1) /* those that push an error code (APM vol. 2 table 8-1) */
	pushq $0
	.endif
	pushq $vector
	jmp exception
	.set vector, vector + 1
	.endr

exception:
	popq %rdi  /* vector */
	popq %rsi  /* error code */
	movq (%rsp), %rdx /* RIP */
	andq $-16, %rsp
	call panic_exception

	.section .note.GNU-stack, "", @progbits
