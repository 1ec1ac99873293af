/* SPDX-License-Identifier: MIT */
/*
 * raise: every exception the architecture has, raised for real by one instruction.
 *
 * What makes that instruction fault is prepared before it and undone in the handler of its exception. An
 * instruction that does not fault returns to a UD2 (entry.S), whose record tells so. Source: APM vol. 2 §8.2.
 */
#include <stddef.h>

#include "cpu.h"
#include "layout.h"
#include "line.h"
#include "primitive.h"
#include "segment.h"
#include "verbs.h"

#define NOWHERE	      0x700000000000 /* canonical, and nothing maps it unless a question did */
#define NOT_CANONICAL 0x800000000000
#define DIVIDE_ERROR  0

#define MXCSR_INIT	  0x1f80u
#define MXCSR_ZERO_DIVIDE 0x0200u /* masked */

struct provocation {
	const char *name;
	const uint8_t *code;
	uint64_t rflags;
	bool is_32bit;
	bool in_ring0, in_ring3;
	void (*prepare)(struct attempt *attempt);
	void (*restore)(void);
};

/* The operands of BOUND, and one that crosses a boundary of 4 for #AC. */
static const uint32_t bounds[2] = {1, 2};

static void outside_bounds(struct attempt *attempt)
{
	attempt->rax = 3;
	attempt->rcx = (uint64_t)bounds;
}

static void misaligned(struct attempt *attempt)
{
	attempt->rsi = (uint64_t)bounds + 1;
}

static void nowhere(struct attempt *attempt)
{
	attempt->rsi = NOWHERE;
}

static void not_canonical(struct attempt *attempt)
{
	attempt->rsi = NOT_CANONICAL;
}

static void absent_data(struct attempt *attempt)
{
	attempt->rax = SEL_ABSENT_USER;
}

/* The stack segment's privilege must be right for its absence to count. */
static void absent_stack(struct attempt *attempt)
{
	attempt->rax = attempt->ss == SEL_DATA ? SEL_ABSENT : SEL_ABSENT_USER;
}

static void x87_off(struct attempt *attempt)
{
	(void)attempt;
	write_cr0(read_cr0() | CR0_TS);
}

static void x87_on(void)
{
	__asm__ volatile("clts");
}

/* Divides by zero with that exception unmasked: it stays pending until the next waiting instruction. */
static void x87_pending(struct attempt *attempt)
{
	static const uint16_t control = 0x037b; /* as after FNINIT, ZM clear */

	(void)attempt;
	__asm__ volatile("fninit\n\tfldcw %0\n\tfld1\n\tfldz\n\tfdivrp" : : "m"(control));
}

static void x87_clear(void)
{
	__asm__ volatile("fninit");
}

static void load_mxcsr(uint32_t value)
{
	__asm__ volatile("ldmxcsr %0" : : "m"(value));
}

static void sse_unmasked(struct attempt *attempt)
{
	(void)attempt;
	load_mxcsr(MXCSR_INIT & ~MXCSR_ZERO_DIVIDE);
	__asm__ volatile("movd %0, %%xmm0\n\tpxor %%xmm1, %%xmm1" : : "r"(0x3f800000));
}

static void sse_masked(void)
{
	load_mxcsr(MXCSR_INIT);
}

/* #DE cannot be delivered, which is a #NP: both are contributory, so the processor makes a #DF of them. */
static void divide_gate_off(struct attempt *attempt)
{
	(void)attempt;
	trap_gate_present(DIVIDE_ERROR, false);
}

static void divide_gate_on(void)
{
	trap_gate_present(DIVIDE_ERROR, true);
}

static void stack_beyond_task(struct attempt *attempt)
{
	(void)attempt;
	trap_gate_stack(VECTOR_BEAT, STACK_BEYOND_TASK);
}

static void stack_in_use(void)
{
	trap_gate_stack(VECTOR_BEAT, 0);
}

#define BOTH_RINGS  .in_ring0 = true, .in_ring3 = true
#define RING0_ALONE .in_ring0 = true
#define RING3_ALONE .in_ring3 = true

