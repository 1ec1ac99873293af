// SPDX-License-Identifier: MIT
/* Core: guarded devices, with a Python object for the ports of the machine. */
#include "core_object.h"

static uint8_t in(void *context, uint16_t port)
{
	return (uint8_t)machine_answers(context, "port_in", Py_BuildValue("(i)", port));
}

static void out(void *context, uint16_t port, uint8_t value)
{
	machine_answers(context, "port_out", Py_BuildValue("(ii)", port, value));
}

bool ports_are_open(PyObject *self, uint8_t partition, uint16_t port, uint8_t size)
{
	for (uint32_t i = 0; i < size; i++)
		if (!((struct core_object *)self)->ports &&
		    guard_has(core_of(self), partition, (uint16_t)(port + i))) {
			PyErr_SetString(PyExc_RuntimeError, "call guard_open() first: the core has no ports");
			return false;
		}
	return true;
}

PyObject *core_guard_open(PyObject *self, PyObject *args)
{
	struct core_object *object = (struct core_object *)self;
	PyObject *ports;

	if (!PyArg_ParseTuple(args, "O:guard_open", &ports))
		return NULL;
	Py_INCREF(ports);
	Py_XSETREF(object->ports, ports);
	object->guard_hardware = (struct guard_hardware){.context = ports, .in = in, .out = out};
	guard_open(&object->core, &object->guard_hardware);
	Py_RETURN_NONE;
}

PyObject *core_guard_reset(PyObject *self, PyObject *args)
{
	uint8_t partition;

	if (!PyArg_ParseTuple(args, "O&:guard_reset", to_u8, &partition) ||
	    !partition_exists(self, partition) || !ports_are_open(self, partition, 0x20, 1) ||
	    !ports_are_open(self, partition, 0x60, 1))
		return NULL;
	guard_reset(core_of(self), partition);
	return unless_raised(Py_NewRef(Py_None));
}
