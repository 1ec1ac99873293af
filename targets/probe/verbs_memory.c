/* SPDX-License-Identifier: MIT */
/*
 * verbs_memory: questions to memory and to the page tables.
 */
#include "boot.h"
#include "cpu.h"
#include "paging.h"
#include "primitive.h"
#include "verbs.h"

#define PEEK_BYTES 256
#define WORD_BYTES 8
#define WALK_WORDS 16

/* A primitive in the form for a width in bytes; 0 if there is no such width. */
static uint64_t by_width(uint64_t width, const uint8_t *one, const uint8_t *two, const uint8_t *four,
			 const uint8_t *eight)
{
	switch (width) {
	case 1:
		return (uint64_t)one;
	case 2:
		return (uint64_t)two;
	case 4:
		return (uint64_t)four;
	case 8:
		return (uint64_t)eight;
	default:
		return 0;
	}
}

enum outcome verb_load(struct call *call)
{
	uint64_t code = by_width(call->argument[0].number, primitive_load_1, primitive_load_2,
				 primitive_load_4, primitive_load_8);
	struct attempt attempt = attempt_at(code);
	enum outcome outcome;

	if (!code)
		return BAD_RANGE;
	attempt.rsi = call->argument[1].number;
	outcome = verb_attempt(call, &attempt);
	wire_number(call->answer, attempt.rax);
	return outcome;
}

enum outcome verb_store(struct call *call)
{
	uint64_t code = by_width(call->argument[0].number, primitive_store_1, primitive_store_2,
				 primitive_store_4, primitive_store_8);
	struct attempt attempt = attempt_at(code);

	if (!code || !verb_fits(call->argument[2].number, call->argument[0].number))
		return BAD_RANGE;
	attempt.rdi = call->argument[1].number;
	attempt.rax = call->argument[2].number;
	return verb_attempt(call, &attempt);
}

enum outcome verb_fetch(struct call *call)
{
	struct attempt attempt = attempt_at(call->argument[0].number);
	enum outcome outcome = verb_attempt(call, &attempt);

	wire_number(call->answer, attempt.rax);
	return outcome;
}

static enum outcome copy(struct call *call, uint64_t to, uint64_t from, uint64_t count)
{
	struct attempt attempt = attempt_at((uint64_t)primitive_copy);

	attempt.rdi = to;
	attempt.rsi = from;
	attempt.rcx = count;
	return verb_attempt(call, &attempt);
}

enum outcome verb_peek(struct call *call)
{
	uint8_t bytes[PEEK_BYTES];
	uint64_t count = call->argument[1].number;
	enum outcome outcome;

	if (count > PEEK_BYTES)
		return BAD_RANGE;
	outcome = copy(call, (uint64_t)bytes, call->argument[0].number, count);
	if (outcome == DONE)
		wire_bytes(call->answer, bytes, count);
	return outcome;
}

enum outcome verb_poke(struct call *call)
{
	const struct argument *bytes = &call->argument[1];

	return copy(call, call->argument[0].number, (uint64_t)bytes->bytes, bytes->byte_count);
}

struct pattern {
	uint64_t base, bytes, seed, step;
	void (*visit)(struct pattern *pattern, uint64_t offset);
	uint64_t wrong, first;
};

/* Odd multipliers keep different offsets different; the seed reaches every bit. */
static uint64_t pattern_word(const struct pattern *pattern, uint64_t offset)
{
	uint64_t word = (offset + pattern->seed) * 0x9e3779b97f4a7c15;

	return (word ^ word >> 29) * 0xbf58476d1ce4e5b9;
}

static void fill_word(struct pattern *pattern, uint64_t offset)
{
	*(volatile uint64_t *)(pattern->base + offset) = pattern_word(pattern, offset);
}

static void verify_word(struct pattern *pattern, uint64_t offset)
{
	if (*(volatile uint64_t *)(pattern->base + offset) == pattern_word(pattern, offset))
		return;
	if (pattern->wrong++ == 0)
		pattern->first = pattern->base + offset;
}

/* Gives way now and then: each word may be an exit. */
static void walk(struct pattern *pattern)
{
	unsigned int words = 0;

	for (uint64_t offset = 0; offset < pattern->bytes; offset += pattern->step) {
		if (pattern->bytes - offset < WORD_BYTES)
			break;
		pattern->visit(pattern, offset);
		if (++words % WALK_WORDS == 0)
			relax();
	}
}

/* Walks over the words in an attempt: the walk is a C function, which is code like any other. */
static enum outcome attempt_walk(struct call *call, void (*visit)(struct pattern *, uint64_t),
				 struct pattern *pattern)
{
	struct attempt attempt = attempt_at((uint64_t)walk);

	*pattern = (struct pattern){
		.base = call->argument[0].number,
		.bytes = call->argument[1].number,
		.seed = call->argument[2].number,
		.step = call->argument[3].number,
		.visit = visit,
	};
	if (pattern->step < WORD_BYTES || pattern->base + pattern->bytes + pattern->step < pattern->base)
		return BAD_RANGE;
	attempt.rdi = (uint64_t)pattern;
	return verb_attempt(call, &attempt);
}

enum outcome verb_fill(struct call *call)
{
	struct pattern pattern;

	return attempt_walk(call, fill_word, &pattern);
}

enum outcome verb_verify(struct call *call)
{
	struct pattern pattern;
	enum outcome outcome = attempt_walk(call, verify_word, &pattern);

	wire_number(call->answer, pattern.wrong);
	wire_number(call->answer, pattern.first);
	return outcome;
}

enum outcome verb_map(struct call *call)
{
	uint64_t flags = call->argument[3].number;

	if (flags & ~(uint64_t)MAP_FLAGS)
		return BAD_RANGE;
	if (!paging_map(call->argument[0].number, call->argument[1].number, call->argument[2].number,
			(uint32_t)flags))
		return BAD_RANGE;
	return DONE;
}

enum outcome verb_e820(struct call *call)
{
	for (size_t i = 0; i < boot.range_count; i++) {
		wire_number(call->answer, boot.range[i].base);
		wire_number(call->answer, boot.range[i].size);
		wire_number(call->answer, boot.range[i].type);
	}
	return DONE;
}
