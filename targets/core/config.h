/* SPDX-License-Identifier: MIT */
/*
 * config: the configuration block, and the check that refuses a wrong one.
 *
 * A manifest and a board file are compiled into one block. The controller finds it as its first boot module;
 * the harness builds it. Both pass it to cfg_check(), so both refuse the same mistake with the same words.
 * All integers are little-endian, all structures have no implicit padding, reserved bytes are zero.
 */
#ifndef MRM_CORE_CONFIG_H
#define MRM_CORE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CFG_MAGIC   0x464e434d /* "MCNF" */
#define CFG_VERSION 1

#define CFG_PARTITIONS	       8  /* partitions in a block */
#define CFG_NAME_BYTES	       16 /* a name, with its terminating zero */
#define CFG_MACHINE_RAM	       8  /* RAM ranges of the machine */
#define CFG_MACHINE_FIRMWARE   8  /* ranges that firmware or the chip set keeps */
#define CFG_MACHINE_PROCESSORS 32
#define CFG_MEMORY	       6   /* memory entries of a partition */
#define CFG_PROCESSORS	       8   /* processors of a partition */
#define CFG_PORTS	       24  /* port ranges of a partition */
#define CFG_MMIO	       16  /* MMIO ranges of a partition */
#define CFG_GSIS	       24  /* interrupt lines of a partition */
#define CFG_PCI		       16  /* PCI functions of a partition */
#define CFG_BARS	       6   /* base address registers of a function */
#define CFG_MACHINE_GSIS       256 /* a GSI is below this */
#define CFG_PCI_NO_LINE	       0xffff
#define CFG_NOBODY	       0xff /* "no partition", wherever an owner is named */

struct cfg_range {
	uint64_t base;
	uint64_t size_bytes;
};

/* One I/O APIC: its page and the GSIs of its pins (ACPI 6.5 §5.2.12.3). */
struct cfg_ioapic {
	uint64_t base;
	uint32_t first_gsi;
	uint32_t pins;
};

/* A register that resets the machine when written (ACPI 6.5 §4.8.3.6); port 0 means there is none. */
struct cfg_reset_register {
	uint16_t port;
	uint8_t value;
	uint8_t reserved[5];
};

/* What switches the machine off or resets it (ACPI 6.5 §4.8). A port of 0 means the board has none. */
struct cfg_power {
	uint16_t pm1a_event;
	uint16_t pm1b_event;
	uint16_t pm1a_control;
	uint16_t pm1b_control;
	uint16_t pm_timer;
	uint16_t smi_command;
	uint16_t reserved[2];
	struct cfg_reset_register reset;
};

/* What confines the DMA of PCI functions (AMD I/O Virtualization Technology, 48882); size 0: the board has
 * none. */
struct cfg_iommu {
	struct cfg_range registers;
	uint16_t bdf; /* its own PCI function */
	uint16_t reserved[3];
};

enum cfg_machine_flag {
	CFG_MACHINE_CF9 = 1u << 0,    /* port 0xCF9 resets (chip set reset control register) */
	CFG_MACHINE_I8042 = 1u << 1,  /* keyboard controller at 0x60/0x64, its output port resets */
	CFG_MACHINE_PORT92 = 1u << 2, /* system control port A: bit 0 resets */
	CFG_MACHINE_PCI = 1u << 3,    /* configuration mechanism #1 at 0xCF8/0xCFC */
};

/* The machine as the board file describes it. */
struct cfg_machine {
	uint32_t flags; /* enum cfg_machine_flag */
	uint32_t ram_count;
	uint32_t firmware_count;
	uint32_t processor_count;
	struct cfg_range ram[CFG_MACHINE_RAM];
	struct cfg_range firmware[CFG_MACHINE_FIRMWARE];
	uint32_t apic_id[CFG_MACHINE_PROCESSORS]; /* by processor index */
	uint64_t lapic_base;
	struct cfg_ioapic ioapic;
	struct cfg_power power;
	struct cfg_range ecam; /* PCI Express configuration window, size 0: none */
	struct cfg_iommu iommu;
	struct cfg_range controller; /* RAM of the controller itself, its image and modules included */
	uint16_t console_port;	     /* the controller's own serial port */
	uint16_t reserved0;
	uint32_t console_gsi;
	uint32_t tsc_khz;	   /* 0: not known */
	uint32_t lint0_processors; /* bit i: the 8259 pair's output arrives at LINT0 of processor i */
};

