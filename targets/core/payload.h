/* SPDX-License-Identifier: MIT */
/*
 * payload: what the file of a payload is, and where in its partition all of it goes. Decided from the file
 * and the partition's entry in a block that passed cfg_check(). A file may hold anything: it is never read
 * beyond its end, and what does not make sense, or does not fit, is refused.
 *
 * Sources: Linux Documentation/arch/x86/boot.rst; Multiboot 0.6.96; Multiboot 2.0; ELF 1.2.
 */
#ifndef MRM_CORE_PAYLOAD_H
#define MRM_CORE_PAYLOAD_H

#include "config.h"

#define PAY_SEGMENTS   16     /* pieces that a file is loaded in */
#define PAY_TOLD_BYTES 0x5000 /* for what a payload is told at its start: tables, command line */
#define PAY_TEXT_BYTES 160    /* any sentence of pay_text() fits */

struct pay_file {
	const uint8_t *bytes;
	uint64_t size_bytes;
};

/* In which state of the processor, and told in which form, a payload starts. */
enum pay_start {
	PAY_LINUX_64,	 /* boot.rst, "64-bit BOOT PROTOCOL" */
	PAY_LINUX_32,	 /* boot.rst, "32-bit BOOT PROTOCOL" */
	PAY_MULTIBOOT_1, /* Multiboot 0.6.96 §3.2 */
	PAY_MULTIBOOT_2, /* Multiboot 2.0 §3.2 */
	PAY_FIRMWARE,	 /* as after a reset, in a ROM below 4 GiB: it is told nothing */
	PAY_STARTS
};

/* Bytes of the file, and zeros behind them. */
struct pay_segment {
	uint64_t gpa;
	uint64_t memory_bytes;
	uint64_t offset; /* in the file */
	uint64_t file_bytes;
};

/*
 * Where what goes, by guest-physical address: all of it, but for the shadow of firmware, RAM of the partition
 * below 4 GiB, outside of the hole below 1 MiB, each in one piece of host-physical memory, nothing over
 * another; segments of an ELF file may lie over each other, if it says so.
 */
struct pay_plan {
	uint32_t start; /* enum pay_start */
	uint32_t segment_count;
	struct pay_segment segment[PAY_SEGMENTS];
	uint64_t entry;
	uint64_t initrd; /* page-aligned */
	uint64_t initrd_bytes;
	uint64_t told; /* PAY_TOLD_BYTES, page-aligned */
};

enum pay_fault_kind {
	PAY_OK,
	PAY_KIND,	  /* not a kind that this core knows how to start */
	PAY_NO_LINUX,	  /* no Linux boot image of protocol 2.10 or newer */
	PAY_NO_MULTIBOOT, /* no header of either version, or one for another architecture */
	PAY_CUT_SHORT,	  /* what is at offset first of the file refers to more than there is */
	PAY_NO_ELF,	  /* a multiboot header without addresses, in a file that is no ELF32 for i386 */
	PAY_NO_ROM,	  /* of a size that firmware does not have */
	PAY_NO_LOW,  /* firmware, and below 640 KiB or from 768 KiB to 1 MiB not all is RAM in one piece */
	PAY_DEMAND,  /* it demands a service that its loader does not have: a flag or a tag */
	PAY_PIECES,  /* it is to be loaded in more pieces than PAY_SEGMENTS, or in none */
	PAY_OUTSIDE, /* it must lie at first to last, which is not all RAM of its own */
	PAY_ENTRY,   /* it would start at first, where none of it is loaded */
	PAY_NO_ROOM, /* nothing of its own is left for first more bytes */
	PAY_FAULTS
};

struct pay_fault {
	uint32_t kind; /* enum pay_fault_kind */
	uint64_t first;
	uint64_t last;
};

/* Plans a start. PAY_OK, or fault->kind, and then the plan is of no use. initrd_bytes is 0 if there is none.
 */
enum pay_fault_kind pay_plan(const struct cfg_partition *config, struct pay_file file, uint64_t initrd_bytes,
			     struct pay_plan *plan, struct pay_fault *fault);

/* One English sentence, zero-terminated, cut if it must be; its length without the zero. */
size_t pay_text(const struct pay_fault *fault, char *text, size_t size_bytes);

/* The short name of a kind of fault, such as "outside"; never NULL. */
const char *pay_fault_name(uint32_t kind);

/* The word for a start, such as "linux-64"; never NULL. */
const char *pay_start_name(uint32_t start);

/*
 * Writes what a multiboot payload is told, as it must lie at plan->told. rsdp: the first 36 bytes of the
 * pseudo ACPI tables. out holds PAY_TOLD_BYTES, zeros. What lies at plan->initrd is told as the one module.
 */
void pay_multiboot_information(const struct cfg_partition *config, const struct pay_plan *plan,
			       const uint8_t *rsdp, uint8_t *out);

#endif
