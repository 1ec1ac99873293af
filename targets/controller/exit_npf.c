/* SPDX-License-Identifier: MIT */
/*
 * exit_npf: an access to guest-physical memory that nested paging does not give to the partition: the local
 * APIC (written), the I/O APIC, or nothing at all.
 */
#include "exit.h"
#include "guest.h"

/* The partition cannot be told: telling it is what failed. As with a stack or IDT on an empty bus, it is over. */
static bool was_delivering(struct cpu *cpu)
{
	if (!(cpu->vmcb->exit_event & SVM_EVENT_VALID))
		return false;
	guest_trace(cpu, TRC_BROKEN, SVM_EXIT_NPF, cpu->vmcb->rip);
	cpu->ending = PWR_TRIPLE_FAULT;
	return true;
}

/*
 * Its page tables lie outside of its RAM. An empty bus reads as all ones, so the entry has reserved bits set.
 * The address it wanted is not told; it is that of the instruction if the fetch failed, otherwise unknown.
 */
static void walk_failed(struct cpu *cpu, uint32_t access)
{
	guest_inject_page_fault(cpu, cpu->vmcb->rip, PF_P | PF_RSVD | (access & (PF_WRITE | PF_USER | PF_FETCH)));
}

static void count_access(struct cpu *cpu, uint64_t gpa)
{
	const struct cfg_machine *machine = &core.config->machine;
	uint64_t page = gpa & ~(PAGE_BYTES - 1);

	if (page == machine->lapic_base)
		cpu->count->lapic++;
	else if (page == machine->ioapic.base)
		cpu->count->ioapic++;
	else
		cpu->count->denied++;
}

void exit_npf(struct cpu *cpu)
{
	uint64_t info = cpu->vmcb->exit_info1;
	uint64_t gpa = cpu->vmcb->exit_info2;

	count_access(cpu, gpa);
	if (was_delivering(cpu))
		return;
	if (info & SVM_NPF_WALK) {
		walk_failed(cpu, (uint32_t)info);
	} else if (info & PF_FETCH) {
		guest_trace(cpu, TRC_MMIO, gpa, dev_nothing(8));
		guest_inject(cpu, EXC_UD, 0); /* FF FF, which an empty bus returns, is no instruction */
	} else {
		cpu->fault_gpa = gpa;
		simulate_instruction(cpu);
		cpu->fault_gpa = 0;
	}
}
