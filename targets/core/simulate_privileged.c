// SPDX-License-Identifier: MIT
/*
 * What an initialisation does with the processor: control, debug and table registers, MSRs, CPUID, HLT. Paper
 * §3.3(2)A. Sources: APM vol. 2 §3.1 (control registers), §4.6 (tables), vol. 3 (each instruction's page).
 */
#include "exception.h"
#include "simulate_parts.h"

#define CR0_PE	    (1ull << 0)
#define CR0_TS	    (1ull << 3)
#define CR0_ET	    (1ull << 4)
#define CR0_NW	    (1ull << 29)
#define CR0_CD	    (1ull << 30)
#define CR0_PG	    (1ull << 31)
#define CR0_LMSW    0xfull
#define CR4_TSD	    (1ull << 2)
#define CR4_DE	    (1ull << 3)
#define MSR_TSC	    0x10
#define MSR_TSC_AUX 0xc0000103u
#define HIGH_HALF   0xffffffff00000000ull

/* A system descriptor's second word (APM vol. 2 §4.8.3) */
#define DESCRIPTOR_TYPE(high) ((high) >> 8 & 0x1f)
#define DESCRIPTOR_PRESENT    (1u << 15)
#define DESCRIPTOR_BUSY	      (1u << 9)
#define TYPE_LDT	      2
#define TYPE_TSS_16	      1
#define TYPE_TSS	      9
#define SELECTOR_LDT	      4u /* table indicator */
#define SELECTOR_INDEX	      0xfff8u

static bool is_canonical(uint64_t address)
{
	return (uint64_t)((int64_t)(address << 16) >> 16) == address;
}

static bool cr0_is_valid(uint64_t value)
{
	return !(value & HIGH_HALF) && !(value & CR0_PG && !(value & CR0_PE)) &&
	       !(value & CR0_NW && !(value & CR0_CD));
}

static enum sim_result set_control(struct sim *sim, uint8_t number, uint64_t value)
{
	bool valid = true;

	if (number == 0)
		valid = cr0_is_valid(value);
	else if (number == 8)
		valid = value <= 15;
	else if (number == 4)
		valid = !(value & HIGH_HALF);
	if (!valid)
		return sim_fault(sim, EXC_GP, 0);
	sim->cpu->cr[number] = number == 0 ? value | CR0_ET : value;
	return SIM_DONE;
}

static enum sim_result move_to_control(struct sim *sim)
{
	const struct dec_insn *insn = sim->insn;

	return set_control(sim, insn->to.reg, get_gpr(sim->cpu, insn->from.reg, insn->from.size));
}

/* DR4 and DR5 are DR6 and DR7 unless debug extensions are on (APM vol. 2 §13.1.1). */
static enum sim_result move_debug(struct sim *sim)
{
	const struct dec_insn *insn = sim->insn;
	bool to = insn->op == DEC_MOV_TO_DR;
	uint8_t number = to ? insn->to.reg : insn->from.reg;
	uint64_t value;

	if (number == 4 || number == 5) {
		if (sim->cpu->cr[4] & CR4_DE)
			return sim_fault(sim, EXC_UD, 0);
		number = (uint8_t)(number + 2);
	}
	if (!to) {
		set_gpr(sim->cpu, insn->to.reg, insn->to.size, sim->cpu->dr[number]);
		return SIM_DONE;
	}
	value = get_gpr(sim->cpu, insn->from.reg, insn->from.size);
	if (number >= 6 && value & HIGH_HALF)
		return sim_fault(sim, EXC_GP, 0);
	sim->cpu->dr[number] = value;
	return SIM_DONE;
}

/* LMSW sets the lowest four bits, and never clears PE. */
static enum sim_result load_status(struct sim *sim)
{
	uint64_t value;

	if (!sim_read(sim, &sim->insn->from, &value))
		return SIM_FAULT;
	value = (sim->cpu->cr[0] & ~(CR0_LMSW & ~CR0_PE)) | (value & CR0_LMSW);
	return set_control(sim, 0, value);
}

static enum sim_result store(struct sim *sim, uint64_t value)
{
	const struct dec_operand *to = &sim->insn->to;

	return sim_write(sim, to, value & size_mask(to->size)) ? SIM_DONE : SIM_FAULT;
}

static struct sim_table *table_of(struct sim *sim)
{
	return sim->insn->op == DEC_LGDT || sim->insn->op == DEC_SGDT ? &sim->cpu->gdt : &sim->cpu->idt;
}

