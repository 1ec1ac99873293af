// SPDX-License-Identifier: MIT
#include "core.h"

/* How two exceptions combine, APM vol. 2 §8.2.9, table 8-3. */
enum combination { BENIGN, CONTRIBUTORY, PAGE_FAULT, DOUBLE_FAULT };

static enum combination combination_of(uint8_t vector)
{
	switch (vector) {
	case EXC_DE:
	case EXC_TS:
	case EXC_NP:
	case EXC_SS:
	case EXC_GP:
		return CONTRIBUTORY;
	case EXC_PF:
		return PAGE_FAULT;
	case EXC_DF:
		return DOUBLE_FAULT;
	default:
		return BENIGN;
	}
}

/* What a second exception becomes: itself, #DF, or EXC_SHUTDOWN. */
static uint8_t combine(uint8_t first, uint8_t second)
{
	enum combination a = combination_of(first), b = combination_of(second);

	if (a == DOUBLE_FAULT && (b == CONTRIBUTORY || b == PAGE_FAULT))
		return EXC_SHUTDOWN;
	if (a == PAGE_FAULT && (b == CONTRIBUTORY || b == PAGE_FAULT))
		return EXC_DF;
	if (a == CONTRIBUTORY && b == CONTRIBUTORY)
		return EXC_DF;
	return second;
}

/* Index: vector. NULL: the architecture has no such exception that a partition could get. */
static const char *const vector_name[] = {
	[EXC_DE] = "#DE",
	[EXC_DB] = "#DB",
	[EXC_NMI] = "NMI",
	[EXC_BP] = "#BP",
	[EXC_OF] = "#OF",
	[EXC_BR] = "#BR",
	[EXC_UD] = "#UD",
	[EXC_NM] = "#NM",
	[EXC_DF] = "#DF",
	[EXC_TS] = "#TS",
	[EXC_NP] = "#NP",
	[EXC_SS] = "#SS",
	[EXC_GP] = "#GP",
	[EXC_PF] = "#PF",
	[EXC_MF] = "#MF",
	[EXC_AC] = "#AC",
	[EXC_MC] = "#MC",
	[EXC_XM] = "#XM",
	[EXC_SHUTDOWN] = "shutdown",
};

static bool is_known(uint8_t vector)
{
	return vector < sizeof(vector_name) / sizeof(*vector_name) && vector_name[vector];
}

const char *exc_vector_name(uint8_t vector)
{
	return is_known(vector) ? vector_name[vector] : "unknown";
}

bool exc_has_error_code(uint8_t vector)
{
	switch (vector) {
	case EXC_DF:
	case EXC_TS:
	case EXC_NP:
	case EXC_SS:
	case EXC_GP:
	case EXC_PF:
	case EXC_AC:
		return true;
	default:
		return false;
	}
}

/* A privileged instruction of an initialisation shows itself by #GP, or by #UD where it does not exist
 * (§3.3(2)A). */
static bool is_traced(const struct exc_event *event)
{
	return event->trace_mode && !event->delivering &&
	       (event->vector == EXC_GP || event->vector == EXC_UD);
}

static enum exc_route decide(const struct core *core, uint8_t partition, const struct exc_event *event,
			     struct exc_event *deliver)
{
	uint8_t vector = event->vector;

	if (event->where != EXC_IN_PARTITION || partition >= core->config->partition_count)
		return EXC_NOT_OURS;
	if (!is_known(vector) || (vector == EXC_NMI && irq_nmi_owner(core) != partition))
		return EXC_NOT_OURS;
	if (is_traced(event))
		return EXC_SIMULATE;
	if (event->delivering && event->delivering_is_exception)
		vector = combine(event->delivering_vector, vector);
	if (vector == EXC_SHUTDOWN)
		return EXC_END;
	deliver->vector = vector;
	deliver->delivering = 0;
	deliver->has_error = exc_has_error_code(vector);
	deliver->error_code = deliver->has_error && vector == event->vector ? event->error_code : 0;
	return EXC_DELIVER;
}

enum exc_route exc_route(struct core *core, uint8_t partition, const struct exc_event *event,
			 struct exc_event *deliver)
{
	enum exc_route route;

	*deliver = *event;
	route = decide(core, partition, event, deliver);
	core_trace(core, TRC_EXCEPTION, partition, event->vector | (uint64_t)event->error_code << 32, route);
	return route;
}
