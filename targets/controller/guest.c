/* SPDX-License-Identifier: MIT */
/* guest: the partition's memory as its own instructions see it, and events for its own IDT. */
#include "guest.h"

#include "bytes.h"

#define PTE_PAGE_TABLE_POINTERS 0xffffffe0ull /* CR3 in PAE mode without long mode (APM vol. 2 §5.2.2) */

uint8_t *guest_ram(const struct cpu *cpu, uint64_t gpa, uint64_t size_bytes)
{
	uint64_t hpa;

	return mem_to_hpa(cpu->config, gpa, size_bytes, &hpa) ? (uint8_t *)hpa : NULL;
}

/* How the partition's processor walks its page tables now (APM vol. 2 §5.2, §5.3). */
struct paging {
	uint64_t table;
	uint8_t level;
	uint8_t large_level; /* the highest level that may map a page itself */
	uint8_t index_bits;
	uint8_t entry_bytes;
};

static struct paging paging_now(const struct vmcb *vmcb)
{
	if (vmcb->efer & EFER_LMA)
		return (struct paging){vmcb->cr3 & PTE_ADDRESS, 4, 3, 9, 8};
	if (vmcb->cr4 & CR4_PAE)
		return (struct paging){vmcb->cr3 & PTE_PAGE_TABLE_POINTERS, 3, 2, 9, 8};
	return (struct paging){vmcb->cr3 & PTE_ADDRESS, 2, vmcb->cr4 & CR4_PSE ? 2 : 1, 10, 4};
}

/* SMEP, SMAP and protection keys are not looked at: for the access that exited, the processor has done it. */
static bool allowed(const struct vmcb *vmcb, uint64_t rights, uint64_t forbidden, uint32_t access)
{
	if (vmcb->cpl == 3 && !(rights & PTE_U))
		return false;
	if (access & PF_WRITE && !(rights & PTE_W) && (vmcb->cpl == 3 || vmcb->cr0 & CR0_WP))
		return false;
	return !(access & PF_FETCH && forbidden & PTE_NX && vmcb->efer & EFER_NXE);
}

/* One entry; false if it is not in the partition's RAM. */
static bool load_entry(const struct cpu *cpu, const struct paging *paging, uint64_t gpa, uint64_t *entry)
{
	const uint8_t *ram = guest_ram(cpu, gpa, paging->entry_bytes);

	if (!ram)
		return false;
	*entry = paging->entry_bytes == 8 ? *(const volatile uint64_t *)ram : *(const volatile uint32_t *)ram;
	return true;
}

/* The walk itself. *error holds the bits that are known before it, and gets those that it finds. */
static bool walk(const struct cpu *cpu, uint64_t linear, uint32_t access, uint64_t *gpa, uint32_t *error)
{
	const struct vmcb *vmcb = cpu->vmcb;
	struct paging paging = paging_now(vmcb);
	uint64_t rights = PTE_W | PTE_U, forbidden = 0;

	for (;; paging.level--) {
		uint32_t shift = 12 + paging.index_bits * (paging.level - 1u);
		uint64_t index = linear >> shift & ((1u << paging.index_bits) - 1);
		uint64_t entry;

		if (!load_entry(cpu, &paging, paging.table + index * paging.entry_bytes, &entry)) {
			*error |= PF_P | PF_RSVD; /* an empty bus reads as all ones */
			return false;
		}
		if (!(entry & PTE_P))
			return false;
		if (paging.level < 3 || vmcb->efer & EFER_LMA) /* else it has no rights of its own */
			rights &= entry;
		forbidden |= entry;
		if (paging.level == 1 || (paging.level <= paging.large_level && entry & PTE_PS)) {
			uint64_t offset = (1ull << shift) - 1;

			*gpa = (entry & PTE_ADDRESS & ~offset) | (linear & offset);
			break;
		}
		paging.table = entry & PTE_ADDRESS;
	}
	*error |= PF_P;
	return allowed(vmcb, rights, forbidden, access);
}

bool guest_translate(const struct cpu *cpu, uint64_t linear, uint32_t access, uint64_t *gpa, uint32_t *error)
{
	if (!(cpu->vmcb->cr0 & CR0_PG)) {
		*gpa = (uint32_t)linear;
		return true;
	}
	*error = access | (cpu->vmcb->cpl == 3 ? PF_USER : 0);
	return walk(cpu, linear, access, gpa, error);
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
