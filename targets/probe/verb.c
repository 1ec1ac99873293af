/* SPDX-License-Identifier: MIT */
/*
 * verb: the way from a request to its answer, see verb.h.
 */
#include "verb.h"

#include "line.h"

static const struct verb *find(const char *name)
{
	for (size_t i = 0; i < verb_count; i++)
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
		[BAD_RANGE] = "range", [BAD_BUSY] = "busy",   [BAD_DENIED] = "denied",
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

bool verb_fits(uint64_t number, uint64_t width)
{
	return width == 8 || number >> (8 * width) == 0;
}

bool same_word(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}
