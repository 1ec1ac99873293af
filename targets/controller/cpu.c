/* SPDX-License-Identifier: MIT */
/* cpu: processors come up one after the other, and each goes to its own partition, or waits. */
#include "cpu.h"

#include "bytes.h"
#include "console.h"
#include "lapic.h"
#include "offset.h"
#include "partition.h"
#include "slice.h"
#include "smp.h"

_Static_assert(offsetof(struct cpu, regs.gpr[RCX]) == CPU_RCX, "offset.h");
_Static_assert(offsetof(struct cpu, regs.gpr[R15]) == CPU_R15, "offset.h");
_Static_assert(offsetof(struct cpu, vmcb) == CPU_VMCB, "offset.h");
_Static_assert(offsetof(struct cpu, exit) == CPU_EXIT, "offset.h");

#define STACK_PAGES    4	      /* with struct cpu at the top */
#define AP_PAGE	       0x8000u	      /* low memory: nobody's until the first partition starts */
#define AP_TICKS       20000000000ull /* seconds: a host with less of them may come to it late */
#define FEATURE_SVM    (1u << 2)      /* 8000_0001 ECX */
#define FEATURE_1G     (1u << 26)     /* 8000_0001 EDX */
#define FEATURE_NPT    (1u << 0)      /* 8000_000A EDX */
#define FEATURE_XSAVE  (1u << 26)     /* 0000_0001 ECX */
#define VM_CR_DISABLED (1u << 4)

extern const uint8_t boot_ap_start[], boot_ap_end[]; /* boot.S */
extern uint64_t boot_stack, boot_next;

static struct cpu *processors[CFG_MACHINE_PROCESSORS];
static struct cpu *first_of[CFG_PARTITIONS];
static uint8_t called[CFG_MACHINE_PROCESSORS]; /* by an NMI of cpu_ask() that was not taken yet */
static uint8_t all_up;

const char *cpu_missing(void)
{
	struct cpuid extended = cpuid(0x80000001, 0);

	if (!(extended.ecx & FEATURE_SVM))
		return "SVM (AMD-V): without it nothing can be partitioned; use a processor that has it";
	if (rdmsr(MSR_VM_CR) & VM_CR_DISABLED)
		return "SVM, which the firmware has switched off: switch it on in the set-up";
	if (!(cpuid(0x8000000a, 0).edx & FEATURE_NPT))
		return "nested paging: memory cannot be confined; use a processor that has it";
	if (!(extended.edx & FEATURE_1G))
		return "pages of 1 GiB";
	if (!(cpuid(1, 0).ecx & FEATURE_XSAVE))
		return "XSAVE: registers could not be made fresh for a start";
	return NULL;
}

struct cpu *cpu_get(uint8_t index)
{
	return index < CFG_MACHINE_PROCESSORS ? processors[index] : NULL;
}

struct cpu *cpu_of(uint8_t partition)
{
	return first_of[partition];
}

struct cpu *cpu_here(void)
{
	uint8_t id = lapic_id();

	for (uint32_t i = 0; i < core.config->machine.processor_count; i++)
		if (processors[i] && processors[i]->apic_id == id)
			return processors[i];
	panic("a processor came up that the board file does not list");
}

static bool has_processor(uint8_t partition, uint8_t index)
{
	for (uint32_t i = 0; i < partition_config(partition)->processor_count; i++)
		if (partition_config(partition)->processor[i] == index)
			return true;
	return false;
}

static struct cpu *create(uint8_t index, uint8_t partition)
{
	uint8_t *stack = page_take(STACK_PAGES);
	uint64_t top = (uint64_t)stack + STACK_PAGES * PAGE_BYTES - sizeof(struct cpu);
	struct cpu *cpu = (struct cpu *)(top & ~(_Alignof(struct cpu) - 1));

	cpu->index = index;
	cpu->apic_id = (uint8_t)core.config->machine.apic_id[index];
	cpu->partition = partition;
	return cpu;
}

