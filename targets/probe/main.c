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
#include "line.h"
#include "paging.h"
#include "primitive.h"
#include "segment.h"
#include "serial.h"
#include "timer.h"
#include "trap.h"
#include "verb.h"

_Noreturn void probe_main(uint32_t start, uint64_t information); /* from start.S */

void probe_introduce(struct wire_frame *frame)
{
	wire_number(frame, PROTOCOL_VERSION);
	wire_word(frame, boot.start == START_LINUX ? "linux" : "multiboot");
	wire_number(frame, image_base());
	wire_number(frame, image_bytes());
	wire_number(frame, boot.serial_port);
	wire_number(frame, boot.serial_gsi);
}

static void say_hello(void)
{
	struct wire_frame frame;

	line_begin_event(&frame, "hello");
	probe_introduce(&frame);
	wire_end(&frame);
	line_send(&frame);
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

static void garbled(void)
{
	static uint64_t count;
	struct wire_frame frame;

	line_begin_event(&frame, "garbled");
	wire_number(&frame, ++count);
	wire_end(&frame);
	line_send(&frame);
}

/* A call that may be the last: its answer is long out when it is carried out. */
static void perform_last(struct call *call)
{
	struct wire_frame event;

	serial_drain();
	line_begin_event(&event, "survived");
	verb_perform(call, &event);
	wire_end(&event);
	line_send(&event);
}

/* Carries a request out, unless it is a repetition of the last one: then its answer is sent again. */
static void serve(struct wire_request *request)
{
	static struct wire_frame answer;
	static bool answered;
	static uint8_t sequence;
	struct call call;
	enum outcome outcome;

	if (answered && request->sequence == sequence) {
		line_send(&answer);
		return;
	}
	outcome = verb_prepare(request, &call);
	wire_begin(&answer, '<', request->sequence);
	if (outcome == DONE && !call.last)
		verb_perform(&call, &answer);
	else
		verb_add_status(&answer, outcome);
	wire_end(&answer);
	answered = true;
	sequence = request->sequence;
	line_send(&answer);
	if (outcome == DONE && call.last)
		perform_last(&call);
}

void probe_main(uint32_t start, uint64_t information)
{
	static char line[WIRE_REQUEST_BYTES + 1];

	boot_read(start, information);
	processor_init();
	paging_init();
	apic_init();
	timer_init();
	serial_init();
	say_hello();
	for (;;) {
		struct wire_request request;
		size_t length = serial_take_line(line, WIRE_REQUEST_BYTES);

		if (length == 0 || line[0] != '>')
			continue;
		if (wire_open(line, length, &request))
			serve(&request);
		else
			garbled();
	}
}
