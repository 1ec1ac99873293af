/* SPDX-License-Identifier: MIT */
/*
 * multiboot: starts a payload as a multiboot loader does, of either version (Multiboot 0.6.96 §3.2,
 * Multiboot 2.0 §3.2, which want the same of the processor).
 */
#include "firmware.h"
#include "load.h"

#define LOADER_MAGIC_1 0x2badb002u
#define LOADER_MAGIC_2 0x36d76289u

/* The specifications leave selectors and the descriptor table open. */
#define CODE_SELECTOR 0x08
#define DATA_SELECTOR 0x10

void multiboot_tell(struct cpu *cpu, const struct pay_plan *plan, uint8_t *told)
{
	pay_multiboot_information(cpu->config, plan, firmware_root(cpu->partition), told);
	load_protected_mode(cpu, CODE_SELECTOR, DATA_SELECTOR);
	cpu->vmcb->rax = plan->start == PAY_MULTIBOOT_1 ? LOADER_MAGIC_1 : LOADER_MAGIC_2;
	cpu->regs.gpr[RBX] = plan->told;
}
