// SPDX-License-Identifier: MIT
/* From bytes to the table entry and the sizes. Operands are read in decode_operand.c. */
#include "decode_reader.h"

/* A segment override counts in 64-bit code only if it is FS or GS (APM vol. 3 §1.2.4). */
static void set_segment(struct reader *r, enum dec_segment segment)
{
	if (r->mode != DEC_64 || segment >= DEC_FS)
		r->segment = (uint8_t)segment;
}

static void take_prefix(struct reader *r, uint8_t byte)
{
	switch (byte) {
	case 0x66:
		r->insn->operand_bytes = r->mode == DEC_16 ? 4 : 2;
		break;
	case 0x67:
		r->insn->address_bytes = r->mode == DEC_32 ? 2 : 4;
		break;
	case 0xf0:
		r->insn->lock = 1;
		break;
	case 0xf2:
	case 0xf3:
		r->rep = byte;
		break;
	case 0x64:
	case 0x65:
		set_segment(r, byte == 0x64 ? DEC_FS : DEC_GS);
		break;
	default: /* 26, 2E, 36, 3E */
		set_segment(r, (enum dec_segment)(byte >> 3 & 3));
		break;
	}
}

/* Prefixes and opcode. A REX prefix counts only right before the opcode (APM vol. 3 §1.2.7). */
static const struct dec_entry *next_opcode(struct reader *r)
{
	const struct dec_entry *entry;

	for (;;) {
		r->opcode = next_byte(r);
		entry = &dec_one_byte[r->opcode];
		if (entry->form == FORM_PREFIX) {
			take_prefix(r, r->opcode);
			r->rex = 0;
		} else if (entry->form == FORM_REX && r->mode == DEC_64) {
			r->rex = r->opcode;
		} else {
			break;
		}
		if (r->failed)
			break;
	}
	if (entry->form == FORM_TWO) {
		r->opcode = next_byte(r);
		entry = &dec_two_byte[r->opcode];
	}
	return entry;
}

/* Group 7 with a register operand: SMSW and LMSW stay what they are, the rest is another map. */
static const struct dec_entry *group_7_register(uint8_t modrm, const struct dec_entry *entry)
{
	static const struct dec_entry none = {DEC_NONE, FORM_NONE, 0};

	if (modrm == DEC_MODRM_VMMCALL)
		return &dec_vmmcall;
	if (modrm == DEC_MODRM_RDTSCP)
		return &dec_rdtscp;
	return entry->op == DEC_SMSW || entry->op == DEC_LMSW ? entry : &none;
}

static const struct dec_entry *group_entry(const struct reader *r, uint8_t group)
{
	const struct dec_entry *entry = &dec_group[group][r->modrm >> 3 & 7];

	return group == GROUP_7 && is_register(r) ? group_7_register(r->modrm, entry) : entry;
}

static bool flags_allow(const struct reader *r, uint8_t flags)
{
	if (!(flags & (FLAG_NOT_64 | FLAG_ONLY_64 | FLAG_NO_REP)))
		return true;
	if (flags & (r->mode == DEC_64 ? FLAG_NOT_64 : FLAG_ONLY_64))
		return false;
	return !(flags & FLAG_NO_REP && r->rep);
}

static bool lock_allows(const struct dec_insn *insn, uint8_t flags)
{
	return !insn->lock || (flags & FLAG_LOCK && insn->to.place == DEC_MEMORY);
}

/* The entry of the opcode, or of its group. ModRM has been read if there is one. */
static const struct dec_entry *next_entry(struct reader *r)
{
	const struct dec_entry *entry = next_opcode(r);

	if (!flags_allow(r, entry->flags))
		r->failed = true;
	if (entry->form >= FORM_GROUP)
		r->modrm = next_byte(r);
	if (entry->form == FORM_GROUP)
		entry = group_entry(r, entry->op);
	return entry;
}

bool dec_decode(const uint8_t *bytes, size_t size_bytes, enum dec_mode mode, struct dec_insn *insn)
{
	struct reader r = {
		.at = bytes,
		.end = bytes + (size_bytes < DEC_MAX_BYTES ? size_bytes : DEC_MAX_BYTES),
		.insn = insn,
		.mode = (uint8_t)mode,
		.segment = NO_SEGMENT,
	};
	const struct dec_entry *entry;

	/* operand and address size before prefixes: APM vol. 3 tables 1-2 and 1-3 */
	*insn = (struct dec_insn){
		.operand_bytes = mode == DEC_16 ? 2 : 4,
		.address_bytes = (uint8_t)mode,
		.base = DEC_NO_REGISTER,
		.index = DEC_NO_REGISTER,
		.scale = 1,
	};
	entry = next_entry(&r);
	if (entry->form < FORM_PLAIN || !flags_allow(&r, entry->flags))
		return false;
	if (r.rex & REX_W)
		insn->operand_bytes = 8;
	insn->op = entry->op;
	dec_operands(&r, entry);
	insn->length = (uint8_t)(r.at - bytes);
	return !r.failed && lock_allows(insn, entry->flags);
}
