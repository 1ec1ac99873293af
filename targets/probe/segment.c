/* SPDX-License-Identifier: MIT */
/*
 * segment: descriptor table and task state, APM vol. 2 §4.7, §4.8, §12.2.5.
 */
#include "segment.h"

#include "cpu.h"
#include "layout.h"

#define STACK_BYTES 8192

/* APM vol. 2 figure 12-8, up to IST6: see STACK_BEYOND_TASK. */
struct task_state {
	uint32_t reserved0;
	uint64_t ring_stack[3];
	uint64_t reserved1;
	uint64_t interrupt_stack[6]; /* IST1 first */
} __attribute__((packed));

_Static_assert(sizeof(struct task_state) == 0x54, "IST7 begins where the segment ends");

/* Accessed bits are set from the start, so that nobody writes to the table but LTR. */
static uint64_t table[GDT_SLOTS] = {
	[SEL_CODE64 / 8] = 0x00af9b000000ffff,	  [SEL_DATA / 8] = 0x00cf93000000ffff,
	[SEL_CODE32 / 8] = 0x00cf9b000000ffff,	  [SEL_CODE64_USER / 8] = 0x00affb000000ffff,
	[SEL_DATA_USER / 8] = 0x00cff3000000ffff, [SEL_CODE32_USER / 8] = 0x00cffb000000ffff,
	[SEL_ABSENT / 8] = 0x00cf13000000ffff,	  [SEL_ABSENT_USER / 8] = 0x00cf73000000ffff,
};

static uint8_t ring_stack[STACK_BYTES] __attribute__((aligned(16)));
static uint8_t interrupt_stack[3][STACK_BYTES] __attribute__((aligned(16)));
static struct task_state task;

static void set_task_descriptor(uint64_t base)
{
	uint64_t limit = sizeof(task) - 1;

	table[SEL_TASK / 8] = limit | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56;
	table[SEL_TASK / 8 + 1] = base >> 32;
}

void segment_init(void)
{
	struct table_pointer pointer = {sizeof(table) - 1, (uint64_t)table};

	task.ring_stack[0] = (uint64_t)(ring_stack + STACK_BYTES);
	for (unsigned int i = 0; i < 3; i++)
		task.interrupt_stack[i] = (uint64_t)(interrupt_stack[i] + STACK_BYTES);
	set_task_descriptor((uint64_t)&task);

	__asm__ volatile("lgdt %0\n\t"
			 "mov %1, %%ss\n\t"
			 "mov %2, %%ds\n\t"
			 "mov %2, %%es\n\t"
			 "mov %2, %%fs\n\t"
			 "mov %2, %%gs\n\t"
			 "pushq %3\n\t"
			 "lea 1f(%%rip), %%rax\n\t"
			 "push %%rax\n\t"
			 "lretq\n"
			 "1:\n\t"
			 "ltr %w4"
			 :
			 : "m"(pointer), "r"(SEL_DATA), "r"(SEL_DATA_USER), "i"(SEL_CODE64), "r"(SEL_TASK)
			 : "rax", "memory");
}
