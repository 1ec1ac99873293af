/* SPDX-License-Identifier: MIT */
/* slice: partitions that share a processor, each for a slice of time in turn (paper §3.3(1)). */
#ifndef MRM_CONTROLLER_SLICE_H
#define MRM_CONTROLLER_SLICE_H

#include "cpu.h"

/* NULL, or why this partition cannot share its processor. */
const char *slice_unsupported(const struct cfg_partition *config);

/* Makes one of those that share a processor; what is said of partition_prepare(). */
void slice_prepare(struct cpu *cpu);

/* Its local APIC as firmware hands it over, nothing waiting, not halted. */
void slice_reset(struct cpu *cpu, bool nmi_owner);

/* The life of a shared processor. */
_Noreturn void slice_main(struct cpu *cpu);

/* The interrupts of those that share (slice_interrupt.c). */

/* Accesses to the local APIC in software. */
uint32_t slice_lapic_read(struct cpu *cpu, uint32_t offset);
void slice_lapic_write(struct cpu *cpu, uint32_t offset, uint32_t value);

/* Takes what has arrived at the real processor, and leaves it with its owners. */
void slice_take_interrupts(void);

/* What has come for it until now is put to its local APIC. */
void slice_collect(struct cpu *cpu, uint64_t now);

/* It has left: has the processor taken what it was offered, and what is CR8? */
void slice_taken(struct cpu *cpu);

/* Whether an interrupt would wake it from HLT. */
bool slice_wakes(struct cpu *cpu);

/*
 * It is about to go on: what waits for it is offered to the processor. True if that cannot be: it has to be
 * looked at again soon.
 */
bool slice_offer(struct cpu *cpu);

/* The registers that neither VMRUN nor VMLOAD changes, where a partition has them for itself (state.c). */
struct state *state_make(void);
void state_save(struct cpu *cpu);
void state_load(const struct cpu *cpu);

#endif
