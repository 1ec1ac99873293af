/* SPDX-License-Identifier: MIT */
/* smp: the further processors of a partition: they wait, and start and stop as their partition says. */
#ifndef MRM_CONTROLLER_SMP_H
#define MRM_CONTROLLER_SMP_H

#include "cpu.h"

/* Waits for a start-up, as after INIT; returns when the processor is ready to run. */
void smp_wait(struct cpu *cpu);

/* Real mode, at the page that the start-up named. */
void smp_start(struct cpu *cpu);

/* INIT or start-up, as the partition wrote it to its ICR. False: it is neither. */
bool smp_ipi(struct cpu *cpu, uint64_t icr, const uint8_t logical_id[CFG_PROCESSORS]);

/* Returns when none of the other processors of its partition is in it any more. */
void smp_stop_others(struct cpu *cpu);

/* The partition ended at a processor that is not its first: that one is told, this one waits. */
void smp_hand_over(struct cpu *cpu, enum pwr_cause cause);

#endif
