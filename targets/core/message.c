// SPDX-License-Identifier: MIT
/* Interrupts that are messages: interprocessor interrupts and MSI. Declared in interrupt.h. */
#include "core.h"

#define VECTOR_FIRST 16u

/* Delivery modes, the same in the ICR and in MSI data (APM vol. 2 §16.5, PCI 3.0 §6.8) */
enum delivery { FIXED = 0, LOWEST = 1, SMI = 2, REMOTE_READ = 3, NMI = 4, INIT = 5, STARTUP = 6, EXTINT = 7 };

/* ICR */
#define ICR_LOGICAL	     (1ull << 11)
#define ICR_ASSERT	     (1ull << 14)
#define ICR_SHORTHAND(icr)   ((icr) >> 18 & 3)
#define ICR_DESTINATION(icr) ((uint8_t)((icr) >> 56))
enum shorthand { NO_SHORTHAND, SELF, ALL, ALL_BUT_SELF };

/* MSI address */
#define MSI_BASE	      0xfee00000ull
#define MSI_BASE_MASK	      (~0xfffffull)
#define MSI_LOGICAL	      (1ull << 2)
#define MSI_DESTINATION(addr) ((uint8_t)((addr) >> 12))

#define EVERYBODY 0xff /* physical destination */

static void add_target(struct irq_message *message, uint8_t processor)
{
	message->target[message->target_count++] = processor;
}

/* What is sent, without the targets. */
static enum irq_answer set_kind(struct irq_message *message, uint32_t low)
{
	uint8_t vector = (uint8_t)low;

	*message = (struct irq_message){0};
	switch (low >> 8 & 7) {
	case FIXED:
	case LOWEST:
		message->vector = vector;
		return vector < VECTOR_FIRST ? IRQ_REFUSED_VECTOR : IRQ_GRANTED;
	case NMI:
		message->nmi = 1;
		return IRQ_GRANTED;
	default:
		return IRQ_REFUSED_DELIVERY;
	}
}

static bool is_addressed(const struct core *core, uint8_t processor, uint8_t self, uint64_t icr,
			 uint8_t logical_id)
{
	uint8_t destination = ICR_DESTINATION(icr);

	switch ((enum shorthand)ICR_SHORTHAND(icr)) {
	case SELF:
		return processor == self;
	case ALL:
		return true;
	case ALL_BUT_SELF:
		return processor != self;
	default:
		break;
	}
	if (icr & ICR_LOGICAL)
		return (destination & logical_id) != 0;
	return destination == EVERYBODY || destination == core->config->machine.apic_id[processor];
}

/* Lowest priority goes to one of those addressed; which one is the machine's choice. */
static void keep_one(struct irq_message *message, uint32_t low)
{
	if ((low >> 8 & 7) == LOWEST && message->target_count > 1)
		message->target_count = 1;
}

static enum irq_answer record(struct core *core, uint8_t partition, uint64_t asked, enum irq_answer answer)
{
	if (answer != IRQ_GRANTED)
		core_trace(core, TRC_IPI, partition, asked, answer);
	return answer;
}

enum irq_answer irq_ipi(struct core *core, uint8_t partition, uint8_t self, uint64_t icr,
			const uint8_t logical_id[CFG_PROCESSORS], struct irq_message *message)
{
	const struct cfg_partition *config = &core->config->partition[partition];
	enum irq_answer answer = set_kind(message, (uint32_t)icr);

	if (answer != IRQ_GRANTED)
		return record(core, partition, icr, answer);
	for (uint32_t i = 0; i < config->processor_count; i++)
		if (is_addressed(core, config->processor[i], self, icr, logical_id[i]))
			add_target(message, config->processor[i]);
	keep_one(message, (uint32_t)icr);
	return record(core, partition, icr, message->target_count ? IRQ_GRANTED : IRQ_REFUSED_TARGET);
}

enum irq_answer irq_start_up(struct core *core, uint8_t partition, uint8_t self, uint64_t icr,
			     const uint8_t logical_id[CFG_PROCESSORS], struct irq_message *message,
			     bool *init)
{
	const struct cfg_partition *config = &core->config->partition[partition];
	uint32_t delivery = icr >> 8 & 7;

	*message = (struct irq_message){.vector = (uint8_t)icr};
	*init = delivery == INIT;
	if (config->processor_count < 2 || (delivery != INIT && delivery != STARTUP))
		return IRQ_REFUSED_DELIVERY;
	if (*init && !(icr & ICR_ASSERT)) /* the de-assertion that follows one means nothing any more */
		return IRQ_GRANTED;
	for (uint32_t i = 1; i < config->processor_count; i++)
		if (config->processor[i] != self &&
		    is_addressed(core, config->processor[i], self, icr, logical_id[i]))
			add_target(message, config->processor[i]);
	return record(core, partition, icr, message->target_count ? IRQ_GRANTED : IRQ_REFUSED_TARGET);
}

/*
 * Logical identifiers are not known here, and a function's driver asks for one processor of its own in
 * whatever words: a logical destination goes to the partition's first processor.
 */
enum irq_answer irq_msi(struct core *core, uint8_t partition, uint64_t address, uint32_t data,
			struct irq_message *message)
{
	const struct cfg_partition *config = &core->config->partition[partition];
	enum irq_answer answer = set_kind(message, data);
	uint8_t destination = MSI_DESTINATION(address);

	if (message->nmi) /* is for processors to send each other */
		answer = IRQ_REFUSED_DELIVERY;
	if (answer == IRQ_GRANTED && (address & MSI_BASE_MASK) != MSI_BASE)
		answer = IRQ_REFUSED_TARGET;
	if (answer != IRQ_GRANTED)
		return record(core, partition, data, answer);
	for (uint32_t i = 0; i < config->processor_count; i++)
		if (address & MSI_LOGICAL
			    ? i == 0
			    : destination == EVERYBODY ||
				      destination == core->config->machine.apic_id[config->processor[i]])
			add_target(message, config->processor[i]);
	keep_one(message, data);
	return record(core, partition, data, message->target_count ? IRQ_GRANTED : IRQ_REFUSED_TARGET);
}
