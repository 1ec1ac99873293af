// SPDX-License-Identifier: MIT
/* decode(): instructions as named tuples. */
#include "convert.h"

#include "decode.h"

static const char *const place_word[] = {"nowhere",   "register", "high-byte", "memory",
					 "immediate", "control",  "debug"};
static const char *const segment_word[] = {"es", "cs", "ss", "ds", "fs", "gs"};

static PyStructSequence_Field operand_field[] = {
	{"place", "'register', 'high-byte', 'memory', 'immediate', 'control', 'debug'"},
	{"reg", "number of the register"},
	{"size", "in bytes"},
	{NULL, NULL},
};

static PyStructSequence_Desc operand_desc = {
	.name = "mrm_core.Operand",
	.doc = "Where an instruction reads or writes.",
	.fields = operand_field,
	.n_in_sequence = 3,
};

static PyStructSequence_Field instruction_field[] = {
	{"op", "mnemonic"},
	{"length", "in bytes"},
	{"operand_bytes", "operand size"},
	{"address_bytes", "address size"},
	{"segment", "of the memory operand"},
	{"rep", "0, 0xf2 or 0xf3"},
	{"lock", "whether it has LOCK"},
	{"base", "register, 16 for none, 17 for RIP"},
	{"index_reg", "register, 16 for none"},
	{"scale", "1, 2, 4, 8"},
	{"displacement", "signed"},
	{"imm", "unsigned"},
	{"to", "Operand or None"},
	{"source", "Operand or None"},
	{NULL, NULL},
};

static PyStructSequence_Desc instruction_desc = {
	.name = "mrm_core.Instruction",
	.doc = "A decoded instruction.",
	.fields = instruction_field,
	.n_in_sequence = 14,
};

static PyObject *new_operand(PyTypeObject *type, const struct dec_operand *operand)
{
	PyObject *value[3];

	if (operand->place == DEC_NOWHERE)
		Py_RETURN_NONE;
	value[0] = WORD(place_word, operand->place);
	value[1] = PyLong_FromLong(operand->reg);
	value[2] = PyLong_FromLong(operand->size);
	return new_record(type, Py_ARRAY_LENGTH(value), value);
}

static PyObject *new_instruction(const struct module_state *state, const struct dec_insn *insn)
{
	PyObject *const value[] = {
		PyUnicode_FromString(dec_op_name(insn->op)),
		PyLong_FromLong(insn->length),
		PyLong_FromLong(insn->operand_bytes),
		PyLong_FromLong(insn->address_bytes),
		WORD(segment_word, insn->segment),
		PyLong_FromLong(insn->rep),
		PyBool_FromLong(insn->lock),
		PyLong_FromLong(insn->base),
		PyLong_FromLong(insn->index),
		PyLong_FromLong(insn->scale),
		PyLong_FromLongLong(insn->displacement),
		PyLong_FromUnsignedLongLong(insn->imm),
		new_operand(state->operand, &insn->to),
		new_operand(state->operand, &insn->from),
	};

	return new_record(state->instruction, Py_ARRAY_LENGTH(value), value);
}

static PyObject *decode(PyObject *module, PyObject *args)
{
	struct dec_insn insn;
	enum dec_mode mode;
	Py_buffer buffer;
	bool known;

	if (!PyArg_ParseTuple(args, "y*O&:decode", &buffer, to_mode, &mode))
		return NULL;
	known = dec_decode(buffer.buf, (size_t)buffer.len, mode, &insn);
	PyBuffer_Release(&buffer);
	if (!known)
		Py_RETURN_NONE;
	return new_instruction(module_state(module), &insn);
}

static PyMethodDef methods[] = {
	{"decode", decode, METH_VARARGS, "decode(code, bits) -> Instruction | None"},
	{NULL, NULL, 0, NULL},
};

int add_decode(PyObject *module)
{
	struct module_state *state = module_state(module);

	if (add_record(module, &state->operand, &operand_desc) < 0 ||
	    add_record(module, &state->instruction, &instruction_desc) < 0)
		return -1;
	return PyModule_AddFunctions(module, methods);
}
