/* SPDX-License-Identifier: MIT */
/*
 * vlapic: the local APIC of a partition is the real one of its processor, read directly. Writes are looked
 * at: the interrupt command register can stop, start and interrupt every processor of the machine.
 */
#include "exit.h"
#include "guest.h"
#include "lapic.h"
#include "smp.h"

#define LVT_ASKED     (LAPIC_LVT_MASKED | 0xffu) /* vector and mask are always the partition's own choice */
#define LVT_PERIODIC  (1u << 17)
#define FLAT_MODEL    0xffffffffu
#define ICR_SHORTHAND (3u << 18)
#define ICR_SELF      (1u << 18)

static bool owns_nmi(const struct cpu *cpu)
{
	return irq_nmi_owner(&core) == cpu->partition && cpu_is_first(cpu);
}

/* What may be delivered here: a vector, or an NMI to itself; never SMI, INIT or ExtINT. */
static uint32_t confined_lvt(uint32_t value)
{
	uint32_t kept = value & LVT_ASKED;

	switch (value & LAPIC_DELIVERY) {
	case 0:
		return kept;
	case LAPIC_DELIVERY_NMI:
		return kept | LAPIC_DELIVERY_NMI;
	default:
		return kept | LAPIC_LVT_MASKED;
	}
}

/* The pin is the machine's NMI line: its owner may mask it, everybody else has it masked. */
static uint32_t confined_lint1(const struct cpu *cpu, uint32_t value)
{
	if (!owns_nmi(cpu))
		return confined_lvt(value) | LAPIC_LVT_MASKED;
	return (value & LVT_ASKED) | LAPIC_DELIVERY_NMI;
}

/* The pin is the 8259 pair's: open for its owner, at the processor where that begins. Everybody else has it
 * masked. */
static uint32_t confined_lint0(const struct cpu *cpu, uint32_t value)
{
	if (!guard_has_pic(&core, cpu->partition) || !cpu_is_first(cpu))
		return confined_lvt(value) | LAPIC_LVT_MASKED;
	if ((value & LAPIC_DELIVERY) == LAPIC_DELIVERY_EXTINT)
		return (value & LVT_ASKED) | LAPIC_DELIVERY_EXTINT;
	return confined_lvt(value);
}

/* The logical APIC IDs of the partition's processors, as they wrote them. */
static void get_logical_ids(const struct cfg_partition *config, uint8_t logical_id[CFG_PROCESSORS])
{
	for (uint32_t i = 0; i < config->processor_count; i++) {
		const struct cpu *cpu = cpu_get(config->processor[i]);

		logical_id[i] = cpu ? (uint8_t)(cpu->logical_id >> LAPIC_TARGET_SHIFT) : 0;
	}
}

/*
 * An NMI comes back as an exit of the target, which must know that it is its partition's. To itself a
 * processor sends in the words it was asked in, so that its command register reads as the bare machine's
 * would.
 */
static void send_to(struct cpu *cpu, uint8_t target, const struct irq_message *message, uint32_t asked)
{
	struct cpu *to = cpu_get(target);
	uint32_t shorthand = to == cpu && (asked & ICR_SHORTHAND) == ICR_SELF ? ICR_SELF : 0;

	if (!message->nmi)
		lapic_send(to->apic_id, message->vector | LAPIC_ICR_ASSERT | shorthand);
	else if (cpu_leave(to, CPU_NMI))
		lapic_send(to->apic_id, LAPIC_DELIVERY_NMI | LAPIC_ICR_ASSERT | shorthand);
}

/* Each message goes out with a physical destination of the partition's own, however it was addressed. */
static RARELY void send_ipi(struct cpu *cpu, uint32_t low)
{
	uint64_t icr = (uint64_t)cpu->icr_high << 32 | low;
	uint8_t logical_id[CFG_PROCESSORS];
	struct irq_message message;

	get_logical_ids(cpu->config, logical_id);
	if (smp_ipi(cpu, icr, logical_id))
		return;
	if (irq_ipi(&core, cpu->partition, cpu->index, icr, logical_id, &message) != IRQ_GRANTED)
		return;
	for (uint16_t i = 0; i < message.target_count; i++)
		send_to(cpu, message.target[i], &message, low);
}

static RARELY void write_lvt(struct cpu *cpu, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case LAPIC_LVT_TIMER:
		lapic_write(offset, value & (LVT_ASKED | LVT_PERIODIC));
		break;
	case LAPIC_LVT_LINT0:
		lapic_write(offset, confined_lint0(cpu, value));
		break;
	case LAPIC_LVT_LINT1:
		lapic_write(offset, confined_lint1(cpu, value));
		break;
	default:
		lapic_write(offset, confined_lvt(value));
	}
}

uint32_t vlapic_read(struct cpu *cpu, uint32_t offset)
{
	(void)cpu;
	return lapic_read(offset);
}

void vlapic_write(struct cpu *cpu, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case LAPIC_EOI:
	case LAPIC_TPR:
	case LAPIC_SVR:
	case LAPIC_ESR:
	case LAPIC_COUNT:
	case LAPIC_DIVIDE:
		lapic_write(offset, value);
		break;
	case LAPIC_LDR:
		cpu->logical_id = value;
		lapic_write(offset, value);
		break;
	case LAPIC_DFR: /* the core knows the flat model only */
		lapic_write(offset, FLAT_MODEL);
		break;
	case LAPIC_ICR_HIGH:
		cpu->icr_high = value;
		lapic_write(offset, value);
		break;
	case LAPIC_ICR:
		send_ipi(cpu, value);
		break;
	case LAPIC_LVT_TIMER:
	case LAPIC_LVT_THERMAL:
	case LAPIC_LVT_COUNTER:
	case LAPIC_LVT_LINT0:
	case LAPIC_LVT_LINT1:
	case LAPIC_LVT_ERROR:
		write_lvt(cpu, offset, value);
		break;
	default: /* read-only, or not there */
		bus_denied(cpu, core.config->machine.lapic_base + offset, true, value);
	}
}
