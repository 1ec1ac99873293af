// SPDX-License-Identifier: MIT
/* Core: interrupts and exceptions. */
#include "core_object.h"

static const char *const answer_word[] = {"granted", "refused-owner", "refused-vector", "refused-delivery",
					  "refused-target"};
static const char *const exception_word[] = {"deliver", "simulate", "end", "not-ours"};

PyObject *core_gsi_owner(PyObject *self, PyObject *args)
{
	uint32_t gsi;

	if (!PyArg_ParseTuple(args, "O&:gsi_owner", to_u32, &gsi))
		return NULL;
	return partition_or_none(irq_gsi_owner(core_of(self), gsi));
}

PyObject *core_nmi_owner(PyObject *self, PyObject *args)
{
	(void)args;
	return partition_or_none(irq_nmi_owner(core_of(self)));
}

PyObject *core_claim(PyObject *self, PyObject *args)
{
	uint8_t partition, vector;
	uint32_t gsi;

	if (!PyArg_ParseTuple(args, "O&O&O&:claim", to_u8, &partition, to_u32, &gsi, to_u8, &vector) ||
	    !partition_exists(self, partition))
		return NULL;
	return WORD(answer_word, irq_claim(core_of(self), partition, gsi, vector));
}

PyObject *core_mask(PyObject *self, PyObject *args)
{
	uint8_t partition;
	uint32_t gsi;
	int masked;

	if (!PyArg_ParseTuple(args, "O&O&p:mask", to_u8, &partition, to_u32, &gsi, &masked) ||
	    !partition_exists(self, partition))
		return NULL;
	return WORD(answer_word, irq_mask(core_of(self), partition, gsi, masked));
}

PyObject *core_set_pending(PyObject *self, PyObject *args)
{
	uint32_t gsi, pin;
	uint64_t rte;

	if (!PyArg_ParseTuple(args, "O&:set_pending", to_u32, &gsi))
		return NULL;
	irq_set_pending(core_of(self), gsi, &pin, &rte);
	Py_RETURN_NONE;
}

PyObject *core_take(PyObject *self, PyObject *args)
{
	uint8_t partition;
	uint32_t gsi;

	if (!PyArg_ParseTuple(args, "O&:take", to_u8, &partition) || !partition_exists(self, partition))
		return NULL;
	if (!irq_take(core_of(self), partition, &gsi))
		Py_RETURN_NONE;
	return PyLong_FromUnsignedLong(gsi);
}

/* (owner, vector, masked, pending, refused, rte) */
PyObject *core_line(PyObject *self, PyObject *args)
{
	const struct irq_line *line;
	uint8_t gsi;

	if (!PyArg_ParseTuple(args, "O&:line", to_u8, &gsi))
		return NULL;
	line = &core_of(self)->irq.line[gsi];
	return Py_BuildValue("NiNNIK", partition_or_none(line->owner), line->vector,
			     PyBool_FromLong(line->masked), PyBool_FromLong(line->pending), line->refused,
			     (unsigned long long)line->rte);
}

PyObject *core_ioapic_read(PyObject *self, PyObject *args)
{
	uint8_t partition;
	uint32_t offset;

	if (!PyArg_ParseTuple(args, "O&O&:ioapic_read", to_u8, &partition, to_u32, &offset) ||
	    !partition_exists(self, partition))
		return NULL;
	return PyLong_FromUnsignedLong(irq_ioapic_read(core_of(self), partition, offset));
}

PyObject *core_ioapic_write(PyObject *self, PyObject *args)
{
	uint32_t offset, value, pin;
	uint8_t partition;
	uint64_t rte;

	if (!PyArg_ParseTuple(args, "O&O&O&:ioapic_write", to_u8, &partition, to_u32, &offset, to_u32,
			      &value) ||
	    !partition_exists(self, partition))
		return NULL;
	if (!irq_ioapic_write(core_of(self), partition, offset, value, &pin, &rte))
		Py_RETURN_NONE;
	return Py_BuildValue("IK", pin, (unsigned long long)rte);
}

