/* SPDX-License-Identifier: MIT */
/* simulate_parts: registers and operands, shared by the files of simulate. Private to them. */
#ifndef MRM_CORE_SIMULATE_PARTS_H
#define MRM_CORE_SIMULATE_PARTS_H

#include "simulate.h"

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI };

#define FLAG_CF	  (1ull << 0)
#define FLAG_PF	  (1ull << 2)
#define FLAG_AF	  (1ull << 4)
#define FLAG_ZF	  (1ull << 6)
#define FLAG_SF	  (1ull << 7)
#define FLAG_IF	  (1ull << 9)
#define FLAG_DF	  (1ull << 10)
#define FLAG_OF	  (1ull << 11)
#define FLAG_IOPL (3ull << 12)

/* One instruction being carried out. */
struct sim {
	struct sim_cpu *cpu;
	const struct dec_insn *insn;
	struct sim_bus *bus;
};

/* The bits of a value of size bytes, 1 to 8. */
static inline uint64_t size_mask(uint8_t size)
{
	static const uint64_t masks[] = {
		0, 0xff, 0xffff, 0xffffff, ~0u, 0xffffffffff, 0xffffffffffff, 0xffffffffffffff, ~0ull};

	return masks[size];
}

static inline uint64_t get_gpr(const struct sim_cpu *cpu, uint8_t reg, uint8_t size)
{
	return cpu->gpr[reg & 15] & size_mask(size);
}

/* A write of 4 bytes clears the upper half, one of 1 or 2 leaves the rest (APM vol. 1 §3.1.2). */
static inline void set_gpr(struct sim_cpu *cpu, uint8_t reg, uint8_t size, uint64_t value)
{
	uint64_t *gpr = &cpu->gpr[reg & 15];

	if (size == 4)
		*gpr = (uint32_t)value;
	else
		*gpr = (*gpr & ~size_mask(size)) | (value & size_mask(size));
}

static inline enum sim_result sim_fault(struct sim *sim, uint8_t vector, uint32_t error)
{
	sim->bus->vector = vector;
	sim->bus->error = error;
	return SIM_FAULT;
}

/* Linear address of an offset in a segment. In 64-bit code only FS and GS have a base. */
uint64_t sim_linear(const struct sim_cpu *cpu, uint8_t segment, uint64_t offset);

/* False: the bus refused. Values are zero-extended from the operand's size. */
bool sim_read(const struct sim *sim, const struct dec_operand *operand, uint64_t *value);
bool sim_write(const struct sim *sim, const struct dec_operand *operand, uint64_t value);

/* Carry out one kind of instruction; RIP is the caller's. */
enum sim_result sim_string(struct sim *sim);
enum sim_result sim_privileged(struct sim *sim);

#endif