enum cfg_view {
	CFG_IDENTITY =
		0, /* the OS sees its RAM where it is: guest-physical = host-physical, but for low memory */
	CFG_ZERO_BASED = 1, /* nested paging moves its RAM to begin at guest-physical 0 */
};

enum cfg_payload_kind {
	CFG_PAYLOAD_LINUX = 0,	    /* Linux/x86 boot protocol, 64-bit entry (the probe speaks it too) */
	CFG_PAYLOAD_MULTIBOOT = 1,  /* Multiboot, version 1 or 2 */
	CFG_PAYLOAD_BOOTSECTOR = 2, /* firmware of its own, which starts the boot sector of a disk */
};

/* What the controller does when a partition asks for a reset, or ends. */
enum cfg_policy {
	CFG_STOP = 0,	 /* the partition is over until the operator starts it */
	CFG_RESTART = 1, /* it starts again at once */
};

/* What an interrupt does for a partition that shares its processor while another one has it, see turn.h. */
enum cfg_interrupts {
	CFG_HOLD = 0,	 /* waits for its turn */
	CFG_PREEMPT = 1, /* gives it the processor at once, as long as its slice lasts */
};

enum cfg_right {
	CFG_RIGHT_NMI = 1u << 0,  /* owns the machine's NMI; at most one partition has it */
	CFG_RIGHT_CALL = 1u << 1, /* VMMCALL reaches the controller (otherwise #UD, as on the bare machine) */
	CFG_RIGHT_LAST_LIGHT = 1u << 2, /* when it ends as the last one, the machine is switched off */
	CFG_RIGHT_PM_TIMER = 1u << 3,	/* may read the PM timer (read-only, so it may be shared) */
};

/* Devices that are stood in for where the partition does not own them, see standin.h. */
enum cfg_standin {
	CFG_STANDIN_PIT = 1u << 0,    /* 8254 at 0x40-0x43, and port 0x61 */
	CFG_STANDIN_RTC = 1u << 1,    /* MC146818 at 0x70-0x71 */
	CFG_STANDIN_PIC = 1u << 2,    /* the 8259 pair at 0x20-0x21 and 0xA0-0xA1 */
	CFG_STANDIN_I8042 = 1u << 3,  /* keyboard controller at 0x60 and 0x64, without a keyboard */
	CFG_STANDIN_FW_CFG = 1u << 4, /* what firmware asks on emulated boards, at 0x510-0x511 */
};

/* RAM of a partition: size_bytes at host-physical hpa, seen at guest-physical gpa. */
struct cfg_memory {
	uint64_t gpa;
	uint64_t hpa;
	uint64_t size_bytes;
};

struct cfg_ports {
	uint16_t first;
	uint16_t last; /* inclusive */
};

enum cfg_gsi_flag {
	CFG_GSI_LEVEL = 1u << 0,      /* level triggered, otherwise edge */
	CFG_GSI_ACTIVE_LOW = 1u << 1, /* otherwise active high */
};

struct cfg_gsi {
	uint16_t gsi;
	uint16_t flags; /* enum cfg_gsi_flag */
};

enum cfg_pci_flag {
	CFG_PCI_NO_MASTER = 1u << 0, /* it may not read and write memory itself */
};

/*
 * A PCI function on bus 0, the GSI that its INTx line ends at, and where its base address registers are to
 * point (PCI 3.0 §6.2.5.1). A BAR of size 0 is not used, or is the upper half of the 64-bit one before it.
 */
