// SPDX-License-Identifier: MIT
#include "convert.h"

#include "config.h"
#include "decode.h"

static int to_unsigned(PyObject *number, unsigned long long most, unsigned long long *value)
{
	*value = PyLong_AsUnsignedLongLong(number);
	if (PyErr_Occurred())
		return 0;
	if (*value <= most)
		return 1;
	PyErr_Format(PyExc_OverflowError, "%llu is more than %llu", *value, most);
	return 0;
}

int to_u8(PyObject *number, void *out)
{
	unsigned long long value;
	int done = to_unsigned(number, UINT8_MAX, &value);

	*(uint8_t *)out = (uint8_t)value;
	return done;
}

int to_u16(PyObject *number, void *out)
{
	unsigned long long value;
	int done = to_unsigned(number, UINT16_MAX, &value);

	*(uint16_t *)out = (uint16_t)value;
	return done;
}

int to_u32(PyObject *number, void *out)
{
	unsigned long long value;
	int done = to_unsigned(number, UINT32_MAX, &value);

	*(uint32_t *)out = (uint32_t)value;
	return done;
}

int to_u64(PyObject *number, void *out)
{
	unsigned long long value;
	int done = to_unsigned(number, UINT64_MAX, &value);

	*(uint64_t *)out = value;
	return done;
}

static int to_size(PyObject *number, uint8_t most, uint8_t *size)
{
	if (!to_u8(number, size))
		return 0;
	if (*size && *size <= most && !(*size & (*size - 1)))
		return 1;
	PyErr_Format(PyExc_ValueError, "an access of %d bytes: it has 1, 2%s", *size,
		     most == 8 ? ", 4 or 8" : " or 4");
	return 0;
}

int to_port_size(PyObject *number, void *out)
{
	return to_size(number, 4, out);
}

int to_memory_size(PyObject *number, void *out)
{
	return to_size(number, 8, out);
}

int to_mode(PyObject *number, void *out)
{
	uint8_t bits;

	if (!to_u8(number, &bits))
		return 0;
	*(enum dec_mode *)out = bits / 8;
	if (bits == 16 || bits == 32 || bits == 64)
		return 1;
	PyErr_Format(PyExc_ValueError, "a code segment of %d bits: it has 16, 32 or 64", bits);
	return 0;
}

PyObject *partition_or_none(uint8_t partition)
{
	if (partition == CFG_NOBODY)
		Py_RETURN_NONE;
	return PyLong_FromLong(partition);
}

PyObject *word_of(const char *const *words, size_t count, unsigned index)
{
	return PyUnicode_FromString(index < count && words[index] ? words[index] : "unknown");
}
