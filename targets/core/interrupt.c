// SPDX-License-Identifier: MIT
/* Lines, their owners, and the virtual I/O APIC. Messages are in message.c. */
#include "config_items.h"
#include "core.h"

#define VECTOR_FIRST 16u

/* I/O APIC, 82093AA §3.1 and §3.2 */
#define IOREGSEL    0x00
#define IOWIN	    0x10
#define REG_ID	    0x00
#define REG_VERSION 0x01
#define REG_ARB	    0x02
#define REG_RTE	    0x10
#define VERSION                                                                                              \
	0x11u /* without the EOI register of later ones: its write would have to reach the real one          \
	       */
#define ID_BITS		    0x0f000000u
#define RTE_DELIVERY_FIXED  0
#define RTE_DELIVERY_LOWEST (1ull << 8)
#define RTE_WRITABLE                                                                                         \
	(0xff000000000000ffull | IRQ_RTE_DELIVERY | IRQ_RTE_LOGICAL | IRQ_RTE_ACTIVE_LOW | IRQ_RTE_LEVEL |   \
	 IRQ_RTE_MASKED)

void irq_init(struct core *core)
{
	const struct cfg_block *config = core->config;

	for (uint32_t gsi = 0; gsi < CFG_MACHINE_GSIS; gsi++)
		core->irq.line[gsi] = (struct irq_line){
			.owner = cfg_item_owner(config, CFG_FIELD_GSI, gsi),
			.masked = 1,
			.rte = IRQ_RTE_MASKED,
		};
	core->irq.nmi_owner = CFG_NOBODY;
	for (uint8_t p = 0; p < config->partition_count; p++) {
		if (config->partition[p].rights & CFG_RIGHT_NMI)
			core->irq.nmi_owner = p;
		irq_reset_partition(core, p);
	}
}

void irq_reset_partition(struct core *core, uint8_t partition)
{
	for (uint32_t gsi = 0; gsi < CFG_MACHINE_GSIS; gsi++) {
		struct irq_line *line = &core->irq.line[gsi];

		if (line->owner != partition)
			continue;
		line->vector = 0;
		line->masked = 1;
		line->pending = 0;
		line->served = 0;
		line->rte = IRQ_RTE_MASKED;
	}
	core->irq.ioapic_select[partition] = 0;
	core->irq.ioapic_id[partition] = 0;
}

uint8_t irq_gsi_owner(const struct core *core, uint32_t gsi)
{
	return gsi < CFG_MACHINE_GSIS ? core->irq.line[gsi].owner : CFG_NOBODY;
}

uint8_t irq_nmi_owner(const struct core *core)
{
	return core->irq.nmi_owner;
}

/* Counts and traces a refusal. */
static enum irq_answer refuse(struct core *core, uint8_t partition, uint32_t gsi, uint8_t vector,
			      enum irq_answer answer)
{
	if (gsi < CFG_MACHINE_GSIS)
		core->irq.line[gsi].refused++;
	core_trace(core, TRC_GSI, partition, gsi | (uint64_t)vector << 32, answer);
	return answer;
}

static bool owns(const struct core *core, uint8_t partition, uint32_t gsi)
{
	return partition < core->config->partition_count && irq_gsi_owner(core, gsi) == partition;
}

/* The one place where a line changes its entry. Vector and mask are kept apart from it, ready for use. */
static void set_rte(struct irq_line *line, uint64_t rte)
{
	uint8_t vector = rte & IRQ_RTE_VECTOR;

	line->rte = rte;
	line->vector = vector >= VECTOR_FIRST ? vector : 0;
	line->masked = (rte & IRQ_RTE_MASKED) != 0;
}

enum irq_answer irq_claim(struct core *core, uint8_t partition, uint32_t gsi, uint8_t vector)
{
	struct irq_line *line;

	if (!owns(core, partition, gsi))
		return refuse(core, partition, gsi, vector, IRQ_REFUSED_OWNER);
	if (vector < VECTOR_FIRST)
		return refuse(core, partition, gsi, vector, IRQ_REFUSED_VECTOR);
	line = &core->irq.line[gsi];
	set_rte(line, (line->rte & ~IRQ_RTE_VECTOR) | vector);
	return IRQ_GRANTED;
}

