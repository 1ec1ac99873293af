/* SPDX-License-Identifier: MIT */
/* core_object: the Core type, whose methods stand in a file for each part of the core. */
#ifndef MRM_CORE_EXTENSION_CORE_OBJECT_H
#define MRM_CORE_EXTENSION_CORE_OBJECT_H

#include "convert.h"

#include "core.h"

/* A Core: a block of its own, and the core made for it. */
struct core_object {
	PyObject_HEAD struct cfg_block block;
	struct core core;
	PyObject *hardware; /* behind pci_hardware; NULL until pci_open() */
	struct pci_hardware pci_hardware;
	PyObject *ports; /* behind guard_hardware; NULL until guard_open() */
	struct guard_hardware guard_hardware;
};

/*
 * Calls a method of the Python object that is the machine, with a tuple that is handed over. What it answers,
 * 0 for None. Once one has raised an exception, which stays set, none is called any more: see
 * unless_raised().
 */
uint32_t machine_answers(void *machine, const char *method, PyObject *arguments);

/* True if the ports of guarded devices can be reached, or none of the partition's is among these. Otherwise
 * RuntimeError. */
bool ports_are_open(PyObject *self, uint8_t partition, uint16_t port, uint8_t size);

/* What a method returns if the machine raised no exception meanwhile. Takes the result. */
PyObject *unless_raised(PyObject *result);

/* The core of an object; partitions below are indices that exist. */
static inline struct core *core_of(PyObject *self)
{
	return &((struct core_object *)self)->core;
}

/* True if there is such a partition; otherwise IndexError. */
bool partition_exists(PyObject *self, uint8_t partition);

/*
 * A method named NAME, found in the file of its part. Every method that takes arguments takes a tuple.
 * X(name, flags, "signature")
 */
#define CORE_METHODS(X)                                                                                      \
	X(to_hpa, METH_VARARGS, "to_hpa(partition, gpa, size=1)")                                            \
	X(to_gpa, METH_VARARGS, "to_gpa(partition, hpa, size=1)")                                            \
	X(e820, METH_VARARGS, "e820(partition)")                                                             \
	X(acpi, METH_VARARGS, "acpi(partition, gpa, size=ACPI_BYTES)")                                       \
	X(payload, METH_VARARGS, "payload(partition, file, initrd_bytes=0, rsdp=b'')")                       \
	X(port, METH_VARARGS, "port(partition, port, size)")                                                 \
	X(mmio, METH_VARARGS, "mmio(partition, gpa, size)")                                                  \
	X(port_owner, METH_VARARGS, "port_owner(port)")                                                      \
	X(mmio_owner, METH_VARARGS, "mmio_owner(address)")                                                   \
	X(pci_owner, METH_VARARGS, "pci_owner(bdf)")                                                         \
	X(iommu_entry, METH_VARARGS, "iommu_entry(bdf, roots)")                                              \
	X(pci_open, METH_VARARGS, "pci_open(hardware)")                                                      \
	X(pci_start, METH_VARARGS, "pci_start(partition)")                                                   \
	X(pci_stop, METH_VARARGS, "pci_stop(partition)")                                                     \
	X(pci_read, METH_VARARGS, "pci_read(partition, port, size)")                                         \
	X(pci_write, METH_VARARGS, "pci_write(partition, port, size, value)")                                \
	X(pci_table_read, METH_VARARGS, "pci_table_read(partition, gpa)")                                    \
	X(pci_table_write, METH_VARARGS, "pci_table_write(partition, gpa, value)")                           \
	X(host_message, METH_VARARGS, "host_message(vector)")                                                \
	X(gsi_owner, METH_VARARGS, "gsi_owner(gsi)")                                                         \
	X(nmi_owner, METH_NOARGS, "nmi_owner()")                                                             \
	X(claim, METH_VARARGS, "claim(partition, gsi, vector)")                                              \
	X(mask, METH_VARARGS, "mask(partition, gsi, masked)")                                                \
	X(set_pending, METH_VARARGS, "set_pending(gsi)")                                                     \
	X(take, METH_VARARGS, "take(partition)")                                                             \
	X(line, METH_VARARGS, "line(gsi)")                                                                   \
	X(ioapic_read, METH_VARARGS, "ioapic_read(partition, offset)")                                       \
	X(ioapic_write, METH_VARARGS, "ioapic_write(partition, offset, value)")                              \
	X(ipi, METH_VARARGS, "ipi(partition, sender, icr, logical_ids=b'')")                                 \
	X(start_up, METH_VARARGS, "start_up(partition, sender, icr, logical_ids=b'')")                       \
	X(msi, METH_VARARGS, "msi(partition, address, data)")                                                \
	X(exception, METH_VARARGS, "exception(partition, vector, error, where, first, trace_mode)")          \
	X(power_port, METH_VARARGS, "power_port(port)")                                                      \
	X(power_read, METH_VARARGS, "power_read(partition, port, size)")                                     \
	X(power_write, METH_VARARGS, "power_write(partition, port, size, value)")                            \
	X(set_clock, METH_VARARGS, "set_clock(tsc_khz, base_ticks, base_seconds)")                           \
	X(standin_read, METH_VARARGS, "standin_read(partition, port, size, now)")                            \
	X(standin_write, METH_VARARGS, "standin_write(partition, port, size, value, now)")                   \
	X(guard_open, METH_VARARGS, "guard_open(ports)")                                                     \
	X(guard_reset, METH_VARARGS, "guard_reset(partition)")                                               \
	X(end, METH_VARARGS, "end(partition, cause)")                                                        \
	X(started, METH_VARARGS, "started(partition)")                                                       \
	X(running, METH_VARARGS, "running(partition)")                                                       \
	X(reset, METH_VARARGS, "reset(partition)")                                                           \
	X(trace_memory, METH_NOARGS, "trace_memory()")

#define DECLARE_METHOD(name, flags, signature) PyObject *core_##name(PyObject *self, PyObject *args);
CORE_METHODS(DECLARE_METHOD)
#undef DECLARE_METHOD

#endif
