// SPDX-License-Identifier: MIT
/* Moves, arithmetic, port access. Strings and privileged instructions have files of their own. */
#include "simulate_parts.h"

/* Kept out of sim_step(): it has no registers to save then for a move, and nearly all that exits is one. */
#define APART __attribute__((noinline))

static inline uint64_t linear(const struct sim_cpu *cpu, uint8_t segment, uint64_t offset)
{
	if (cpu->mode != DEC_64)
		return (cpu->segment_base[segment] + offset) & 0xffffffffu;
	return segment >= DEC_FS ? cpu->segment_base[segment] + offset : offset;
}

uint64_t sim_linear(const struct sim_cpu *cpu, uint8_t segment, uint64_t offset)
{
	return linear(cpu, segment, offset);
}

APART uint64_t sim_address(const struct sim_cpu *cpu, const struct dec_insn *insn)
{
	uint64_t offset = (uint64_t)insn->displacement;

	if (insn->base == DEC_RIP)
		offset += cpu->rip + insn->length;
	else if (insn->base != DEC_NO_REGISTER)
		offset += cpu->gpr[insn->base];
	if (insn->index != DEC_NO_REGISTER)
		offset += cpu->gpr[insn->index] * insn->scale;
	return linear(cpu, insn->segment, offset & size_mask(insn->address_bytes));
}

static inline bool read_operand(const struct sim *sim, const struct dec_operand *operand, uint64_t *value)
{
	if (operand->place == DEC_MEMORY)
		return sim->bus->read(sim->bus, sim_address(sim->cpu, sim->insn), operand->size, value);
	if (operand->place == DEC_REGISTER)
		*value = get_gpr(sim->cpu, operand->reg, operand->size);
	else if (operand->place == DEC_HIGH_BYTE)
		*value = get_gpr(sim->cpu, operand->reg, 2) >> 8;
	else /* DEC_IMMEDIATE */
		*value = sim->insn->imm & size_mask(operand->size);
	return true;
}

static inline bool write_operand(const struct sim *sim, const struct dec_operand *operand, uint64_t value)
{
	if (operand->place == DEC_MEMORY)
		return sim->bus->write(sim->bus, sim_address(sim->cpu, sim->insn), operand->size, value);
	if (operand->place == DEC_REGISTER)
		set_gpr(sim->cpu, operand->reg, operand->size, value);
	else /* DEC_HIGH_BYTE */
		set_gpr(sim->cpu, operand->reg, 2, get_gpr(sim->cpu, operand->reg, 1) | value << 8);
	return true;
}

bool sim_read(const struct sim *sim, const struct dec_operand *operand, uint64_t *value)
{
	return read_operand(sim, operand, value);
}

bool sim_write(const struct sim *sim, const struct dec_operand *operand, uint64_t value)
{
	return write_operand(sim, operand, value);
}

static enum sim_result move(struct sim *sim)
{
	const struct dec_insn *insn = sim->insn;
	unsigned unused_bits = 64u - insn->from.size * 8u;
	uint64_t value;

	if (!read_operand(sim, &insn->from, &value))
		return SIM_FAULT;
	if (insn->op == DEC_MOVSX) /* to a register, which cuts it to its size */
		value = (uint64_t)((int64_t)(value << unused_bits) >> unused_bits);
	return write_operand(sim, &insn->to, value) ? SIM_DONE : SIM_FAULT;
}

/* Only one of the two can be memory, and it is the destination: written first, so that a fault changes
 * nothing. */
static enum sim_result exchange(struct sim *sim)
{
	uint64_t a, b;

	if (!sim_read(sim, &sim->insn->to, &a) || !sim_read(sim, &sim->insn->from, &b))
		return SIM_FAULT;
	if (!sim_write(sim, &sim->insn->to, b))
		return SIM_FAULT;
	return sim_write(sim, &sim->insn->from, a) ? SIM_DONE : SIM_FAULT;
}

static uint64_t result_flags(uint64_t result, uint8_t size)
{
	uint64_t sign = 1ull << (size * 8 - 1);
	uint64_t flags = 0;

	if (!(result & size_mask(size)))
		flags |= FLAG_ZF;
	if (result & sign)
		flags |= FLAG_SF;
	if (!__builtin_parity((unsigned)(result & 0xff)))
		flags |= FLAG_PF;
	return flags;
}

