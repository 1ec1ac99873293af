// SPDX-License-Identifier: MIT
/* Core: stand-ins. */
#include "core_object.h"

PyObject *core_set_clock(PyObject *self, PyObject *args)
{
	struct standin_clock clock = {0};

	if (!PyArg_ParseTuple(args, "O&O&O&:set_clock", to_u32, &clock.tsc_khz, to_u64, &clock.base_ticks,
			      to_u64, &clock.base_seconds))
		return NULL;
	core_of(self)->clock = clock;
	Py_RETURN_NONE;
}

PyObject *core_standin_read(PyObject *self, PyObject *args)
{
	uint8_t partition, size;
	uint16_t port;
	uint64_t now;

	if (!PyArg_ParseTuple(args, "O&O&O&O&:standin_read", to_u8, &partition, to_u16, &port, to_port_size,
			      &size, to_u64, &now) ||
	    !partition_exists(self, partition) || !ports_are_open(self, partition, port, size))
		return NULL;
	return unless_raised(
		PyLong_FromUnsignedLong(standin_read(core_of(self), partition, port, size, now)));
}

PyObject *core_standin_write(PyObject *self, PyObject *args)
{
	uint8_t partition, size;
	enum pwr_cause cause;
	uint32_t value;
	uint16_t port;
	uint64_t now;

	if (!PyArg_ParseTuple(args, "O&O&O&O&O&:standin_write", to_u8, &partition, to_u16, &port,
			      to_port_size, &size, to_u32, &value, to_u64, &now) ||
	    !partition_exists(self, partition) || !ports_are_open(self, partition, port, size))
		return NULL;
	cause = standin_write(core_of(self), partition, port, size, value, now);
	return unless_raised(PyUnicode_FromString(pwr_cause_name((uint8_t)cause)));
}
