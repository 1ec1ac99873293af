// SPDX-License-Identifier: MIT
/* Core: ACPI tables. */
#include "core_object.h"

#include "acpi.h"

PyObject *core_acpi(PyObject *self, PyObject *args)
{
	uint16_t size_bytes = ACPI_BYTES;
	PyObject *tables;
	uint8_t partition;
	uint64_t gpa;

	if (!PyArg_ParseTuple(args, "O&O&|O&:acpi", to_u8, &partition, to_u64, &gpa, to_u16, &size_bytes) ||
	    !partition_exists(self, partition))
		return NULL;
	tables = PyBytes_FromStringAndSize(NULL, size_bytes);
	if (!tables)
		return NULL;
	size_bytes = (uint16_t)acpi_build(core_of(self)->config, partition, gpa, PyBytes_AS_STRING(tables),
					  size_bytes);
	_PyBytes_Resize(&tables, size_bytes);
	return tables;
}
