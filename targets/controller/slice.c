/* SPDX-License-Identifier: MIT */
/*
 * slice: a processor that partitions share, each for a slice of time in turn (paper §3.3(1)).
 *
 * The real local APIC is the controller's here, and its timer ends every slice: no partition can reach it,
 * and with virtual interrupt masking none can hold it up (APM vol. 2 §15.21.1). RFLAGS.IF of the controller
 * is 1 from slice_main() on, for that is what lets interrupts end a VMRUN; GIF is 0 as everywhere in the
 * controller.
 */
#include "slice.h"

#include "console.h"
#include "exit.h"
#include "guest.h"
#include "lapic.h"
#include "partition.h"
#include "turn.h"

#define TIMER_VECTOR	0xf0u /* above those of all pins */
#define TIMER_DIVIDER_1 0xbu
#define MEASURE_TICKS	100000u
#define SOON_TICKS	5000u /* where only another look can tell, see slice_offer() */
#define TIMER_TICKS_MAX (UINT32_MAX / 2)
#define HLT_BYTES	1

_Static_assert(TIMER_VECTOR > IRQ_HOST_VECTOR_LAST, "a pin must not look like the timer");

static struct slicing {
	struct turn turn;
	struct cpu *member[CFG_PARTITIONS]; /* in the order of their turns */
	uint8_t loaded;			    /* whose registers are in the processor */
	uint64_t alarm;			    /* when the real timer interrupts */
	uint64_t measured_counts;	    /* of it, in MEASURE_TICKS of the TSC */
} slicings[CFG_MACHINE_PROCESSORS];

static void slice_exit(struct cpu *cpu);

const char *slice_unsupported(const struct cfg_partition *config)
{
	const struct cfg_machine *machine = &core.config->machine;

	if (config->processor_count != 1)
		return "a partition with a slice has one processor here, and no more";
	if (IRQ_HOST_VECTOR_FIRST + machine->ioapic.pins - 1 > IRQ_HOST_VECTOR_LAST)
		return "the I/O APIC has more pins than a shared processor has vectors";
	if (!machine->tsc_khz && !machine->power.pm_timer)
		return "a slice cannot be measured: the board file names neither the TSC's rate nor a PM "
		       "timer";
	return NULL;
}

void slice_prepare(struct cpu *cpu)
{
	cpu->vmcb->intercept_misc1 |= SVM_INTR | SVM_HLT;
	cpu->vmcb->intercept_misc2 |= SVM_MONITOR | SVM_MWAIT;
	cpu->vmcb->virtual_interrupt = SVM_V_INTR_MASKING;
	cpu->exit = slice_exit;
	cpu->lapic_read = slice_lapic_read;
	cpu->lapic_write = slice_lapic_write;
	cpu->state = state_make();
}

static struct cpu *loaded(const struct slicing *slicing)
{
	return slicing->member[slicing->loaded];
}

/* The real timer interrupts then, or at once. */
static void set_alarm(struct slicing *slicing, uint64_t when, uint64_t now)
{
	uint64_t ticks = when > now ? when - now : 1, counts;

	if (when == slicing->alarm && when > now)
		return;
	if (ticks > TIMER_TICKS_MAX)
		ticks = TIMER_TICKS_MAX;
	counts = ticks * slicing->measured_counts / MEASURE_TICKS;
	lapic_write(LAPIC_COUNT, counts ? (uint32_t)counts : 1);
	slicing->alarm = now + ticks;
}

/* The processor changes hands: also for a moment, to carry out a request. */
static void give_to(struct slicing *slicing, uint8_t member)
{
	if (member == slicing->loaded)
		return;
	state_save(loaded(slicing));
	slicing->loaded = member;
	state_load(loaded(slicing));
}

static bool is_ready(struct cpu *cpu, uint64_t now)
{
	if (cpu->over)
		return false;
	slice_collect(cpu, now);
	if (cpu->halted && slice_wakes(cpu))
		cpu->halted = 0;
	return !cpu->halted;
}

static bool is_interrupted(const struct cpu *cpu)
{
	return apic_waiting(&cpu->apic) || cpu->vmcb->inject & SVM_EVENT_VALID;
}

