/* SPDX-License-Identifier: MIT */
/*
 * serve: says hello, then answers the lines that come in, see serve.h.
 */
#include "serve.h"

#include "line.h"
#include "main.h"
#include "serial.h"
#include "verb.h"

static void say_hello(void)
{
	struct wire_frame frame;

	line_begin_event(&frame, "hello");
	probe_introduce(&frame);
	wire_end(&frame);
	line_send(&frame);
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
static void answer_request(struct wire_request *request)
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

_Noreturn void serve(void)
{
	static char line[WIRE_REQUEST_BYTES + 1];

	say_hello();
	for (;;) {
		struct wire_request request;
		size_t length = serial_take_line(line, WIRE_REQUEST_BYTES);

		if (length == 0 || line[0] != '>')
			continue;
		if (wire_open(line, length, &request))
			answer_request(&request);
		else
			garbled();
	}
}
