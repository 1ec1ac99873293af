/* SPDX-License-Identifier: MIT */
/*
 * verb: the table of verbs, and the way from a request to its answer.
 */
#include "verb.h"

#include "line.h"
#include "string.h"

static const struct verb verbs[] = {
	{"hello", "", verb_hello},	 {"echo", "b", verb_echo},     {"say", "b", verb_say},

	{"load", "nn", verb_load},	 {"store", "nnn", verb_store}, {"fetch", "n", verb_fetch},
	{"peek", "nn", verb_peek},	 {"poke", "nb", verb_poke},    {"fill", "nnnn", verb_fill},
	{"verify", "nnnn", verb_verify}, {"map", "nnnn", verb_map},    {"e820", "", verb_e820},

	{"in", "nn", verb_in},		 {"out", "nnn", verb_out},     {"ins", "nnn", verb_ins},
	{"outs", "nnb", verb_outs},	 {"rdmsr", "n", verb_rdmsr},   {"wrmsr", "nn", verb_wrmsr},
	{"cpuid", "nn", verb_cpuid},	 {"regs", "", verb_regs},      {"setcr", "nn", verb_setcr},
};

static const struct verb *find(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (same_word(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

static bool parse_argument(char form, char *field, struct argument *argument)
{
	switch (form) {
	case 'n':
		return wire_to_number(field, &argument->number);
	case 'b':
		argument->bytes = (const uint8_t *)field;
		return wire_to_bytes(field, &argument->byte_count);
	default:
		argument->word = field;
		return wire_is_word(field);
	}
}

static enum outcome carry_out(struct wire_request *request, struct call *call)
{
	const struct verb *verb = find(request->field[0]);
	size_t count = 0;

	if (!verb)
		return BAD_VERB;
	while (verb->arguments[count])
		count++;
	if (request->count != count + 1)
		return BAD_COUNT;
	for (size_t i = 0; i < count; i++)
		if (!parse_argument(verb->arguments[i], request->field[i + 1], &call->argument[i]))
			return BAD_NUMBER;
	return verb->handler(call);
}

void verb_answer(struct wire_request *request, struct wire_frame *frame)
{
	static const char *const bad[] = {
		[BAD_VERB] = "verb",   [BAD_COUNT] = "count", [BAD_NUMBER] = "number",
		[BAD_RANGE] = "range", [BAD_BUSY] = "busy",
	};
	struct call call = {.answer = frame};
	size_t begin = frame->length;
	enum outcome outcome;

	wire_word(frame, "ok");
	outcome = carry_out(request, &call);
	if (outcome != DONE)
		frame->length = begin;
	if (outcome == FAULTED) {
		wire_word(frame, "fault");
		line_add_record(frame, &call.fault);
	} else if (outcome != DONE) {
		wire_word(frame, "bad");
		wire_word(frame, bad[outcome]);
	}
	wire_end(frame);
}

enum outcome verb_attempt(struct call *call, struct attempt *attempt)
{
	if (attempt_run(attempt))
		return DONE;
	call->fault = attempt->record;
	return FAULTED;
}
