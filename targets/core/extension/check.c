// SPDX-License-Identifier: MIT
/* check(): all findings on a block, as named tuples. */
#include "convert.h"

#include "config.h"

static PyStructSequence_Field finding_field[] = {
	{"fault", "short name of what is wrong, such as 'overlap-partition'"},
	{"field", "the part of the block that it is about, such as 'RAM'"},
	{"partition", "index of the partition, None for the machine"},
	{"other", "index of the other partition, None if there is none"},
	{"first", "first of the conflicting numbers"},
	{"last", "last of the conflicting numbers"},
	{"text", "one sentence on it"},
	{NULL, NULL},
};

static PyStructSequence_Desc finding_desc = {
	.name = "mrm_core.Finding",
	.doc = "What is wrong with a block.",
	.fields = finding_field,
	.n_in_sequence = 7,
};

static PyObject *new_finding(PyTypeObject *type, const struct cfg_block *block,
			     const struct cfg_finding *finding)
{
	char text[256];
	size_t length = cfg_text(block, finding, text, sizeof(text));
	PyObject *const value[] = {
		PyUnicode_FromString(cfg_fault_name(finding->fault)),
		PyUnicode_FromString(cfg_field_name(finding->field)),
		partition_or_none(finding->partition),
		partition_or_none(finding->other),
		PyLong_FromUnsignedLongLong(finding->first),
		PyLong_FromUnsignedLongLong(finding->last),
		PyUnicode_DecodeLatin1(text, (Py_ssize_t)length, NULL),
	};

	return new_record(type, Py_ARRAY_LENGTH(value), value);
}

static PyObject *new_findings(PyTypeObject *type, const struct cfg_block *block,
			      const struct cfg_finding *finding, size_t count)
{
	PyObject *list = PyList_New((Py_ssize_t)count);

	for (size_t i = 0; list && i < count; i++) {
		PyObject *item = new_finding(type, block, &finding[i]);

		if (!item)
			Py_CLEAR(list);
		else
			PyList_SET_ITEM(list, (Py_ssize_t)i, item);
	}
	return list;
}

/* The caller's buffer may lie anywhere; the core wants a block that is aligned and stays as it is. */
static PyObject *check_copy(PyTypeObject *type, const void *copy, size_t size_bytes)
{
	size_t count = cfg_check(copy, size_bytes, NULL, 0);
	struct cfg_finding *finding = PyMem_Calloc(count ? count : 1, sizeof(*finding));
	PyObject *list;

	if (!finding)
		return PyErr_NoMemory();
	cfg_check(copy, size_bytes, finding, count);
	list = new_findings(type, copy, finding, count);
	PyMem_Free(finding);
	return list;
}

static PyObject *check(PyObject *module, PyObject *argument)
{
	Py_buffer buffer;
	PyObject *list = NULL;
	void *copy;

	if (PyObject_GetBuffer(argument, &buffer, PyBUF_SIMPLE) < 0)
		return NULL;
	copy = PyMem_Malloc((size_t)buffer.len + 1);
	if (copy) {
		memcpy(copy, buffer.buf, (size_t)buffer.len);
		list = check_copy(module_state(module)->finding, copy, (size_t)buffer.len);
		PyMem_Free(copy);
	} else {
		PyErr_NoMemory();
	}
	PyBuffer_Release(&buffer);
	return list;
}

static PyMethodDef methods[] = {
	{"check", check, METH_O, "check(block) -> list[Finding]"},
	{NULL, NULL, 0, NULL},
};

/* FAULTS: the names of all faults, in the order of the check. */
static int add_faults(PyObject *module)
{
	PyObject *names = PyTuple_New(CFG_FAULTS);
	int result;

	for (uint32_t fault = 0; names && fault < CFG_FAULTS; fault++) {
		PyObject *name = PyUnicode_FromString(cfg_fault_name(fault));

		if (!name)
			Py_CLEAR(names);
		else
			PyTuple_SET_ITEM(names, fault, name);
	}
	result = names ? PyModule_AddObjectRef(module, "FAULTS", names) : -1;
	Py_XDECREF(names);
	return result;
}

int add_check(PyObject *module)
{
	if (add_record(module, &module_state(module)->finding, &finding_desc) < 0 || add_faults(module) < 0)
		return -1;
	return PyModule_AddFunctions(module, methods);
}