/* The member who is to run now, TURN_NOBODY if they all wait. */
static uint8_t choose(struct slicing *slicing, uint64_t now)
{
	uint32_t ready = 0, interrupted = 0;

	for (uint8_t i = 0; i < slicing->turn.count; i++) {
		ready |= (uint32_t)is_ready(slicing->member[i], now) << i;
		interrupted |= (uint32_t)is_interrupted(slicing->member[i]) << i;
	}
	return turn_choose(&slicing->turn, ready, interrupted, now);
}

/* In the state of the one that is asked. An event that is still to be delivered goes first. */
static void serve_requests(struct slicing *slicing)
{
	uint8_t before = slicing->loaded;

	for (uint8_t i = 0; i < slicing->turn.count; i++) {
		struct cpu *cpu = slicing->member[i];

		if (!__atomic_load_n(&cpu->request, __ATOMIC_ACQUIRE) ||
		    (!cpu->over && cpu->vmcb->inject & SVM_EVENT_VALID))
			continue;
		give_to(slicing, i);
		partition_serve(cpu, cpu_take_request(cpu));
		cpu->halted = 0;
	}
	give_to(slicing, before);
}

static void nmi_from_outside(const struct slicing *slicing)
{
	uint8_t owner = irq_nmi_owner(&core);

	core_trace(&core, TRC_NMI, owner, owner, 0);
	for (uint8_t i = 0; i < slicing->turn.count; i++)
		if (slicing->member[i]->partition == owner && apic_takes_nmi(&slicing->member[i]->apic))
			cpu_leave(slicing->member[i], CPU_NMI);
}

/* An NMI may come at any time that interrupts are taken, announced by an exit or not. */
static void take(struct slicing *slicing, struct cpu *cpu)
{
	bool called;

	slice_take_interrupts();
	slicing->alarm = 0; /* it may be over */
	if (!trap_nmi_seen[cpu->apic_id])
		return;
	trap_nmi_seen[cpu->apic_id] = 0;
	called = cpu_was_called(cpu);
	if (!console_nmi(cpu) && !called)
		nmi_from_outside(slicing);
}

/* What was on its way to it when it ended has come by then, and is forgotten with the rest. */
void slice_reset(struct cpu *cpu, bool nmi_owner)
{
	take(&slicings[cpu->index], cpu);
	apic_reset(&cpu->apic, cpu->apic_id, nmi_owner);
	cpu->vmcb->virtual_interrupt = SVM_V_INTR_MASKING;
	cpu->vmcb->inject = 0;
	cpu->shadow_rip = 0;
	cpu->halted = cpu->lines = cpu->offered = 0;
}

/* Nobody has anything to do until an interrupt, an NMI, or the first timer of all. */
static void idle(struct slicing *slicing, uint64_t now)
{
	uint64_t first = APIC_NEVER;

	for (uint8_t i = 0; i < slicing->turn.count; i++) {
		const struct cpu *cpu = slicing->member[i];

		if (!cpu->over && apic_expires(&cpu->apic) < first)
			first = apic_expires(&cpu->apic);
	}
	set_alarm(slicing, first, now);
	trap_wait();
	take(slicing, loaded(slicing));
}

