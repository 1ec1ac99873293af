/* SPDX-License-Identifier: MIT */
/*
 * simulate: carries out one decoded instruction on a processor's registers, with memory and ports behind
 * callbacks.
 *
 * This is what MMIO that exits, string I/O and the paper's trace mode (§3.3(2)A) stand on. It never touches
 * memory itself.
 */
#ifndef MRM_CORE_SIMULATE_H
#define MRM_CORE_SIMULATE_H

#include "decode.h"

struct sim_table {
	uint64_t base;
	uint16_t limit;
	uint16_t reserved[3];
};

/* The registers an instruction of enum dec_op may read or change. */
struct sim_cpu {
	uint64_t gpr[16];
	uint64_t rip;
	uint64_t rflags;
	uint64_t cr[16]; /* 0, 2, 3, 4, 8 */
	uint64_t dr[8];
	uint64_t segment_base[6]; /* by enum dec_segment */
	struct sim_table gdt;
	struct sim_table idt;
	uint16_t ldt_selector;
	uint16_t task_selector;
	uint8_t cpl;
	uint8_t mode; /* enum dec_mode of the code segment */
	uint8_t halted;
	uint8_t reserved;
};

enum sim_result {
	SIM_DONE,  /* carried out, RIP is behind it */
	SIM_AGAIN, /* a repeated string instruction: one bounded part is done, RIP still points to it */
	SIM_FAULT, /* the callback refused, or the instruction faults: vector and error are in struct sim_bus
		    */
	SIM_UNHANDLED, /* not one that simulate carries out: registers are as they were */
};

/*
 * Where the simulated processor's accesses go. Values are zero-extended from size, both ways. A callback
 * returns false to fault with vector and error below; one that an instruction has no need of may be NULL.
 */
struct sim_bus {
	void *context;
	bool (*read)(struct sim_bus *bus, uint64_t linear, uint8_t size, uint64_t *value);
	bool (*write)(struct sim_bus *bus, uint64_t linear, uint8_t size, uint64_t value);
	bool (*in)(struct sim_bus *bus, uint16_t port, uint8_t size, uint32_t *value);
	bool (*out)(struct sim_bus *bus, uint16_t port, uint8_t size, uint32_t value);
	bool (*msr_read)(struct sim_bus *bus, uint32_t msr, uint64_t *value);
	bool (*msr_write)(struct sim_bus *bus, uint32_t msr, uint64_t value);
	bool (*cpuid)(struct sim_bus *bus, uint32_t leaf, uint32_t subleaf, uint32_t out[4]);
	uint8_t vector;
	uint8_t reserved[3];
	uint32_t error;
};

#define SIM_STRING_PART 64 /* elements of a REP instruction carried out before SIM_AGAIN */

/* The linear address of the memory operand (not for strings, which use RSI and RDI). */
uint64_t sim_address(const struct sim_cpu *cpu, const struct dec_insn *insn);

enum sim_result sim_step(struct sim_cpu *cpu, const struct dec_insn *insn, struct sim_bus *bus);

#endif
