/* SPDX-License-Identifier: MIT */
/* convert: Python ints to fixed-width integers without wrapping, enumerations to words. */
#ifndef MRM_CORE_EXTENSION_CONVERT_H
#define MRM_CORE_EXTENSION_CONVERT_H

#include "module.h"

#include <stdint.h>

/* For "O&" of PyArg_ParseTuple: 1, or 0 with OverflowError or TypeError. */
int to_u8(PyObject *number, void *out);
int to_u16(PyObject *number, void *out);
int to_u32(PyObject *number, void *out);
int to_u64(PyObject *number, void *out);

/* The bits of a code segment (16, 32, 64) to enum dec_mode; ValueError otherwise. */
int to_mode(PyObject *number, void *out);

/* A size of 1, 2 or 4 bytes; 8 as well for to_memory_size. ValueError otherwise. */
int to_port_size(PyObject *number, void *out);
int to_memory_size(PyObject *number, void *out);

/* A partition index, None for CFG_NOBODY. */
PyObject *partition_or_none(uint8_t partition);

/* The word of an enumeration. */
#define WORD(words, index) word_of(words, Py_ARRAY_LENGTH(words), index)
PyObject *word_of(const char *const *words, size_t count, unsigned index);

#endif
