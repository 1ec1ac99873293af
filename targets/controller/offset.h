/* SPDX-License-Identifier: MIT */
/* offset: where assembly finds the fields of struct cpu; cpu.c asserts that they are right. */
#ifndef MRM_CONTROLLER_OFFSET_H
#define MRM_CONTROLLER_OFFSET_H

#define CPU_GPR_END 128 /* behind the sixteen registers */
#define CPU_VMCB    424 /* behind struct sim_cpu */

#endif
