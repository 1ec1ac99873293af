/* SPDX-License-Identifier: MIT */
/* decode_reader: what the two halves of the decoder share: prefixes and opcode, and operands. Private to
 * them. */
#ifndef MRM_CORE_DECODE_READER_H
#define MRM_CORE_DECODE_READER_H

#include "decode_tables.h"

#define REX_W 8u
#define REX_R 4u
#define REX_X 2u
#define REX_B 1u

#define NO_SEGMENT 0xff

/* The state of one decoding. Reading beyond the end gives zeros and sets failed: it is looked at once, at the
 * end. */
struct reader {
	const uint8_t *at;
	const uint8_t *end;
	struct dec_insn *insn;
	uint8_t mode;
	uint8_t rex;
	uint8_t rep;
	uint8_t segment; /* override, or NO_SEGMENT */
	uint8_t modrm;
	uint8_t opcode;
	bool failed;
};

static inline uint8_t next_byte(struct reader *r)
{
	if (r->at == r->end) {
		r->failed = true;
		return 0;
	}
	return *r->at++;
}

static inline bool is_register(const struct reader *r)
{
	return r->modrm >= 0xc0;
}

/* Reads what is left of the instruction and fills its operands. insn has its sizes. */
void dec_operands(struct reader *r, const struct dec_entry *entry);

#endif
