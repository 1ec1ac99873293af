/* SPDX-License-Identifier: MIT */
/* cpu: a processor: what the controller knows of it, and how it comes up. */
#ifndef MRM_CONTROLLER_CPU_H
#define MRM_CONTROLLER_CPU_H

#include "count.h"
#include "decode.h"
#include "localapic.h"
#include "machine.h"
#include "power.h"
#include "simulate.h"
#include "svm.h"

/* What another processor wants of this one; announced by an NMI. */
enum cpu_request {
	CPU_NOTHING,
	CPU_START, /* to a partition's first processor: by the operator */
	CPU_STOP,
	CPU_END,     /* to the first one: the partition is over, another of its processors says */
	CPU_NMI,     /* from its own partition */
	CPU_INIT,    /* to the others: leave the partition, and wait */
	CPU_START_UP /* to the others: start at start_page */
};

enum { GUEST_LEVELS = 4 }; /* of page tables, at most */

/* A walk through a partition's page tables: where it led, and the entries that it came by. */
struct guest_walk {
	uint64_t gpa;
	uint32_t error;	 /* of the #PF that it means if it failed */
	uint32_t levels; /* entries that were read */
	const uint64_t *entry[GUEST_LEVELS];
	uint64_t value[GUEST_LEVELS];
};

/* An instruction that exited before, with all that it was made from (fetch.c). */
struct cpu_decoded {
	uint64_t rip;
	uint64_t cr3;
	uint64_t efer; /* 0: nothing is kept here */
	uint16_t cs_attributes;
	struct guest_walk walk;
	const uint64_t *words;
	uint64_t bytes[2];
	struct dec_insn insn;
} __attribute__((aligned(64))); /* its place in an array is found by a shift and an addition */

#define CPU_DECODED 16 /* of them are kept */

enum cpu_device { CPU_NO_DEVICE, CPU_LAPIC, CPU_IOAPIC };

struct state;

/*
 * A processor of a partition. Where partitions share the real one, each has its own of these, on a stack of
 * its own: who gives the processor away leaves nothing behind on its stack.
 */
struct cpu {
	struct sim_cpu regs; /* general registers are kept here by vmrun.S, the rest is filled when needed */
	struct vmcb *vmcb;
	void (*exit)(struct cpu *cpu); /* what vmrun.S calls */
	void *host_save;	       /* where VMRUN keeps the controller's own state */
	struct count_row *count;
	const struct cfg_partition *config; /* of its partition */
	uint8_t partition;		    /* CFG_NOBODY: this processor is nobody's */
	uint8_t index;
	uint8_t apic_id;
	uint8_t online;
	uint8_t over;	    /* its partition does not run */
	uint8_t ending;	    /* enum pwr_cause of a port write: the partition is over with this exit */
	uint8_t request;    /* enum cpu_request, atomic */
	uint8_t waiting;    /* for a start-up, atomic; only a partition's further processors do */
	uint8_t start_page; /* where it starts: guest-physical, real mode */
	uint8_t end_cause;  /* of CPU_END; PWR_NONE: it was said too late */
	uint32_t icr_high;  /* local APIC registers as the partition wrote them */
	uint32_t logical_id;
	uint64_t traced_port;	/* the last simulated port access in the trace */
	uint64_t denied_access; /* the last denied memory access in the trace */
	uint32_t denied_port;	/* the last denied port access: EXITINFO1 */
	uint8_t fault_device;	/* enum cpu_device at fault_gpa */
	uint64_t fault_gpa;	/* of the nested page fault; 0: it says nothing of the operand */
	uint32_t (*lapic_read)(struct cpu *cpu, uint32_t offset);
	void (*lapic_write)(struct cpu *cpu, uint32_t offset, uint32_t value);
	struct sim_bus bus; /* bus.c */
	struct cpu_decoded decoded[CPU_DECODED];
	struct dec_insn spare; /* an instruction that is not kept */

	/* Of one that shares the real processor (slice.c); the others have their local APIC and state in it.
	 */
	struct apic apic;
	struct state *state;
	uint64_t shadow_rip; /* interrupts are held up for the instruction there; 0: they are not */
	uint8_t halted;	     /* waits in HLT */
	uint8_t offered;     /* vector of the interrupt that the processor is to deliver; 0: none */
	uint8_t lines;	     /* the core may have interrupts of its lines that were not taken yet */
} __attribute__((aligned(64)));

/* NULL: not there, or the configuration does not know it. Of a shared processor it is that of one partition.
 */
struct cpu *cpu_get(uint8_t index);
struct cpu *cpu_of(uint8_t partition); /* its first processor */
struct cpu *cpu_here(void);	       /* by its local APIC; slow */

/* What the processors of the machine must have; NULL, or what is missing. */
const char *cpu_missing(void);

/* Makes the records of all processors, and starts those that wait for a start-up IPI. */
void cpu_start_all(void);

/* All are up and low memory is free: partitions may start. */
void cpu_release_all(void);

/* Where a processor comes in, and stays: its partition's life, or waiting. */
_Noreturn void cpu_main(struct cpu *cpu);

/* The one that boots, and that its partition begins and ends on. */
static inline bool cpu_is_first(const struct cpu *cpu)
{
	return cpu->config->processor[0] == cpu->index;
}

/* Leaves a request, to be followed by an NMI. False if the processor still has another one to do. */
bool cpu_leave(struct cpu *cpu, enum cpu_request request);

/* The same, with the NMI. The operator's own processor gets none: it looks right after the line. */
bool cpu_ask(struct cpu *cpu, enum cpu_request request);

/*
 * Whether an NMI that was taken here is that of cpu_ask(). To be asked before the requests are looked at: one
 * may be found before its NMI comes, which must not be mistaken for one from outside then.
 */
bool cpu_was_called(const struct cpu *cpu);

/* What was left with this one, if anything. */
enum cpu_request cpu_take_request(struct cpu *cpu);

_Noreturn void vm_enter(struct cpu *cpu); /* vmrun.S */
void trap_wait(void);			  /* trap.S */
void trap_take(void);
extern uint8_t trap_nmi_seen[256]; /* by local APIC ID */
void trap_take_interrupts(void);

/* Interrupt descriptor tables of the controller. */
void idt_init(void);
void idt_load(void);
void idt_load_draining(void); /* every vector but NMI is acknowledged and forgotten */

#endif