enum irq_answer irq_mask(struct core *core, uint8_t partition, uint32_t gsi, bool masked)
{
	struct irq_line *line;

	if (!owns(core, partition, gsi))
		return refuse(core, partition, gsi, 0, IRQ_REFUSED_OWNER);
	line = &core->irq.line[gsi];
	set_rte(line, masked ? line->rte | IRQ_RTE_MASKED : line->rte & ~IRQ_RTE_MASKED);
	return IRQ_GRANTED;
}

bool irq_take(struct core *core, uint8_t partition, uint32_t *gsi)
{
	for (uint32_t i = 0; i < CFG_MACHINE_GSIS; i++) {
		struct irq_line *line = &core->irq.line[i];

		if (line->owner != partition || !line->pending || line->masked || !line->vector)
			continue;
		line->pending = 0;
		*gsi = i;
		return true;
	}
	return false;
}

/* True if the partition's index register selects half of a pin's entry. */
static bool selects_pin(const struct core *core, uint8_t partition, uint32_t *pin)
{
	uint8_t select = core->irq.ioapic_select[partition];

	*pin = (select - (uint32_t)REG_RTE) / 2;
	return select >= REG_RTE && *pin < core->config->machine.ioapic.pins;
}

/* What the partition sees of a pin: its own entry, or a masked one. */
static uint64_t visible_rte(const struct core *core, uint8_t partition, uint32_t gsi)
{
	return owns(core, partition, gsi) ? core->irq.line[gsi].rte : IRQ_RTE_MASKED;
}

static uint32_t read_window(const struct core *core, uint8_t partition)
{
	const struct cfg_ioapic *ioapic = &core->config->machine.ioapic;
	uint8_t select = core->irq.ioapic_select[partition];
	uint32_t pin;
	uint64_t rte;

	if (select == REG_ID || select == REG_ARB)
		return (uint32_t)core->irq.ioapic_id[partition] << 24;
	if (select == REG_VERSION)
		return VERSION | (ioapic->pins - 1) << 16;
	if (!selects_pin(core, partition, &pin))
		return 0;
	rte = visible_rte(core, partition, ioapic->first_gsi + pin);
	return (uint32_t)(select & 1 ? rte >> 32 : rte);
}

uint32_t irq_ioapic_read(struct core *core, uint8_t partition, uint32_t offset)
{
	if (offset == IOREGSEL)
		return core->irq.ioapic_select[partition];
	return offset == IOWIN ? read_window(core, partition) : 0;
}

static bool owns_apic_id(const struct core *core, uint8_t partition, uint8_t apic_id)
{
	const struct cfg_partition *config = &core->config->partition[partition];

	for (uint32_t i = 0; i < config->processor_count; i++)
		if (core->config->machine.apic_id[config->processor[i]] == apic_id)
			return true;
	return false;
}

static uint32_t pin_of(const struct core *core, const struct irq_line *line)
{
	return (uint32_t)(line - core->irq.line) - core->config->machine.ioapic.first_gsi;
}

/* A partition that shares its processor is told by the controller; others take the interrupt themselves. */
static uint8_t real_vector(const struct core *core, const struct cfg_partition *config,
			   const struct irq_line *line)
{
	return config->slice_us ? (uint8_t)(IRQ_HOST_VECTOR_FIRST + pin_of(core, line)) : line->vector;
}

/*
 * What the real pin gets. A logical destination is the partition's own affair, and every partition has the
 * same ones: the real pin goes to its first processor then, and also where it named a processor that is not
 * its own.
 */
