/* SPDX-License-Identifier: MIT */
/* idt: the controller's interrupt descriptor tables. The partitions' own are never seen here. */
#include "cpu.h"

#define VECTORS	      256
#define EXCEPTIONS    32
#define CODE64	      0x10   /* boot.S */
#define GATE	      0x8e00 /* present, interrupt gate (APM vol. 2 §4.8.4) */
#define HANDLER_BYTES 16     /* trap.S */

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint16_t type;
	uint16_t offset_mid;
	uint32_t offset_high;
	uint32_t reserved;
};

struct __attribute__((packed)) table_register {
	uint16_t limit;
	const struct gate *base;
};

void trap_nmi(void);
void trap_wake(void);
void trap_interrupt(void);
void trap_exceptions(void);

static struct gate normal[VECTORS];
static struct gate draining[VECTORS];

static struct gate gate_to(uint64_t handler)
{
	return (struct gate){
		.offset_low = (uint16_t)handler,
		.selector = CODE64,
		.type = GATE,
		.offset_mid = (uint16_t)(handler >> 16),
		.offset_high = (uint32_t)(handler >> 32),
	};
}

void idt_init(void)
{
	for (uint32_t v = 0; v < VECTORS; v++) {
		draining[v] = gate_to((uint64_t)trap_interrupt);
		normal[v] = gate_to((uint64_t)trap_wake);
	}
	for (uint32_t v = 0; v < EXCEPTIONS; v++)
		normal[v] = gate_to((uint64_t)trap_exceptions + v * HANDLER_BYTES);
	normal[EXC_NMI] = gate_to((uint64_t)trap_nmi);
	draining[EXC_NMI] = normal[EXC_NMI];
}

static void load(const struct gate *table)
{
	struct table_register idtr = {sizeof(normal) - 1, table};

	__asm__ volatile("lidt %0" : : "m"(idtr));
}

void idt_load(void)
{
	load(normal);
}

void idt_load_draining(void)
{
	load(draining);
}
