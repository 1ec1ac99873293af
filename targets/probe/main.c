/* SPDX-License-Identifier: MIT */
/*
 * main: starts the machine, then answers questions for ever.
 */
#include "main.h"

#include "apic.h"
#include "attempt.h"
#include "boot.h"
#include "cpu.h"
#include "image.h"
#include "paging.h"
#include "primitive.h"
#include "segment.h"
#include "serial.h"
#include "serve.h"
#include "timer.h"
#include "trap.h"

_Noreturn void probe_main(uint32_t start, uint64_t information); /* from start.S */

void probe_introduce(struct wire_frame *frame)
{
	static const char start_word[][12] = {
		[START_LINUX] = "linux",
		[START_MULTIBOOT] = "multiboot",
		[START_MULTIBOOT_2] = "multiboot2",
	};

	wire_number(frame, PROTOCOL_VERSION);
	wire_word(frame, start_word[boot.start]);
	wire_number(frame, image_base());
	wire_number(frame, image_bytes());
	wire_number(frame, boot.serial_port);
	wire_number(frame, boot.serial_gsi);
}

/* No-execute pages are a feature that a loader need not have switched on, and that may be denied. */
static void enable_no_execute(void)
{
	struct attempt attempt = attempt_at((uint64_t)primitive_rdmsr);

	attempt.rcx = MSR_EFER;
	if (!attempt_run(&attempt) || (attempt.rax & EFER_NXE))
		return;
	attempt.code = (uint64_t)primitive_wrmsr;
	attempt.rax |= EFER_NXE;
	attempt_run(&attempt);
}

/* The same state, whoever started us. */
static void processor_init(void)
{
	segment_init();
	trap_init();
	write_cr0(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG);
	write_cr4(CR4_PAE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT);
	__asm__ volatile("fninit");
	enable_no_execute();
}

void probe_main(uint32_t start, uint64_t information)
{
	boot_read(start, information);
	processor_init();
	paging_init();
	apic_init();
	timer_init();
	serial_init();
	serve();
}
