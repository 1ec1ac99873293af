// SPDX-License-Identifier: MIT
/* From ModRM, SIB, displacement and immediate to operands. */
#include "decode_reader.h"

/* 1, 2, 4 or 8 bytes, little end first. One move each: this is read on a machine of the same kind. */
static uint64_t next_unsigned(struct reader *r, unsigned bytes)
{
	const uint8_t *at = r->at;
	uint32_t four;
	uint64_t eight;

	if ((size_t)(r->end - at) < bytes) {
		r->failed = true;
		return 0;
	}
	r->at += bytes;
	switch (bytes) {
	case 1:
		return at[0];
	case 2:
		return at[0] | (uint64_t)at[1] << 8;
	case 4:
		__builtin_memcpy(&four, at, sizeof(four));
		return four;
	default:
		__builtin_memcpy(&eight, at, sizeof(eight));
		return eight;
	}
}

static int64_t next_signed(struct reader *r, unsigned bytes)
{
	unsigned unused_bits = 64 - bytes * 8;

	return (int64_t)(next_unsigned(r, bytes) << unused_bits) >> unused_bits;
}

static uint8_t modrm_reg(const struct reader *r)
{
	return (uint8_t)((r->modrm >> 3 & 7) | (r->rex & REX_R ? 8 : 0));
}

static uint8_t modrm_rm(const struct reader *r)
{
	return (uint8_t)((r->modrm & 7) | (r->rex & REX_B ? 8 : 0));
}

/* 16-bit addressing (APM vol. 3 table 1-14) */
static void memory_16(struct reader *r)
{
	static const uint8_t base[8] = {3, 3, 5, 5, 6, 7, 5, 3};
	static const uint8_t index[8] = {6, 7, 6, 7, 16, 16, 16, 16};
	uint8_t mod = r->modrm >> 6, rm = r->modrm & 7;

	r->insn->base = base[rm];
	r->insn->index = index[rm];
	if (mod == 0 && rm == 6) {
		r->insn->base = DEC_NO_REGISTER;
		mod = 2;
	}
	if (mod)
		r->insn->displacement = next_signed(r, mod);
}

static void sib(struct reader *r, bool *base_is_displacement)
{
	uint8_t byte = next_byte(r);
	uint8_t index = (uint8_t)((byte >> 3 & 7) | (r->rex & REX_X ? 8 : 0));

	r->insn->base = (uint8_t)((byte & 7) | (r->rex & REX_B ? 8 : 0));
	*base_is_displacement = (byte & 7) == 5;
	if (index != 4) {
		r->insn->index = index;
		r->insn->scale = (uint8_t)(1u << (byte >> 6));
	}
}

static void memory_32(struct reader *r)
{
	uint8_t mod = r->modrm >> 6, rm = r->modrm & 7;
	bool base_is_displacement = rm == 5;

	if (rm == 4)
		sib(r, &base_is_displacement);
	else
		r->insn->base = modrm_rm(r);
	if (mod == 0 && base_is_displacement) {
		r->insn->base = r->mode == DEC_64 && rm == 5 ? DEC_RIP : DEC_NO_REGISTER;
		mod = 2;
	}
	if (mod)
		r->insn->displacement = next_signed(r, mod == 1 ? 1 : 4);
}

static void set_memory_segment(struct reader *r, enum dec_segment by_default)
{
	r->insn->segment = r->segment == NO_SEGMENT ? (uint8_t)by_default : r->segment;
}

static void memory(struct reader *r)
{
	if (r->insn->address_bytes == 2)
		memory_16(r);
	else
		memory_32(r);
	/* RSP and RBP address the stack */
	set_memory_segment(r, r->insn->base == 4 || r->insn->base == 5 ? DEC_SS : DEC_DS);
}

static struct dec_operand general(const struct reader *r, uint8_t reg, uint8_t size)
{
	struct dec_operand operand = {.place = DEC_REGISTER, .reg = reg, .size = size};