/* Waits until somebody can run, and gives the processor to who is to. */
static struct cpu *next_turn(struct slicing *slicing)
{
	for (;;) {
		uint8_t member;
		uint64_t now;

		serve_requests(slicing);
		now = rdtsc();
		member = choose(slicing, now);
		if (member != TURN_NOBODY) {
			give_to(slicing, member);
			return loaded(slicing);
		}
		idle(slicing, now);
	}
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* It goes on, until its slice ends, its own timer interrupts, or that of one who may come in between. */
static void go_on(struct slicing *slicing, struct cpu *cpu)
{
	bool soon = slice_offer(cpu);
	uint64_t now = rdtsc();
	uint64_t alarm = earlier(turn_end(&slicing->turn), apic_expires(&cpu->apic));

	for (uint8_t i = 0; i < slicing->turn.count; i++)
		if (turn_may_preempt(&slicing->turn, i))
			alarm = earlier(alarm, apic_expires(&slicing->member[i]->apic));
	set_alarm(slicing, soon ? earlier(alarm, now + SOON_TICKS) : alarm, now);
}

static void exit_halt(struct cpu *cpu)
{
	cpu->count->halt++;
	cpu->halted = 1;
	guest_skip(cpu, HLT_BYTES);
}

static void handle(struct slicing *slicing, struct cpu *cpu)
{
	switch (cpu->vmcb->exit_code) {
	case SVM_EXIT_INTR:
	case SVM_EXIT_NMI:
		cpu->vmcb->inject = 0;
		cpu->vmcb->tlb_control = 0;
		cpu->count->interrupt += cpu->vmcb->exit_code == SVM_EXIT_INTR;
		cpu->count->nmi += cpu->vmcb->exit_code == SVM_EXIT_NMI;
		take(slicing, cpu);
		break;
	case SVM_EXIT_HLT:
		cpu->vmcb->inject = 0;
		cpu->vmcb->tlb_control = 0;
		exit_halt(cpu);
		break;
	default:
		exit_handle(cpu);
		if (cpu->vmcb->exit_code == SVM_EXIT_NPF && cpu->fault_device == CPU_IOAPIC)
			cpu->lines = 1; /* one may have been unmasked */
	}
}

/*
 * An instruction that worked on nothing but the partition's own registers and ports; a string may also have
 * met its local APIC.
 */
static bool is_plain(const struct vmcb *vmcb)
{
	switch (vmcb->exit_code) {
	case SVM_EXIT_CPUID:
	case SVM_EXIT_VMMCALL:
	case SVM_EXIT_MSR:
		return true;
	case SVM_EXIT_IOIO:
		return !(vmcb->exit_info1 & SVM_IO_STRING);
	default:
		return false;
	}
}

/*
 * It just goes on, while the alarm that was set for the first change is not due: whatever arrives for
 * anybody, or is asked of him, is an exit of its own.
 */
static bool goes_on_as_before(const struct slicing *slicing, const struct cpu *cpu)
{
	return is_plain(cpu->vmcb) && !cpu->over && !apic_waiting(&cpu->apic) && rdtsc() < slicing->alarm;
}

/* Called by vmrun.S on the stack of the one that left; it returns if that one goes on. */
static void slice_exit(struct cpu *cpu)
{
	struct slicing *slicing = &slicings[cpu->index];
	struct cpu *next;

	slice_taken(cpu);
	handle(slicing, cpu);
	if (goes_on_as_before(slicing, cpu))
		return;
	next = next_turn(slicing);
	go_on(slicing, next);
	if (next != cpu)
		vm_enter(next);
}

static uint64_t measure_timer(void)
{
	uint64_t begin;

	lapic_write(LAPIC_DIVIDE, TIMER_DIVIDER_1);
	lapic_write(LAPIC_LVT_TIMER, LAPIC_LVT_MASKED);
	lapic_write(LAPIC_COUNT, UINT32_MAX);
	begin = rdtsc();
	while (rdtsc() - begin < MEASURE_TICKS)
		;
	return UINT32_MAX - lapic_read(LAPIC_COUNT_NOW);
}

static void gather(struct slicing *slicing, uint8_t index)
{
	struct turn *turn = &slicing->turn;

	for (uint8_t p = 0; p < core.config->partition_count; p++) {
		const struct cfg_partition *config = partition_config(p);

		if (cpu_of(p)->index != index)
			continue;
		slicing->member[turn->count] = cpu_of(p);
		turn_add(turn, (uint64_t)config->slice_us * core.clock.tsc_khz / 1000,
			 config->on_interrupt == CFG_PREEMPT);
	}
}

static bool has_nmi_owner(const struct slicing *slicing)
{
	for (uint8_t i = 0; i < slicing->turn.count; i++)
		if (slicing->member[i]->partition == irq_nmi_owner(&core))
			return true;
	return false;
}

void slice_main(struct cpu *cpu)
{
	struct slicing *slicing = &slicings[cpu->index];
	struct cpu *first;

	gather(slicing, cpu->index);
	lapic_reset(has_nmi_owner(slicing));
	slicing->measured_counts = measure_timer();
	lapic_write(LAPIC_LVT_TIMER, TIMER_VECTOR);
	__asm__ volatile("sti" : : : "memory");
	for (uint8_t i = 0; i < slicing->turn.count; i++) {
		give_to(slicing, i);
		partition_power_on(loaded(slicing));
	}
	first = next_turn(slicing);
	go_on(slicing, first);
	vm_enter(first);
}
