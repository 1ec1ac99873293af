// SPDX-License-Identifier: MIT
/* Core: ACPI tables. */
#include "core_object.h"

#include "acpi.h"

PyObject *core_acpi(PyObject *self, PyObject *args)
{
	uint64_t gpa, size_bytes = ACPI_BYTES;
	PyObject *tables;
	uint8_t partition;

	if (!PyArg_ParseTuple(args, "O&O&|O&:acpi", to_u8, &partition, to_u64, &gpa, to_u64, &size_bytes) ||
	    !partition_exists(self, partition))
		return NULL;
	tables = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size_bytes);
	if (!tables)
		return NULL;
	size_bytes = acpi_build(core_of(self)->config, partition, gpa, PyBytes_AS_STRING(tables), size_bytes);
	_PyBytes_Resize(&tables, (Py_ssize_t)size_bytes);
	return tables;
}
