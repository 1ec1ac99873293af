/* SPDX-License-Identifier: MIT */
/*
 * decode: x86 instructions that an exit may have to simulate, from bytes to meaning.
 *
 * Knows the instructions of enum dec_op in 16-, 32- and 64-bit code with all legacy prefixes and REX.
 * Everything else is refused, never guessed: a wrong length would resume a partition in the middle of an
 * instruction. Refused as well: moves to and from segment registers, and LOCK where it is not allowed.
 * Source: AMD64 APM vol. 3, chapter 1 (encoding) and appendix A (opcode maps).
 */
#ifndef MRM_CORE_DECODE_H
#define MRM_CORE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEC_MAX_BYTES 15 /* APM vol. 3 §1.1 */

enum dec_mode { DEC_16 = 2, DEC_32 = 4, DEC_64 = 8 };

enum dec_op {
	DEC_NONE,
	/* moves between memory and a register or an immediate */
	DEC_MOV,
	DEC_MOVZX,
	DEC_MOVSX,
	DEC_XCHG,
	/* read-modify-write, as drivers use them on registers of devices */
	DEC_ADD,
	DEC_OR,
	DEC_AND,
	DEC_SUB,
	DEC_XOR,
	DEC_CMP,
	DEC_TEST,
	/* strings */
	DEC_MOVS,
	DEC_STOS,
	DEC_LODS,
	DEC_INS,
	DEC_OUTS,
	DEC_IN,
	DEC_OUT,
	/* privileged */
	DEC_MOV_FROM_CR,
	DEC_MOV_TO_CR,
	DEC_MOV_FROM_DR,
	DEC_MOV_TO_DR,
	DEC_LGDT,
	DEC_LIDT,
	DEC_SGDT,
	DEC_SIDT,
	DEC_LLDT,
	DEC_LTR,
	DEC_SLDT,
	DEC_STR,
	DEC_LMSW,
	DEC_SMSW,
	DEC_CLTS,
	DEC_INVLPG,
	DEC_INVD,
	DEC_WBINVD,
	DEC_RDMSR,
	DEC_WRMSR,
	DEC_RDTSC,
	DEC_RDTSCP,
	DEC_CPUID,
	DEC_HLT,
	DEC_CLI,
	DEC_STI,
	DEC_VMMCALL,
	DEC_OPS
};

enum dec_segment { DEC_ES, DEC_CS, DEC_SS, DEC_DS, DEC_FS, DEC_GS };

enum dec_place {
	DEC_NOWHERE,
	DEC_REGISTER,  /* reg */
	DEC_HIGH_BYTE, /* AH, CH, DH, BH: bits 15:8 of reg 0-3 */
	DEC_MEMORY,    /* the memory operand of struct dec_insn */
	DEC_IMMEDIATE, /* imm */
	DEC_CONTROL,   /* control register reg */
	DEC_DEBUG,     /* debug register reg */
};

struct dec_operand {
	uint8_t place; /* enum dec_place */
	uint8_t reg;   /* 0 RAX, 1 RCX, 2 RDX, 3 RBX, 4 RSP, 5 RBP, 6 RSI, 7 RDI, 8-15; or the CR/DR number */
	uint8_t size;  /* bytes: 1, 2, 4, 8; 10 for a descriptor-table register in 64-bit code, 6 otherwise */
};

#define DEC_NO_REGISTER 16
#define DEC_RIP		17 /* of the next instruction */

/*
 * Strings: to and from name memory and the accumulator or DX; base and segment are those of the source (RSI)
 * where there is one, otherwise of the destination (RDI, always ES).
 */
struct dec_insn {
	uint8_t op; /* enum dec_op */
	uint8_t length;
	uint8_t operand_bytes;
	uint8_t address_bytes;
	uint8_t segment; /* enum dec_segment of the memory operand, overrides applied */
	uint8_t rep;	 /* strings: 0, 0xf2 or 0xf3, which mean the same for all of ours; otherwise 0 */
	uint8_t lock;
	uint8_t base;		 /* register of the memory operand, DEC_NO_REGISTER, or DEC_RIP */
	uint8_t index;		 /* register or DEC_NO_REGISTER */
	uint8_t scale;		 /* 1, 2, 4, 8 */
	struct dec_operand to;	 /* written (CMP, TEST: only read) */
	struct dec_operand from; /* read */
	int64_t displacement;
	uint64_t imm; /* sign-extended, but for ports; an absolute address (moffs) is a displacement */
};

/*
 * Decodes the instruction at bytes. Returns true and fills insn, or false if it is not one of enum dec_op, is
 * not valid in this mode, is longer than 15 bytes, or does not end within size_bytes.
 */
bool dec_decode(const uint8_t *bytes, size_t size_bytes, enum dec_mode mode, struct dec_insn *insn);

const char *dec_op_name(uint8_t op); /* lower-case mnemonic, never NULL */

#endif
