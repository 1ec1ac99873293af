/* SPDX-License-Identifier: MIT */
/*
 * primitive: single instructions that may fault, each followed by RET, to be run by an attempt. Their
 * operands are where the instruction wants them: memory at RSI (read) or RDI (written), the value in RAX, a
 * port in DX.
 */
#ifndef PROBE_PRIMITIVE_H
#define PROBE_PRIMITIVE_H

#include <stdint.h>

#define PRIMITIVE(name) extern const uint8_t primitive_##name[]

PRIMITIVE(load_1);
PRIMITIVE(load_2);
PRIMITIVE(load_4);
PRIMITIVE(load_8);
PRIMITIVE(store_1);
PRIMITIVE(store_2);
PRIMITIVE(store_4);
PRIMITIVE(store_8);
PRIMITIVE(copy); /* RCX bytes from RSI to RDI */

PRIMITIVE(in_1);
PRIMITIVE(in_2);
PRIMITIVE(in_4);
PRIMITIVE(out_1);
PRIMITIVE(out_2);
PRIMITIVE(out_4);
PRIMITIVE(ins_1); /* RCX elements from DX to RDI */
PRIMITIVE(ins_2);
PRIMITIVE(ins_4);
PRIMITIVE(outs_1); /* RCX elements from RSI to DX */
PRIMITIVE(outs_2);
PRIMITIVE(outs_4);

PRIMITIVE(rdmsr);
PRIMITIVE(wrmsr);
PRIMITIVE(cpuid);
PRIMITIVE(set_cr0);
PRIMITIVE(set_cr3);
PRIMITIVE(set_cr4);
PRIMITIVE(set_cr8);

/* What raise.c provokes. */
PRIMITIVE(divide); /* by ECX */
PRIMITIVE(nop);
PRIMITIVE(breakpoint);
PRIMITIVE(undefined);
PRIMITIVE(x87);
PRIMITIVE(x87_wait);
PRIMITIVE(interrupt); /* INT of VECTOR_BEAT */
PRIMITIVE(load_es);   /* the selector in EAX */
PRIMITIVE(load_ss);
PRIMITIVE(divide_sse); /* XMM0 by XMM1 */
PRIMITIVE(overflow);   /* 32-bit code */
PRIMITIVE(bound);      /* 32-bit code: EAX against the two words at ECX */

#endif