/* (answer, vector, nmi, targets); the rest is 0 and empty where the answer is a refusal. */
static PyObject *message_tuple(enum irq_answer answer, const struct irq_message *message)
{
	bool granted = answer == IRQ_GRANTED;

	return Py_BuildValue("NiNy#", WORD(answer_word, answer), granted ? message->vector : 0,
			     PyBool_FromLong(granted && message->nmi), (const char *)message->target,
			     granted ? (Py_ssize_t)message->target_count : 0);
}

/* What a partition writes to its ICR. */
struct command {
	uint64_t icr;
	uint8_t logical_id[CFG_PROCESSORS];
	uint8_t partition;
	uint8_t sender;
};

static bool get_command(PyObject *self, PyObject *args, const char *format, struct command *command)
{
	Py_buffer buffer = {.len = 0};

	*command = (struct command){0};
	if (!PyArg_ParseTuple(args, format, to_u8, &command->partition, to_u8, &command->sender, to_u64,
			      &command->icr, &buffer))
		return false;
	for (Py_ssize_t i = 0; i < buffer.len && i < CFG_PROCESSORS; i++)
		command->logical_id[i] = ((const uint8_t *)buffer.buf)[i];
	PyBuffer_Release(&buffer);
	return partition_exists(self, command->partition);
}

PyObject *core_ipi(PyObject *self, PyObject *args)
{
	struct irq_message message;
	struct command command;
	enum irq_answer answer;

	if (!get_command(self, args, "O&O&O&|y*:ipi", &command))
		return NULL;
	answer = irq_ipi(core_of(self), command.partition, command.sender, command.icr, command.logical_id,
			 &message);
	return message_tuple(answer, &message);
}

/* (answer, page, init, targets) */
PyObject *core_start_up(PyObject *self, PyObject *args)
{
	struct irq_message message;
	struct command command;
	enum irq_answer answer;
	bool init;

	if (!get_command(self, args, "O&O&O&|y*:start_up", &command))
		return NULL;
	answer = irq_start_up(core_of(self), command.partition, command.sender, command.icr,
			      command.logical_id, &message, &init);
	message.nmi = init; /* its place in the tuple */
	return message_tuple(answer, &message);
}

PyObject *core_msi(PyObject *self, PyObject *args)
{
	struct irq_message message;
	enum irq_answer answer;
	uint8_t partition;
	uint64_t address;
	uint32_t data;

	if (!PyArg_ParseTuple(args, "O&O&O&:msi", to_u8, &partition, to_u64, &address, to_u32, &data) ||
	    !partition_exists(self, partition))
		return NULL;
	answer = irq_msi(core_of(self), partition, address, data, &message);
	return message_tuple(answer, &message);
}

static PyObject *route_tuple(enum exc_route route, const struct exc_event *deliver)
{
	PyObject *error;

	if (route != EXC_DELIVER)
		return Py_BuildValue("NOO", WORD(exception_word, route), Py_None, Py_None);
	error = deliver->has_error ? PyLong_FromUnsignedLong(deliver->error_code) : Py_NewRef(Py_None);
	return Py_BuildValue("NiN", WORD(exception_word, route), deliver->vector, error);
}

/* first: the exception that was being delivered, None for none, -1 for an interrupt. */
static bool set_first(struct exc_event *event, PyObject *first)
{
	long vector;

	if (first == Py_None)
		return true;
	vector = PyLong_AsLong(first);
	if (vector == -1 && PyErr_Occurred())
		return false;
	event->delivering = 1;
	event->delivering_is_exception = vector >= 0;
	event->delivering_vector = (uint8_t)vector;
	return true;
}

PyObject *core_exception(PyObject *self, PyObject *args)
{
	struct exc_event event = {0}, deliver;
	PyObject *first = Py_None;
	int in_controller = 0, trace_mode = 0;
	uint8_t partition;

	if (!PyArg_ParseTuple(args, "O&O&|O&pOp:exception", to_u8, &partition, to_u8, &event.vector, to_u32,
			      &event.error_code, &in_controller, &first, &trace_mode) ||
	    !partition_exists(self, partition) || !set_first(&event, first))
		return NULL;
	event.where = in_controller ? EXC_IN_CONTROLLER : EXC_IN_PARTITION;
	event.has_error = exc_has_error_code(event.vector);
	event.trace_mode = trace_mode != 0;
	return route_tuple(exc_route(core_of(self), partition, &event, &deliver), &deliver);
}
