/* SPDX-License-Identifier: MIT */
/*
 * smp: the further processors of a partition. Real INIT and start-up messages reach every processor, and
 * nothing can hold an INIT off, so none is ever sent: the controller takes a processor out of its partition
 * by NMI, and starts it where its partition says (APM vol. 2 §16.5, §14.1.2).
 */
#include "smp.h"

#include "console.h"
#include "guest.h"
#include "lapic.h"
#include "partition.h"

static void call(const struct cpu *to)
{
	lapic_send(to->apic_id, LAPIC_DELIVERY_NMI | LAPIC_ICR_ASSERT);
}

void smp_start(struct cpu *cpu)
{
	lapic_reset(false);
	reset_processor(cpu);
	reset_real_mode(cpu, (uint16_t)(cpu->start_page << 8), (uint64_t)cpu->start_page << 12, 0);
}

void smp_wait(struct cpu *cpu)
{
	lapic_reset(false);
	__atomic_store_n(&cpu->waiting, 1, __ATOMIC_RELEASE);
	do {
		trap_wait();
		cpu_was_called(cpu);
		console_nmi(cpu);
	} while (cpu_take_request(cpu) != CPU_START_UP);
	__atomic_store_n(&cpu->waiting, 0, __ATOMIC_RELEASE);
	smp_start(cpu);
}

/* One that waits already, waits. */
static void init(struct cpu *to)
{
	if (!__atomic_load_n(&to->waiting, __ATOMIC_ACQUIRE) && cpu_leave(to, CPU_INIT))
		call(to);
}

/* Heard by one that waits, or is about to; all others ignore it (§16.5). */
static void start_up(struct cpu *to, uint8_t page)
{
	uint8_t about_to = CPU_INIT;

	to->start_page = page;
	if (__atomic_compare_exchange_n(&to->request, &about_to, (uint8_t)CPU_START_UP, false,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE) ||
	    (__atomic_load_n(&to->waiting, __ATOMIC_ACQUIRE) && cpu_leave(to, CPU_START_UP)))
		call(to);
}

bool smp_ipi(struct cpu *cpu, uint64_t icr, const uint8_t logical_id[CFG_PROCESSORS])
{
	struct irq_message message;
	bool is_init;

	if (irq_start_up(&core, cpu->partition, cpu->index, icr, logical_id, &message, &is_init) ==
	    IRQ_REFUSED_DELIVERY)
		return false;
	for (uint16_t i = 0; i < message.target_count; i++) {
		if (is_init)
			init(cpu_get(message.target[i]));
		else
			start_up(cpu_get(message.target[i]), message.vector);
	}
	return true;
}

void smp_stop_others(struct cpu *cpu)
{
	for (uint32_t i = 1; i < cpu->config->processor_count; i++) {
		struct cpu *other = cpu_get(cpu->config->processor[i]);

		while (!__atomic_load_n(&other->waiting, __ATOMIC_ACQUIRE)) {
			init(other);
			pause();
		}
	}
	cpu->end_cause = PWR_NONE; /* what they may have said meanwhile is what happens now */
}

/* The first one may be ending the partition itself, and then waits for this one to leave. */
void smp_hand_over(struct cpu *cpu, enum pwr_cause cause)
{
	struct cpu *first = cpu_get(cpu->config->processor[0]);

	cpu->ending = PWR_NONE;
	first->end_cause = (uint8_t)cause;
	while (__atomic_load_n(&cpu->request, __ATOMIC_ACQUIRE) != CPU_INIT) {
		if (cpu_leave(first, CPU_END)) {
			call(first);
			break;
		}
		pause();
	}
	smp_wait(cpu);
}
