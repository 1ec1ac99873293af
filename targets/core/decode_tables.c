// SPDX-License-Identifier: MIT
/* AMD64 APM vol. 3, appendix A: tables A-1 (one byte), A-3 (after 0F), A-6 (groups). */
#include "decode_tables.h"

#define BYTE FLAG_BYTE
#define LOCK FLAG_LOCK

/* The six forms of an arithmetic instruction, which begin at opcode n. */
#define ARITHMETIC(n, op, lock)                                                                              \
	[(n) + 0] = {op, FORM_RM_REG, BYTE | (lock)}, [(n) + 1] = {op, FORM_RM_REG, lock},                   \
	       [(n) + 2] = {op, FORM_REG_RM, BYTE}, [(n) + 3] = {op, FORM_REG_RM, 0},                        \
	       [(n) + 4] = {op, FORM_ACC_IMM, BYTE}, [(n) + 5] = {op, FORM_ACC_IMM, 0}

const struct dec_entry dec_one_byte[256] = {
	ARITHMETIC(0x00, DEC_ADD, LOCK),
	ARITHMETIC(0x08, DEC_OR, LOCK),
	ARITHMETIC(0x20, DEC_AND, LOCK),
	ARITHMETIC(0x28, DEC_SUB, LOCK),
	ARITHMETIC(0x30, DEC_XOR, LOCK),
	ARITHMETIC(0x38, DEC_CMP, 0),

	[0x0f] = {0, FORM_TWO, 0},
	[0x26] = {0, FORM_PREFIX, 0},
	[0x2e] = {0, FORM_PREFIX, 0},
	[0x36] = {0, FORM_PREFIX, 0},
	[0x3e] = {0, FORM_PREFIX, 0},
	[0x40 ... 0x4f] = {0, FORM_REX, 0},
	[0x64 ... 0x67] = {0, FORM_PREFIX, 0},
	[0xf0] = {0, FORM_PREFIX, 0},
	[0xf2 ... 0xf3] = {0, FORM_PREFIX, 0},

	[0x63] = {DEC_MOVSX, FORM_REG_RM32, FLAG_ONLY_64},
	[0x6c] = {DEC_INS, FORM_STRING, BYTE},
	[0x6d] = {DEC_INS, FORM_STRING, 0},
	[0x6e] = {DEC_OUTS, FORM_STRING, BYTE},
	[0x6f] = {DEC_OUTS, FORM_STRING, 0},
	[0x80] = {GROUP_1_BYTE, FORM_GROUP, 0},
	[0x81] = {GROUP_1, FORM_GROUP, 0},
	[0x82] = {GROUP_1_BYTE, FORM_GROUP, FLAG_NOT_64},
	[0x83] = {GROUP_1_IMM8, FORM_GROUP, 0},
	[0x84] = {DEC_TEST, FORM_RM_REG, BYTE},
	[0x85] = {DEC_TEST, FORM_RM_REG, 0},
	[0x86] = {DEC_XCHG, FORM_RM_REG, BYTE | LOCK},
	[0x87] = {DEC_XCHG, FORM_RM_REG, LOCK},
	[0x88] = {DEC_MOV, FORM_RM_REG, BYTE},
	[0x89] = {DEC_MOV, FORM_RM_REG, 0},
	[0x8a] = {DEC_MOV, FORM_REG_RM, BYTE},
	[0x8b] = {DEC_MOV, FORM_REG_RM, 0},
	[0x90] = {DEC_XCHG, FORM_ACC_REG, FLAG_NO_REP},
	[0x91 ... 0x97] = {DEC_XCHG, FORM_ACC_REG, 0},
	[0xa0] = {DEC_MOV, FORM_ACC_MOFFS, BYTE},
	[0xa1] = {DEC_MOV, FORM_ACC_MOFFS, 0},
	[0xa2] = {DEC_MOV, FORM_MOFFS_ACC, BYTE},
	[0xa3] = {DEC_MOV, FORM_MOFFS_ACC, 0},
	[0xa4] = {DEC_MOVS, FORM_STRING, BYTE},
	[0xa5] = {DEC_MOVS, FORM_STRING, 0},
	[0xa8] = {DEC_TEST, FORM_ACC_IMM, BYTE},
	[0xa9] = {DEC_TEST, FORM_ACC_IMM, 0},
	[0xaa] = {DEC_STOS, FORM_STRING, BYTE},
	[0xab] = {DEC_STOS, FORM_STRING, 0},
	[0xac] = {DEC_LODS, FORM_STRING, BYTE},
	[0xad] = {DEC_LODS, FORM_STRING, 0},
	[0xb0 ... 0xb7] = {DEC_MOV, FORM_REG_IMM, BYTE},
	[0xb8 ... 0xbf] = {DEC_MOV, FORM_REG_IMM, 0},
	[0xc6] = {GROUP_11_BYTE, FORM_GROUP, 0},
	[0xc7] = {GROUP_11, FORM_GROUP, 0},
	[0xe4] = {DEC_IN, FORM_ACC_PORT, BYTE},
	[0xe5] = {DEC_IN, FORM_ACC_PORT, 0},
	[0xe6] = {DEC_OUT, FORM_PORT_ACC, BYTE},
	[0xe7] = {DEC_OUT, FORM_PORT_ACC, 0},
	[0xec] = {DEC_IN, FORM_ACC_DX, BYTE},
	[0xed] = {DEC_IN, FORM_ACC_DX, 0},
	[0xee] = {DEC_OUT, FORM_DX_ACC, BYTE},
	[0xef] = {DEC_OUT, FORM_DX_ACC, 0},
	[0xf4] = {DEC_HLT, FORM_PLAIN, 0},
	[0xf6] = {GROUP_3_BYTE, FORM_GROUP, 0},
	[0xf7] = {GROUP_3, FORM_GROUP, 0},
	[0xfa] = {DEC_CLI, FORM_PLAIN, 0},
	[0xfb] = {DEC_STI, FORM_PLAIN, 0},
};

