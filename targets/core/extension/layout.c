// SPDX-License-Identifier: MIT
/* LAYOUT and CFG: the headers, as data, so that who writes a block in Python need not write them again. */
#include "module.h"

#include "config.h"

struct field {
	const char *type;
	const char *name;
	size_t offset;
	size_t element_bytes;
	size_t count;
};

#define MEMBER(type, name) ((struct cfg_##type *)0)->name
#define FIELD(type, name)                                                                                    \
	{                                                                                                    \
#type, #name, offsetof(struct cfg_##type, name), sizeof(MEMBER(type, name)), 1               \
	}
#define ARRAY(type, name)                                                                                    \
	{                                                                                                    \
#type, #name, offsetof(struct cfg_##type, name), sizeof(MEMBER(type, name)[0]),              \
			sizeof(MEMBER(type, name)) / sizeof(MEMBER(type, name)[0])                           \
	}

static const struct field field[] = {
	FIELD(range, base),
	FIELD(range, size_bytes),

	FIELD(ioapic, base),
	FIELD(ioapic, first_gsi),
	FIELD(ioapic, pins),

	FIELD(reset_register, port),
	FIELD(reset_register, value),

	FIELD(power, pm1a_event),
	FIELD(power, pm1b_event),
	FIELD(power, pm1a_control),
	FIELD(power, pm1b_control),
	FIELD(power, pm_timer),
	FIELD(power, smi_command),
	FIELD(power, reset),

	FIELD(machine, flags),
	FIELD(machine, ram_count),
	FIELD(machine, firmware_count),
	FIELD(machine, processor_count),
	ARRAY(machine, ram),
	ARRAY(machine, firmware),
	ARRAY(machine, apic_id),
	FIELD(machine, lapic_base),
	FIELD(machine, ioapic),
	FIELD(machine, power),
	FIELD(machine, ecam),
	FIELD(machine, controller),
	FIELD(machine, console_port),
	FIELD(machine, console_gsi),
	FIELD(machine, tsc_khz),

	FIELD(memory, gpa),
	FIELD(memory, hpa),
	FIELD(memory, size_bytes),

	FIELD(ports, first),
	FIELD(ports, last),

	FIELD(gsi, gsi),
	FIELD(gsi, flags),

	FIELD(pci, bdf),
	FIELD(pci, line_gsi),

	FIELD(payload, kind),
	FIELD(payload, module),
	FIELD(payload, initrd_module),
	ARRAY(payload, command_line),

	ARRAY(partition, name),
	FIELD(partition, view),
	FIELD(partition, rights),
	FIELD(partition, on_reset),
	FIELD(partition, on_crash),
	FIELD(partition, started),
	FIELD(partition, slice_us),
	FIELD(partition, memory_count),
	FIELD(partition, processor_count),
	FIELD(partition, port_count),
	FIELD(partition, mmio_count),
	FIELD(partition, gsi_count),
	FIELD(partition, pci_count),
	FIELD(partition, serial_port),
	FIELD(partition, serial_gsi),
	ARRAY(partition, memory),
	ARRAY(partition, processor),
	ARRAY(partition, port),
	ARRAY(partition, mmio),
	ARRAY(partition, gsi),
	ARRAY(partition, pci),
	FIELD(partition, payload),

	FIELD(block, magic),
	FIELD(block, version),
	FIELD(block, size_bytes),
	FIELD(block, partition_count),
	FIELD(block, machine),
	ARRAY(block, partition),
};

#define NUMBER(name)                                                                                         \
	{                                                                                                    \
#name, CFG_##name                                                                            \
	}

static const struct named_number cfg_number[] = {
	NUMBER(MAGIC),
	NUMBER(VERSION),
	NUMBER(PARTITIONS),
	NUMBER(NAME_BYTES),
	NUMBER(MACHINE_RAM),
	NUMBER(MACHINE_FIRMWARE),
	NUMBER(MACHINE_PROCESSORS),
	NUMBER(MEMORY),
	NUMBER(PROCESSORS),
	NUMBER(PORTS),
	NUMBER(MMIO),
	NUMBER(GSIS),
	NUMBER(PCI),
	NUMBER(PCI_NO_LINE),
	NUMBER(MACHINE_GSIS),
	NUMBER(NOBODY),
	NUMBER(MACHINE_CF9),
	NUMBER(MACHINE_I8042),
	NUMBER(MACHINE_PORT92),
	NUMBER(MACHINE_PCI),
	NUMBER(IDENTITY),
	NUMBER(ZERO_BASED),
	NUMBER(PAYLOAD_LINUX),
	NUMBER(PAYLOAD_MULTIBOOT),
	NUMBER(PAYLOAD_BOOTSECTOR),
	NUMBER(STOP),
	NUMBER(RESTART),
	NUMBER(RIGHT_NMI),
	NUMBER(RIGHT_CALL),
	NUMBER(RIGHT_LAST_LIGHT),
	NUMBER(RIGHT_PM_TIMER),
	NUMBER(GSI_LEVEL),
	NUMBER(GSI_ACTIVE_LOW),
	{"BLOCK_BYTES", sizeof(struct cfg_block)},
	{NULL, 0},
};

/* The dict of a type, made when its first field comes. Borrowed. */
static PyObject *fields_of(PyObject *layout, const char *type)
{
	PyObject *fields = PyDict_GetItemString(layout, type);

	if (fields)
		return fields;
	fields = PyDict_New();
	if (!fields || PyDict_SetItemString(layout, type, fields) < 0) {
		Py_XDECREF(fields);
		return NULL;
	}
	Py_DECREF(fields); /* layout has it */
	return fields;
}

static int add_field(PyObject *layout, const struct field *at)
{
	PyObject *fields = fields_of(layout, at->type);
	PyObject *place = Py_BuildValue("nnn", (Py_ssize_t)at->offset, (Py_ssize_t)at->element_bytes,
					(Py_ssize_t)at->count);
	int result = fields && place ? PyDict_SetItemString(fields, at->name, place) : -1;

	Py_XDECREF(place);
	return result;
}

int add_layout(PyObject *module)
{
	PyObject *layout = PyDict_New();
	int result = layout ? 0 : -1;

	for (size_t i = 0; !result && i < Py_ARRAY_LENGTH(field); i++)
		result = add_field(layout, &field[i]);
	if (!result)
		result = PyModule_AddObjectRef(module, "LAYOUT", layout);
	Py_XDECREF(layout);
	return result ? result : add_numbers(module, "CFG", cfg_number);
}
