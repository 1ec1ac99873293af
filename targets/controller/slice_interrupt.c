/* SPDX-License-Identifier: MIT */
/*
 * slice_interrupt: on a shared processor all interrupts come to the controller first, which holds them until
 * their owner's turn, and then has the owner interrupted as its own local APIC would.
 */
#include "exit.h"
#include "guest.h"
#include "lapic.h"
#include "slice.h"

/*
 * A message is its owner's at once. A level-triggered line is masked at its pin before it is ended at the
 * real local APIC, so that it rests.
 */
static void arrived(uint8_t vector)
{
	uint8_t partition, wanted;
	uint32_t gsi, pin;
	uint64_t rte;

	if (pci_host_message(&core, vector, &partition, &wanted))
		apic_accept(&cpu_of(partition)->apic, wanted);
	if (!irq_host_gsi(&core, vector, &gsi))
		return;
	lock_take(&core_lock);
	if (irq_set_pending(&core, gsi, &pin, &rte))
		ioapic_write_pin(pin, rte);
	lock_release(&core_lock);
	cpu_of(irq_gsi_owner(&core, gsi))->lines = 1;
}

/* The highest vector in service, 0 if there is none. */
static uint8_t in_service(void)
{
	for (uint32_t i = 8; i-- > 0;) {
		uint32_t word = lapic_read(LAPIC_ISR + i * 0x10);

		if (word)
			return (uint8_t)(i * 32 + 31 - (uint32_t)__builtin_clz(word));
	}
	return 0;
}

void slice_take_interrupts(void)
{
	uint8_t vector;

	trap_take();
	while ((vector = in_service())) {
		arrived(vector);
		lapic_write(LAPIC_EOI, 0);
	}
}

void slice_collect(struct cpu *cpu, uint64_t now)
{
	uint32_t gsi;

	apic_expire(&cpu->apic, now);
	if (!cpu->lines)
		return;
	cpu->lines = 0;
	while (irq_take(&core, cpu->partition, &gsi))
		apic_accept(&cpu->apic, core.irq.line[gsi].vector);
}

bool slice_wakes(struct cpu *cpu)
{
	return cpu->vmcb->rflags & RFLAGS_IF && apic_pending(&cpu->apic);
}

/* With virtual interrupt masking CR8 is in the VMCB, and the partition writes it without an exit. */
void slice_taken(struct cpu *cpu)
{
	uint64_t virtual = cpu->vmcb->virtual_interrupt, class = virtual & SVM_V_TPR;

	if (cpu->offered && !(virtual & SVM_V_IRQ))
		apic_take(&cpu->apic, cpu->offered);
	cpu->offered = 0;
	if (class != cpu->apic.tpr >> 4)
		cpu->apic.tpr = (uint32_t) class << 4;
}

/*
 * An interrupt shadow ends behind the instruction at which it was seen. Not every processor goes on with it
 * after a VMRUN, so one that is seen is remembered until that instruction is done.
 */
static bool in_shadow(struct cpu *cpu)
{
	if (cpu->vmcb->interrupt_shadow)
		cpu->shadow_rip = cpu->vmcb->rip;
	if (cpu->shadow_rip == cpu->vmcb->rip)
		return true;
	cpu->shadow_rip = 0;
	return false;
}

/* The processor delivers it as soon as RFLAGS.IF and CR8 let it (APM vol. 2 §15.21.4), without an exit. */
bool slice_offer(struct cpu *cpu)
{
	uint64_t *virtual = &cpu->vmcb->virtual_interrupt;
	uint64_t vector;

	*virtual &= SVM_V_TPR | SVM_V_INTR_MASKING;
	if (!apic_waiting(&cpu->apic))
		return false;
	vector = apic_pending(&cpu->apic);
	if (!vector || in_shadow(cpu))
		return true; /* CR8 or the shadow holds it up: nothing says when that ends */
	cpu->offered = (uint8_t)vector;
	*virtual |= SVM_V_IRQ | vector >> 4 << SVM_V_PRIORITY_SHIFT | vector << SVM_V_VECTOR_SHIFT;
	return false;
}

uint32_t slice_lapic_read(struct cpu *cpu, uint32_t offset)
{
	uint64_t now = rdtsc();

	slice_collect(cpu, now);
	return apic_read(&cpu->apic, offset, now);
}

/* To itself: a partition that shares its processor has one only. */
static void send(struct cpu *cpu)
{
	uint8_t logical_id[CFG_PROCESSORS] = {(uint8_t)(cpu->apic.ldr >> LAPIC_TARGET_SHIFT)};
	uint64_t icr = (uint64_t)cpu->apic.icr_high << 32 | cpu->apic.icr;
	struct irq_message message;

	if (irq_ipi(&core, cpu->partition, cpu->index, icr, logical_id, &message) != IRQ_GRANTED ||
	    !message.target_count)
		return;
	if (message.nmi)
		cpu_leave(cpu, CPU_NMI);
	else
		apic_accept(&cpu->apic, message.vector);
}

static void ended(struct cpu *cpu)
{
	uint32_t pin;
	uint64_t rte;

	lock_take(&core_lock);
	if (irq_end(&core, cpu->partition, cpu->apic.ended, &pin, &rte))
		ioapic_write_pin(pin, rte);
	lock_release(&core_lock);
}

void slice_lapic_write(struct cpu *cpu, uint32_t offset, uint32_t value)
{
	uint64_t now = rdtsc();

	slice_collect(cpu, now);
	switch (apic_write(&cpu->apic, offset, value, now)) {
	case APIC_ENDED:
		ended(cpu);
		break;
	case APIC_SEND:
		send(cpu);
		break;
	case APIC_NOT_THERE:
		guest_trace(cpu, TRC_MMIO, core.config->machine.lapic_base + offset, value);
		break;
	case APIC_NOTHING:
		break;
	}
	cpu->vmcb->virtual_interrupt = (cpu->vmcb->virtual_interrupt & ~SVM_V_TPR) | cpu->apic.tpr >> 4;
}
