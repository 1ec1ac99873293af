// SPDX-License-Identifier: MIT
/* Apic and Turn: what partitions on a shared processor need, a local APIC in software and whose turn it is.
 */
#include "convert.h"

#include "localapic.h"
#include "turn.h"

struct apic_object {
	PyObject_HEAD struct apic apic;
};

struct turn_object {
	PyObject_HEAD struct turn turn;
};

static struct apic *apic_of(PyObject *self)
{
	return &((struct apic_object *)self)->apic;
}

static struct turn *turn_of(PyObject *self)
{
	return &((struct turn_object *)self)->turn;
}

static void release(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	type->tp_free(self);
	Py_DECREF(type);
}

static PyObject *new_apic(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
	PyObject *self;
	uint8_t id;

	(void)keywords;
	if (!PyArg_ParseTuple(args, "O&:Apic", to_u8, &id))
		return NULL;
	self = type->tp_alloc(type, 0);
	if (self)
		apic_reset(apic_of(self), id, false);
	return self;
}

static PyObject *apic_object_read(PyObject *self, PyObject *args)
{
	uint32_t offset;
	uint64_t now;

	if (!PyArg_ParseTuple(args, "O&O&:read", to_u32, &offset, to_u64, &now))
		return NULL;
	return PyLong_FromUnsignedLong(apic_read(apic_of(self), offset, now));
}

static PyObject *apic_object_write(PyObject *self, PyObject *args)
{
	static const char *const words[] = {"nothing", "ended", "send", "not-there"};
	uint32_t offset, value;
	uint64_t now;

	if (!PyArg_ParseTuple(args, "O&O&O&:write", to_u32, &offset, to_u32, &value, to_u64, &now))
		return NULL;
	return WORD(words, apic_write(apic_of(self), offset, value, now));
}

static PyObject *apic_object_accept(PyObject *self, PyObject *args)
{
	uint8_t vector;

	if (!PyArg_ParseTuple(args, "O&:accept", to_u8, &vector))
		return NULL;
	apic_accept(apic_of(self), vector);
	Py_RETURN_NONE;
}

static PyObject *apic_object_take(PyObject *self, PyObject *none)
{
	uint8_t vector = apic_pending(apic_of(self));

	(void)none;
	if (vector)
		apic_take(apic_of(self), vector);
	return PyLong_FromLong(vector);
}

static PyObject *apic_object_expire(PyObject *self, PyObject *args)
{
	uint64_t now;

	if (!PyArg_ParseTuple(args, "O&:expire", to_u64, &now))
		return NULL;
	apic_expire(apic_of(self), now);
	Py_RETURN_NONE;
}

static PyObject *apic_object_expires(PyObject *self, PyObject *none)
{
	uint64_t when = apic_expires(apic_of(self));

	(void)none;
	if (when == APIC_NEVER)
		Py_RETURN_NONE;
	return PyLong_FromUnsignedLongLong(when);
}

static PyObject *new_turn(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
	Py_ssize_t count = PyTuple_GET_SIZE(args);
	struct turn turn = {0};
	uint8_t which = 0;
	PyObject *self, *preempts = keywords ? PyDict_GetItemString(keywords, "preempts") : NULL;

	if (keywords && PyDict_Size(keywords) != (preempts != NULL))
		return PyErr_Format(PyExc_TypeError, "Turn() takes no keyword but preempts");
	if (preempts && !to_u8(preempts, &which))
		return NULL;
	if (count < 1 || count > CFG_PARTITIONS)
		return PyErr_Format(PyExc_ValueError, "%zd partitions cannot share a processor", count);
	for (Py_ssize_t i = 0; i < count; i++) {
		uint64_t slice;

		if (!to_u64(PyTuple_GET_ITEM(args, i), &slice))
			return NULL;
		turn_add(&turn, slice, which >> i & 1);
	}
	self = type->tp_alloc(type, 0);
	if (self)
		*turn_of(self) = turn;
	return self;
}

static PyObject *turn_object_choose(PyObject *self, PyObject *args)
{
	uint32_t ready, interrupted;
	uint64_t now;

	if (!PyArg_ParseTuple(args, "O&O&O&:choose", to_u32, &ready, to_u32, &interrupted, to_u64, &now))
		return NULL;
	return partition_or_none(turn_choose(turn_of(self), ready, interrupted, now));
}

static PyObject *turn_object_end(PyObject *self, PyObject *none)
{
	uint64_t end = turn_end(turn_of(self));

	(void)none;
	if (end == TURN_NEVER)
		Py_RETURN_NONE;
	return PyLong_FromUnsignedLongLong(end);
}

static PyObject *turn_object_may_preempt(PyObject *self, PyObject *args)
{
	uint8_t member;

	if (!PyArg_ParseTuple(args, "O&:may_preempt", to_u8, &member))
		return NULL;
	if (member >= turn_of(self)->count)
		return PyErr_Format(PyExc_ValueError, "there is no member %d", member);
	return PyBool_FromLong(turn_may_preempt(turn_of(self), member));
}

static PyMethodDef apic_methods[] = {
	{"read", apic_object_read, METH_VARARGS, "read(offset, now) -> int"},
	{"write", apic_object_write, METH_VARARGS, "write(offset, value, now) -> str"},
	{"accept", apic_object_accept, METH_VARARGS, "accept(vector)"},
	{"take", apic_object_take, METH_NOARGS, "take() -> int: the vector that is in service now, or 0"},
	{"expire", apic_object_expire, METH_VARARGS, "expire(now)"},
	{"expires", apic_object_expires, METH_NOARGS, "expires() -> int | None"},
	{NULL, NULL, 0, NULL},
};

static PyMethodDef turn_methods[] = {
	{"choose", turn_object_choose, METH_VARARGS, "choose(ready, interrupted, now) -> int | None"},
	{"end", turn_object_end, METH_NOARGS, "end() -> int | None"},
	{"may_preempt", turn_object_may_preempt, METH_VARARGS, "may_preempt(member) -> bool"},
	{NULL, NULL, 0, NULL},
};

static PyType_Slot apic_slots[] = {
	{Py_tp_new, new_apic},
	{Py_tp_dealloc, release},
	{Py_tp_methods, apic_methods},
	{Py_tp_doc, "Apic(id)\n\nA local APIC in software, as firmware hands it over."},
	{0, NULL},
};

static PyType_Slot turn_slots[] = {
	{Py_tp_new, new_turn},
	{Py_tp_dealloc, release},
	{Py_tp_methods, turn_methods},
	{Py_tp_doc,
	 "Turn(slice, ..., preempts=0)\n\nWhose turn it is on a shared processor, with the ticks of each."},
	{0, NULL},
};

static PyType_Spec specs[] = {
	{"mrm_core.Apic", sizeof(struct apic_object), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
	 apic_slots},
	{"mrm_core.Turn", sizeof(struct turn_object), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
	 turn_slots},
};

int add_shared(PyObject *module)
{
	for (size_t i = 0; i < Py_ARRAY_LENGTH(specs); i++) {
		PyObject *type = PyType_FromModuleAndSpec(module, &specs[i], NULL);
		int result = type ? PyModule_AddType(module, (PyTypeObject *)type) : -1;

		Py_XDECREF(type);
		if (result < 0)
			return -1;
	}
	return 0;
}
