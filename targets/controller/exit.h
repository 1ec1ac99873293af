/* SPDX-License-Identifier: MIT */
/* exit: one function for each kind of exit. The partition goes on when exit_handle() returns. */
#ifndef MRM_CONTROLLER_EXIT_H
#define MRM_CONTROLLER_EXIT_H

#include "cpu.h"

void exit_handle(struct cpu *cpu); /* called by vmrun.S */

void exit_cpuid(struct cpu *cpu);
void exit_msr(struct cpu *cpu);
void exit_port(struct cpu *cpu);
void exit_npf(struct cpu *cpu);
void exit_rare(struct cpu *cpu);

/* An I/O access of the partition, whatever instruction made it. */
uint32_t port_read(struct cpu *cpu, uint16_t port, uint8_t size);
void port_write(struct cpu *cpu, uint16_t port, uint8_t size, uint32_t value);

/* Accesses to a local APIC that is the real one: what concerns nobody else reaches it. */
uint32_t vlapic_read(struct cpu *cpu, uint32_t offset);
void vlapic_write(struct cpu *cpu, uint32_t offset, uint32_t value);

/* Which device's page this is, of those that are simulated. */
static inline enum cpu_device bus_device(uint64_t gpa)
{
	const struct cfg_machine *machine = &core.config->machine;
	uint64_t page = gpa & ~(PAGE_BYTES - 1);

	if (page == machine->lapic_base)
		return CPU_LAPIC;
	return page == machine->ioapic.base ? CPU_IOAPIC : CPU_NO_DEVICE;
}

/* Counts an access to nothing, and traces it; one that repeats the last one is not worth a place in the ring.
 */
void bus_denied(struct cpu *cpu, uint64_t gpa, bool write, uint64_t value);

/* Simulates the instruction at RIP, with the partition's memory, ports and devices behind it. */
void bus_init(struct cpu *cpu);
void simulate_instruction(struct cpu *cpu);

/* The MSRs that a partition uses directly, as a permission map (§15.11). */
const void *msr_permissions(void);

/* The start of nested page tables made from a partition's RAM and MMIO ranges, and its pseudo firmware. */
uint64_t npt_make(uint8_t partition);

#endif
