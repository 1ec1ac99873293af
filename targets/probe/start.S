/* SPDX-License-Identifier: MIT */
/*
 * start: the ways in. All end in long mode, on our stack, in probe_main(how, information).
 *
 *   +0x000  Linux 32-bit boot protocol: ESI = boot_params
 *   +0x200  Linux 64-bit boot protocol: RSI = boot_params, identity-mapped
 *   start_multiboot: EAX = magic of the loader's version, EBX = its information (Multiboot 0.6.96 §3.2,
 *                    Multiboot 2.0 §3.2), loaded where linked
 */
#include "layout.h"

#define MULTIBOOT_HEADER	0x1badb002
#define MULTIBOOT_FLAGS		0x3	/* modules on pages, memory map */
#define MULTIBOOT_LOADER	0x2badb002
#define MULTIBOOT_2_HEADER	0xe85250d6
#define MULTIBOOT_2_BYTES	(multiboot_2_end - multiboot_2)
#define MULTIBOOT_2_LOADER	0x36d76289
#define SCRATCH			0x1e4	/* boot_params.scratch: four bytes that are ours */

#define CR0_PG	(1 << 31)
#define CR4_PAE (1 << 5)
#define EFER	0xc0000080
#define EFER_LME (1 << 8)

#define TABLE		0x7	/* present, writable, user */
#define LARGE_PAGE	0x87	/* the same, 2 MiB */
#define OFFSET(symbol)	((symbol) - start_linux_32)(%ebp)

	.section .start, "ax"
	.code32
start_linux_32:
	cli
	cld
	leal SCRATCH + 4(%esi), %esp
	call 1f
1:	popl %ebp
	subl $(1b - start_linux_32), %ebp	/* EBP = where we are */
	movl %esi, %ebx
	movl $START_LINUX, %edi
	jmp enter_long_mode

start_multiboot:
	.globl start_multiboot
	cli
	cld
	movl $LINK_ADDRESS, %ebp
	movl $START_MULTIBOOT, %edi
	cmpl $MULTIBOOT_LOADER, %eax
	je enter_long_mode
	movl $START_MULTIBOOT_2, %edi
	cmpl $MULTIBOOT_2_LOADER, %eax
	je enter_long_mode
1:	hlt				/* whoever this is, it tells nothing that can be understood */
	jmp 1b

/* EBP = image, EBX = information, EDI = START_…. Maps the first 4 GiB one to one. */
enter_long_mode:
	leal OFFSET(boot_tables), %esi
	leal 0x1000 + TABLE(%esi), %eax
	movl %eax, (%esi)
	movl $0, 4(%esi)
	xorl %ecx, %ecx
1:	leal 0x2000 + TABLE(%esi), %eax	/* 4 page directories, one for each GiB */
	movl %ecx, %edx
	shll $12, %edx
	addl %edx, %eax
	movl %eax, 0x1000(%esi, %ecx, 8)
	movl $0, 0x1004(%esi, %ecx, 8)
	incl %ecx
	cmpl $4, %ecx
	jne 1b
	xorl %ecx, %ecx
2:	movl %ecx, %eax
	shll $21, %eax
	orl $LARGE_PAGE, %eax
	movl %eax, 0x2000(%esi, %ecx, 8)
	movl $0, 0x2004(%esi, %ecx, 8)
	incl %ecx
	cmpl $2048, %ecx
	jne 2b

	movl %cr4, %eax
	orl $CR4_PAE, %eax
	movl %eax, %cr4
	movl %esi, %cr3
	movl $EFER, %ecx
	rdmsr
	orl $EFER_LME, %eax
	wrmsr
	leal OFFSET(boot_gdt), %eax
	movl %eax, OFFSET(boot_gdt_pointer + 2)
	lgdtl OFFSET(boot_gdt_pointer)
	leal OFFSET(start_64), %eax
	movl %eax, OFFSET(boot_far_target)
	movl %cr0, %eax
	orl $CR0_PG, %eax
	movl %eax, %cr0
	ljmpl *OFFSET(boot_far_target)

	.balign 8
boot_gdt:
	.quad 0
	.quad 0x00af9a000000ffff	/* SEL_CODE64 */
boot_gdt_pointer:
	.word . - boot_gdt - 1
	.long 0
boot_far_target:
	.long 0
	.word SEL_CODE64

#ifdef PROBE_MULTIBOOT_2
	.balign 8
multiboot_2:
	.long MULTIBOOT_2_HEADER, 0, MULTIBOOT_2_BYTES
	.long -(MULTIBOOT_2_HEADER + MULTIBOOT_2_BYTES)
	.word 1, 0			/* it wants to be told: command line, memory map, RSDP */
	.long 8 + 3 * 4, 1, 6, 15
	.balign 8
	.word 6, 0			/* modules on pages */
	.long 8
	.word 0, 0			/* no more */
	.long 8
multiboot_2_end:
#else
	.balign 4
	.long MULTIBOOT_HEADER, MULTIBOOT_FLAGS, -(MULTIBOOT_HEADER + MULTIBOOT_FLAGS)
#endif

	.code64
	.org 0x200
start_linux_64:
	cli
	cld
	movq %rsi, %rbx
	movl $START_LINUX, %edi

/* EDI = START_…, RBX = information. Only what is not in the file is cleared: the boot page tables and
 * this stack are beyond it. */
start_64:
	leaq boot_stack_top(%rip), %rsp
	movl %edi, %r12d
	leaq bss_start(%rip), %rdi
	leaq bss_end(%rip), %rcx
	subq %rdi, %rcx
	shrq $3, %rcx
	xorl %eax, %eax
	rep stosq
	leaq image_start(%rip), %rdi
	call relocate
	movl %r12d, %edi
	movl %ebx, %esi
	cmpl $START_LINUX, %r12d
	cmoveq %rbx, %rsi		/* boot_params may lie above 4 GiB, multiboot's cannot */
	call probe_main
1:	cli
	hlt
	jmp 1b

	.section .noinit, "aw", @nobits
	.balign 4096
boot_tables:
	.skip 6 * 4096
	.skip 16384
boot_stack_top:
