/* SPDX-License-Identifier: MIT */
/*
 * exit_port: I/O instructions on ports that are not the partition's own. What is not there reads as all ones;
 * what would switch off or reset the machine is simulated (paper §3.3(3)), and so are clocks that others own.
 */
#include "exit.h"
#include "guest.h"
#include "partition.h"

#define LOOK_NANOSECONDS 9000 /* standin_look() */

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
static uint32_t configuration_read(struct cpu *cpu, uint16_t port, uint8_t size)
{
	uint32_t value;

	lock_take(&core_lock);
	value = pci_read(&core, cpu->partition, port, size);
	lock_release(&core_lock);
	return value;
}

static void configuration_write(struct cpu *cpu, uint16_t port, uint8_t size, uint32_t value)
{
	lock_take(&core_lock);
	pci_write(&core, cpu->partition, port, size, value);
	lock_release(&core_lock);
}

/* All of a simulated access is traced, but one that repeats the last one: power registers are also polled. */
static void trace_simulated(struct cpu *cpu, uint64_t access, uint32_t value)
{
	uint64_t seen = access | (uint64_t)value << 32;

	if (seen == cpu->traced_port)
		return;
	cpu->traced_port = seen;
	guest_trace(cpu, TRC_PORT, access, value);
}

/* Guarded devices are the machine's only ones. */
static uint32_t legacy_read(const struct cpu *cpu, uint16_t port, uint8_t size, uint64_t now)
{
	uint32_t value;

	lock_take(&core_lock);
	value = standin_read(&core, cpu->partition, port, size, now);
	lock_release(&core_lock);
	return value;
}

static enum pwr_cause legacy_write(const struct cpu *cpu, uint16_t port, uint8_t size, uint32_t value)
{
	enum pwr_cause cause;

	lock_take(&core_lock);
	cause = standin_write(&core, cpu->partition, port, size, value, rdtsc());
	lock_release(&core_lock);
	return cause;
}

/*
 * Whoever reads a clock's stand-in looks again and again until time has gone by, and each look is an exit.
 * Linux takes 8192 at any speed to measure its TSC by one that answers fast, and 1000 in 10 ms by one that
 * does not; fewer, and it distrusts the clock (arch/x86/kernel/tsc.c, quick_pit_calibrate() and
 * pit_calibrate_tsc()).
 */
static uint32_t standin_look(struct cpu *cpu, uint16_t port, uint8_t size)
{
	uint64_t until = rdtsc() + (uint64_t)core.clock.tsc_khz * LOOK_NANOSECONDS / 1000000;

	while (rdtsc() < until)
		;
	return legacy_read(cpu, port, size, until);
}

static uint32_t simulated_read(struct cpu *cpu, uint16_t port, uint8_t size)
{
	uint32_t value;

	if (standin_covers(&core, cpu->partition, port, size))
		return standin_look(cpu, port, size);
	value = dev_is_pci(port, size) ? configuration_read(cpu, port, size)
				       : legacy_read(cpu, port, size, rdtsc());
	trace_simulated(cpu, port | (uint64_t)size << 16, value);
	return value;
}

static void simulated_write(struct cpu *cpu, uint16_t port, uint8_t size, uint32_t value)
{
	enum pwr_cause cause;

	trace_simulated(cpu, port | (uint64_t)size << 16 | 1u << 24, value);
	if (dev_is_pci(port, size)) {
		configuration_write(cpu, port, size, value);
		return;
	}
	cause = legacy_write(cpu, port, size, value);
	if (cause != PWR_NONE)
		cpu->ending = (uint8_t)cause;
}

static RARELY void trace_denied(struct cpu *cpu, uint32_t info)
{
	uint64_t size = info >> SVM_IO_SIZE_SHIFT & 7;
	uint64_t write = !(info & SVM_IO_IN);

	cpu->denied_port = info;
	guest_trace(cpu, TRC_PORT, info >> SVM_IO_PORT_SHIFT | size << 16 | write << 24,
		    write ? cpu->vmcb->rax & dev_nothing((uint8_t)size) : dev_nothing((uint8_t)size));
}

/* Only another port, size or direction is traced: a polled port would wash all else out of the ring. */
static void denied(struct cpu *cpu, uint32_t info, uint8_t size)
{
	struct vmcb *vmcb = cpu->vmcb;

	if (cpu->denied_port != info)
		trace_denied(cpu, info);
	if (info & SVM_IO_IN)
		vmcb->rax = size == 4 ? dev_nothing(4) : vmcb->rax | dev_nothing(size);
}

uint32_t port_read(struct cpu *cpu, uint16_t port, uint8_t size)
{
	switch (dev_port(&core, cpu->partition, port, size)) {
	case DEV_ALLOW:
		return real_in(port, size);
	case DEV_SIMULATE:
		return simulated_read(cpu, port, size);
	default:
		return (uint32_t)dev_nothing(size);
	}
}

void port_write(struct cpu *cpu, uint16_t port, uint8_t size, uint32_t value)
{
	enum dev_route route = dev_port(&core, cpu->partition, port, size);

	if (route == DEV_ALLOW)
		real_out(port, size, value);
	else if (route == DEV_SIMULATE)
		simulated_write(cpu, port, size, value);
}

/* A read of 1 or 2 bytes leaves the rest of RAX; one of 4 clears its upper half (APM vol. 3, IN). */
static uint64_t merge(uint64_t rax, uint8_t size, uint32_t value)
{
	uint64_t mask = dev_nothing(size);

	return size == 4 ? value : (rax & ~mask) | (value & mask);
}

/* The hardware or the core answers. */
static RARELY void answered(struct cpu *cpu, uint32_t info, uint16_t port, uint8_t size)
{
	struct vmcb *vmcb = cpu->vmcb;

	if (info & SVM_IO_IN)
		vmcb->rax = merge(vmcb->rax, size, port_read(cpu, port, size));
	else
		port_write(cpu, port, size, (uint32_t)(vmcb->rax & dev_nothing(size)));
}

/* What a write to a power register asked for is done when the instruction is. */
static RARELY void end_as_asked(struct cpu *cpu)
{
	partition_end(cpu, cpu->ending);
}

static RARELY void exit_string(struct cpu *cpu)
{
	simulate_instruction(cpu);
	if (cpu->ending != PWR_NONE)
		end_as_asked(cpu);
}

void exit_port(struct cpu *cpu)
{
	uint32_t info = (uint32_t)cpu->vmcb->exit_info1;
	uint16_t port = (uint16_t)(info >> SVM_IO_PORT_SHIFT);
	uint8_t size = (uint8_t)(info >> SVM_IO_SIZE_SHIFT & 7);

	cpu->count->port++;
	if (info & SVM_IO_STRING) {
		exit_string(cpu);
		return;
	}
	if (dev_port(&core, cpu->partition, port, size) == DEV_DENY)
		denied(cpu, info, size);
	else
		answered(cpu, info, port, size);
	cpu->vmcb->rip = cpu->vmcb->exit_info2; /* of the next instruction (§15.10.2) */
	guest_stepped(cpu);
	if (cpu->ending != PWR_NONE)
		end_as_asked(cpu);
}