	if (size == 1 && !r->rex && reg >= 4) {
		operand.place = DEC_HIGH_BYTE;
		operand.reg = (uint8_t)(reg - 4);
	}
	return operand;
}

static struct dec_operand place(enum dec_place where, uint8_t reg, uint8_t size)
{
	return (struct dec_operand){.place = (uint8_t)where, .reg = reg, .size = size};
}

/* The operand that ModRM.mod and rm name; its displacement is read here. */
static struct dec_operand rm(struct reader *r, uint8_t size)
{
	if (is_register(r))
		return general(r, modrm_rm(r), size);
	memory(r);
	return place(DEC_MEMORY, 0, size);
}

static struct dec_operand immediate(struct reader *r, uint8_t bytes, uint8_t size)
{
	r->insn->imm = (uint64_t)next_signed(r, bytes);
	return place(DEC_IMMEDIATE, 0, size);
}

static struct dec_operand port(struct reader *r)
{
	r->insn->imm = next_byte(r);
	return place(DEC_IMMEDIATE, 0, 1);
}

static struct dec_operand absolute(struct reader *r, uint8_t size)
{
	r->insn->displacement = (int64_t)next_unsigned(r, r->insn->address_bytes);
	set_memory_segment(r, DEC_DS);
	return place(DEC_MEMORY, 0, size);
}

/* An immediate has at most 4 bytes, but for a MOV to a register. */
static uint8_t immediate_bytes(uint8_t size)
{
	return size < 4 ? size : 4;
}

static void string(struct reader *r, uint8_t op, uint8_t size)
{
	struct dec_insn *insn = r->insn;
	struct dec_operand memory = place(DEC_MEMORY, 0, size);
	struct dec_operand accumulator = place(DEC_REGISTER, 0, size);
	struct dec_operand dx = place(DEC_REGISTER, 2, 2);
	bool reads = op == DEC_MOVS || op == DEC_LODS || op == DEC_OUTS;

	insn->rep = r->rep;
	insn->base = reads ? 6 : 7;
	if (reads)
		set_memory_segment(r, DEC_DS);
	else
		insn->segment = DEC_ES;
	insn->to = op == DEC_LODS ? accumulator : op == DEC_OUTS ? dx : memory;
	insn->from = op == DEC_STOS ? accumulator : op == DEC_INS ? dx : memory;
}

/* Control registers 0, 2, 3, 4 and 8 exist; debug registers 0-7 (APM vol. 2 §3.1, §13.1). */
static struct dec_operand special(struct reader *r, enum dec_place where)
{
	uint8_t reg = modrm_reg(r);
	bool exists = where == DEC_DEBUG ? reg < 8 : reg <= 8 && (1u << reg & 0x11d);

	r->failed = r->failed || !exists;
	return place(where, reg, r->mode == DEC_64 ? 8 : 4);
}

/* The general register of a move to or from a special one: ModRM.mod is ignored (APM vol. 3, MOV CRn). */
static struct dec_operand beside_special(const struct reader *r)
{
	return place(DEC_REGISTER, modrm_rm(r), r->mode == DEC_64 ? 8 : 4);
}

static struct dec_operand only_memory(struct reader *r, uint8_t size)
{
	r->failed = r->failed || is_register(r);
	return rm(r, size);
}