/* Carry and overflow of result = a + b, or a - b, from the highest bits; a and b are within size. */
static uint64_t carry_flags(uint64_t a, uint64_t b, uint64_t result, uint8_t size, bool subtract)
{
	uint64_t sign = 1ull << (size * 8 - 1);
	uint64_t overflow = subtract ? (a ^ b) & (a ^ result) : (a ^ result) & (b ^ result);
	uint64_t flags = 0;

	if (subtract ? a < b : result < a)
		flags |= FLAG_CF;
	if (overflow & sign)
		flags |= FLAG_OF;
	if ((a ^ b ^ result) & 0x10)
		flags |= FLAG_AF;
	return flags;
}

/* AF is undefined after the logical ones; it is cleared, as processors do. */
static uint64_t compute(uint8_t op, uint8_t size, uint64_t a, uint64_t b, uint64_t *flags)
{
	uint64_t result;

	switch (op) {
	case DEC_ADD:
		result = (a + b) & size_mask(size);
		*flags = carry_flags(a, b, result, size, false);
		break;
	case DEC_SUB:
	case DEC_CMP:
		result = (a - b) & size_mask(size);
		*flags = carry_flags(a, b, result, size, true);
		break;
	case DEC_OR:
		result = a | b;
		*flags = 0;
		break;
	case DEC_XOR:
		result = a ^ b;
		*flags = 0;
		break;
	default: /* DEC_AND, DEC_TEST */
		result = a & b;
		*flags = 0;
		break;
	}
	*flags |= result_flags(result, size);
	return result;
}

static enum sim_result arithmetic(struct sim *sim)
{
	const uint64_t changed = FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF;
	const struct dec_insn *insn = sim->insn;
	bool only_compares = insn->op == DEC_CMP || insn->op == DEC_TEST;
	uint64_t a, b, result, flags;

	if (!sim_read(sim, &insn->to, &a) || !sim_read(sim, &insn->from, &b))
		return SIM_FAULT;
	result = compute(insn->op, insn->to.size, a, b, &flags);
	if (!only_compares && !sim_write(sim, &insn->to, result))
		return SIM_FAULT;
	sim->cpu->rflags = (sim->cpu->rflags & ~changed) | flags;
	return SIM_DONE;
}

static enum sim_result port_in(struct sim *sim)
{
	uint64_t port;
	uint32_t value;

	if (!sim_read(sim, &sim->insn->from, &port))
		return SIM_FAULT;
	if (!sim->bus->in(sim->bus, (uint16_t)port, sim->insn->to.size, &value))
		return SIM_FAULT;
	return sim_write(sim, &sim->insn->to, value) ? SIM_DONE : SIM_FAULT;
}

static enum sim_result port_out(struct sim *sim)
{
	uint64_t port, value;

	if (!sim_read(sim, &sim->insn->to, &port) || !sim_read(sim, &sim->insn->from, &value))
		return SIM_FAULT;
	return sim->bus->out(sim->bus, (uint16_t)port, sim->insn->from.size, (uint32_t)value) ? SIM_DONE
											      : SIM_FAULT;
}

static bool is_move(const struct dec_insn *insn)
{
	return insn->op >= DEC_MOV && insn->op <= DEC_MOVSX;
}

static APART enum sim_result carry_out(struct sim_cpu *cpu, const struct dec_insn *insn, struct sim_bus *bus)
{
	struct sim made = {.cpu = cpu, .insn = insn, .bus = bus}, *sim = &made;

	switch (insn->op) {
	case DEC_XCHG:
		return exchange(sim);
	case DEC_ADD:
	case DEC_OR:
	case DEC_AND:
	case DEC_SUB:
	case DEC_XOR:
	case DEC_CMP:
	case DEC_TEST:
		return arithmetic(sim);
	case DEC_MOVS:
	case DEC_STOS:
	case DEC_LODS:
	case DEC_INS:
	case DEC_OUTS:
		return sim_string(sim);
	case DEC_IN:
		return port_in(sim);
	case DEC_OUT:
		return port_out(sim);
	default:
		return sim_privileged(sim);
	}
}

enum sim_result sim_step(struct sim_cpu *cpu, const struct dec_insn *insn, struct sim_bus *bus)
{
	struct sim sim = {.cpu = cpu, .insn = insn, .bus = bus};
	enum sim_result result = is_move(insn) ? move(&sim) : carry_out(cpu, insn, bus);

	if (result == SIM_DONE)
		cpu->rip = (cpu->rip + insn->length) & size_mask(cpu->mode);
	return result;
}
