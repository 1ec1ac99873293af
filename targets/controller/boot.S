/* SPDX-License-Identifier: MIT */
/*
 * boot: from the multiboot loader (32-bit, paging off; Multiboot 0.6.96 §3.2) or a start-up IPI (16-bit) to
 * 64-bit C. All processors share one page table: the first 512 GiB where they are, in pages of 1 GiB.
 */
#define MULTIBOOT_MAGIC 0x1BADB002
#define MULTIBOOT_FLAGS 0x00000003 /* modules on page boundaries, memory information */

#define CODE32 0x08
#define CODE64 0x10
#define DATA   0x18

#define CR0_PE	    0x00000001
#define CR0_NE	    0x00000020
#define CR0_WP	    0x00010000
#define CR0_PG	    0x80000000
#define CR4_PAE	    0x00000020
#define MSR_EFER    0xC0000080
#define EFER_LME    0x00000100
#define EFER_NXE    0x00000800 /* a nested page is only no-execute if this is set here (APM vol. 2 §15.25.5) */
#define PTE_TABLE   0x003
#define PTE_1G	    0x083
#define PTE_1G_IO   0x09B      /* uncached: LAPIC and I/O APIC are in the last GiB below 4 GiB */

	.section .multiboot, "a"
	.balign 4
	.long MULTIBOOT_MAGIC, MULTIBOOT_FLAGS, -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

	.text
	.code32
	.globl boot_entry
boot_entry:
	cli
	cld
	movl %ebx, %esi /* the loader's information */
	movl %eax, %edi /* its magic */
	lgdt boot_gdt_pointer
	ljmp $CODE32, $boot_32

/* Copied to low memory, so free of addresses but for the linked ones that the prefixes make 32 bits wide. */
	.code16
	.globl boot_ap_start, boot_ap_end
boot_ap_start:
	cli
	xorw %ax, %ax
	movw %ax, %ds
	movl $boot_gdt_pointer, %ebx
	addr32 lgdtl (%ebx)
	movl $CR0_PE, %eax
	movl %eax, %cr0
	ljmpl $CODE32, $boot_32
boot_ap_end:

	.code32
boot_32:
	movw $DATA, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	movl $CR4_PAE, %eax
	movl %eax, %cr4
	movl $boot_pml4, %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	movl $(EFER_LME | EFER_NXE), %eax
	xorl %edx, %edx
	wrmsr
	movl $(CR0_PE | CR0_NE | CR0_WP | CR0_PG), %eax
	movl %eax, %cr0
	ljmp $CODE64, $boot_64

	.code64
boot_64:
	xorl %eax, %eax
	movw %ax, %fs
	movw %ax, %gs
	movl %edi, %edi
	movl %esi, %esi
	movq boot_stack(%rip), %rsp
	call *boot_next(%rip)
1:	hlt
	jmp 1b

	.data
	.balign 8
	.globl boot_stack, boot_next
boot_stack: /* for the processor that comes next: its stack, and where it goes */
	.quad boot_first_stack_end
boot_next:
	.quad main

	.balign 8
boot_gdt:
	.quad 0
	.quad 0x00CF9B000000FFFF /* CODE32 */
	.quad 0x00AF9B000000FFFF /* CODE64 */
	.quad 0x00CF93000000FFFF /* DATA */
boot_gdt_pointer:
	.word . - boot_gdt - 1
	.quad boot_gdt

	.balign 4096
boot_pml4:
	.quad boot_pdpt + PTE_TABLE
	.fill 511, 8, 0
boot_pdpt:
	.set gib, 0
	.rept 512
	.if gib == 3
	.quad (gib << 30) | PTE_1G_IO
	.else
	.quad (gib << 30) | PTE_1G
	.endif
	.set gib, gib + 1
	.endr

	.bss
	.balign 16
	.skip 16384
boot_first_stack_end:

	.section .note.GNU-stack, "", @progbits
