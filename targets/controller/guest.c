/* SPDX-License-Identifier: MIT */
/* guest: the partition's memory as its own instructions see it, and events for its own IDT. */
#include "guest.h"

#include "bytes.h"

#define PTE_POINTERS 0xffffffe0ull /* CR3 in PAE mode without long mode (APM vol. 2 §5.2.2) */

uint8_t *guest_ram(const struct cpu *cpu, uint64_t gpa, uint64_t size_bytes)
{
	uint64_t hpa;

	return mem_to_hpa(cpu->config, gpa, size_bytes, &hpa) ? (uint8_t *)hpa : NULL;
}

/* Eight bytes of page table; false if they are not in the partition's RAM: an empty bus reads as all ones. */
static bool load(const struct cpu *cpu, struct guest_walk *walk, uint64_t gpa, uint64_t *value)
{
	uint64_t hpa;

	if (!mem_to_hpa(cpu->config, gpa, sizeof(*value), &hpa)) {
		walk->error |= PF_P | PF_RSVD;
		return false;
	}
	*value = *(const volatile uint64_t *)hpa;
	walk->entry[walk->levels] = (const uint64_t *)hpa;
	walk->value[walk->levels++] = *value;
	return true;
}

/*
 * rights: bits W and U of all entries, and NX turned around. SMEP, SMAP and protection keys are not looked
 * at: for the access that exited, the processor has done it.
 */
static bool allowed(const struct vmcb *vmcb, uint64_t rights, uint32_t access)
{
	if (vmcb->cpl == 3 && !(rights & PTE_U))
		return false;
	if (access & PF_WRITE && !(rights & PTE_W) && (vmcb->cpl == 3 || vmcb->cr0 & CR0_WP))
		return false;
	return !(access & PF_FETCH) || rights & PTE_NX || !(vmcb->efer & EFER_NXE);
}

static bool arrive(const struct cpu *cpu, struct guest_walk *walk, uint64_t entry, uint64_t rights,
		   uint32_t shift, uint64_t linear, uint32_t access)
{
	uint64_t offset = (1ull << shift) - 1;

	walk->gpa = (entry & PTE_ADDRESS & ~offset) | (linear & offset);
	walk->error |= PF_P;
	return allowed(cpu->vmcb, rights, access);
}

/* Entries of 8 bytes: long mode from the fourth level, PAE from the second (APM vol. 2 §5.2.3, §5.3). */
static bool walk_long(const struct cpu *cpu, struct guest_walk *walk, uint64_t table, uint32_t shift,
		      uint64_t linear, uint32_t access)
{
	uint64_t rights = ~0ull, entry;

	for (;; shift -= 9) {
		if (!load(cpu, walk, table + (linear >> shift & 0x1ff) * 8, &entry) || !(entry & PTE_P))
			return false;
		rights &= entry ^ PTE_NX;
		if (shift == 12 || (entry & PTE_PS && shift != 39))
			return arrive(cpu, walk, entry, rights, shift, linear, access);
		table = entry & PTE_ADDRESS;
	}
}

/* The highest level of PAE: four entries, without rights of their own (§5.2.3). */
static bool walk_pae(const struct cpu *cpu, struct guest_walk *walk, uint64_t linear, uint32_t access)
{
	uint64_t entry;

	if (!load(cpu, walk, (cpu->vmcb->cr3 & PTE_POINTERS) + (linear >> 30) * 8, &entry) ||
	    !(entry & PTE_P))
		return false;
	return walk_long(cpu, walk, entry & PTE_ADDRESS, 21, linear, access);
}

/* Entries of 4 bytes, two levels (§5.2.1). Each is loaded together with the one beside it. */
static bool walk_legacy(const struct cpu *cpu, struct guest_walk *walk, uint64_t linear, uint32_t access)
{
	uint64_t rights = ~0ull, pair, table = cpu->vmcb->cr3 & PTE_ADDRESS;

	for (uint32_t shift = 22;; shift -= 10) {
		uint64_t index = linear >> shift & 0x3ff;
		uint32_t entry;

		if (!load(cpu, walk, table + index / 2 * 8, &pair))
			return false;
		entry = (uint32_t)(pair >> index % 2 * 32);
		if (!(entry & PTE_P))
			return false;
		rights &= entry | PTE_NX;
		if (shift == 12 || (entry & PTE_PS && cpu->vmcb->cr4 & CR4_PSE))
			return arrive(cpu, walk, entry, rights, shift, linear, access);
		table = entry & PTE_ADDRESS;
	}
}

bool guest_translate(const struct cpu *cpu, uint64_t linear, uint32_t access, struct guest_walk *walk)
{
	const struct vmcb *vmcb = cpu->vmcb;

	walk->levels = 0;
	walk->error = access | (vmcb->cpl == 3 ? PF_USER : 0);
	if (vmcb->efer & EFER_LMA)
		return walk_long(cpu, walk, vmcb->cr3 & PTE_ADDRESS, 39, linear, access);
	if (vmcb->cr0 & CR0_PG && vmcb->cr4 & CR4_PAE)
		return walk_pae(cpu, walk, (uint32_t)linear, access);
	if (vmcb->cr0 & CR0_PG)
		return walk_legacy(cpu, walk, (uint32_t)linear, access);
	walk->gpa = (uint32_t)linear;
	return true;
}

void guest_inject(struct cpu *cpu, uint8_t vector, uint32_t error)
{
	uint64_t event = SVM_EVENT_VALID | SVM_EVENT_EXCEPTION | vector;

	if (exc_has_error_code(vector))
		event |= SVM_EVENT_HAS_ERROR | (uint64_t)error << SVM_EVENT_ERROR_SHIFT;
	cpu->vmcb->inject = event;
}

void guest_inject_page_fault(struct cpu *cpu, uint64_t linear, uint32_t error)
{
	cpu->vmcb->cr2 = linear;
	guest_inject(cpu, EXC_PF, error);
}

void guest_inject_nmi(struct cpu *cpu)
{
	cpu->vmcb->inject = SVM_EVENT_VALID | SVM_EVENT_NMI | EXC_NMI;
}
