/* SPDX-License-Identifier: MIT */
/* partition: the life of one on its processor: started, ended, waiting, started again (paper §3.1(4)). */
#include "partition.h"

#include "bytes.h"
#include "console.h"
#include "exit.h"
#include "firmware.h"
#include "functions.h"
#include "guest.h"
#include "lapic.h"
#include "load.h"
#include "slice.h"
#include "smp.h"

#define PORT_MAP_PAGES 3 /* 64 Ki ports and three bits more (APM vol. 2 §15.10.1) */
#define ASID_FIRST     1 /* 0 is the controller */

#define PM1_SLP_EN 0x2000u /* ACPI 6.5 §4.8.3.2.1 */

const char *partition_unsupported(const struct cfg_partition *config)
{
	if (config->slice_us && slice_unsupported(config))
		return slice_unsupported(config);
	return load_unsupported(config);
}

void partition_prepare(struct cpu *cpu)
{
	struct vmcb *vmcb = page_take(1);
	uint8_t *port_map = page_take(PORT_MAP_PAGES);

	memset(port_map, 0xff, PORT_MAP_PAGES * PAGE_BYTES);
	memcpy(port_map, core.device[cpu->partition].port_trap, DEV_PORT_BITMAP_BYTES);
	vmcb->intercept_misc1 =
		SVM_NMI | SVM_INIT | SVM_CPUID | SVM_INVD | SVM_INVLPGA | SVM_IOIO | SVM_MSR | SVM_SHUTDOWN;
	vmcb->intercept_misc2 =
		SVM_VMRUN | SVM_VMMCALL | SVM_VMLOAD | SVM_VMSAVE | SVM_STGI | SVM_CLGI | SVM_SKINIT;
	/*
	 * All exceptions but two go straight to the partition. #MC tells of the machine. #AC can be raised by
	 * its own delivery, without end and without a place for an NMI: the operator could not stop it.
	 */
	vmcb->intercept_exception = 1u << EXC_MC | 1u << EXC_AC;
	vmcb->iopm = (uint64_t)port_map;
	vmcb->msrpm = (uint64_t)msr_permissions();
	vmcb->asid = ASID_FIRST + cpu->partition;
	vmcb->nested_paging = 1;
	vmcb->nested_cr3 = npt_make(cpu->partition);
	cpu->vmcb = vmcb;
	cpu->over = 1;
	cpu->exit = exit_handle;
	cpu->lapic_read = vlapic_read;
	cpu->lapic_write = vlapic_write;
	if (cpu->config->slice_us)
		slice_prepare(cpu);
	bus_init(cpu);
}

static void reset_lapic(struct cpu *cpu, bool nmi_owner)
{
	if (cpu->config->slice_us)
		slice_reset(cpu, nmi_owner);
	else
		lapic_reset(nmi_owner);
}

/* Open, as firmware hands over where the 8259 pair ends; all of its lines are masked (guard_reset()). */
static void open_lint0(const struct cpu *cpu)
{
	if (guard_has_pic(&core, cpu->partition))
		lapic_write(LAPIC_LVT_LINT0, LAPIC_DELIVERY_EXTINT);
}

static void start(struct cpu *cpu, const char *how)
{
	reset_lapic(cpu, irq_nmi_owner(&core) == cpu->partition);
	reset_processor(cpu);
	load_payload(cpu);
	cpu->count->starts++;
	cpu->over = 0;
	lock_take(&core_lock);
	core_reset_partition(&core, cpu->partition);
	pwr_started(&core, cpu->partition);
	guard_reset(&core, cpu->partition);
	lock_release(&core_lock);
	open_lint0(cpu);
	functions_hand_over(cpu->partition);
	guest_trace(cpu, TRC_START, cpu->vmcb->rip, cpu->config->memory[0].hpa);
	print("%s %s", cpu->config->name, how);
}

/* Also ends the wait of a processor whose NMI was about something else. */
static void wait_for_operator(struct cpu *cpu)
{
	do {
		trap_wait();
		cpu_was_called(cpu);
		console_nmi(cpu);
	} while (cpu_take_request(cpu) != CPU_START);
}

