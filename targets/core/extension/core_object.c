// SPDX-License-Identifier: MIT
/* The Core type: its life, and the table of its methods. */
#include "core_object.h"

bool partition_exists(PyObject *self, uint8_t partition)
{
	uint32_t count = core_of(self)->config->partition_count;

	if (partition < count)
		return true;
	PyErr_Format(PyExc_IndexError, "partition %d: there are %u", partition, count);
	return false;
}

/* By the one string of that name: the interpreter's cache of methods would keep each new one for a while. */
static PyObject *method_of(PyObject *machine, const char *method)
{
	PyObject *name = PyUnicode_InternFromString(method);
	PyObject *found = name ? PyObject_GetAttr(machine, name) : NULL;

	Py_XDECREF(name);
	return found;
}

uint32_t machine_answers(void *machine, const char *method, PyObject *arguments)
{
	PyObject *called = arguments && !PyErr_Occurred() ? method_of(machine, method) : NULL;
	PyObject *answer = called ? PyObject_CallObject(called, arguments) : NULL;
	uint32_t value = 0;

	if (answer && answer != Py_None)
		to_u32(answer, &value);
	Py_XDECREF(answer);
	Py_XDECREF(called);
	Py_XDECREF(arguments);
	return value;
}

PyObject *unless_raised(PyObject *result)
{
	if (PyErr_Occurred())
		Py_CLEAR(result);
	return result;
}

static void set_refusal(const struct cfg_block *block, size_t size_bytes)
{
	struct cfg_finding finding;
	char text[256];

	cfg_check(block, size_bytes, &finding, 1);
	cfg_text(block, &finding, text, sizeof(text));
	PyErr_SetString(PyExc_ValueError, text);
}

static bool init_core(struct core_object *self, const Py_buffer *buffer)
{
	size_t size_bytes = (size_t)buffer->len;

	if (size_bytes > sizeof(self->block))
		size_bytes = sizeof(self->block);
	memcpy(&self->block, buffer->buf, size_bytes);
	if (core_init(&self->core, &self->block, size_bytes, NULL))
		return true;
	set_refusal(&self->block, size_bytes);
	return false;
}

static PyObject *new_core(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
	static char *names[] = {"block", NULL};
	struct core_object *self;
	Py_buffer buffer;

	if (!PyArg_ParseTupleAndKeywords(args, keywords, "y*", names, &buffer))
		return NULL;
	self = (struct core_object *)type->tp_alloc(type, 0);
	if (self && !init_core(self, &buffer))
		Py_CLEAR(self);
	PyBuffer_Release(&buffer);
	return (PyObject *)self;
}

static void release_core(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	Py_XDECREF(((struct core_object *)self)->hardware);
	Py_XDECREF(((struct core_object *)self)->ports);
	type->tp_free(self);
	Py_DECREF(type); /* instances of a heap type own it */
}

static PyObject *partition_count(PyObject *self, void *closure)
{
	(void)closure;
	return PyLong_FromUnsignedLong(core_of(self)->config->partition_count);
}

PyObject *core_reset(PyObject *self, PyObject *args)
{
	uint8_t partition;

	if (!PyArg_ParseTuple(args, "O&:reset", to_u8, &partition) || !partition_exists(self, partition))
		return NULL;
	core_reset_partition(core_of(self), partition);
	Py_RETURN_NONE;
}

PyObject *core_trace_memory(PyObject *self, PyObject *args)
{
	(void)args;
	return PyBytes_FromStringAndSize((const char *)&core_of(self)->trace, sizeof(struct trc_ring));
}

#define METHOD_ENTRY(name, flags, signature) {#name, core_##name, flags, signature},

static PyMethodDef methods[] = {
	CORE_METHODS(METHOD_ENTRY){NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
	{"partition_count", partition_count, NULL, "how many partitions the block has", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
	{Py_tp_new, new_core},
	{Py_tp_dealloc, release_core},
	{Py_tp_methods, methods},
	{Py_tp_getset, properties},
	{Py_tp_doc, "Core(block)\n\nThe core for a configuration block; ValueError if the check refuses it."},
	{0, NULL},
};

static PyType_Spec spec = {
	.name = "mrm_core.Core",
	.basicsize = sizeof(struct core_object),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = slots,
};

int add_core(PyObject *module)
{
	PyObject *type = PyType_FromModuleAndSpec(module, &spec, NULL);
	int result = type ? PyModule_AddType(module, (PyTypeObject *)type) : -1;

	Py_XDECREF(type);
	return result;
}