struct cfg_pci {
	uint16_t bdf;	    /* bus << 8 | device << 3 | function */
	uint16_t line_gsi;  /* CFG_PCI_NO_LINE: it has no INTx line */
	uint16_t port_bars; /* bit i: BAR i is in I/O space; all others are in memory space */
	uint16_t flags;	    /* enum cfg_pci_flag */
	struct cfg_range bar[CFG_BARS];
};

struct cfg_payload {
	uint32_t kind;		/* enum cfg_payload_kind */
	uint32_t module;	/* boot module with the image; module 0 is the block itself */
	uint32_t initrd_module; /* 0: none */
	uint32_t reserved;
	char command_line[256]; /* zero-terminated */
};

struct cfg_partition {
	char name[CFG_NAME_BYTES];
	uint32_t view;	      /* enum cfg_view */
	uint32_t rights;      /* enum cfg_right */
	uint8_t on_reset;     /* enum cfg_policy */
	uint8_t on_crash;     /* enum cfg_policy: triple fault */
	uint8_t started;      /* 1: starts with the machine; 0: waits for the operator */
	uint8_t on_interrupt; /* enum cfg_interrupts; CFG_HOLD without a slice */
	uint32_t slice_us;    /* share of a shared processor; 0: its processors are its own */
	uint32_t memory_count;
	uint32_t processor_count;
	uint32_t port_count;
	uint32_t mmio_count;
	uint32_t gsi_count;
	uint32_t pci_count;
	uint16_t serial_port; /* its console, also listed in ports; 0: none */
	uint16_t serial_gsi;
	uint32_t standins; /* enum cfg_standin */
	struct cfg_memory memory[CFG_MEMORY];
	uint8_t processor[CFG_PROCESSORS]; /* processor indices */
	struct cfg_ports port[CFG_PORTS];
	struct cfg_range mmio[CFG_MMIO];
	struct cfg_gsi gsi[CFG_GSIS];
	struct cfg_pci pci[CFG_PCI];
	struct cfg_payload payload;
};

struct cfg_block {
	uint32_t magic;
	uint32_t version;
	uint32_t size_bytes; /* of the whole block */
	uint32_t partition_count;
	struct cfg_machine machine;
	struct cfg_partition partition[CFG_PARTITIONS];
};

/* What is wrong with a block. The order is the order of the check; numbers are not part of any format. */
enum cfg_fault {
	CFG_BAD_HEADER, /* magic, version or size */
	CFG_BAD_COUNT,	/* a count beyond its table, or no partition, memory or processor at all */
	CFG_BAD_NAME,	/* empty, not terminated, not plain printable ASCII, or used twice */
	CFG_BAD_VALUE,	/* an enumeration or reserved field that is not known */
	CFG_UNALIGNED,	/* a range that does not begin and end on a page */
	CFG_EMPTY, /* a range of size 0, or one that wraps around; first and last are the entry's index */
	CFG_BEYOND_MACHINE,    /* RAM, a processor, a GSI or a port that the machine does not have */
	CFG_VIEW_MISMATCH,     /* gpa and hpa that contradict the view */
	CFG_OVERLAP_SELF,      /* two ranges of one partition */
	CFG_OVERLAP_PARTITION, /* RAM of two partitions */
	CFG_OVERLAP_CONTROLLER,
	CFG_OVERLAP_FIRMWARE,
	CFG_TWO_AT_ZERO,     /* two partitions whose RAM begins at host-physical 0 */
	CFG_PROCESSOR_TWICE, /* two owners, and they do not all share it by slices */
	CFG_PORT_TWICE,
	CFG_DEVICE_SPLIT,  /* some ports of a device that has one owner, and not all */
	CFG_PORT_RESERVED, /* a port that only the controller may touch: power, reset, PCI configuration,
			      console */
	CFG_MMIO_TWICE,
	CFG_MMIO_RESERVED, /* MMIO over RAM, a LAPIC or I/O APIC page, the ECAM window or the IOMMU */
	CFG_GSI_TWICE,
	CFG_GSI_RESERVED, /* the controller's console line */
	CFG_LINE_SPLIT,	  /* keyboard controller and a line that it interrupts by, in two partitions */
	CFG_PCI_TWICE,
	CFG_PCI_RESERVED,      /* the host bridge or the IOMMU: nobody may have them */
	CFG_PCI_BEHIND_BRIDGE, /* a function that is not on bus 0 */
	CFG_PCI_LINE_SHARED,   /* an INTx line with functions, or GSI owners, in two partitions */
	CFG_BAR_FORM,	       /* a BAR of a size or at a base that no such register can have */
	CFG_BAR_NOT_OWNED,     /* a BAR outside of the partition's MMIO or port ranges */
	CFG_NEEDS_IOMMU,       /* a function whose DMA would go by guest-physical addresses, and no IOMMU */
	CFG_NMI_TWICE,
	CFG_SERIAL_NOT_OWNED, /* serial_port or serial_gsi that is not among its ports and GSIs */
	CFG_PIC_NOT_WIRED,    /* the 8259 pair's owner begins at a processor that it does not interrupt, or
				 shares it */
	CFG_STANDIN_OWNED,    /* a stand-in for a device that the partition owns, all or a part of it */
	CFG_FAULTS
};