const struct dec_entry dec_two_byte[256] = {
	[0x00] = {GROUP_6, FORM_GROUP, 0},
	[0x01] = {GROUP_7, FORM_GROUP, 0},
	[0x06] = {DEC_CLTS, FORM_PLAIN, 0},
	[0x08] = {DEC_INVD, FORM_PLAIN, 0},
	[0x09] = {DEC_WBINVD, FORM_PLAIN, FLAG_NO_REP},
	[0x20] = {DEC_MOV_FROM_CR, FORM_REG_CR, 0},
	[0x21] = {DEC_MOV_FROM_DR, FORM_REG_DR, 0},
	[0x22] = {DEC_MOV_TO_CR, FORM_CR_REG, 0},
	[0x23] = {DEC_MOV_TO_DR, FORM_DR_REG, 0},
	[0x30] = {DEC_WRMSR, FORM_PLAIN, 0},
	[0x31] = {DEC_RDTSC, FORM_PLAIN, 0},
	[0x32] = {DEC_RDMSR, FORM_PLAIN, 0},
	[0xa2] = {DEC_CPUID, FORM_PLAIN, 0},
	[0xb6] = {DEC_MOVZX, FORM_REG_RM8, 0},
	[0xb7] = {DEC_MOVZX, FORM_REG_RM16, 0},
	[0xbe] = {DEC_MOVSX, FORM_REG_RM8, 0},
	[0xbf] = {DEC_MOVSX, FORM_REG_RM16, 0},
};

#define GROUP_1_ROW(form, flags)                                                                             \
	{                                                                                                    \
		[0] = {DEC_ADD, form, LOCK | (flags)}, [1] = {DEC_OR, form, LOCK | (flags)},                 \
		[4] = {DEC_AND, form, LOCK | (flags)}, [5] = {DEC_SUB, form, LOCK | (flags)},                \
		[6] = {DEC_XOR, form, LOCK | (flags)}, [7] = {DEC_CMP, form, flags},                         \
	}