static const struct provocation provocations[] = {
	{"de", primitive_divide, BOTH_RINGS},
	{"db", primitive_nop, .rflags = RFLAGS_TF, BOTH_RINGS},
	{"bp", primitive_breakpoint, BOTH_RINGS},
	{"of", primitive_overflow, .rflags = RFLAGS_OF, .is_32bit = true, BOTH_RINGS},
	{"br", primitive_bound, .is_32bit = true, BOTH_RINGS, .prepare = outside_bounds},
	{"ud", primitive_undefined, BOTH_RINGS},
	{"nm", primitive_x87, BOTH_RINGS, .prepare = x87_off, .restore = x87_on},
	{"df", primitive_divide, RING0_ALONE, .prepare = divide_gate_off, .restore = divide_gate_on},
	{"ts", primitive_interrupt, RING0_ALONE, .prepare = stack_beyond_task, .restore = stack_in_use},
	{"np", primitive_load_es, BOTH_RINGS, .prepare = absent_data},
	{"ss", primitive_load_ss, BOTH_RINGS, .prepare = absent_stack},
	{"gp", primitive_load_8, BOTH_RINGS, .prepare = not_canonical},
	{"pf", primitive_load_8, BOTH_RINGS, .prepare = nowhere},
	{"mf", primitive_x87_wait, BOTH_RINGS, .prepare = x87_pending, .restore = x87_clear},
	{"ac", primitive_load_4, .rflags = RFLAGS_AC, RING3_ALONE, .prepare = misaligned},
	{"xm", primitive_divide_sse, BOTH_RINGS, .prepare = sse_unmasked, .restore = sse_masked},
};

static const struct provocation *find(const char *name)
{
	for (size_t i = 0; i < sizeof(provocations) / sizeof(provocations[0]); i++)
		if (same_word(provocations[i].name, name))
			return &provocations[i];
	return NULL;
}

static struct attempt attempt_of(const struct provocation *provocation, uint64_t ring)
{
	struct attempt attempt = attempt_at((uint64_t)provocation->code);

	attempt_must_fault(&attempt);
	if (ring == 3)
		attempt_in_ring3(&attempt);
	if (provocation->is_32bit)
		attempt_in_32bit(&attempt);
	attempt.rflags |= provocation->rflags;
	attempt.restore = provocation->restore;
	return attempt;
}

static void provoke(const struct provocation *provocation, struct attempt *attempt)
{
	if (provocation->prepare)
		provocation->prepare(attempt);
	attempt_run(attempt);
}

enum outcome verb_raise(struct call *call)
{
	const struct provocation *provocation = find(call->argument[0].word);
	uint64_t ring = call->argument[1].number;
	struct attempt attempt;

	if (!provocation || (ring != 0 && ring != 3))
		return BAD_RANGE;
	if (!(ring == 0 ? provocation->in_ring0 : provocation->in_ring3))
		return BAD_RANGE;
	attempt = attempt_of(provocation, ring);
	interrupts_off(); /* from what is prepared until it is undone */
	provoke(provocation, &attempt);
	interrupts_on();
	line_add_record(call->answer, &attempt.record);
	return DONE;
}

/* The second one of a nested pair, and what came of it. */
struct inner {
	const struct provocation *provocation;
	struct record record;
};

static void raise_inner(void *context)
{
	struct inner *inner = context;
	struct attempt attempt = attempt_of(inner->provocation, 0);

	provoke(inner->provocation, &attempt);
	inner->record = attempt.record;
}

enum outcome verb_nested(struct call *call)
{
	const struct provocation *outer = find(call->argument[0].word);
	struct inner inner = {.provocation = find(call->argument[1].word)};
	struct attempt attempt;

	if (!outer || !inner.provocation || !outer->in_ring0 || !inner.provocation->in_ring0)
		return BAD_RANGE;
	attempt = attempt_of(outer, 0);
	attempt.inside = raise_inner;
	attempt.context = &inner;
	interrupts_off();
	provoke(outer, &attempt);
	interrupts_on();
	line_add_record(call->answer, &attempt.record);
	line_add_record(call->answer, &inner.record);
	return DONE;
}