static uint8_t table_base_bytes(const struct sim *sim)
{
	return sim->cpu->mode == DEC_64 ? 8 : 4;
}

static enum sim_result load_table(struct sim *sim)
{
	uint64_t at = sim_address(sim->cpu, sim->insn);
	struct sim_bus *bus = sim->bus;
	uint64_t limit, base;

	if (!bus->read(bus, at, 2, &limit) || !bus->read(bus, at + 2, table_base_bytes(sim), &base))
		return SIM_FAULT;
	if (!is_canonical(base))
		return sim_fault(sim, EXC_GP, 0);
	if (sim->cpu->mode != DEC_64 && sim->insn->operand_bytes == 2)
		base &= 0xffffff;
	*table_of(sim) = (struct sim_table){.base = base, .limit = (uint16_t)limit};
	return SIM_DONE;
}

static enum sim_result store_table(struct sim *sim)
{
	uint64_t at = sim_address(sim->cpu, sim->insn);
	const struct sim_table *table = table_of(sim);
	struct sim_bus *bus = sim->bus;
	uint8_t base_bytes = table_base_bytes(sim);

	if (!bus->write(bus, at, 2, table->limit) ||
	    !bus->write(bus, at + 2, base_bytes, table->base & size_mask(base_bytes)))
		return SIM_FAULT;
	return SIM_DONE;
}

/* The system descriptor of a selector, checked; its second word goes to *high. */
static enum sim_result read_descriptor(struct sim *sim, uint16_t selector, bool want_task, uint64_t *high)
{
	uint64_t at = sim->cpu->gdt.base + (selector & SELECTOR_INDEX) + 4;
	uint32_t error = selector & ~3u;
	uint64_t type;
	bool right;

	if (selector & SELECTOR_LDT || (selector & SELECTOR_INDEX) + 7u > sim->cpu->gdt.limit)
		return sim_fault(sim, EXC_GP, error);
	if (!sim->bus->read(sim->bus, at, 4, high))
		return SIM_FAULT;
	type = DESCRIPTOR_TYPE(*high);
	right = want_task ? type == TYPE_TSS || (type == TYPE_TSS_16 && sim->cpu->mode != DEC_64)
			  : type == TYPE_LDT;
	if (!right)
		return sim_fault(sim, EXC_GP, error);
	return *high & DESCRIPTOR_PRESENT ? SIM_DONE : sim_fault(sim, EXC_NP, error);
}

/* The hidden part of the register, which the descriptor holds, is the caller's to load. */
static enum sim_result load_local_table(struct sim *sim)
{
	enum sim_result result = SIM_DONE;
	uint64_t selector, high;

	if (!sim_read(sim, &sim->insn->from, &selector))
		return SIM_FAULT;
	if (selector & ~3ull) /* a null selector is allowed: there is no table then */
		result = read_descriptor(sim, (uint16_t)selector, false, &high);
	if (result == SIM_DONE)
		sim->cpu->ldt_selector = (uint16_t)selector;
	return result;
}

static enum sim_result load_task(struct sim *sim)
{
	enum sim_result result;
	uint64_t selector, high;

	if (!sim_read(sim, &sim->insn->from, &selector))
		return SIM_FAULT;
	if (!(selector & ~3ull))
		return sim_fault(sim, EXC_GP, 0);
	result = read_descriptor(sim, (uint16_t)selector, true, &high);
	if (result != SIM_DONE)
		return result;
	if (!sim->bus->write(sim->bus, sim->cpu->gdt.base + (selector & SELECTOR_INDEX) + 4, 4,
			     high | DESCRIPTOR_BUSY))
		return SIM_FAULT;
	sim->cpu->task_selector = (uint16_t)selector;
	return SIM_DONE;
}

/* EDX:EAX, the upper halves cleared. */
static void set_pair(struct sim *sim, uint64_t value)
{
	set_gpr(sim->cpu, RAX, 4, value);
	set_gpr(sim->cpu, RDX, 4, value >> 32);
}

static enum sim_result read_msr(struct sim *sim, uint32_t msr)
{
	uint64_t value;

	if (!sim->bus->msr_read(sim->bus, msr, &value))
		return SIM_FAULT;
	set_pair(sim, value);
	return SIM_DONE;
}

static enum sim_result write_msr(struct sim *sim)
{
	const struct sim_cpu *cpu = sim->cpu;
	uint64_t value = get_gpr(cpu, RAX, 4) | get_gpr(cpu, RDX, 4) << 32;

