// SPDX-License-Identifier: MIT
/* Core: power. */
#include "core_object.h"

static const char *const decision_word[] = {"go-on", "stop", "restart", "machine-off"};

PyObject *core_power_port(PyObject *self, PyObject *args)
{
	uint16_t port;

	if (!PyArg_ParseTuple(args, "O&:power_port", to_u16, &port))
		return NULL;
	return PyBool_FromLong(pwr_is_port(core_of(self), port));
}

PyObject *core_power_read(PyObject *self, PyObject *args)
{
	uint8_t partition, size;
	uint16_t port;

	if (!PyArg_ParseTuple(args, "O&O&O&:power_read", to_u8, &partition, to_u16, &port, to_port_size,
			      &size) ||
	    !partition_exists(self, partition))
		return NULL;
	return PyLong_FromUnsignedLong(pwr_port_read(core_of(self), partition, port, size));
}

PyObject *core_power_write(PyObject *self, PyObject *args)
{
	uint8_t partition, size;
	enum pwr_cause cause;
	uint16_t port;
	uint32_t value;

	if (!PyArg_ParseTuple(args, "O&O&O&O&:power_write", to_u8, &partition, to_u16, &port, to_port_size,
			      &size, to_u32, &value) ||
	    !partition_exists(self, partition))
		return NULL;
	cause = pwr_port_write(core_of(self), partition, port, size, value);
	return PyUnicode_FromString(pwr_cause_name((uint8_t)cause));
}

/* The cause with this name, or PWR_CAUSES. */
static enum pwr_cause cause_named(const char *name)
{
	uint8_t cause = 0;

	while (cause < PWR_CAUSES && strcmp(pwr_cause_name(cause), name) != 0)
		cause++;
	return cause;
}

PyObject *core_end(PyObject *self, PyObject *args)
{
	enum pwr_cause cause;
	uint8_t partition;
	const char *name;

	if (!PyArg_ParseTuple(args, "O&s:end", to_u8, &partition, &name) ||
	    !partition_exists(self, partition))
		return NULL;
	cause = cause_named(name);
	if (cause == PWR_NONE || cause == PWR_CAUSES)
		return PyErr_Format(PyExc_ValueError, "\"%s\" is not a cause that ends a partition", name);
	return WORD(decision_word, pwr_end(core_of(self), partition, cause));
}

PyObject *core_started(PyObject *self, PyObject *args)
{
	uint8_t partition;

	if (!PyArg_ParseTuple(args, "O&:started", to_u8, &partition) || !partition_exists(self, partition))
		return NULL;
	pwr_started(core_of(self), partition);
	Py_RETURN_NONE;
}

PyObject *core_running(PyObject *self, PyObject *args)
{
	uint8_t partition;

	if (!PyArg_ParseTuple(args, "O&:running", to_u8, &partition) || !partition_exists(self, partition))
		return NULL;
	return PyBool_FromLong(pwr_running(core_of(self), partition));
}
