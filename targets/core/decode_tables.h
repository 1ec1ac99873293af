/* SPDX-License-Identifier: MIT */
/* decode_tables: the opcode maps, as far as enum dec_op goes. Private to decode.c. */
#ifndef MRM_CORE_DECODE_TABLES_H
#define MRM_CORE_DECODE_TABLES_H

#include "decode.h"

/* Where the operands of an instruction are. */
enum dec_form {
	FORM_NONE, /* not one of ours */
	FORM_PREFIX,
	FORM_REX,   /* a prefix in 64-bit code */
	FORM_TWO,   /* 0F: the second map */
	FORM_PLAIN, /* no operands */
	FORM_ACC_IMM,
	FORM_REG_IMM, /* the register is in the opcode */
	FORM_ACC_REG,
	FORM_ACC_MOFFS,
	FORM_MOFFS_ACC,
	FORM_STRING,
	FORM_ACC_PORT, /* IN */
	FORM_ACC_DX,
	FORM_PORT_ACC, /* OUT */
	FORM_DX_ACC,
	/* found by way of a group */
	FORM_RM_IMM,
	FORM_RM_IMM8,
	FORM_STORE_TABLE, /* SGDT, SIDT */
	FORM_LOAD_TABLE,
	FORM_STORE_WORD, /* SLDT, STR, SMSW: 16 bits in memory, operand size in a register */
	FORM_LOAD_WORD,	 /* LLDT, LTR, LMSW */
	FORM_MEMORY,	 /* INVLPG: an address, nothing is read */
	/* from here on, the opcode is followed by a ModRM byte */
	FORM_GROUP, /* the entry is dec_group[op][ModRM.reg] */
	FORM_RM_REG,
	FORM_REG_RM,
	FORM_REG_RM8, /* the source is narrower than the operand size */
	FORM_REG_RM16,
	FORM_REG_RM32,
	FORM_REG_CR,
	FORM_CR_REG,
	FORM_REG_DR,
	FORM_DR_REG,
};

enum dec_flag {
	FLAG_BYTE = 1u << 0,	/* operands of one byte */
	FLAG_LOCK = 1u << 1,	/* LOCK is allowed on a memory destination */
	FLAG_NOT_64 = 1u << 2,	/* not in 64-bit code */
	FLAG_ONLY_64 = 1u << 3, /* only there */
	FLAG_NO_REP = 1u << 4,	/* F2 or F3 would make it another instruction */
};

struct dec_entry {
	uint8_t op;
	uint8_t form;
	uint8_t flags;
};

/* Rows of dec_group */
enum {
	GROUP_1_BYTE,
	GROUP_1,
	GROUP_1_IMM8,
	GROUP_3_BYTE,
	GROUP_3,
	GROUP_6,
	GROUP_7,
	GROUP_11_BYTE,
	GROUP_11,
	GROUPS
};

extern const struct dec_entry dec_one_byte[256];
extern const struct dec_entry dec_two_byte[256];
extern const struct dec_entry dec_group[GROUPS][8];

/* Group 7 with a register in ModRM is a map of its own, of which these two are ours. */
#define DEC_MODRM_VMMCALL 0xd9
#define DEC_MODRM_RDTSCP  0xf9
extern const struct dec_entry dec_vmmcall;
extern const struct dec_entry dec_rdtscp;

#endif