	return sim->bus->msr_write(sim->bus, (uint32_t)cpu->gpr[RCX], value) ? SIM_DONE : SIM_FAULT;
}

static enum sim_result read_time(struct sim *sim)
{
	uint64_t processor;

	if (sim->cpu->cpl && sim->cpu->cr[4] & CR4_TSD)
		return sim_fault(sim, EXC_GP, 0);
	if (sim->insn->op == DEC_RDTSC)
		return read_msr(sim, MSR_TSC);
	if (!sim->bus->msr_read(sim->bus, MSR_TSC_AUX, &processor) || read_msr(sim, MSR_TSC) != SIM_DONE)
		return SIM_FAULT;
	set_gpr(sim->cpu, RCX, 4, processor);
	return SIM_DONE;
}

static enum sim_result identify(struct sim *sim)
{
	static const uint8_t order[4] = {RAX, RBX, RCX, RDX};
	struct sim_cpu *cpu = sim->cpu;
	uint32_t out[4];

	if (!sim->bus->cpuid(sim->bus, (uint32_t)cpu->gpr[RAX], (uint32_t)cpu->gpr[RCX], out))
		return SIM_FAULT;
	for (int i = 0; i < 4; i++)
		set_gpr(cpu, order[i], 4, out[i]);
	return SIM_DONE;
}

static enum sim_result interrupt_flag(struct sim *sim, bool enable)
{
	struct sim_cpu *cpu = sim->cpu;

	if (cpu->cpl > (cpu->rflags & FLAG_IOPL) >> 12)
		return sim_fault(sim, EXC_GP, 0);
	cpu->rflags = enable ? cpu->rflags | FLAG_IF : cpu->rflags & ~FLAG_IF;
	return SIM_DONE;
}

static enum sim_result supervisor_only(struct sim *sim)
{
	struct sim_cpu *cpu = sim->cpu;
	const struct dec_insn *insn = sim->insn;

	switch (insn->op) {
	case DEC_MOV_FROM_CR:
		return store(sim, cpu->cr[insn->from.reg]);
	case DEC_MOV_TO_CR:
		return move_to_control(sim);
	case DEC_MOV_FROM_DR:
	case DEC_MOV_TO_DR:
		return move_debug(sim);
	case DEC_LGDT:
	case DEC_LIDT:
		return load_table(sim);
	case DEC_LLDT:
		return load_local_table(sim);
	case DEC_LTR:
		return load_task(sim);
	case DEC_LMSW:
		return load_status(sim);
	case DEC_CLTS:
		cpu->cr[0] &= ~CR0_TS;
		return SIM_DONE;
	case DEC_RDMSR:
		return read_msr(sim, (uint32_t)cpu->gpr[RCX]);
	case DEC_WRMSR:
		return write_msr(sim);
	case DEC_HLT:
		cpu->halted = 1;
		return SIM_DONE;
	default: /* DEC_INVLPG, DEC_INVD, DEC_WBINVD: nothing is cached here */
		return SIM_DONE;
	}
}

/* Instructions that any program may use, or that have a rule of their own, and then all others. */
static enum sim_result carry_out(struct sim *sim)
{
	switch (sim->insn->op) {
	case DEC_SGDT:
	case DEC_SIDT:
		return store_table(sim);
	case DEC_SLDT:
		return store(sim, sim->cpu->ldt_selector);
	case DEC_STR:
		return store(sim, sim->cpu->task_selector);
	case DEC_SMSW:
		return store(sim, sim->cpu->cr[0]);
	case DEC_RDTSC:
	case DEC_RDTSCP:
		return read_time(sim);
	case DEC_CPUID:
		return identify(sim);
	case DEC_CLI:
	case DEC_STI:
		return interrupt_flag(sim, sim->insn->op == DEC_STI);
	case DEC_VMMCALL:
	case DEC_NONE:
		return SIM_UNHANDLED;
	default:
		return sim->cpu->cpl ? sim_fault(sim, EXC_GP, 0) : supervisor_only(sim);
	}
}

/* LDT and task register do not exist in real mode (APM vol. 3, LLDT, LTR, SLDT, STR). */
static bool needs_protected_mode(uint8_t op)
{
	return op == DEC_LLDT || op == DEC_LTR || op == DEC_SLDT || op == DEC_STR;
}

enum sim_result sim_privileged(struct sim *sim)
{
	uint8_t op = sim->insn->op;

	if (needs_protected_mode(op) && !(sim->cpu->cr[0] & CR0_PE))
		return sim_fault(sim, EXC_UD, 0);
	return carry_out(sim);
}