static uint64_t real_rte(const struct core *core, uint8_t partition, const struct irq_line *line)
{
	const struct cfg_partition *config = &core->config->partition[partition];
	uint8_t destination = (uint8_t)(line->rte >> IRQ_RTE_DESTINATION_SHIFT);
	uint64_t delivery = line->rte & IRQ_RTE_DELIVERY;
	uint64_t rte = real_vector(core, config, line) |
		       (line->rte & (IRQ_RTE_ACTIVE_LOW | IRQ_RTE_LEVEL | IRQ_RTE_MASKED));

	if (line->rte & IRQ_RTE_LOGICAL || !owns_apic_id(core, partition, destination))
		destination = (uint8_t)core->config->machine.apic_id[config->processor[0]];
	if (!line->vector || line->served ||
	    (delivery != RTE_DELIVERY_FIXED && delivery != RTE_DELIVERY_LOWEST))
		rte |= IRQ_RTE_MASKED;
	return rte | (uint64_t)destination << IRQ_RTE_DESTINATION_SHIFT;
}

bool irq_host_gsi(const struct core *core, uint8_t vector, uint32_t *gsi)
{
	const struct cfg_ioapic *ioapic = &core->config->machine.ioapic;

	if (vector < IRQ_HOST_VECTOR_FIRST || vector - IRQ_HOST_VECTOR_FIRST >= ioapic->pins)
		return false;
	*gsi = ioapic->first_gsi + vector - IRQ_HOST_VECTOR_FIRST;
	return irq_gsi_owner(core, *gsi) != CFG_NOBODY;
}

/* The entry of a line's pin as it is to be now. */
static bool reprogram(const struct core *core, const struct irq_line *line, uint32_t *pin, uint64_t *rte)
{
	*pin = pin_of(core, line);
	*rte = real_rte(core, line->owner, line);
	return true;
}

bool irq_set_pending(struct core *core, uint32_t gsi, uint32_t *pin, uint64_t *rte)
{
	struct irq_line *line;

	if (irq_gsi_owner(core, gsi) == CFG_NOBODY)
		return false;
	line = &core->irq.line[gsi];
	line->pending = 1;
	line->served = (line->rte & IRQ_RTE_LEVEL) != 0;
	return line->served && reprogram(core, line, pin, rte);
}

bool irq_end(struct core *core, uint8_t partition, uint8_t vector, uint32_t *pin, uint64_t *rte)
{
	for (uint32_t gsi = 0; gsi < CFG_MACHINE_GSIS; gsi++) {
		struct irq_line *line = &core->irq.line[gsi];

		if (line->owner != partition || !line->served || line->vector != vector)
			continue;
		line->served = 0;
		return reprogram(core, line, pin, rte);
	}
	return false;
}

/* An unmasked entry that the real pin cannot have is masked there, and recorded. */
static void record_refusal(struct core *core, uint8_t partition, uint32_t gsi, uint64_t real)
{
	const struct irq_line *line = &core->irq.line[gsi];

	if (!line->masked && !line->served && real & IRQ_RTE_MASKED)
		refuse(core, partition, gsi, line->vector,
		       line->vector ? IRQ_REFUSED_DELIVERY : IRQ_REFUSED_VECTOR);
}

static bool write_rte(struct core *core, uint8_t partition, uint32_t gsi, bool high, uint32_t value,
		      uint64_t *real)
{
	struct irq_line *line = &core->irq.line[gsi];
	uint64_t rte;

	if (!owns(core, partition, gsi)) {
		if (!high)
			refuse(core, partition, gsi, (uint8_t)value, IRQ_REFUSED_OWNER);
		return false;
	}
	rte = high ? (line->rte & 0xffffffffull) | (uint64_t)value << 32
		   : (line->rte & ~0xffffffffull) | value;
	set_rte(line, rte & RTE_WRITABLE);
	*real = real_rte(core, partition, line);
	if (!high)
		record_refusal(core, partition, gsi, *real);
	return true;
}

bool irq_ioapic_write(struct core *core, uint8_t partition, uint32_t offset, uint32_t value, uint32_t *pin,
		      uint64_t *rte)
{
	uint8_t select = core->irq.ioapic_select[partition];

	if (offset == IOREGSEL)
		core->irq.ioapic_select[partition] = (uint8_t)value;
	if (offset != IOWIN)
		return false;
	if (select == REG_ID)
		core->irq.ioapic_id[partition] = (uint8_t)((value & ID_BITS) >> 24);
	if (!selects_pin(core, partition, pin))
		return false;
	return write_rte(core, partition, core->config->machine.ioapic.first_gsi + *pin, select & 1, value,
			 rte);
}
