/* SPDX-License-Identifier: MIT */
/*
 * attempt: runs code that may raise an exception, see attempt.h. The switch itself is in entry.S.
 */
#include "attempt.h"

#include <stddef.h>

#include "cpu.h"
#include "layout.h"

_Static_assert(offsetof(struct attempt, rax) == ATTEMPT_RAX, "entry.S");
_Static_assert(offsetof(struct attempt, rbx) == ATTEMPT_RBX, "entry.S");
_Static_assert(offsetof(struct attempt, rcx) == ATTEMPT_RCX, "entry.S");
_Static_assert(offsetof(struct attempt, rdx) == ATTEMPT_RDX, "entry.S");
_Static_assert(offsetof(struct attempt, rsi) == ATTEMPT_RSI, "entry.S");
_Static_assert(offsetof(struct attempt, rdi) == ATTEMPT_RDI, "entry.S");
_Static_assert(offsetof(struct attempt, code) == ATTEMPT_CODE, "entry.S");
_Static_assert(offsetof(struct attempt, cs) == ATTEMPT_CS, "entry.S");
_Static_assert(offsetof(struct attempt, rflags) == ATTEMPT_RFLAGS, "entry.S");
_Static_assert(offsetof(struct attempt, stack) == ATTEMPT_STACK, "entry.S");
_Static_assert(offsetof(struct attempt, ss) == ATTEMPT_SS, "entry.S");
_Static_assert(offsetof(struct attempt, landing) == ATTEMPT_LANDING, "entry.S");
_Static_assert(offsetof(struct attempt, resume) == ATTEMPT_RESUME, "entry.S");

#define USER_STACK_WORDS 512

/* entry.S */
extern const uint8_t attempt_came_back[], attempt_did_not_fault[];
bool attempt_enter(struct attempt *attempt);
_Noreturn void attempt_leave(struct attempt *attempt);

static struct attempt *running;
static uint64_t user_stack[USER_STACK_WORDS] __attribute__((aligned(16)));

struct attempt attempt_at(uint64_t code)
{
	return (struct attempt){
		.code = code,
		.site = code,
		.cs = SEL_CODE64,
		.ss = SEL_DATA,
		.rflags = RFLAGS_ALWAYS,
		.landing = (uint64_t)attempt_came_back,
	};
}

void attempt_must_fault(struct attempt *attempt)
{
	attempt->landing = (uint64_t)attempt_did_not_fault;
}

void attempt_in_ring3(struct attempt *attempt)
{
	uint64_t *top = &user_stack[USER_STACK_WORDS - 1];

	*top = (uint64_t)attempt_did_not_fault;
	attempt->stack = (uint64_t)top;
	attempt->cs = SEL_CODE64_USER;
	attempt->ss = SEL_DATA_USER;
}

void attempt_in_32bit(struct attempt *attempt)
{
	attempt->cs = attempt->cs == SEL_CODE64 ? SEL_CODE32 : SEL_CODE32_USER;
}

bool attempt_run(struct attempt *attempt)
{
	bool came_back;

	attempt->outer = running;
	running = attempt;
	write_cr2(0);
	write_dr6(DR6_INIT);
	came_back = attempt_enter(attempt);
	if (came_back)
		running = attempt->outer;
	return came_back;
}

struct attempt *attempt_take(void)
{
	struct attempt *attempt = running;

	if (attempt)
		running = attempt->outer;
	return attempt;
}

void attempt_end(struct attempt *attempt)
{
	if (attempt->restore)
		attempt->restore();
	attempt_leave(attempt);
}

/* Called by attempt_leave. */
void attempt_inside(struct attempt *attempt);

void attempt_inside(struct attempt *attempt)
{
	if (attempt->inside)
		attempt->inside(attempt->context);
}
