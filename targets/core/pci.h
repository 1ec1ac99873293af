/* SPDX-License-Identifier: MIT */
/*
 * pci: what a partition finds in the configuration space of its functions (PCI 3.0 §6), and how they
 * interrupt it by messages.
 *
 * Identification, status and what only informs are the hardware's own. Base address registers can be sized,
 * but stay where the configuration block has them. A message's address and data are the partition's words;
 * the hardware gets words that reach processors of the partition and nobody else.
 */
#ifndef MRM_CORE_PCI_H
#define MRM_CORE_PCI_H

#include "config.h"

/*
 * The real machine. Configuration registers are double words at multiples of 4, on bus 0. load and store
 * reach MSI-X tables, by host-physical address.
 */
struct pci_hardware {
	void *context;
	uint32_t (*config_read)(void *context, uint16_t bdf, uint8_t offset);
	void (*config_write)(void *context, uint16_t bdf, uint8_t offset, uint32_t value);
	uint32_t (*load)(void *context, uint64_t address);
	void (*store)(void *context, uint64_t address, uint32_t value);
};

/* Of the whole machine; in the MSI-X table of one function for each processor of its partition. */
#define PCI_MESSAGES	1024u
#define PCI_TABLE_SHOWN 16u

/* A message as the partition wrote it, in the form of an entry of an MSI-X table (PCI 3.0 §6.8.2). */
enum pci_word {
	PCI_ADDRESS,
	PCI_ADDRESS_HIGH,
	PCI_DATA,
	PCI_MASK, /* bit 0: masked */
	PCI_MESSAGE_WORDS
};

struct pci_message {
	uint32_t word[PCI_MESSAGE_WORDS];
};

struct pci_function {
	const struct cfg_pci *config;
	uint64_t shown;		    /* capabilities that the partition finds: bit offset / 4 */
	uint64_t table;		    /* host-physical address of its MSI-X table */
	uint32_t bar[CFG_BARS];	    /* as written last */
	uint8_t bar_kind[CFG_BARS]; /* the low bits, which are the hardware's */
	uint8_t partition;	    /* its owner */
	uint8_t line;		    /* the interrupt line register, which is a note of the OS to itself */
	uint8_t power_state;	    /* as written; the function stays awake */
	uint8_t power, msi, msix, express, advanced; /* offsets of capabilities; 0: it has none */
	uint16_t msi_control;
	uint16_t msix_control;
	uint16_t message;      /* the first of its messages: MSI's. Behind it those of its MSI-X table */
	uint16_t vectors;      /* entries of the table that the partition sees */
	uint16_t real_vectors; /* and that there are */
};

struct pci_state {
	const struct pci_hardware *hardware;
	struct pci_function function[CFG_PARTITIONS][CFG_PCI];
	struct pci_message message[PCI_MESSAGES];
	uint8_t message_owner[PCI_MESSAGES];
	uint16_t messages;		/* given out */
	uint8_t tables[CFG_PARTITIONS]; /* MSI-X tables that each has */
};

/* What the machine has instead of what the board file says. */
enum pci_fault {
	PCI_RIGHT,
	PCI_ABSENT,	 /* no such function */
	PCI_BRIDGE,	 /* it is a bridge: what is behind it would come along */
	PCI_BAR_DIFFERS, /* the register named has another kind or size */
};

struct pci_finding {
	uint8_t fault; /* enum pci_fault */
	uint8_t partition;
	uint16_t bdf;
	uint64_t size_bytes; /* of the BAR, as the hardware has it; 0: none */
	uint32_t bar;
};

struct core;

/*
 * Finds out what the functions are, and switches off those that are nobody's. Called once, before anything
 * below; the hardware must stay. Returns false, and what is wrong, if the machine is not as the block says.
 */
bool pci_open(struct core *core, const struct pci_hardware *hardware, struct pci_finding *finding);

/* Makes a partition's functions as firmware hands them over: decoding where the block says, bus masters off.
 */
void pci_start(struct core *core, uint8_t partition);

/*
 * Nothing comes from the partition's functions any more: no DMA, no message, no INTx. True if some of them
 * were reset then, which takes PCI_RESET_MS until pci_start() may be called (PCI Express 3.0 §6.6.2). That
 * time would be the neighbours' where a processor is shared, so functions are not reset there.
 */
#define PCI_RESET_MS 100u
bool pci_stop(struct core *core, uint8_t partition);

/*
 * Configuration mechanism #1 (PCI 3.0 §3.2.2.3.2) for one partition, each with an address register of its
 * own. What is not its own reads as all ones and swallows writes; but everybody may read the host bridge
 * (00:00.0), and who a device is of which it owns another function than the first: an OS looks there before
 * it looks for the others. The port and size are such that dev_is_pci() says so. Machine-wide.
 */
uint32_t pci_read(struct core *core, uint8_t partition, uint16_t port, uint8_t size);
void pci_write(struct core *core, uint8_t partition, uint16_t port, uint8_t size, uint32_t value);

/* Whether an MSI-X table of the partition lies in the page at gpa, which is not its to touch then. */
bool pci_is_table_page(const struct core *core, uint8_t partition, uint64_t gpa);

/* A double word in such a page, aligned. What else the function has there is reached. Machine-wide. */
uint32_t pci_table_read(struct core *core, uint8_t partition, uint64_t gpa);
void pci_table_write(struct core *core, uint8_t partition, uint64_t gpa, uint32_t value);

/*
 * On a shared processor messages interrupt the controller, with a vector of its own for each. False if it is
 * no message's; otherwise whose it is, and the vector that the owner wants.
 */
bool pci_host_message(const struct core *core, uint8_t vector, uint8_t *partition, uint8_t *wanted);

void pci_init(struct core *core);
void pci_reset_partition(struct core *core, uint8_t partition);

#endif
