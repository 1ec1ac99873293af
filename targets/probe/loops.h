/* SPDX-License-Identifier: MIT */
/*
 * loops: what cost measures. Each runs one instruction RDI times, with its operand in RSI, and returns the
 * ticks of the time stamp counter in RAX. The site is the instruction itself.
 */
#ifndef PROBE_LOOPS_H
#define PROBE_LOOPS_H

#include <stdint.h>

#define LOOP(name) extern const uint8_t loop_##name[], loop_##name##_site[]

LOOP(empty);
LOOP(cpuid);
LOOP(vmmcall);
LOOP(in);    /* a byte from port SI */
LOOP(load);  /* 32 bits at RSI */
LOOP(store); /* 32 bits of zeros at RSI */
LOOP(rdmsr); /* MSR ESI */

#endif
