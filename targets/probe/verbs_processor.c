/* SPDX-License-Identifier: MIT */
/*
 * verbs_processor: questions to ports and registers.
 */
#include "cpu.h"
#include "primitive.h"
#include "verbs.h"

#define STRING_ELEMENTS 64

/* The port of a call, in DX; its width, which picks one of three primitives. */
static bool aim(struct call *call, struct attempt *attempt, const uint8_t *const code[3])
{
	uint64_t width = call->argument[0].number, port = call->argument[1].number;

	if ((width != 1 && width != 2 && width != 4) || port > 0xffff)
		return false;
	*attempt = attempt_at((uint64_t)code[width / 2]);
	attempt->rdx = port;
	return true;
}

enum outcome verb_in(struct call *call)
{
	static const uint8_t *const code[] = {primitive_in_1, primitive_in_2, primitive_in_4};
	struct attempt attempt;
	enum outcome outcome;

	if (!aim(call, &attempt, code))
		return BAD_RANGE;
	outcome = verb_attempt(call, &attempt);
	wire_number(call->answer, attempt.rax);
	return outcome;
}

enum outcome verb_out(struct call *call)
{
	static const uint8_t *const code[] = {primitive_out_1, primitive_out_2, primitive_out_4};
	struct attempt attempt;

	if (!aim(call, &attempt, code) || !verb_fits(call->argument[2].number, call->argument[0].number))
		return BAD_RANGE;
	attempt.rax = call->argument[2].number;
	return verb_attempt(call, &attempt);
}

enum outcome verb_ins(struct call *call)
{
	static const uint8_t *const code[] = {primitive_ins_1, primitive_ins_2, primitive_ins_4};
	uint64_t width = call->argument[0].number, count = call->argument[2].number;
	uint8_t bytes[4 * STRING_ELEMENTS];
	struct attempt attempt;
	enum outcome outcome;

	if (!aim(call, &attempt, code) || count > STRING_ELEMENTS)
		return BAD_RANGE;
	attempt.rdi = (uint64_t)bytes;
	attempt.rcx = count;
	outcome = verb_attempt(call, &attempt);
	if (outcome == DONE)
		wire_bytes(call->answer, bytes, width * count);
	return outcome;
}

enum outcome verb_outs(struct call *call)
{
	static const uint8_t *const code[] = {primitive_outs_1, primitive_outs_2, primitive_outs_4};
	const struct argument *bytes = &call->argument[2];
	uint64_t width = call->argument[0].number;
	struct attempt attempt;

	if (!aim(call, &attempt, code) || bytes->byte_count % width)
		return BAD_RANGE;
	attempt.rsi = (uint64_t)bytes->bytes;
	attempt.rcx = bytes->byte_count / width;
	return verb_attempt(call, &attempt);
}

enum outcome verb_rdmsr(struct call *call)
{
	struct attempt attempt = attempt_at((uint64_t)primitive_rdmsr);
	enum outcome outcome;

	if (call->argument[0].number > UINT32_MAX)
		return BAD_RANGE;
	attempt.rcx = call->argument[0].number;
	outcome = verb_attempt(call, &attempt);
	wire_number(call->answer, attempt.rdx << 32 | attempt.rax);
	return outcome;
}

enum outcome verb_wrmsr(struct call *call)
{
	struct attempt attempt = attempt_at((uint64_t)primitive_wrmsr);

	if (call->argument[0].number > UINT32_MAX)
		return BAD_RANGE;
	attempt.rcx = call->argument[0].number;
	attempt.rax = (uint32_t)call->argument[1].number;
	attempt.rdx = call->argument[1].number >> 32;
	return verb_attempt(call, &attempt);
}

enum outcome verb_cpuid(struct call *call)
{
	struct attempt attempt = attempt_at((uint64_t)primitive_cpuid);
	enum outcome outcome;

