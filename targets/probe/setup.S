/* SPDX-License-Identifier: MIT */
/*
 * setup: the first four sectors of the bzImage. The header that loaders read, and the real-mode code that
 * those loaders start which do not enter protected or long mode themselves (QEMU's -kernel with SeaBIOS).
 *
 * Source: Documentation/arch/x86/boot.rst of Linux, protocol 2.12; zero-page.rst for struct boot_params.
 */
#include "layout.h"

#define SETUP_SECTORS	3	/* besides the first one */
#define HEADER		0x1f1	/* where the header begins, here and in boot_params */
#define HEADER_BYTES	(header_end - header)
#define ZERO_PAGE	0x4000	/* boot_params, in the heap that the protocol grants up to 0x9000 */
#define E820_COUNT	(ZERO_PAGE + 0x1e8)
#define E820_TABLE	(ZERO_PAGE + 0x2d0)
#define E820_ENTRY	20
#define E820_MAX	128
#define FLAT_CODE	0x10	/* the selectors that the 32-bit protocol prescribes */
#define FLAT_DATA	0x18

#define OFFSET(symbol) ((symbol) - setup)

	.section .setup, "ax"
	.code16
setup:
	.org HEADER
header:
	.byte SETUP_SECTORS
	.word 0				/* root_flags */
	.long IMAGE_FILE_BYTES / 16	/* syssize */
	.word 0				/* ram_size */
	.word 0xffff			/* vid_mode: normal */
	.word 0				/* root_dev */
	.word 0xaa55
	.byte 0xeb, header_end - 1f	/* jump over the header: a loader finds its size here */
1:	.ascii "HdrS"
	.word 0x020c			/* version 2.12 */
	.long 0				/* realmode_swtch */
	.word 0				/* start_sys_seg */
	.word 0				/* kernel_version: none */
	.byte 0				/* type_of_loader */
	.byte 0x01			/* loadflags: LOADED_HIGH */
	.word 0				/* setup_move_size */
	.long LINK_ADDRESS		/* code32_start */
	.long 0, 0			/* ramdisk_image, ramdisk_size */
	.long 0				/* bootsect_kludge */
	.word 0				/* heap_end_ptr */
	.byte 0, 0			/* ext_loader_ver, ext_loader_type */
	.long 0				/* cmd_line_ptr */
	.long 0x7fffffff		/* initrd_addr_max */
	.long 0x1000			/* kernel_alignment: any page */
	.byte 1				/* relocatable_kernel */
	.byte 12			/* min_alignment: 2^12 */
	.word 0x0001			/* xloadflags: XLF_KERNEL_64, entry at +0x200 */
	.long 255			/* cmdline_size */
	.long 0				/* hardware_subarch: PC */
	.quad 0				/* hardware_subarch_data */
	.long 0, 0			/* payload_offset, payload_length: nothing is packed */
	.quad 0				/* setup_data */
	.quad LINK_ADDRESS		/* pref_address */
	.long IMAGE_MEMORY_BYTES	/* init_size */
	.long 0				/* handover_offset */
header_end:

/* DS = ES = SS = the segment of setup, CS is 0x20 paragraphs above; SP is the loader's. */
	cld
	pushw %ds
	pushw $OFFSET(real_mode)
	lretw

real_mode:
	movw $ZERO_PAGE, %di
	xorl %eax, %eax
	movw $(4096 / 4), %cx
	rep stosl
	movw $OFFSET(header), %si
	movw $(ZERO_PAGE + HEADER), %di
	movw $HEADER_BYTES, %cx
	rep movsb

/* The memory map: INT 15h, AX=E820h, into boot_params. */
	xorl %ebx, %ebx
	movw $E820_TABLE, %di
next_entry:
	movl $0xe820, %eax
	movl $0x534d4150, %edx		/* "SMAP" */
	movl $E820_ENTRY, %ecx
	int $0x15
	jc map_done
	cmpl $0x534d4150, %eax
	jne map_done
	addw $E820_ENTRY, %di
	incb E820_COUNT
	cmpb $E820_MAX, E820_COUNT
	je map_done
	testl %ebx, %ebx
	jnz next_entry
map_done:

/* A20: the BIOS's way, then the fast gate; the reset bit 0 of port 0x92 stays clear. */
	movw $0x2401, %ax
	int $0x15
	inb $0x92, %al
	orb $0x02, %al
	andb $0xfe, %al
	outb %al, $0x92

/* Protected mode, flat, by a table whose address only this moment knows. */
	cli
	xorl %ebx, %ebx
	movw %ds, %bx
	shll $4, %ebx
	leal OFFSET(flat_table)(%ebx), %eax
	movl %eax, OFFSET(flat_pointer) + 2
	leal OFFSET(protected_mode)(%ebx), %eax
	movl %eax, OFFSET(far_target)
	leal ZERO_PAGE(%ebx), %esi
	movl OFFSET(header) + 0x214 - HEADER, %edi	/* code32_start */
	lgdtl OFFSET(flat_pointer)
	movl %cr0, %eax
	orb $1, %al
	movl %eax, %cr0
	ljmpl *OFFSET(far_target)

	.code32
protected_mode:
	movl $FLAT_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %ebx, %ebx
	xorl %ebp, %ebp
	jmp *%edi

	.balign 8
flat_table:
	.quad 0, 0
	.quad 0x00cf9a000000ffff	/* 0x10: code, 4 GiB */
	.quad 0x00cf92000000ffff	/* 0x18: data, 4 GiB */
flat_pointer:
	.word . - flat_table - 1
	.long 0
far_target:
	.long 0
	.word FLAT_CODE
	.org (SETUP_SECTORS + 1) * 512
