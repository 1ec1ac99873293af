/* SPDX-License-Identifier: MIT */
/*
 * power: no software power-off or reset of one OS takes the machine down (paper §3.3(3)).
 *
 * Recognises every form, keeps pseudo PM1 registers for each partition, and decides what becomes of the
 * partition and, with the last one, of the machine.
 */
#ifndef MRM_CORE_POWER_H
#define MRM_CORE_POWER_H

#include "config.h"

enum pwr_cause {
	PWR_NONE,
	PWR_SOFT_OFF,	    /* PM1a/b_CNT with SLP_EN; any SLP_TYP: sleep states end a partition as well */
	PWR_RESET_REGISTER, /* the very value that the reset register wants, also where that is 0xCF9 */
	PWR_RESET_CF9,	    /* any other value with bit 2 */
	PWR_RESET_I8042,    /* 0x64 <- 0xF0..0xFE even, or the output port by 0xD1 with bit 0 clear */
	PWR_RESET_PORT92,
	PWR_TRIPLE_FAULT,
	PWR_OPERATOR, /* stopped by the operator */
	PWR_CAUSES
};

enum pwr_decision {
	PWR_GO_ON,
	PWR_PARTITION_STOP,
	PWR_PARTITION_RESTART,
	PWR_MACHINE_OFF, /* this was the last one, and it may switch off the light */
};

struct pwr_state {
	uint8_t running;
	uint8_t cf9;
	uint8_t port92;
	uint8_t i8042_command; /* 0xD1 is waiting for its data byte */
	uint16_t pm1_enable;
	uint16_t pm1_control; /* SCI_EN reads as 1; SLP_EN is write-only */
};

struct core;

/* True if power simulates this port for every partition: the PM1 block, SMI command, reset register, 0xCF9,
 * 0x60 and 0x64, 0x92. */
bool pwr_is_port(const struct core *core, uint16_t port);

/*
 * An access of 1, 2 or 4 bytes that covers at least one such port; others under it read all ones and swallow
 * writes. A write returns what it caused, PWR_NONE mostly; it does not end the partition yet. The keyboard
 * controller looks idle, with nothing to read, to whoever does not own it.
 */
uint32_t pwr_port_read(struct core *core, uint8_t partition, uint16_t port, uint8_t size);
enum pwr_cause pwr_port_write(struct core *core, uint8_t partition, uint16_t port, uint8_t size,
			      uint32_t value);

/*
 * True if a byte for the keyboard controller, not yet written, is about its output port, by which it resets
 * the machine and switches address line 20: the real one must not have it, whoever owns it.
 */
bool pwr_keeps_i8042(const struct core *core, uint8_t partition, uint16_t port, uint8_t value);

/*
 * The partition is over for this cause, and is no longer running unless it restarts. Returns what the
 * controller must do; never PWR_GO_ON. The operator's stop never restarts it and never switches the machine
 * off. Machine-wide: who is last is decided here.
 */
enum pwr_decision pwr_end(struct core *core, uint8_t partition, enum pwr_cause cause);

void pwr_started(struct core *core, uint8_t partition); /* machine-wide */
bool pwr_running(const struct core *core, uint8_t partition);
const char *pwr_cause_name(uint8_t cause); /* "soft-off"; never NULL */

void pwr_reset_partition(struct core *core, uint8_t partition); /* its registers; it stays running or not */

#endif