	if (call->argument[0].number > UINT32_MAX || call->argument[1].number > UINT32_MAX)
		return BAD_RANGE;
	attempt.rax = call->argument[0].number;
	attempt.rcx = call->argument[1].number;
	outcome = verb_attempt(call, &attempt);
	wire_number(call->answer, attempt.rax);
	wire_number(call->answer, attempt.rbx);
	wire_number(call->answer, attempt.rcx);
	wire_number(call->answer, attempt.rdx);
	return outcome;
}

static enum outcome add_msr(struct call *call, uint32_t msr)
{
	struct attempt attempt = attempt_at((uint64_t)primitive_rdmsr);
	enum outcome outcome;

	attempt.rcx = msr;
	outcome = verb_attempt(call, &attempt);
	wire_number(call->answer, attempt.rdx << 32 | attempt.rax);
	return outcome;
}

static void add_tables(struct wire_frame *answer)
{
	struct table_pointer gdt, idt;
	uint64_t task;

	__asm__ volatile("sgdt %0\n\tsidt %1" : "=m"(gdt), "=m"(idt));
	__asm__ volatile("str %0" : "=r"(task));
	wire_number(answer, gdt.base);
	wire_number(answer, gdt.limit);
	wire_number(answer, idt.base);
	wire_number(answer, idt.limit);
	wire_number(answer, task);
}

enum outcome verb_regs(struct call *call)
{
	enum outcome outcome;

	wire_number(call->answer, read_cr0());
	wire_number(call->answer, read_cr2());
	wire_number(call->answer, read_cr3());
	wire_number(call->answer, read_cr4());
	outcome = add_msr(call, MSR_EFER);
	if (outcome != DONE)
		return outcome;
	wire_number(call->answer, read_dr6());
	wire_number(call->answer, read_dr7());
	add_tables(call->answer);
	wire_number(call->answer, read_cs());
	return add_msr(call, MSR_APIC_BASE);
}

enum outcome verb_setcr(struct call *call)
{
	struct attempt attempt;

	switch (call->argument[0].number) {
	case 0:
		attempt = attempt_at((uint64_t)primitive_set_cr0);
		break;
	case 3:
		attempt = attempt_at((uint64_t)primitive_set_cr3);
		break;
	case 4:
		attempt = attempt_at((uint64_t)primitive_set_cr4);
		break;
	case 8:
		attempt = attempt_at((uint64_t)primitive_set_cr8);
		break;
	default:
		return BAD_RANGE;
	}
	attempt.rax = call->argument[1].number;
	return verb_attempt(call, &attempt);
}

/* Linear addresses of breakpoints, none of which DR7 switches on: kept, and nothing else (APM vol. 2
 * §13.1.1). */
enum outcome verb_dr(struct call *call)
{
	uint64_t value;

	switch (call->argument[0].number) {
	case 0:
		__asm__ volatile("mov %%dr0, %0" : "=r"(value));
		break;
	case 1:
		__asm__ volatile("mov %%dr1, %0" : "=r"(value));
		break;
	case 2:
		__asm__ volatile("mov %%dr2, %0" : "=r"(value));
		break;
	case 3:
		__asm__ volatile("mov %%dr3, %0" : "=r"(value));
		break;
	default:
		return BAD_RANGE;
	}
	wire_number(call->answer, value);
	return DONE;
}

enum outcome verb_setdr(struct call *call)
{
	uint64_t value = call->argument[1].number;

	switch (call->argument[0].number) {
	case 0:
		__asm__ volatile("mov %0, %%dr0" : : "r"(value));
		break;
	case 1:
		__asm__ volatile("mov %0, %%dr1" : : "r"(value));
		break;
	case 2:
		__asm__ volatile("mov %0, %%dr2" : : "r"(value));
		break;
	case 3:
		__asm__ volatile("mov %0, %%dr3" : : "r"(value));
		break;
	default:
		return BAD_RANGE;
	}
	return DONE;
}
