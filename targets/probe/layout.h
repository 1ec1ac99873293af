/* SPDX-License-Identifier: MIT */
/*
 * layout: numbers that assembly, C and the linker script share.
 */
#ifndef PROBE_LAYOUT_H
#define PROBE_LAYOUT_H

/* Also in probe.ld. */
#define LINK_ADDRESS	   0x100000 /* where multiboot loads the image */
#define IMAGE_FILE_BYTES   0x10000
#define IMAGE_MEMORY_BYTES 0x100000

/* How the probe was started. */
#define START_LINUX	  0
#define START_MULTIBOOT	  1
#define START_MULTIBOOT_2 2

/* Selectors. DS and ES always hold SEL_DATA_USER: it serves both rings, and no return to ring 3 empties it.
 */
#define SEL_CODE64	0x08
#define SEL_DATA	0x10
#define SEL_CODE32	0x18 /* ring 0, compatibility mode */
#define SEL_CODE64_USER 0x23
#define SEL_DATA_USER	0x2b
#define SEL_CODE32_USER 0x33
#define SEL_ABSENT	0x38 /* writable data, not present */
#define SEL_ABSENT_USER 0x43
#define SEL_TASK	0x48 /* two slots */
#define GDT_SLOTS	11

/* Vectors that the probe keeps to itself. */
#define VECTOR_LINE 0xf0 /* its serial line */
#define VECTOR_BEAT 0xf1 /* the heartbeat of watch, and whatever else it sends itself */

#define STUB_BYTES 16 /* one entry stub of a vector, entry.S */

/* Offsets into struct attempt, checked in attempt.c. */
#define ATTEMPT_RAX	0x00
#define ATTEMPT_RBX	0x08
#define ATTEMPT_RCX	0x10
#define ATTEMPT_RDX	0x18
#define ATTEMPT_RSI	0x20
#define ATTEMPT_RDI	0x28
#define ATTEMPT_CODE	0x30
#define ATTEMPT_CS	0x38
#define ATTEMPT_RFLAGS	0x40
#define ATTEMPT_STACK	0x48
#define ATTEMPT_SS	0x50
#define ATTEMPT_LANDING 0x58
#define ATTEMPT_RESUME	0x60

#endif