/* One for each partition that it belongs to. */
static void create_all(uint8_t index)
{
	for (uint8_t p = 0; p < core.config->partition_count; p++) {
		struct cpu *cpu;

		if (!has_processor(p, index))
			continue;
		cpu = create(index, p);
		cpu->config = partition_config(p);
		cpu->count = cpu_is_first(cpu) ? &counts.row[p] : &counts.further[index];
		partition_prepare(cpu);
		if (cpu_is_first(cpu))
			first_of[p] = cpu;
		if (!processors[index])
			processors[index] = cpu;
	}
	if (!processors[index])
		processors[index] = create(index, CFG_NOBODY);
	processors[index]->host_save = page_take(1);
}

static void enter(void)
{
	cpu_main(cpu_here());
}

/* INIT, then start-up with the page to begin at (APM vol. 2 §16.5). No waits: that was for older ones. */
static void start(struct cpu *cpu)
{
	uint64_t begin = rdtsc();

	boot_stack = (uint64_t)cpu;
	boot_next = (uint64_t)enter;
	lapic_send(cpu->apic_id, LAPIC_DELIVERY_INIT | LAPIC_ICR_ASSERT);
	lapic_send(cpu->apic_id, LAPIC_DELIVERY_SIPI | LAPIC_ICR_ASSERT | AP_PAGE / PAGE_BYTES);
	while (!__atomic_load_n(&cpu->online, __ATOMIC_ACQUIRE)) {
		if (rdtsc() - begin > AP_TICKS)
			panic("a processor that the board file lists does not start");
		pause();
	}
}

void cpu_start_all(void)
{
	uint8_t count = (uint8_t)core.config->machine.processor_count;

	for (uint8_t i = 0; i < count; i++)
		create_all(i);
	memcpy((void *)AP_PAGE, boot_ap_start, (size_t)(boot_ap_end - boot_ap_start));
	for (uint8_t i = 0; i < count; i++)
		if (processors[i] != cpu_here())
			start(processors[i]);
	memset((void *)AP_PAGE, 0, (size_t)(boot_ap_end - boot_ap_start));
}

void cpu_release_all(void)
{
	__atomic_store_n(&all_up, 1, __ATOMIC_RELEASE);
}

/* From here on GIF is 0 wherever the controller runs: what arrives waits for a partition, or for trap.S. */
static void enable_svm(struct cpu *cpu)
{
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_VM_HSAVE_PA, (uint64_t)cpu->host_save);
	__asm__ volatile("clgi" : : : "memory");
}

void cpu_main(struct cpu *cpu)
{
	idt_load();
	enable_svm(cpu);
	write_cr4(read_cr4() | CR4_OSFXSR | CR4_OSXSAVE);
	__atomic_store_n(&cpu->online, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&all_up, __ATOMIC_ACQUIRE))
		pause();
	if (cpu->partition != CFG_NOBODY && cpu->config->slice_us)
		slice_main(cpu);
	if (cpu->partition != CFG_NOBODY) {
		if (cpu_is_first(cpu))
			partition_begin(cpu);
		else
			smp_wait(cpu);
		vm_enter(cpu);
	}
	for (;;) { /* nobody's: only the operator is heard here */
		trap_wait();
		console_nmi(cpu);
	}
}

bool cpu_leave(struct cpu *cpu, enum cpu_request request)
{
	uint8_t nothing = CPU_NOTHING;

	return __atomic_compare_exchange_n(&cpu->request, &nothing, (uint8_t)request, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_ACQUIRE);
}

/* One NMI is on its way at a time: whoever takes it finds all requests that were left before. */
bool cpu_ask(struct cpu *cpu, enum cpu_request request)
{
	if (!cpu_leave(cpu, request))
		return false;
	if (cpu->apic_id != lapic_id() && !__atomic_exchange_n(&called[cpu->index], 1, __ATOMIC_ACQ_REL))
		lapic_send(cpu->apic_id, LAPIC_DELIVERY_NMI | LAPIC_ICR_ASSERT);
	return true;
}

bool cpu_was_called(const struct cpu *cpu)
{
	return __atomic_exchange_n(&called[cpu->index], 0, __ATOMIC_ACQ_REL);
}

enum cpu_request cpu_take_request(struct cpu *cpu)
{
	return __atomic_exchange_n(&cpu->request, CPU_NOTHING, __ATOMIC_ACQ_REL);
}
