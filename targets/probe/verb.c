/* SPDX-License-Identifier: MIT */
/*
 * verb: the table of verbs, and the way from a request to its answer.
 */
#include "verb.h"

#include "line.h"
#include "string.h"

/* In the order of the protocol. */
/* clang-format off */
static const struct verb verbs[] = {
	{"hello", "", verb_hello},
	{"echo", "b", verb_echo},
	{"say", "b", verb_say},

	{"load", "nn", verb_load},
	{"store", "nnn", verb_store},
	{"fetch", "n", verb_fetch},
	{"peek", "nn", verb_peek},
	{"poke", "nb", verb_poke},
	{"fill", "nnnn", verb_fill},
	{"verify", "nnnn", verb_verify},
	{"map", "nnnn", verb_map},
	{"e820", "", verb_e820},

	{"in", "nn", verb_in},
	{"out", "nnn", verb_out},
	{"ins", "nnn", verb_ins},
	{"outs", "nnb", verb_outs},
	{"rdmsr", "n", verb_rdmsr},
	{"wrmsr", "nn", verb_wrmsr},
	{"cpuid", "nn", verb_cpuid},
	{"regs", "", verb_regs},
	{"setcr", "nn", verb_setcr},

	{"raise", "wn", verb_raise},
	{"nested", "ww", verb_nested},
	{"claim", "nnn", verb_claim},
	{"mask", "n", verb_mask},
	{"unmask", "n", verb_unmask},
	{"timer", "wnn", verb_timer},
	{"await", "nnn", verb_await},
	{"watch", "nn", verb_watch},
	{"ipi", "nn", verb_ipi},
	{"seen", "n", verb_seen},
	{"stray", "", verb_stray},
	{"forget", "", verb_forget},
	{"lapic", "n", verb_lapic},
	{"lapic-set", "nn", verb_lapic_set},
	{"ioapic", "n", verb_ioapic},
	{"ioapic-set", "nn", verb_ioapic_set},

	{"spin", "n", verb_spin},
	{"storm", "wn", verb_storm},
	{"cost", "wnn", verb_cost},

	{"halt", "", verb_halt},
	{"hang", "", verb_hang},
	{"sleep", "", verb_sleep},
	{"triple", "", verb_triple},
};
/* clang-format on */

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

static size_t argument_count(const struct verb *verb)
{
	size_t count = 0;

	while (verb->arguments[count])
		count++;
	return count;
}

enum outcome verb_prepare(struct wire_request *request, struct call *call)
{
	char **field = request->field;
	size_t count = request->count;

	*call = (struct call){.last = same_word(*field, "last")};
	if (call->last)
		field++, count--;
	if (count == 0)
		return BAD_COUNT;
	call->verb = find(*field);
	if (!call->verb)
		return BAD_VERB;
	if (count != argument_count(call->verb) + 1)
		return BAD_COUNT;
	for (size_t i = 0; i < count - 1; i++)
		if (!parse_argument(call->verb->arguments[i], field[i + 1], &call->argument[i]))
			return BAD_NUMBER;
	return DONE;
}

void verb_add_status(struct wire_frame *frame, enum outcome outcome)
{
	static const char *const bad[] = {
		[BAD_VERB] = "verb",   [BAD_COUNT] = "count", [BAD_NUMBER] = "number",
		[BAD_RANGE] = "range", [BAD_BUSY] = "busy",
	};

	if (outcome == DONE) {
		wire_word(frame, "ok");
	} else if (outcome == FAULTED) {
		wire_word(frame, "fault");
	} else {
		wire_word(frame, "bad");
		wire_word(frame, bad[outcome]);
	}
}

void verb_perform(struct call *call, struct wire_frame *frame)
{
	size_t begin = frame->length;
	enum outcome outcome;

	call->answer = frame;
	verb_add_status(frame, DONE);
	outcome = call->verb->handler(call);
	if (outcome == DONE)
		return;
	frame->length = begin;
	verb_add_status(frame, outcome);
	if (outcome == FAULTED)
		line_add_record(frame, &call->fault);
}

enum outcome verb_attempt(struct call *call, struct attempt *attempt)
{
	if (attempt_run(attempt))
		return DONE;
	call->fault = attempt->record;
	return FAULTED;
}

bool verb_fits(uint64_t number, uint64_t width)
{
	return width == 8 || number >> (8 * width) == 0;
}