/* Of those that start with the machine, the last one to come up says so. */
static void announce(void)
{
	static uint32_t up;
	uint32_t expected = 0;

	for (uint8_t p = 0; p < core.config->partition_count; p++)
		expected += partition_config(p)->started;
	if (__atomic_add_fetch(&up, 1, __ATOMIC_ACQ_REL) == expected)
		print("ready, %u partitions", expected);
}

void partition_power_on(struct cpu *cpu)
{
	if (!cpu->config->started)
		return;
	start(cpu, "started");
	announce();
}

static void start_when_asked(struct cpu *cpu)
{
	wait_for_operator(cpu);
	start(cpu, "started");
}

void partition_begin(struct cpu *cpu)
{
	partition_power_on(cpu);
	if (cpu->over)
		start_when_asked(cpu);
}

/* The last one out switches off the light, with the sleep type it asked for. */
static _Noreturn void machine_off(uint8_t partition)
{
	const struct cfg_power *power = &core.config->machine.power;
	uint16_t control = (uint16_t)(core.power[partition].pm1_control | PM1_SLP_EN);

	print("machine off");
	if (power->pm1a_control)
		out16(power->pm1a_control, control);
	if (power->pm1b_control)
		out16(power->pm1b_control, control);
	panic("the machine is still on");
}

void partition_end(struct cpu *cpu, enum pwr_cause cause)
{
	enum pwr_decision decision;

	if (!cpu_is_first(cpu)) {
		smp_hand_over(cpu, cause);
		return;
	}
	smp_stop_others(cpu);
	lock_take(&core_lock);
	functions_take_back(cpu->partition);
	ioapic_mask_partition(cpu->partition);
	guard_reset(&core, cpu->partition);
	decision = pwr_end(&core, cpu->partition, cause);
	lock_release(&core_lock);
	reset_lapic(cpu, false);
	cpu->over = 1;
	cpu->ending = PWR_NONE;
	guest_trace(cpu, TRC_END, cause, 0);
	if (cause == PWR_OPERATOR)
		print("%s stopped", cpu->config->name);
	else
		print("%s ended: %s", cpu->config->name, pwr_cause_name((uint8_t)cause));
	if (decision == PWR_MACHINE_OFF)
		machine_off(cpu->partition);
	if (decision == PWR_PARTITION_RESTART)
		start(cpu, "restarted");
	else if (!cpu->config->slice_us)
		start_when_asked(cpu);
}

/*
 * Nobody else's: it goes to its owner, whose first processor is the only one where the line is let in. At
 * others it is the second NMI of two requests that were found together.
 */
static void nmi_from_outside(struct cpu *cpu)
{
	uint8_t owner = irq_nmi_owner(&core);

	if (!cpu_is_first(cpu))
		return;
	guest_trace(cpu, TRC_NMI, owner, 0);
	if (owner == cpu->partition)
		guest_inject_nmi(cpu);
}

void partition_serve(struct cpu *cpu, enum cpu_request request)
{
	switch (request) {
	case CPU_START: /* it may have started already */
		if (cpu->over)
			start(cpu, "started");
		break;
	case CPU_STOP:
		if (!cpu->over)
			partition_end(cpu, PWR_OPERATOR);
		break;
	case CPU_END:
		if (cpu->end_cause != PWR_NONE)
			partition_end(cpu, cpu->end_cause);
		break;
	case CPU_NMI:
		guest_inject_nmi(cpu);
		break;
	case CPU_INIT:
		smp_wait(cpu);
		break;
	case CPU_START_UP:
		smp_start(cpu);
		break;
	case CPU_NOTHING:
		break;
	}
}

void partition_nmi(struct cpu *cpu)
{
	bool called = cpu_was_called(cpu), heard = console_nmi(cpu);
	enum cpu_request request = cpu_take_request(cpu);

	if (request == CPU_NOTHING && !called && !heard)
		nmi_from_outside(cpu);
	partition_serve(cpu, request);
}
