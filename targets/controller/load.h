/* SPDX-License-Identifier: MIT */
/* load: a payload on its way into a partition: its memory, and the state of the processor that it starts in.
 */
#ifndef MRM_CONTROLLER_LOAD_H
#define MRM_CONTROLLER_LOAD_H

#include "cpu.h"
#include "payload.h"

/* NULL, or why the payload of a partition cannot be started, until the next call. */
const char *load_unsupported(const struct cfg_partition *config);

/* Fills the partition's memory, and sets what of its processor's state the payload's protocol prescribes. */
void load_payload(struct cpu *cpu);

/* The processor as a reset leaves it: the ROM of a payload that is firmware does all else. */
void bootsector_start(struct cpu *cpu);

/* What the protocols want told at plan->told, and in registers. told: the same place, cleared. */
void linux_tell(struct cpu *cpu, const struct pay_plan *plan, uint8_t *told);
void multiboot_tell(struct cpu *cpu, const struct pay_plan *plan, uint8_t *told);

/* Protected mode without paging, flat segments (selectors of both protocols' choice), interrupts off. */
void load_protected_mode(struct cpu *cpu, uint16_t code_selector, uint16_t data_selector);

#define LOAD_CODE32_DESCRIPTOR 0x00cf9b000000ffffull
#define LOAD_CODE64_DESCRIPTOR 0x00af9b000000ffffull
#define LOAD_DATA_DESCRIPTOR   0x00cf93000000ffffull

#endif