/* The opcode's own flags are checked before the group is looked up. */
const struct dec_entry dec_group[GROUPS][8] =
	{
		[GROUP_1_BYTE] = GROUP_1_ROW(FORM_RM_IMM8, BYTE),
		[GROUP_1] = GROUP_1_ROW(FORM_RM_IMM, 0),
		[GROUP_1_IMM8] = GROUP_1_ROW(FORM_RM_IMM8, 0),
		[GROUP_3_BYTE] = {[0] = {DEC_TEST, FORM_RM_IMM8, BYTE}},
		[GROUP_3] = {[0] = {DEC_TEST, FORM_RM_IMM, 0}},
		[GROUP_6] =
			{
				[0] = {DEC_SLDT, FORM_STORE_WORD, 0},
				[1] = {DEC_STR, FORM_STORE_WORD, 0},
				[2] = {DEC_LLDT, FORM_LOAD_WORD, 0},
				[3] = {DEC_LTR, FORM_LOAD_WORD, 0},
			},
		[GROUP_7] =
			{
				[0] = {DEC_SGDT, FORM_STORE_TABLE, 0},
				[1] = {DEC_SIDT, FORM_STORE_TABLE, 0},
				[2] = {DEC_LGDT, FORM_LOAD_TABLE, 0},
				[3] = {DEC_LIDT, FORM_LOAD_TABLE, 0},
				[4] = {DEC_SMSW, FORM_STORE_WORD, 0},
				[6] = {DEC_LMSW, FORM_LOAD_WORD, 0},
				[7] = {DEC_INVLPG, FORM_MEMORY, 0},
			},
		[GROUP_11_BYTE] = {[0] = {DEC_MOV, FORM_RM_IMM8, BYTE}},
		[GROUP_11] = {[0] = {DEC_MOV, FORM_RM_IMM, 0}},
};

const struct dec_entry dec_vmmcall = {DEC_VMMCALL, FORM_PLAIN, FLAG_NO_REP};
const struct dec_entry dec_rdtscp = {DEC_RDTSCP, FORM_PLAIN, FLAG_NO_REP};

const char *dec_op_name(uint8_t op)
{
	static const char *const name[DEC_OPS] = {
		[DEC_NONE] = "none",	   [DEC_MOV] = "mov",	      [DEC_MOVZX] = "movzx",
		[DEC_MOVSX] = "movsx",	   [DEC_XCHG] = "xchg",	      [DEC_ADD] = "add",
		[DEC_OR] = "or",	   [DEC_AND] = "and",	      [DEC_SUB] = "sub",
		[DEC_XOR] = "xor",	   [DEC_CMP] = "cmp",	      [DEC_TEST] = "test",
		[DEC_MOVS] = "movs",	   [DEC_STOS] = "stos",	      [DEC_LODS] = "lods",
		[DEC_INS] = "ins",	   [DEC_OUTS] = "outs",	      [DEC_IN] = "in",
		[DEC_OUT] = "out",	   [DEC_MOV_FROM_CR] = "mov", [DEC_MOV_TO_CR] = "mov",
		[DEC_MOV_FROM_DR] = "mov", [DEC_MOV_TO_DR] = "mov",   [DEC_LGDT] = "lgdt",
		[DEC_LIDT] = "lidt",	   [DEC_SGDT] = "sgdt",	      [DEC_SIDT] = "sidt",
		[DEC_LLDT] = "lldt",	   [DEC_LTR] = "ltr",	      [DEC_SLDT] = "sldt",
		[DEC_STR] = "str",	   [DEC_LMSW] = "lmsw",	      [DEC_SMSW] = "smsw",
		[DEC_CLTS] = "clts",	   [DEC_INVLPG] = "invlpg",   [DEC_INVD] = "invd",
		[DEC_WBINVD] = "wbinvd",   [DEC_RDMSR] = "rdmsr",     [DEC_WRMSR] = "wrmsr",
		[DEC_RDTSC] = "rdtsc",	   [DEC_RDTSCP] = "rdtscp",   [DEC_CPUID] = "cpuid",
		[DEC_HLT] = "hlt",	   [DEC_CLI] = "cli",	      [DEC_STI] = "sti",
		[DEC_VMMCALL] = "vmmcall",
	};

	return op < DEC_OPS ? name[op] : "unknown";
}
