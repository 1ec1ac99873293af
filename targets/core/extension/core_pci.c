// SPDX-License-Identifier: MIT
/* Core: PCI functions, with a Python object for the machine. */
#include "core_object.h"

static const char *const fault_word[] = {"right", "absent", "bridge", "bar-differs"};

static uint32_t config_read(void *context, uint16_t bdf, uint8_t offset)
{
	return machine_answers(context, "config_read", Py_BuildValue("(ii)", bdf, offset));
}

static void config_write(void *context, uint16_t bdf, uint8_t offset, uint32_t value)
{
	machine_answers(context, "config_write", Py_BuildValue("(iiI)", bdf, offset, value));
}

static uint32_t load(void *context, uint64_t address)
{
	return machine_answers(context, "load", Py_BuildValue("(K)", (unsigned long long)address));
}

static void store(void *context, uint64_t address, uint32_t value)
{
	machine_answers(context, "store", Py_BuildValue("(KI)", (unsigned long long)address, value));
}

static bool is_open(PyObject *self)
{
	if (((struct core_object *)self)->hardware)
		return true;
	PyErr_SetString(PyExc_RuntimeError, "call pci_open() first: the core has not seen the functions");
	return false;
}

/* For "O&": the partition, if it exists and the functions are known. */
static bool parse(PyObject *self, PyObject *args, const char *format, uint8_t *partition, void *second)
{
	if (second ? !PyArg_ParseTuple(args, format, to_u8, partition, to_u64, second)
		   : !PyArg_ParseTuple(args, format, to_u8, partition))
		return false;
	return partition_exists(self, *partition) && is_open(self);
}

PyObject *core_pci_open(PyObject *self, PyObject *args)
{
	struct core_object *object = (struct core_object *)self;
	struct pci_finding finding;
	PyObject *hardware;

	if (!PyArg_ParseTuple(args, "O:pci_open", &hardware))
		return NULL;
	Py_INCREF(hardware);
	Py_XSETREF(object->hardware, hardware);
	object->pci_hardware = (struct pci_hardware){
		.context = hardware,
		.config_read = config_read,
		.config_write = config_write,
		.load = load,
		.store = store,
	};
	if (pci_open(&object->core, &object->pci_hardware, &finding))
		return unless_raised(Py_NewRef(Py_None));
	return unless_raised(Py_BuildValue("NiiIK", WORD(fault_word, finding.fault), finding.partition,
					   finding.bdf, finding.bar, (unsigned long long)finding.size_bytes));
}

PyObject *core_pci_start(PyObject *self, PyObject *args)
{
	uint8_t partition;

	if (!parse(self, args, "O&:pci_start", &partition, NULL))
		return NULL;
	pci_start(core_of(self), partition);
	return unless_raised(Py_NewRef(Py_None));
}

PyObject *core_pci_stop(PyObject *self, PyObject *args)
{
	uint8_t partition;

	if (!parse(self, args, "O&:pci_stop", &partition, NULL))
		return NULL;
	return unless_raised(PyBool_FromLong(pci_stop(core_of(self), partition)));
}

static bool is_configuration(uint16_t port, uint8_t size)
{
	if (dev_is_pci(port, size))
		return true;
	PyErr_Format(PyExc_ValueError, "%d bytes at port %x are not PCI's", size, port);
	return false;
}

PyObject *core_pci_read(PyObject *self, PyObject *args)
{
	uint8_t partition, size;
	uint16_t port;

	if (!PyArg_ParseTuple(args, "O&O&O&:pci_read", to_u8, &partition, to_u16, &port, to_port_size,
			      &size) ||
	    !partition_exists(self, partition) || !is_open(self) || !is_configuration(port, size))
		return NULL;
	return unless_raised(PyLong_FromUnsignedLong(pci_read(core_of(self), partition, port, size)));
}

PyObject *core_pci_write(PyObject *self, PyObject *args)
{
	uint8_t partition, size;
	uint16_t port;
	uint32_t value;

	if (!PyArg_ParseTuple(args, "O&O&O&O&:pci_write", to_u8, &partition, to_u16, &port, to_port_size,
			      &size, to_u32, &value) ||
	    !partition_exists(self, partition) || !is_open(self) || !is_configuration(port, size))
		return NULL;
	pci_write(core_of(self), partition, port, size, value);
	return unless_raised(Py_NewRef(Py_None));
}

PyObject *core_pci_table_read(PyObject *self, PyObject *args)
{
	uint8_t partition;
	uint64_t gpa;

	if (!parse(self, args, "O&O&:pci_table_read", &partition, &gpa))
		return NULL;
	return unless_raised(PyLong_FromUnsignedLong(pci_table_read(core_of(self), partition, gpa)));
}

PyObject *core_pci_table_write(PyObject *self, PyObject *args)
{
	uint8_t partition;
	uint32_t value;
	uint64_t gpa;

	if (!PyArg_ParseTuple(args, "O&O&O&:pci_table_write", to_u8, &partition, to_u64, &gpa, to_u32,
			      &value) ||
	    !partition_exists(self, partition) || !is_open(self))
		return NULL;
	pci_table_write(core_of(self), partition, gpa, value);
	return unless_raised(Py_NewRef(Py_None));
}

PyObject *core_host_message(PyObject *self, PyObject *args)
{
	uint8_t vector, partition, wanted;

	if (!PyArg_ParseTuple(args, "O&:host_message", to_u8, &vector))
		return NULL;
	if (!pci_host_message(core_of(self), vector, &partition, &wanted))
		Py_RETURN_NONE;
	return Py_BuildValue("ii", partition, wanted);
}
