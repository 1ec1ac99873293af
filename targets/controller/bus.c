/* SPDX-License-Identifier: MIT */
/*
 * bus: what a simulated instruction of a partition reaches: its own RAM, its own ports, its local APIC and I/O
 * APIC; and where it has nothing, an empty bus.
 */
#include "exit.h"
#include "guest.h"
#include "bytes.h"
#include "lapic.h"

#define PAGE_OF(address) ((address) & ~(PAGE_BYTES - 1))

static void write_ioapic(struct cpu *cpu, uint32_t offset, uint32_t value)
{
	uint32_t pin;
	uint64_t rte;

	lock_take(&core_lock);
	if (irq_ioapic_write(&core, cpu->partition, offset, value, &pin, &rte))
		ioapic_write_pin(pin, rte);
	lock_release(&core_lock);
}

/* Both controllers have registers of 32 bits, at multiples of 16; other accesses are undefined there. */
static bool is_register(uint64_t gpa, uint8_t size)
{
	return size == 4 && gpa % 4 == 0;
}

static uint64_t read_ram(struct cpu *cpu, uint64_t gpa, uint8_t size)
{
	const uint8_t *ram = guest_ram(cpu, gpa, size);
	uint64_t value = 0;

	if (!ram) {
		guest_trace(cpu, TRC_MMIO, gpa, dev_nothing(size));
		return dev_nothing(size);
	}
	memcpy(&value, ram, size);
	return value;
}

/* size bytes within one page. */
static uint64_t read_physical(struct cpu *cpu, uint64_t gpa, uint8_t size)
{
	const struct cfg_machine *machine = &core.config->machine;

	if (is_register(gpa, size) && PAGE_OF(gpa) == machine->ioapic.base)
		return irq_ioapic_read(&core, cpu->partition, (uint32_t)(gpa - machine->ioapic.base));
	if (is_register(gpa, size) && PAGE_OF(gpa) == machine->lapic_base)
		return lapic_read((uint32_t)(gpa - machine->lapic_base));
	return read_ram(cpu, gpa, size);
}

static void write_ram(struct cpu *cpu, uint64_t gpa, uint8_t size, uint64_t value)
{
	uint8_t *ram = guest_ram(cpu, gpa, size);

	if (ram)
		memcpy(ram, &value, size);
	else
		guest_trace(cpu, TRC_MMIO, gpa, value);
}

static void write_physical(struct cpu *cpu, uint64_t gpa, uint8_t size, uint64_t value)
{
	const struct cfg_machine *machine = &core.config->machine;

	if (is_register(gpa, size) && PAGE_OF(gpa) == machine->lapic_base) {
		vlapic_write(cpu, (uint32_t)(gpa - machine->lapic_base), (uint32_t)value);
		return;
	}
	if (is_register(gpa, size) && PAGE_OF(gpa) == machine->ioapic.base) {
		write_ioapic(cpu, (uint32_t)(gpa - machine->ioapic.base), (uint32_t)value);
		return;
	}
	write_ram(cpu, gpa, size, value);
}

/*
 * The processor has translated the operand that faulted, so a walk is not needed for what lies in its page: for
 * all instructions but the string ones that is the only operand in memory.
 */
static bool translate(struct cpu *cpu, struct sim_bus *bus, uint64_t linear, uint32_t access, uint64_t *gpa)
{
	if (cpu->fault_gpa && ((linear ^ cpu->fault_gpa) & (PAGE_BYTES - 1)) == 0) {
		*gpa = cpu->fault_gpa;
		return true;
	}
	if (guest_translate(cpu, linear, access, gpa, &bus->error))
		return true;
	bus->vector = EXC_PF;
	cpu->vmcb->cr2 = linear;
	return false;
}

/* How many bytes there are at linear before its page ends. */
static uint64_t in_page(uint64_t linear)
{
	return PAGE_BYTES - (linear & (PAGE_BYTES - 1));
}

static bool bus_read(struct sim_bus *bus, uint64_t linear, uint8_t size, uint64_t *value);
static bool bus_write(struct sim_bus *bus, uint64_t linear, uint8_t size, uint64_t value);

/* Two pages are two accesses; both are translated before either is made. */
static bool read_across(struct sim_bus *bus, uint64_t linear, uint8_t size, uint64_t *value)
{
	uint8_t first = (uint8_t)in_page(linear);
	uint64_t gpa, rest;

	if (!translate(bus->context, bus, linear, 0, &gpa) ||
	    !bus_read(bus, linear + first, (uint8_t)(size - first), &rest))
		return false;
	*value = read_physical(bus->context, gpa, first) | rest << first * 8;
	return true;
}

static bool write_across(struct sim_bus *bus, uint64_t linear, uint8_t size, uint64_t value)
{
	uint8_t first = (uint8_t)in_page(linear);
	uint64_t gpa;

	if (!translate(bus->context, bus, linear, PF_WRITE, &gpa) ||
	    !bus_write(bus, linear + first, (uint8_t)(size - first), value >> first * 8))
		return false;
	write_physical(bus->context, gpa, first, value);
	return true;
}

static bool bus_read(struct sim_bus *bus, uint64_t linear, uint8_t size, uint64_t *value)
{
	uint64_t gpa;

	if (size > in_page(linear))
		return read_across(bus, linear, size, value);
	if (!translate(bus->context, bus, linear, 0, &gpa))
		return false;
	*value = read_physical(bus->context, gpa, size);
	return true;
}

static bool bus_write(struct sim_bus *bus, uint64_t linear, uint8_t size, uint64_t value)
{
	uint64_t gpa;

	if (size > in_page(linear))
		return write_across(bus, linear, size, value);
	if (!translate(bus->context, bus, linear, PF_WRITE, &gpa))
		return false;
	write_physical(bus->context, gpa, size, value);
	return true;
}

static bool bus_in(struct sim_bus *bus, uint16_t port, uint8_t size, uint32_t *value)
{
	*value = port_read(bus->context, port, size);
	return true;
}

static bool bus_out(struct sim_bus *bus, uint16_t port, uint8_t size, uint32_t value)
{
	port_write(bus->context, port, size, value);
	return true;
}

/* The processor checked before it exited that there is something here to simulate: a refusal is our limit. */
static void refuse(struct cpu *cpu)
{
	guest_trace(cpu, TRC_BROKEN, cpu->vmcb->exit_code, cpu->vmcb->rip);
	guest_inject(cpu, EXC_GP, 0);
}

static bool is_string(const struct dec_insn *insn)
{
	return insn->op >= DEC_MOVS && insn->op <= DEC_OUTS;
}

void bus_init(struct cpu *cpu)
{
	cpu->bus = (struct sim_bus){
		.context = cpu, .read = bus_read, .write = bus_write, .in = bus_in, .out = bus_out};
}

void simulate_instruction(struct cpu *cpu)
{
	const struct dec_insn *insn = guest_instruction(cpu);

	if (!insn) {
		refuse(cpu);
		return;
	}
	if (is_string(insn))
		cpu->fault_gpa = 0;
	guest_registers_get(cpu, insn);
	switch (sim_step(&cpu->regs, insn, &cpu->bus)) {
	case SIM_DONE:
		guest_registers_put(cpu);
		guest_stepped(cpu);
		break;
	case SIM_AGAIN: /* a long one lets interrupts in between its parts */
		guest_registers_put(cpu);
		break;
	case SIM_FAULT:
		guest_registers_put(cpu);
		guest_inject(cpu, cpu->bus.vector, cpu->bus.error);
		break;
	case SIM_UNHANDLED:
		refuse(cpu);
	}
}
