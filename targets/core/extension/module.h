/* SPDX-License-Identifier: MIT */
/*
 * module: what the files of the extension share. The extension only converts: it decides nothing that the
 * core does not decide, and keeps nothing but one struct core for each Core object.
 */
#ifndef MRM_CORE_EXTENSION_MODULE_H
#define MRM_CORE_EXTENSION_MODULE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

/* Types belong to a module object, so that every interpreter has its own (PEP 489, PEP 573). */
struct module_state {
	PyTypeObject *finding;
	PyTypeObject *operand;
	PyTypeObject *instruction;
	PyTypeObject *event;
	PyTypeObject *payload;
	PyTypeObject *refusal;
};

struct module_state *module_state(PyObject *module);

/* One named number, and a dict of them; NULL at the end. */
struct named_number {
	const char *name;
	unsigned long long number;
};

int add_numbers(PyObject *module, const char *name, const struct named_number *numbers);

/* Makes a named tuple type, keeps it in *type and adds it to the module. */
int add_record(PyObject *module, PyTypeObject **type, PyStructSequence_Desc *desc);

/* A named tuple made of values that are handed over; NULL if one of them is NULL. */
PyObject *new_record(PyTypeObject *type, Py_ssize_t count, PyObject *const *values);

/* What each file adds to the module. Returns 0, or -1 with an exception. */
int add_layout(PyObject *module);
int add_check(PyObject *module);
int add_core(PyObject *module);
int add_payload(PyObject *module);
int add_decode(PyObject *module);
int add_simulate(PyObject *module);
int add_trace(PyObject *module);
int add_shared(PyObject *module);

#endif