/* The part of a block that a finding is about. */
enum cfg_field {
	CFG_FIELD_BLOCK,
	CFG_FIELD_PARTITIONS,
	CFG_FIELD_FLAGS,
	CFG_FIELD_RESERVED,
	CFG_FIELD_NAME,
	CFG_FIELD_VIEW,
	CFG_FIELD_RIGHTS,
	CFG_FIELD_POLICY,
	CFG_FIELD_INTERRUPT,
	CFG_FIELD_STARTED,
	CFG_FIELD_STANDINS,
	CFG_FIELD_PAYLOAD,
	CFG_FIELD_COMMAND_LINE,
	CFG_FIELD_RAM, /* by host-physical address */
	CFG_FIELD_GPA, /* RAM by guest-physical address */
	CFG_FIELD_PROCESSOR,
	CFG_FIELD_PORT,
	CFG_FIELD_MMIO,
	CFG_FIELD_GSI,
	CFG_FIELD_PCI,
	CFG_FIELD_MEMORY_BAR, /* with all of its pages */
	CFG_FIELD_PORT_BAR,
	CFG_FIELD_FIRMWARE,
	CFG_FIELD_CONTROLLER,
	CFG_FIELD_APIC_ID,
	CFG_FIELD_LAPIC,
	CFG_FIELD_IOAPIC,
	CFG_FIELD_ECAM,
	CFG_FIELD_IOMMU,
	CFG_FIELDS
};

/* One finding. partition and other are indices, or CFG_NOBODY where none is concerned. */
struct cfg_finding {
	uint32_t fault; /* enum cfg_fault */
	uint8_t partition;
	uint8_t other;
	uint16_t field; /* enum cfg_field */
	uint64_t first; /* the conflicting addresses, ports, GSIs, values, … inclusive */
	uint64_t last;
};

/*
 * Checks a block of size_bytes bytes, aligned to 8, and writes up to max findings, all there are, in the
 * order of enum cfg_fault. Returns how many there are, which may be more than max; 0 means that the block may
 * be used. Reads nothing beyond size_bytes. A wrong header is the only finding, and wrong counts are the only
 * ones: what follows cannot be read then.
 */
size_t cfg_check(const void *block, size_t size_bytes, struct cfg_finding *findings, size_t max);

/*
 * Writes one English sentence on a finding (what, with whom, where) into text, zero-terminated, cut if it
 * must be. Returns the length without the zero. The block is the one that was checked.
 */
size_t cfg_text(const struct cfg_block *block, const struct cfg_finding *finding, char *text,
		size_t size_bytes);

/* The short name of a fault, such as "overlap-partition"; never NULL. */
const char *cfg_fault_name(uint32_t fault);

/* What a finding is about, such as "memory"; never NULL. */
const char *cfg_field_name(uint32_t field);

#endif
