// SPDX-License-Identifier: MIT
/* MOVS, STOS, LODS, INS, OUTS, alone and repeated. */
#include "simulate_parts.h"

static uint64_t at_register(const struct sim *sim, uint8_t segment, uint8_t reg)
{
	return sim_linear(sim->cpu, segment, get_gpr(sim->cpu, reg, sim->insn->address_bytes));
}

static uint8_t element_bytes(const struct dec_insn *insn)
{
	return insn->from.place == DEC_MEMORY ? insn->from.size : insn->to.size;
}

static bool source(struct sim *sim, uint64_t *value)
{
	struct sim_bus *bus = sim->bus;
	uint8_t size = element_bytes(sim->insn);
	uint32_t port_value;

	switch (sim->insn->op) {
	case DEC_STOS:
		*value = get_gpr(sim->cpu, RAX, size);
		return true;
	case DEC_INS:
		if (!bus->in(bus, (uint16_t)sim->cpu->gpr[RDX], size, &port_value))
			return false;
		*value = port_value;
		return true;
	default:
		return bus->read(bus, at_register(sim, sim->insn->segment, RSI), size, value);
	}
}

static bool destination(struct sim *sim, uint64_t value)
{
	struct sim_bus *bus = sim->bus;
	uint8_t size = element_bytes(sim->insn);

	switch (sim->insn->op) {
	case DEC_LODS:
		set_gpr(sim->cpu, RAX, size, value);
		return true;
	case DEC_OUTS:
		return bus->out(bus, (uint16_t)sim->cpu->gpr[RDX], size, (uint32_t)value);
	default:
		return bus->write(bus, at_register(sim, DEC_ES, RDI), size, value);
	}
}

static void advance(struct sim *sim, uint8_t reg, uint8_t size)
{
	uint64_t value = sim->cpu->gpr[reg];

	value = sim->cpu->rflags & FLAG_DF ? value - size : value + size;
	set_gpr(sim->cpu, reg, sim->insn->address_bytes, value);
}

static bool element(struct sim *sim)
{
	const struct dec_insn *insn = sim->insn;
	uint8_t size = element_bytes(insn);
	uint64_t value;

	if (!source(sim, &value) || !destination(sim, value))
		return false;
	if (insn->from.place == DEC_MEMORY)
		advance(sim, RSI, size);
	if (insn->to.place == DEC_MEMORY)
		advance(sim, RDI, size);
	return true;
}

/* Each element is complete before the next one begins, so a fault leaves the registers ready to try it again.
 */
enum sim_result sim_string(struct sim *sim)
{
	uint8_t counter_bytes = sim->insn->address_bytes;
	uint64_t left;

	if (!sim->insn->rep)
		return element(sim) ? SIM_DONE : SIM_FAULT;
	for (unsigned i = 0; i < SIM_STRING_PART; i++) {
		left = get_gpr(sim->cpu, RCX, counter_bytes);
		if (!left)
			return SIM_DONE;
		if (!element(sim))
			return SIM_FAULT;
		set_gpr(sim->cpu, RCX, counter_bytes, left - 1);
	}
	return get_gpr(sim->cpu, RCX, counter_bytes) ? SIM_AGAIN : SIM_DONE;
}
