/* SPDX-License-Identifier: MIT */
/*
 * bus: what a simulated instruction of a partition reaches: its own RAM, its own ports, its local APIC and
 * I/O APIC, its MSI-X tables; and where it has nothing, an empty bus.
 */
#include "exit.h"
#include "guest.h"
#include "bytes.h"
#include "lapic.h"

static void write_ioapic(struct cpu *cpu, uint32_t offset, uint32_t value)
{
	uint32_t pin;
	uint64_t rte;

	lock_take(&core_lock);
	if (irq_ioapic_write(&core, cpu->partition, offset, value, &pin, &rte))
		ioapic_write_pin(pin, rte);
	lock_release(&core_lock);
}

/*
 * Both APICs have registers of 32 bits at multiples of 16. Other accesses are undefined there (APM vol. 2
 * §16.3.1): for a partition there is nothing.
 */
static bool is_word(uint64_t address, uint8_t size)
{
	return size == 4 && address % 4 == 0;
}

static uint64_t read_register(struct cpu *cpu, enum cpu_device device, uint64_t address)
{
	uint32_t offset = address & (PAGE_BYTES - 1);

	return device == CPU_IOAPIC ? irq_ioapic_read(&core, cpu->partition, offset)
				    : cpu->lapic_read(cpu, offset);
}

static void write_register(struct cpu *cpu, enum cpu_device device, uint64_t address, uint64_t value)
{
	uint32_t offset = address & (PAGE_BYTES - 1);

	if (device == CPU_IOAPIC)
		write_ioapic(cpu, offset, (uint32_t)value);
	else
		cpu->lapic_write(cpu, offset, (uint32_t)value);
}

void bus_denied(struct cpu *cpu, uint64_t gpa, bool write, uint64_t value)
{
	uint64_t access = gpa << 1 | write;

	cpu->count->denied++;
	if (access == cpu->denied_access)
		return;
	cpu->denied_access = access;
	guest_trace(cpu, TRC_MMIO, gpa, value);
}

/* MSI-X tables take double words and aligned quad words (PCI 3.0 §6.8.2). */
static bool is_message(const struct cpu *cpu, uint64_t gpa, uint8_t size)
{
	return size >= 4 && gpa % size == 0 && pci_is_table_page(&core, cpu->partition, gpa);
}

static uint64_t read_message(const struct cpu *cpu, uint64_t gpa, uint8_t size)
{
	uint64_t value;

	cpu->count->messages++;
	lock_take(&core_lock);
	value = pci_table_read(&core, cpu->partition, gpa);
	if (size == 8)
		value |= (uint64_t)pci_table_read(&core, cpu->partition, gpa + 4) << 32;
	lock_release(&core_lock);
	return value;
}

static void write_message(const struct cpu *cpu, uint64_t gpa, uint8_t size, uint64_t value)
{
	cpu->count->messages++;
	lock_take(&core_lock);
	pci_table_write(&core, cpu->partition, gpa, (uint32_t)value);
	if (size == 8)
		pci_table_write(&core, cpu->partition, gpa + 4, (uint32_t)(value >> 32));
	lock_release(&core_lock);
}

static uint64_t read_physical(struct cpu *cpu, uint64_t gpa, uint8_t size)
{
	const uint8_t *ram = guest_ram(cpu, gpa, size);
	uint64_t value = 0;

	if (ram) {
		memcpy(&value, ram, size);
	} else if (is_word(gpa, size) && bus_device(gpa) != CPU_NO_DEVICE) {
		value = read_register(cpu, bus_device(gpa), gpa);
	} else if (is_message(cpu, gpa, size)) {
		value = read_message(cpu, gpa, size);
	} else {
		value = dev_nothing(size);
		bus_denied(cpu, gpa, false, value);
	}
	return value;
}

