/* SPDX-License-Identifier: MIT */
/*
 * trap: what the processor enters when something happens to the controller itself.
 *
 * Exceptions are the controller's death. NMIs and interrupts only wake: what one was about is found out
 * afterwards, an interrupt's vector in the local APIC, where it stays in service. Interrupts are on at shared
 * processors only (slice.c), and where a local APIC is emptied (lapic.c).
 */
	.text

/*
 * Waits until an NMI or interrupt has been taken. GIF is 0 before and after. One that is pending, or that arrives
 * before the HLT, would be a lost wake-up: the handler sees where it came and moves RIP behind the HLT.
 */
	.globl trap_wait
trap_wait:
	stgi
wait_begin:
	nop
	hlt
wait_end:
	clgi
	ret

/* Takes what an exit has announced: it stays pending until GIF is 1 (APM vol. 2 §15.13.2). */
	.globl trap_take
trap_take:
	stgi
	nop
	clgi
	ret

/* Marks the processor, by its local APIC ID, as one that has had an NMI. */
	.globl trap_nmi
trap_nmi:
	pushq %rax
	movq lapic_registers(%rip), %rax
	movl 0x20(%rax), %eax /* ID */
	shrl $24, %eax
	movb $1, trap_nmi_seen(%rax)
	popq %rax

	.globl trap_wake
trap_wake:
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

	.bss
	.globl trap_nmi_seen
trap_nmi_seen:
	.skip 256

	.section .note.GNU-stack, "", @progbits
