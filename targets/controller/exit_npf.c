/* SPDX-License-Identifier: MIT */
/*
 * exit_npf: an access to guest-physical memory that nested paging does not give to the partition: the local
 * APIC (written), the I/O APIC, an MSI-X table, or nothing at all.
 */
#include "exit.h"
#include "guest.h"
#include "partition.h"

/* It cannot be told: telling it is what failed. With stack or IDT on an empty bus, a partition is over. */
static RARELY void delivery_failed(struct cpu *cpu)
{
	guest_trace(cpu, TRC_BROKEN, SVM_EXIT_NPF, cpu->vmcb->rip);
	partition_end(cpu, PWR_TRIPLE_FAULT);
}

/*
 * Its page tables lie outside of its RAM. An empty bus reads as all ones, so the entry has reserved bits set.
 * The address it wanted is not told; it is that of the instruction if the fetch failed, otherwise unknown.
 */
static RARELY void walk_failed(struct cpu *cpu, uint32_t access)
{
	cpu->count->denied++;
	guest_inject_page_fault(cpu, cpu->vmcb->rip,
				PF_P | PF_RSVD | (access & (PF_WRITE | PF_USER | PF_FETCH)));
}

/* FF FF, which an empty bus returns, is no instruction. */
static RARELY void fetch_failed(struct cpu *cpu, uint64_t gpa)
{
	bus_denied(cpu, gpa, false, dev_nothing(8));
	guest_inject(cpu, EXC_UD, 0);
}

static void count_access(struct count_row *count, enum cpu_device device)
{
	if (device == CPU_LAPIC)
		count->lapic++;
	else if (device == CPU_IOAPIC)
		count->ioapic++;
}

void exit_npf(struct cpu *cpu)
{
	uint64_t info = cpu->vmcb->exit_info1;
	uint64_t gpa = cpu->vmcb->exit_info2;

	cpu->fault_device = (uint8_t)bus_device(gpa);
	count_access(cpu->count, cpu->fault_device);
	if (cpu->vmcb->exit_event & SVM_EVENT_VALID) {
		delivery_failed(cpu);
	} else if (info & SVM_NPF_WALK) {
		walk_failed(cpu, (uint32_t)info);
	} else if (info & PF_FETCH) {
		fetch_failed(cpu, gpa);
	} else {
		cpu->fault_gpa = gpa;
		simulate_instruction(cpu);
	}
}