static void write_physical(struct cpu *cpu, uint64_t gpa, uint8_t size, uint64_t value)
{
	uint8_t *ram = guest_ram(cpu, gpa, size);

	if (ram)
		memcpy(ram, &value, size);
	else if (is_word(gpa, size) && bus_device(gpa) != CPU_NO_DEVICE)
		write_register(cpu, bus_device(gpa), gpa, value);
	else if (is_message(cpu, gpa, size))
		write_message(cpu, gpa, size, value);
	else
		bus_denied(cpu, gpa, true, value);
}

/*
 * The operand is in the page that the processor found to fault, so it needs no walk. For all instructions but
 * the string ones that is the only operand in memory.
 */
static bool is_faulting(const struct cpu *cpu, uint64_t linear)
{
	return cpu->fault_gpa && ((linear ^ cpu->fault_gpa) & (PAGE_BYTES - 1)) == 0;
}

static bool translate(struct cpu *cpu, uint64_t linear, uint32_t access, uint64_t *gpa)
{
	struct guest_walk walk;

	if (is_faulting(cpu, linear)) {
		*gpa = cpu->fault_gpa;
		return true;
	}
	if (!guest_translate(cpu, linear, access, &walk)) {
		cpu->bus.vector = EXC_PF;
		cpu->bus.error = walk.error;
		cpu->vmcb->cr2 = linear;
		return false;
	}
	*gpa = walk.gpa;
	return true;
}

/* How many of size bytes at linear lie in its page. */
static uint8_t in_page(uint64_t linear, uint8_t size)
{
	uint64_t room = PAGE_BYTES - (linear & (PAGE_BYTES - 1));

	return room < size ? (uint8_t)room : size;
}

/* An operand that lies in two pages is translated in both before either is touched. */
static RARELY bool read_anywhere(struct cpu *cpu, uint64_t linear, uint8_t size, uint64_t *value)
{
	uint8_t first = in_page(linear, size);
	uint64_t gpa, rest = 0;

	if (!translate(cpu, linear, 0, &gpa))
		return false;
	if (first < size && !read_anywhere(cpu, linear + first, (uint8_t)(size - first), &rest))
		return false;
	*value = read_physical(cpu, gpa, first);
	if (first < size)
		*value |= rest << first * 8;
	return true;
}

static RARELY bool write_anywhere(struct cpu *cpu, uint64_t linear, uint8_t size, uint64_t value)
{
	uint8_t first = in_page(linear, size);
	uint64_t gpa;

	if (!translate(cpu, linear, PF_WRITE, &gpa))
		return false;
	if (first < size && !write_anywhere(cpu, linear + first, (uint8_t)(size - first), value >> first * 8))
		return false;
	write_physical(cpu, gpa, first, value);
	return true;
}

/* The device, if this is the one of its registers that the instruction exited for. */
static enum cpu_device faulting_device(const struct cpu *cpu, uint64_t linear, uint8_t size)
{
	return is_word(linear, size) && is_faulting(cpu, linear) ? cpu->fault_device : CPU_NO_DEVICE;
}

static bool bus_read(struct sim_bus *bus, uint64_t linear, uint8_t size, uint64_t *value)
{
	struct cpu *cpu = bus->context;
	enum cpu_device device = faulting_device(cpu, linear, size);

	if (device == CPU_NO_DEVICE)
		return read_anywhere(cpu, linear, size, value);
	*value = read_register(cpu, device, linear);
	return true;
}

static bool bus_write(struct sim_bus *bus, uint64_t linear, uint8_t size, uint64_t value)
{
	struct cpu *cpu = bus->context;
	enum cpu_device device = faulting_device(cpu, linear, size);

	if (device == CPU_NO_DEVICE)
		return write_anywhere(cpu, linear, size, value);
	write_register(cpu, device, linear, value);
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

void bus_init(struct cpu *cpu)
{
	cpu->bus = (struct sim_bus){
		.context = cpu, .read = bus_read, .write = bus_write, .in = bus_in, .out = bus_out};
}
