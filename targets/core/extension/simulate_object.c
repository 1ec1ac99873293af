// SPDX-License-Identifier: MIT
/*
 * simulate(): one instruction on a struct sim_cpu in a Python buffer (LAYOUT tells where its registers are),
 * with a Python object behind the bus.
 */
#include "convert.h"

#include "simulate.h"

static const char *const result_word[] = {"done", "again", "fault", "unhandled"};

/*
 * Calls a method of the bus with a tuple that is handed over. The name is the one interned string: a new one
 * each time would stay behind in the interpreter's cache of look-ups.
 */
static PyObject *call(const struct sim_bus *bus, const char *name, PyObject *arguments)
{
	PyObject *key = arguments ? PyUnicode_InternFromString(name) : NULL;
	PyObject *method = key ? PyObject_GetAttr(bus->context, key) : NULL;
	PyObject *answer = method ? PyObject_CallObject(method, arguments) : NULL;

	Py_XDECREF(method);
	Py_XDECREF(key);
	Py_XDECREF(arguments);
	return answer;
}

/* An answer of (vector, error) is a fault, an int or None a success. */
static bool is_fault(struct sim_bus *bus, PyObject *answer)
{
	if (!PyTuple_Check(answer))
		return false;
	PyArg_ParseTuple(answer, "O&O&", to_u8, &bus->vector, to_u32, &bus->error);
	return true;
}

/* Calls a method that returns nothing. False: it failed, or the access faults. Takes the answer. */
static bool take_nothing(struct sim_bus *bus, PyObject *answer)
{
	bool fault = !answer || is_fault(bus, answer);

	Py_XDECREF(answer);
	return !fault;
}

/* The same with a number, which must fit into size bytes. */
static bool take_number(struct sim_bus *bus, PyObject *answer, uint8_t size, uint64_t *value)
{
	bool done = answer && !is_fault(bus, answer) && to_u64(answer, value);

	Py_XDECREF(answer);
	if (done && size < 8 && *value >> (size * 8)) {
		PyErr_Format(PyExc_OverflowError, "the bus gave more than %d bytes", size);
		done = false;
	}
	return done;
}

static bool bus_read(struct sim_bus *bus, uint64_t linear, uint8_t size, uint64_t *value)
{
	PyObject *arguments = Py_BuildValue("(Ki)", (unsigned long long)linear, size);

	return take_number(bus, call(bus, "read", arguments), size, value);
}

static bool bus_write(struct sim_bus *bus, uint64_t linear, uint8_t size, uint64_t value)
{
	PyObject *arguments =
		Py_BuildValue("(KiK)", (unsigned long long)linear, size, (unsigned long long)value);

	return take_nothing(bus, call(bus, "write", arguments));
}

static bool bus_in(struct sim_bus *bus, uint16_t port, uint8_t size, uint32_t *value)
{
	uint64_t wide = 0;
	bool done = take_number(bus, call(bus, "in_", Py_BuildValue("(ii)", port, size)), size, &wide);

	*value = (uint32_t)wide;
	return done;
}

static bool bus_out(struct sim_bus *bus, uint16_t port, uint8_t size, uint32_t value)
{
	return take_nothing(bus, call(bus, "out", Py_BuildValue("(iiI)", port, size, value)));
}

static bool bus_msr_read(struct sim_bus *bus, uint32_t msr, uint64_t *value)
{
	return take_number(bus, call(bus, "msr_read", Py_BuildValue("(I)", msr)), 8, value);
}

static bool bus_msr_write(struct sim_bus *bus, uint32_t msr, uint64_t value)
{
	PyObject *arguments = Py_BuildValue("(IK)", msr, (unsigned long long)value);

	return take_nothing(bus, call(bus, "msr_write", arguments));
}

/* The four registers as one list, since a tuple means a fault. */
static bool bus_cpuid(struct sim_bus *bus, uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
	PyObject *answer = call(bus, "cpuid", Py_BuildValue("(II)", leaf, subleaf));
	bool done = answer && !is_fault(bus, answer);

	for (Py_ssize_t i = 0; done && i < 4; i++) {
		PyObject *item = PySequence_GetItem(answer, i);

		done = item && to_u32(item, &out[i]);
		Py_XDECREF(item);
	}
	Py_XDECREF(answer);
	return done;
}

static struct sim_bus bus_for(PyObject *object)
{
	return (struct sim_bus){
		.context = object,
		.read = bus_read,
		.write = bus_write,
		.in = bus_in,
		.out = bus_out,
		.msr_read = bus_msr_read,
		.msr_write = bus_msr_write,
		.cpuid = bus_cpuid,
	};
}

/* The result of one step, or NULL where the bus raised an exception. The processor is written back only if it
 * ran. */
static PyObject *step(const Py_buffer *code, struct sim_cpu *cpu, PyObject *object)
{
	struct sim_bus bus = bus_for(object);
	enum sim_result result = SIM_UNHANDLED;
	struct dec_insn insn;

	if (dec_decode(code->buf, (size_t)code->len, cpu->mode, &insn))
		result = sim_step(cpu, &insn, &bus);
	if (PyErr_Occurred())
		return NULL;
	if (result == SIM_FAULT)
		return Py_BuildValue("NiI", WORD(result_word, result), bus.vector, bus.error);
	return Py_BuildValue("NOO", WORD(result_word, result), Py_None, Py_None);
}

static bool is_cpu(const struct sim_cpu *cpu)
{
	if (cpu->mode == DEC_16 || cpu->mode == DEC_32 || cpu->mode == DEC_64)
		return true;
	PyErr_SetString(PyExc_ValueError, "the processor's mode is not 2, 4 or 8");
	return false;
}

/* The buffers stay exported while the bus runs Python code, so they cannot move. */
static PyObject *simulate(PyObject *module, PyObject *args)
{
	Py_buffer code, state;
	PyObject *object, *result = NULL;
	struct sim_cpu cpu;

	(void)module;
	if (!PyArg_ParseTuple(args, "y*w*O:simulate", &code, &state, &object))
		return NULL;
	if ((size_t)state.len != sizeof(cpu)) {
		PyErr_Format(PyExc_ValueError, "a processor has %zu bytes, not %zd", sizeof(cpu), state.len);
	} else {
		memcpy(&cpu, state.buf, sizeof(cpu));
		if (is_cpu(&cpu))
			result = step(&code, &cpu, object);
		if (result)
			memcpy(state.buf, &cpu, sizeof(cpu));
	}
	PyBuffer_Release(&code);
	PyBuffer_Release(&state);
	return result;
}

static PyMethodDef methods[] = {
	{"simulate", simulate, METH_VARARGS, "simulate(code, processor, bus) -> (result, vector, error)"},
	{NULL, NULL, 0, NULL},
};

int add_simulate(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
