// SPDX-License-Identifier: MIT
/* LAYOUT and CFG: the headers, as data, so that who writes a block in Python need not write them again. */
#include "module.h"

#include "config.h"
#include "simulate.h"

struct field {
	const char *type;
	const char *name;
	size_t offset;
	size_t element_bytes;
	size_t count;
};

#define PLACE(tag, name) offsetof(struct tag, name)
#define BYTES(tag, name) sizeof(((struct tag *)0)->name)
#define ONE(type, tag, name)                                                                                 \
	{                                                                                                    \
		type, #name, PLACE(tag, name), BYTES(tag, name), 1                                           \
	}
#define SEVERAL(type, tag, name)                                                                             \
	{                                                                                                    \
		type, #name, PLACE(tag, name), BYTES(tag, name[0]), BYTES(tag, name) / BYTES(tag, name[0])   \
	}

/* Of config.h, named without its prefix; and of simulate.h. */
#define FIELD(type, name)    ONE(#type, cfg_##type, name)
#define ARRAY(type, name)    SEVERAL(#type, cfg_##type, name)
#define SIM_FIELD(tag, name) ONE(#tag, tag, name)
#define SIM_ARRAY(tag, name) SEVERAL(#tag, tag, name)

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

	FIELD(iommu, registers),
	FIELD(iommu, bdf),

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
	FIELD(machine, iommu),
	FIELD(machine, controller),
	FIELD(machine, console_port),
	FIELD(machine, console_gsi),
	FIELD(machine, tsc_khz),
	FIELD(machine, lint0_processors),

	FIELD(memory, gpa),
	FIELD(memory, hpa),
	FIELD(memory, size_bytes),

	FIELD(ports, first),
	FIELD(ports, last),

	FIELD(gsi, gsi),
	FIELD(gsi, flags),

	FIELD(pci, bdf),
	FIELD(pci, line_gsi),
	FIELD(pci, port_bars),
	FIELD(pci, flags),
	ARRAY(pci, bar),

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
	FIELD(partition, on_interrupt),
	FIELD(partition, slice_us),
	FIELD(partition, memory_count),
	FIELD(partition, processor_count),
	FIELD(partition, port_count),
	FIELD(partition, mmio_count),
	FIELD(partition, gsi_count),
	FIELD(partition, pci_count),
	FIELD(partition, serial_port),
	FIELD(partition, serial_gsi),
	FIELD(partition, standins),
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

	SIM_FIELD(sim_table, base),
	SIM_FIELD(sim_table, limit),

	SIM_ARRAY(sim_cpu, gpr),
	SIM_FIELD(sim_cpu, rip),
	SIM_FIELD(sim_cpu, rflags),
	SIM_ARRAY(sim_cpu, cr),
	SIM_ARRAY(sim_cpu, dr),
	SIM_ARRAY(sim_cpu, segment_base),
	SIM_FIELD(sim_cpu, gdt),
	SIM_FIELD(sim_cpu, idt),
	SIM_FIELD(sim_cpu, ldt_selector),
	SIM_FIELD(sim_cpu, task_selector),
	SIM_FIELD(sim_cpu, cpl),
	SIM_FIELD(sim_cpu, mode),
	SIM_FIELD(sim_cpu, halted),
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
	NUMBER(PCI_NO_MASTER),
	NUMBER(BARS),
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
	NUMBER(HOLD),
	NUMBER(PREEMPT),
	NUMBER(RIGHT_NMI),
	NUMBER(RIGHT_CALL),
	NUMBER(RIGHT_LAST_LIGHT),
	NUMBER(RIGHT_PM_TIMER),
	NUMBER(STANDIN_PIT),
	NUMBER(STANDIN_RTC),
	NUMBER(STANDIN_PIC),
	NUMBER(STANDIN_I8042),
	NUMBER(STANDIN_FW_CFG),
	NUMBER(GSI_LEVEL),
	NUMBER(GSI_ACTIVE_LOW),
	{"BLOCK_BYTES", sizeof(struct cfg_block)},
	{"CPU_BYTES", sizeof(struct sim_cpu)},
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
