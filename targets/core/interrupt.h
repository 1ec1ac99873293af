/* SPDX-License-Identifier: MIT */
/*
 * interrupt: every interrupt source has one owner. Lines (GSI) through a virtual I/O APIC for each partition,
 * messages (MSI), interprocessor interrupts, NMI. Paper §3.3(1), §3.4: the owner's handler is entered
 * directly, nobody else's.
 */
#ifndef MRM_CORE_INTERRUPT_H
#define MRM_CORE_INTERRUPT_H

#include "config.h"

enum irq_answer {
	IRQ_GRANTED,
	IRQ_REFUSED_OWNER,    /* the source belongs to somebody else, or to nobody */
	IRQ_REFUSED_VECTOR,   /* vectors below 16 are no interrupts (APM vol. 2 §16.6.3) */
	IRQ_REFUSED_DELIVERY, /* SMI, INIT, start-up, ExtINT: not a partition's to send */
	IRQ_REFUSED_TARGET,   /* no processor of the partition is addressed */
};

/* Redirection table entry (82093AA datasheet §3.2.4) */
#define IRQ_RTE_VECTOR		  0xffull
#define IRQ_RTE_DELIVERY	  (7ull << 8)
#define IRQ_RTE_LOGICAL		  (1ull << 11)
#define IRQ_RTE_READ_ONLY	  ((1ull << 12) | (1ull << 14)) /* delivery status, remote IRR */
#define IRQ_RTE_ACTIVE_LOW	  (1ull << 13)
#define IRQ_RTE_LEVEL		  (1ull << 15)
#define IRQ_RTE_MASKED		  (1ull << 16)
#define IRQ_RTE_DESTINATION_SHIFT 56

struct irq_line {
	uint8_t owner;	/* partition or CFG_NOBODY */
	uint8_t vector; /* as the owner asked; 0: not claimed */
	uint8_t masked;
	uint8_t pending; /* came in while its owner could not take it */
	uint8_t served;	 /* level-triggered, and its owner has not ended it yet: masked until then */
	uint8_t reserved[3];
	uint32_t refused; /* claims by others */
	uint64_t rte;	  /* what the owner wrote, as it reads back */
};

struct irq_state {
	struct irq_line line[CFG_MACHINE_GSIS];
	uint8_t nmi_owner;
	uint8_t reserved[7];
	uint8_t ioapic_select[CFG_PARTITIONS]; /* IOREGSEL of each virtual I/O APIC */
	uint8_t ioapic_id[CFG_PARTITIONS];
};

struct core;

uint8_t irq_gsi_owner(const struct core *core, uint32_t gsi); /* partition or CFG_NOBODY */
uint8_t irq_nmi_owner(const struct core *core);

/*
 * Claims a line for a vector, or masks and unmasks it, in the name of a partition. Machine-wide. A refused
 * one is counted at the line and traced, and changes nothing else.
 */
enum irq_answer irq_claim(struct core *core, uint8_t partition, uint32_t gsi, uint8_t vector);
enum irq_answer irq_mask(struct core *core, uint8_t partition, uint32_t gsi, bool masked);

/*
 * On a shared processor the real pin interrupts the controller, with a vector of its own for each pin: its
 * partitions choose theirs as they like, and may choose the same.
 */
#define IRQ_HOST_VECTOR_FIRST 0x20u
#define IRQ_HOST_VECTOR_LAST  0xefu

/* A vector of the controller's came in. False if it is no pin's. */
bool irq_host_gsi(const struct core *core, uint8_t vector, uint32_t *gsi);

/*
 * An interrupt arrived for a line that its owner cannot take now; irq_take() hands it out once. True for a
 * level-triggered one: pin and rte say how it is masked until the owner has ended the interrupt.
 */
bool irq_set_pending(struct core *core, uint32_t gsi, uint32_t *pin, uint64_t *rte);

/* The partition ended an interrupt. True if a pin was masked for it: pin and rte say how it goes on. */
bool irq_end(struct core *core, uint8_t partition, uint8_t vector, uint32_t *pin, uint64_t *rte);
bool irq_take(struct core *core, uint8_t partition, uint32_t *gsi);

/*
 * The virtual I/O APIC page of a partition (82093AA §3.1): offset 0x00 IOREGSEL, 0x10 IOWIN. Pins of others
 * read as masked and swallow writes. A write that changes a real pin returns true with *pin and *rte as the
 * controller must program them: delivery fixed, destination physical and a processor of the owner, whatever
 * the partition asked.
 */
uint32_t irq_ioapic_read(struct core *core, uint8_t partition, uint32_t offset);
bool irq_ioapic_write(struct core *core, uint8_t partition, uint32_t offset, uint32_t value, uint32_t *pin,
		      uint64_t *rte);

/* One message the controller may send for a partition: fixed or NMI, to processors of its own. */
struct irq_message {
	uint8_t vector;
	uint8_t nmi;
	uint16_t target_count;
	uint8_t target[CFG_PROCESSORS]; /* processor indices */
};

/*
 * An interprocessor interrupt as the partition wrote it to its ICR (APM vol. 2 §16.5). self is the processor
 * index of the sender. logical_id[i] is the logical APIC ID (flat model) of processor[i] of the partition.
 */
enum irq_answer irq_ipi(struct core *core, uint8_t partition, uint8_t self, uint64_t icr,
			const uint8_t logical_id[CFG_PROCESSORS], struct irq_message *message);

/*
 * INIT and start-up (APM vol. 2 §16.5) are never sent: the controller does to a processor what they mean.
 * Answers IRQ_REFUSED_DELIVERY, without a record, if the partition wrote something else or has no second
 * processor: ask irq_ipi() then. Otherwise *init says which of the two it is, vector is the page to start at,
 * and the targets are those processors of the partition that are addressed, but for the sender and the first
 * one, which boots.
 */
enum irq_answer irq_start_up(struct core *core, uint8_t partition, uint8_t self, uint64_t icr,
			     const uint8_t logical_id[CFG_PROCESSORS], struct irq_message *message,
			     bool *init);

/* An MSI address and data pair of a function of the partition (PCI 3.0 §6.8): fixed delivery only. */
enum irq_answer irq_msi(struct core *core, uint8_t partition, uint64_t address, uint32_t data,
			struct irq_message *message);

void irq_init(struct core *core);
void irq_reset_partition(struct core *core, uint8_t partition);

#endif
