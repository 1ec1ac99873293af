/* SPDX-License-Identifier: MIT */
/* offset: where assembly finds the fields of struct cpu; cpu.c asserts that they are right. */
#ifndef MRM_CONTROLLER_OFFSET_H
#define MRM_CONTROLLER_OFFSET_H

#define CPU_RCX	 8
#define CPU_RDX	 16
#define CPU_RBX	 24
#define CPU_RBP	 40
#define CPU_RSI	 48
#define CPU_RDI	 56
#define CPU_R8	 64
#define CPU_R9	 72
#define CPU_R10	 80
#define CPU_R11	 88
#define CPU_R12	 96
#define CPU_R13	 104
#define CPU_R14	 112
#define CPU_R15	 120
#define CPU_VMCB 424
#define CPU_EXIT 432

#endif
