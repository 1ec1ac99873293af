/* SPDX-License-Identifier: MIT */
/*
 * exit_port: I/O instructions on ports that are not the partition's own. What is not there reads as all ones;
 * what would switch off or reset the machine is simulated (paper §3.3(3)).
 */
#include "exit.h"
#include "guest.h"

#define PCI_ADDRESS 0xcf8

static uint32_t real_in(uint16_t port, uint8_t size)
{
	return size == 1 ? in8(port) : size == 2 ? in16(port) : in32(port);
}

static void real_out(uint16_t port, uint8_t size, uint32_t value)
{
	if (size == 1)
		out8(port, (uint8_t)value);
	else if (size == 2)
		out16(port, (uint16_t)value);
	else
		out32(port, value);
}

/* The real address register is the machine's only one: it is set anew for each access, under the lock. */
static uint32_t pci_read(struct cpu *cpu, uint16_t port, uint8_t size)
{
	uint32_t address, value;

	if (port == PCI_ADDRESS)
		return dev_pci_latched(&core, cpu->partition, port, size);
	if (dev_pci(&core, cpu->partition, port, size, false, &address) != DEV_ALLOW)
		return (uint32_t)dev_nothing(size);
	lock_take(&core_lock);
	out32(PCI_ADDRESS, address);
	value = real_in(port, size);
	lock_release(&core_lock);
	return value;
}

static void pci_write(struct cpu *cpu, uint16_t port, uint8_t size, uint32_t value)
{
	uint32_t address;

	if (port == PCI_ADDRESS)
		dev_pci_latch(&core, cpu->partition, port, size, value);
	else if (dev_pci(&core, cpu->partition, port, size, true, &address) == DEV_ALLOW) {
		lock_take(&core_lock);
		out32(PCI_ADDRESS, address);
		real_out(port, size, value);
		lock_release(&core_lock);
	}
}


/* Only a change is traced: a polled port would wash everything else out of the ring. */
static void trace_port(struct cpu *cpu, uint16_t port, uint8_t size, bool write, uint32_t value)
{
	uint64_t access = port | (uint64_t)size << 16 | (uint64_t)write << 24;
	uint64_t seen = access | (uint64_t)value << 32;

	if (seen == cpu->traced_port)
		return;
	cpu->traced_port = seen;
	guest_trace(cpu, TRC_PORT, access, value);
}

static uint32_t simulated_read(struct cpu *cpu, uint16_t port, uint8_t size)
{
	if (dev_is_pci(port, size))
		return pci_read(cpu, port, size);
	return pwr_port_read(&core, cpu->partition, port, size);
}

static void simulated_write(struct cpu *cpu, uint16_t port, uint8_t size, uint32_t value)
{
	enum pwr_cause cause;

	if (dev_is_pci(port, size)) {
		pci_write(cpu, port, size, value);
		return;
	}
	cause = pwr_port_write(&core, cpu->partition, port, size, value);
	if (cause != PWR_NONE)
		cpu->ending = (uint8_t)cause;
}

uint32_t port_read(struct cpu *cpu, uint16_t port, uint8_t size)
{
	enum dev_route route = dev_port(&core, cpu->partition, port, size);
	uint32_t value = (uint32_t)dev_nothing(size);

	if (route == DEV_ALLOW)
		return real_in(port, size);
	if (route == DEV_SIMULATE)
		value = simulated_read(cpu, port, size);
	trace_port(cpu, port, size, false, value);
	return value;
}

void port_write(struct cpu *cpu, uint16_t port, uint8_t size, uint32_t value)
{
	enum dev_route route = dev_port(&core, cpu->partition, port, size);

	if (route == DEV_ALLOW) {
		real_out(port, size, value);
		return;
	}
	trace_port(cpu, port, size, true, value);
	if (route == DEV_SIMULATE)
		simulated_write(cpu, port, size, value);
}

/* A read of 1 or 2 bytes leaves the rest of RAX; one of 4 clears its upper half (APM vol. 3, IN). */
static uint64_t merge(uint64_t rax, uint8_t size, uint32_t value)
{
	uint64_t mask = dev_nothing(size);

	return size == 4 ? value : (rax & ~mask) | (value & mask);
}

static void access(struct cpu *cpu, uint32_t info, uint16_t port, uint8_t size)
{
	struct vmcb *vmcb = cpu->vmcb;

	if (info & SVM_IO_IN)
		vmcb->rax = merge(vmcb->rax, size, port_read(cpu, port, size));
	else
		port_write(cpu, port, size, (uint32_t)(vmcb->rax & dev_nothing(size)));
}

void exit_port(struct cpu *cpu)
{
	struct vmcb *vmcb = cpu->vmcb;
	uint32_t info = (uint32_t)vmcb->exit_info1;

	cpu->count->port++;
	if (info & SVM_IO_STRING) {
		simulate_instruction(cpu);
		return;
	}
	access(cpu, info, (uint16_t)(info >> SVM_IO_PORT_SHIFT), (uint8_t)(info >> SVM_IO_SIZE_SHIFT & 7));
	vmcb->rip = vmcb->exit_info2; /* of the next instruction (§15.10.2) */
	guest_stepped(cpu);
}