static void operands_without_modrm(struct reader *r, const struct dec_entry *entry, uint8_t size)
{
	struct dec_insn *insn = r->insn;
	struct dec_operand accumulator = place(DEC_REGISTER, 0, size);
	uint8_t port_size = size < 4 ? size : 4;
	uint8_t reg = (uint8_t)((r->opcode & 7) | (r->rex & REX_B ? 8 : 0));

	switch (entry->form) {
	case FORM_ACC_IMM:
		insn->to = accumulator;
		insn->from = immediate(r, immediate_bytes(size), size);
		break;
	case FORM_REG_IMM:
		insn->to = general(r, reg, size);
		insn->from = immediate(r, size, size);
		break;
	case FORM_ACC_REG:
		insn->to = place(DEC_REGISTER, reg, size);
		insn->from = accumulator;
		r->failed = r->failed || reg == 0; /* NOP */
		break;
	case FORM_ACC_MOFFS:
		insn->to = accumulator;
		insn->from = absolute(r, size);
		break;
	case FORM_MOFFS_ACC:
		insn->to = absolute(r, size);
		insn->from = accumulator;
		break;
	case FORM_STRING:
		string(r, entry->op, entry->op == DEC_INS || entry->op == DEC_OUTS ? port_size : size);
		break;
	case FORM_ACC_PORT:
	case FORM_ACC_DX:
		insn->to = place(DEC_REGISTER, 0, port_size);
		insn->from = entry->form == FORM_ACC_DX ? place(DEC_REGISTER, 2, 2) : port(r);
		break;
	case FORM_PORT_ACC:
	case FORM_DX_ACC:
		insn->to = entry->form == FORM_DX_ACC ? place(DEC_REGISTER, 2, 2) : port(r);
		insn->from = place(DEC_REGISTER, 0, port_size);
		break;
	default: /* FORM_PLAIN */
		break;
	}
}

static void operands_of_group(struct reader *r, const struct dec_entry *entry, uint8_t size)
{
	struct dec_insn *insn = r->insn;
	uint8_t table_bytes = r->mode == DEC_64 ? 10 : 6;

	switch (entry->form) {
	case FORM_RM_IMM:
		insn->to = rm(r, size);
		insn->from = immediate(r, immediate_bytes(size), size);
		break;
	case FORM_RM_IMM8:
		insn->to = rm(r, size);
		insn->from = immediate(r, 1, size);
		break;
	case FORM_STORE_TABLE:
		insn->to = only_memory(r, table_bytes);
		break;
	case FORM_LOAD_TABLE:
		insn->from = only_memory(r, table_bytes);
		break;
	case FORM_STORE_WORD:
		insn->to = rm(r, is_register(r) ? size : 2);
		break;
	case FORM_LOAD_WORD:
		insn->from = rm(r, 2);
		break;
	default: /* FORM_MEMORY */
		insn->from = only_memory(r, 1);
		break;
	}
}

static void operands_of_modrm(struct reader *r, const struct dec_entry *entry, uint8_t size)
{
	struct dec_insn *insn = r->insn;

	switch (entry->form) {
	case FORM_RM_REG:
		insn->to = rm(r, size);
		insn->from = general(r, modrm_reg(r), size);
		break;
	case FORM_REG_RM:
		insn->to = general(r, modrm_reg(r), size);
		insn->from = rm(r, size);
		break;
	case FORM_REG_RM32: /* without REX.W, makers of processors disagree on it */
		r->failed = r->failed || size != 8;
		/* fall through */
	case FORM_REG_RM8:
	case FORM_REG_RM16:
		insn->to = general(r, modrm_reg(r), size);
		insn->from = rm(r, (uint8_t)(1u << (entry->form - FORM_REG_RM8)));
		break;
	case FORM_REG_CR:
	case FORM_REG_DR:
		insn->to = beside_special(r);
		insn->from = special(r, entry->form == FORM_REG_CR ? DEC_CONTROL : DEC_DEBUG);
		break;
	default: /* FORM_CR_REG, FORM_DR_REG */
		insn->to = special(r, entry->form == FORM_CR_REG ? DEC_CONTROL : DEC_DEBUG);
		insn->from = beside_special(r);
		break;
	}
}

void dec_operands(struct reader *r, const struct dec_entry *entry)
{
	uint8_t size = entry->flags & FLAG_BYTE ? 1 : r->insn->operand_bytes;

	if (entry->form > FORM_GROUP)
		operands_of_modrm(r, entry, size);
	else if (entry->form >= FORM_RM_IMM)
		operands_of_group(r, entry, size);
	else
		operands_without_modrm(r, entry, size);
}
