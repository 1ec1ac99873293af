// SPDX-License-Identifier: MIT
/* The module object: its parts, its state, its life. */
#include "module.h"

struct module_state *module_state(PyObject *module)
{
	return PyModule_GetState(module);
}

int add_numbers(PyObject *module, const char *name, const struct named_number *numbers)
{
	PyObject *dict = PyDict_New();
	int result = dict ? 0 : -1;

	for (; !result && numbers->name; numbers++) {
		PyObject *number = PyLong_FromUnsignedLongLong(numbers->number);

		result = number ? PyDict_SetItemString(dict, numbers->name, number) : -1;
		Py_XDECREF(number);
	}
	if (!result)
		result = PyModule_AddObjectRef(module, name, dict);
	Py_XDECREF(dict);
	return result;
}

PyObject *new_record(PyTypeObject *type, Py_ssize_t count, PyObject *const *values)
{
	PyObject *record = PyStructSequence_New(type);
	bool complete = record != NULL;

	for (Py_ssize_t i = 0; i < count; i++) {
		complete = complete && values[i];
		if (record)
			PyStructSequence_SetItem(record, i, values[i]);
		else
			Py_XDECREF(values[i]);
	}
	if (!complete)
		Py_CLEAR(record);
	return record;
}

int add_record(PyObject *module, PyTypeObject **type, PyStructSequence_Desc *desc)
{
	*type = PyStructSequence_NewType(desc);
	return *type ? PyModule_AddType(module, *type) : -1;
}

static int add_parts(PyObject *module)
{
	int (*const add[])(PyObject *) = {add_layout, add_check,    add_core,  add_payload,
					  add_decode, add_simulate, add_trace, add_shared};

	for (size_t i = 0; i < Py_ARRAY_LENGTH(add); i++)
		if (add[i](module) < 0)
			return -1;
	return 0;
}

static int traverse(PyObject *module, visitproc visit, void *arg)
{
	struct module_state *state = module_state(module);

	Py_VISIT(state->finding);
	Py_VISIT(state->operand);
	Py_VISIT(state->instruction);
	Py_VISIT(state->event);
	Py_VISIT(state->payload);
	Py_VISIT(state->refusal);
	return 0;
}

static int clear(PyObject *module)
{
	struct module_state *state = module_state(module);

	Py_CLEAR(state->finding);
	Py_CLEAR(state->operand);
	Py_CLEAR(state->instruction);
	Py_CLEAR(state->event);
	Py_CLEAR(state->payload);
	Py_CLEAR(state->refusal);
	return 0;
}

static void release(void *module)
{
	clear(module);
}

static PyModuleDef_Slot slots[] = {
	{Py_mod_exec, add_parts},
	{0, NULL},
};

static struct PyModuleDef definition = {
	PyModuleDef_HEAD_INIT,
	.m_name = "mrm_core",
	.m_doc = "The trap-and-route core: the same files as in the controller, asked from Python.",
	.m_size = sizeof(struct module_state),
	.m_slots = slots,
	.m_traverse = traverse,
	.m_clear = clear,
	.m_free = release,
};

PyMODINIT_FUNC PyInit_mrm_core(void);

PyMODINIT_FUNC PyInit_mrm_core(void)
{
	return PyModuleDef_Init(&definition);
}
