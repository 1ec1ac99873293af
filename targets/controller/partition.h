/* SPDX-License-Identifier: MIT */
/* partition: the life of one: started, ended, started again. */
#ifndef MRM_CONTROLLER_PARTITION_H
#define MRM_CONTROLLER_PARTITION_H

#include "cpu.h"

/* NULL, or why the reference controller cannot run this partition; holds until the next call. */
const char *partition_unsupported(const struct cfg_partition *config);

/* Tables and maps that stay the same from start to start. */
void partition_prepare(struct cpu *cpu);

/* Starts it if it is to start with the machine. */
void partition_power_on(struct cpu *cpu);

/* The same, and waits if it is not; on return its processor is ready for VMRUN. */
void partition_begin(struct cpu *cpu);

/*
 * The partition is over for this cause. Returns when it can run again, however long that takes; on a shared
 * processor at once.
 */
void partition_end(struct cpu *cpu, enum pwr_cause cause);

/* Carries out a request. */
void partition_serve(struct cpu *cpu, enum cpu_request request);

/* An NMI reached this processor, which is not shared: from outside, from the operator's line, or from another
 * processor. */
void partition_nmi(struct cpu *cpu);

/* The state of its processor that the entry of a payload does not set. */
void reset_processor(struct cpu *cpu);

/* The state of a processor in real mode, at CS:IP as a reset or a start-up message sets them. */
void reset_real_mode(struct cpu *cpu, uint16_t cs, uint64_t cs_base, uint16_t ip);

#endif
