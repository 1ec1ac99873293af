// SPDX-License-Identifier: MIT
/* parse_trace(): events out of the memory of a ring, which may come from anywhere and be anything. */
#include "convert.h"

#include "trace.h"

static PyStructSequence_Field event_field[] = {
	{"number", "since the start, from 0"},
	{"ticks", "time stamp counter"},
	{"kind", "such as 'exception'"},
	{"partition", "index, None for none"},
	{"processor", "index, None if it was not told"},
	{"a", "see trace.h"},
	{"b", "see trace.h"},
	{NULL, NULL},
};

static PyStructSequence_Desc event_desc = {
	.name = "mrm_core.Event",
	.doc = "One event of the trace.",
	.fields = event_field,
	.n_in_sequence = 7,
};

static PyObject *processor_or_none(uint16_t processor)
{
	if (processor == TRC_NO_PROCESSOR)
		Py_RETURN_NONE;
	return PyLong_FromLong(processor);
}

static PyObject *new_event(PyTypeObject *type, uint64_t number, const struct trc_event *event)
{
	PyObject *const value[] = {
		PyLong_FromUnsignedLongLong(number),
		PyLong_FromUnsignedLongLong(event->ticks),
		PyUnicode_FromString(trc_kind_name(event->kind)),
		partition_or_none(event->partition),
		processor_or_none(event->processor),
		PyLong_FromUnsignedLongLong(event->a),
		PyLong_FromUnsignedLongLong(event->b),
	};

	return new_record(type, Py_ARRAY_LENGTH(value), value);
}

/* Appends an event unless its slot was being written, or has been written again, when the memory was read. */
static int append(PyObject *list, PyTypeObject *type, uint64_t number, const struct trc_event *event)
{
	PyObject *item;
	int result;

	if (event->sequence != ((uint32_t)number | TRC_WRITTEN))
		return 0;
	item = new_event(type, number, event);
	result = item ? PyList_Append(list, item) : -1;
	Py_XDECREF(item);
	return result;
}

static PyObject *events(PyTypeObject *type, const struct trc_ring *ring)
{
	uint64_t first = ring->head > TRC_EVENTS ? ring->head - TRC_EVENTS : 0;
	PyObject *list = PyList_New(0);

	for (uint64_t n = first; list && n != ring->head; n++)
		if (append(list, type, n, &ring->event[n % TRC_EVENTS]) < 0)
			Py_CLEAR(list);
	return list;
}

static bool is_ring(const struct trc_ring *ring)
{
	if (ring->magic == TRC_MAGIC && ring->capacity == TRC_EVENTS &&
	    ring->event_bytes == sizeof(struct trc_event))
		return true;
	PyErr_SetString(PyExc_ValueError, "this memory holds no event trace: it does not begin like one");
	return false;
}

/* The memory may be unaligned, or longer than the ring. */
static struct trc_ring *copy_ring(const Py_buffer *buffer)
{
	struct trc_ring *ring;

	if ((size_t)buffer->len < sizeof(*ring)) {
		PyErr_Format(PyExc_ValueError, "an event trace has %zu bytes, not %zd", sizeof(*ring),
			     buffer->len);
		return NULL;
	}
	ring = PyMem_Malloc(sizeof(*ring));
	if (!ring) {
		PyErr_NoMemory();
		return NULL;
	}
	memcpy(ring, buffer->buf, sizeof(*ring));
	return ring;
}

static PyObject *parse_trace(PyObject *module, PyObject *argument)
{
	PyObject *list = NULL;
	struct trc_ring *ring;
	Py_buffer buffer;

	if (PyObject_GetBuffer(argument, &buffer, PyBUF_SIMPLE) < 0)
		return NULL;
	ring = copy_ring(&buffer);
	PyBuffer_Release(&buffer);
	if (ring && is_ring(ring))
		list = events(module_state(module)->event, ring);
	PyMem_Free(ring);
	return list;
}

static const struct named_number trace_number[] = {
	{"EVENTS", TRC_EVENTS},
	{"RING_BYTES", sizeof(struct trc_ring)},
	{NULL, 0},
};

static PyMethodDef methods[] = {
	{"parse_trace", parse_trace, METH_O, "parse_trace(memory) -> list[Event]"},
	{NULL, NULL, 0, NULL},
};

int add_trace(PyObject *module)
{
	if (add_record(module, &module_state(module)->event, &event_desc) < 0 ||
	    add_numbers(module, "TRACE", trace_number) < 0)
		return -1;
	return PyModule_AddFunctions(module, methods);
}
