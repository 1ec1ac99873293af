// SPDX-License-Identifier: MIT
/* Core: memory, devices and their DMA. */
#include "core_object.h"

#include "iommu.h"

static const char *const route_word[] = {"allow", "deny", "simulate"};

typedef bool (*translate_fn)(const struct cfg_partition *partition, uint64_t from, uint64_t size_bytes,
			     uint64_t *to);

static PyObject *translate(PyObject *self, PyObject *args, translate_fn fn)
{
	uint64_t from, to, size_bytes = 1;
	uint8_t partition;

	if (!PyArg_ParseTuple(args, "O&O&|O&", to_u8, &partition, to_u64, &from, to_u64, &size_bytes) ||
	    !partition_exists(self, partition))
		return NULL;
	if (!fn(&core_of(self)->config->partition[partition], from, size_bytes, &to))
		Py_RETURN_NONE;
	return PyLong_FromUnsignedLongLong(to);
}

PyObject *core_to_hpa(PyObject *self, PyObject *args)
{
	return translate(self, args, mem_to_hpa);
}

PyObject *core_to_gpa(PyObject *self, PyObject *args)
{
	return translate(self, args, mem_to_gpa);
}

PyObject *core_e820(PyObject *self, PyObject *args)
{
	struct mem_e820 map[MEM_MAP_MAX];
	uint8_t partition;
	PyObject *list;
	size_t count;

	if (!PyArg_ParseTuple(args, "O&:e820", to_u8, &partition) || !partition_exists(self, partition))
		return NULL;
	count = mem_map(&core_of(self)->config->partition[partition], map, MEM_MAP_MAX);
	list = PyList_New((Py_ssize_t)count);
	for (size_t i = 0; list && i < count; i++) {
		PyObject *entry = Py_BuildValue("KKI", (unsigned long long)map[i].base,
						(unsigned long long)map[i].size_bytes, map[i].type);

		if (!entry)
			Py_CLEAR(list);
		else
			PyList_SET_ITEM(list, (Py_ssize_t)i, entry);
	}
	return list;
}

PyObject *core_port(PyObject *self, PyObject *args)
{
	uint8_t partition, size;
	uint16_t port;

	if (!PyArg_ParseTuple(args, "O&O&O&:port", to_u8, &partition, to_u16, &port, to_port_size, &size) ||
	    !partition_exists(self, partition))
		return NULL;
	return WORD(route_word, dev_port(core_of(self), partition, port, size));
}

PyObject *core_mmio(PyObject *self, PyObject *args)
{
	uint8_t partition, size;
	uint64_t gpa;

	if (!PyArg_ParseTuple(args, "O&O&O&:mmio", to_u8, &partition, to_u64, &gpa, to_memory_size, &size) ||
	    !partition_exists(self, partition))
		return NULL;
	return WORD(route_word, dev_mmio(core_of(self), partition, gpa, size));
}

PyObject *core_port_owner(PyObject *self, PyObject *args)
{
	uint16_t port;

	if (!PyArg_ParseTuple(args, "O&:port_owner", to_u16, &port))
		return NULL;
	return partition_or_none(dev_port_owner(core_of(self), port));
}

PyObject *core_mmio_owner(PyObject *self, PyObject *args)
{
	uint64_t address;

	if (!PyArg_ParseTuple(args, "O&:mmio_owner", to_u64, &address))
		return NULL;
	return partition_or_none(dev_mmio_owner(core_of(self), address));
}

PyObject *core_pci_owner(PyObject *self, PyObject *args)
{
	uint16_t bdf;

	if (!PyArg_ParseTuple(args, "O&:pci_owner", to_u16, &bdf))
		return NULL;
	return partition_or_none(dev_pci_owner(core_of(self), bdf));
}

/* One number a partition; ValueError if there is another count of them. */
static bool take_roots(PyObject *self, PyObject *sequence, uint64_t roots[CFG_PARTITIONS])
{
	uint32_t count = core_of(self)->config->partition_count;
	PyObject *fast = PySequence_Fast(sequence, "roots must be a sequence");
	bool good = fast && PySequence_Fast_GET_SIZE(fast) == (Py_ssize_t)count;

	if (fast && !good)
		PyErr_Format(PyExc_ValueError, "one root a partition is wanted: %u", count);
	for (uint32_t i = 0; good && i < count; i++)
		good = to_u64(PySequence_Fast_GET_ITEM(fast, i), &roots[i]);
	Py_XDECREF(fast);
	return good;
}

PyObject *core_iommu_entry(PyObject *self, PyObject *args)
{
	uint64_t roots[CFG_PARTITIONS] = {0};
	struct iommu_entry entry;
	PyObject *sequence;
	uint16_t bdf;

	if (!PyArg_ParseTuple(args, "O&O:iommu_entry", to_u16, &bdf, &sequence) ||
	    !take_roots(self, sequence, roots))
		return NULL;
	entry = iommu_entry(core_of(self)->config, bdf, roots);
	return Py_BuildValue("KKKK", (unsigned long long)entry.word[0], (unsigned long long)entry.word[1],
			     (unsigned long long)entry.word[2], (unsigned long long)entry.word[3]);
}
