/* SPDX-License-Identifier: MIT */
/*
 * trap: the interrupt table and what happens behind it. An exception belongs to the attempt that is running
 * (attempt.h); without one the probe is lost and says so. An interrupt is counted and acknowledged.
 */
#include "trap.h"

#include "apic.h"
#include "attempt.h"
#include "cpu.h"
#include "layout.h"
#include "line.h"
#include "segment.h"

#define BREAKPOINT    3
#define OVERFLOW      4
#define DOUBLE_FAULT  8
#define MACHINE_CHECK 18

/* As entry.S pushes it. */
struct frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

/* APM vol. 2 §4.8.4 */
struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t stack;
	uint8_t type;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};

#define GATE_PRESENT   0x80u
#define GATE_INTERRUPT 0x0eu
#define GATE_USER      0x60u /* INT3 and INTO of ring 3 may pass */

extern const uint8_t trap_stubs[]; /* entry.S */
void trap(const struct frame *frame);

static struct gate table[VECTORS];
static struct trap_vector vectors[VECTORS];
static void (*handlers[VECTORS])(void);
struct trap_strays trap_strays;

static void set_gate(unsigned int vector)
{
	uint64_t stub = (uint64_t)trap_stubs + vector * STUB_BYTES;

	table[vector] = (struct gate){
		.offset_low = (uint16_t)stub,
		.offset_middle = (uint16_t)(stub >> 16),
		.offset_high = (uint32_t)(stub >> 32),
		.selector = SEL_CODE64,
		.type = GATE_PRESENT | GATE_INTERRUPT,
	};
}

void trap_init(void)
{
	struct table_pointer pointer = {sizeof(table) - 1, (uint64_t)table};

	for (unsigned int vector = 0; vector < VECTORS; vector++)
		set_gate(vector);
	table[BREAKPOINT].type |= GATE_USER;
	table[OVERFLOW].type |= GATE_USER;
	trap_gate_stack(DOUBLE_FAULT, STACK_DOUBLE_FAULT);
	trap_gate_stack(VECTOR_NMI, STACK_NMI);
	trap_gate_stack(MACHINE_CHECK, STACK_MACHINE_CHECK);
	__asm__ volatile("lidt %0" : : "m"(pointer));
}

void trap_gate_present(uint8_t vector, bool present)
{
	table[vector].type = (uint8_t)((table[vector].type & ~GATE_PRESENT) | (present ? GATE_PRESENT : 0));
}

void trap_gate_stack(uint8_t vector, uint8_t stack)
{
	table[vector].stack = stack;
}

const struct trap_vector *trap_vector(uint8_t vector)
{
	return &vectors[vector];
}

bool trap_may_claim(uint64_t vector)
{
	return vector >= VECTOR_FIRST && vector < VECTORS && vector != VECTOR_LINE && vector != VECTOR_BEAT;
}

void trap_expect(uint8_t vector)
{
	vectors[vector].expected = true;
}

void trap_handle(uint8_t vector, void (*handler)(void))
{
	handlers[vector] = handler;
}

void trap_forget(void)
{
	for (unsigned int vector = 0; vector < VECTORS; vector++) {
		vectors[vector].count = 0;
		vectors[vector].last = (struct record){0};
	}
	trap_strays = (struct trap_strays){0};
}

/* An exception happens at an instruction: all of it is worth comparing. */
static void record_exception(const struct frame *frame, struct record *record)
{
	*record = (struct record){
		.vector = frame->vector,
		.error = frame->error,
		.rip = frame->rip,
		.cs = frame->cs,
		.rflags = frame->rflags,
		.rsp = frame->rsp,
		.ss = frame->ss,
		.cr2 = read_cr2(),
		.dr6 = read_dr6(),
	};
}

/* Where an interrupt or NMI strikes is chance, and no answer may depend on that. */
static void record_arrival(const struct frame *frame, struct record *record)
{
	*record = (struct record){.vector = frame->vector, .cs = frame->cs, .ss = frame->ss};
}

static void arrival(const struct frame *frame, struct trap_vector *vector)
{
	record_arrival(frame, &vector->last);
	if (!vector->expected) {
		trap_strays.count++;
		trap_strays.vector = frame->vector;
	}
	if (handlers[frame->vector])
		handlers[frame->vector]();
	if (frame->vector >= VECTOR_FIRST)
		apic_acknowledge((uint8_t)frame->vector);
}

/* The end: an exception that nobody asked for. */
_Noreturn static void lost(const struct record *record)
{
	static struct wire_frame frame; /* the stack may be what is broken */

	line_begin_event(&frame, "lost");
	line_add_record(&frame, record);
	wire_end(&frame);
	line_send(&frame);
	for (;;) {
		interrupts_off();
		halt();
	}
}

static void exception(const struct frame *frame, struct trap_vector *vector)
{
	struct attempt *attempt = attempt_take();

	record_exception(frame, &vector->last);
	if (!attempt)
		lost(&vector->last);
	vector->last.site = attempt->site;
	attempt->record = vector->last;
	attempt_end(attempt);
}

/* Called by entry.S for every vector. */
void trap(const struct frame *frame)
{
	struct trap_vector *vector = &vectors[frame->vector];

	vector->count++;
	if (frame->vector >= VECTOR_FIRST || frame->vector == VECTOR_NMI)
		arrival(frame, vector);
	else
		exception(frame, vector);
}
