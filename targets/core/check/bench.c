// SPDX-License-Identifier: MIT
/*
 * bench: nanoseconds of the decisions that exits ask for, called from C. The goal is below 50 for each
 * routing decision. A measurement, not a test: run it on a quiet machine.
 *
 * Reads a configuration block from standard input, and asks in the name of its first two partitions.
 */
#include "core.h"
#include "decode.h"
#include "simulate.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 5
#define CALLS  2000000u

static _Alignas(8) unsigned char block[sizeof(struct cfg_block)];
static struct core core;
static struct sim_cpu cpu = {.mode = DEC_64};
static const uint8_t load[DEC_MAX_BYTES] = {0x8b, 0x00}; /* mov eax, [rax] */
static struct dec_insn insn;
static volatile uint64_t sink;

static bool bus_read(struct sim_bus *bus, uint64_t linear, uint8_t size, uint64_t *value)
{
	(void)bus;
	*value = linear & size;
	return true;
}

static struct sim_bus bus = {.read = bus_read};

/* The argument changes from call to call, so that nothing is computed only once. */
static uint64_t denied_port(uint32_t i)
{
	return dev_port(&core, (uint8_t)(i & 1), (uint16_t)(0xff00 + (i & 0x7f)), 1);
}

static uint64_t simulated_port(uint32_t i)
{
	return dev_port(&core, (uint8_t)(i & 1), (uint16_t)(0xcf8 + (i & 4)), 4);
}

static uint64_t power_read(uint32_t i)
{
	return pwr_port_read(&core, (uint8_t)(i & 1), 0x604, 2);
}

static uint64_t power_write(uint32_t i)
{
	return pwr_port_write(&core, (uint8_t)(i & 1), 0x604, 2, i & 0x1fff);
}

static uint64_t mmio(uint32_t i)
{
	return dev_mmio(&core, (uint8_t)(i & 1), 0xfec00000u + (i & 0x1f), 4);
}

static uint64_t translation(uint32_t i)
{
	uint64_t hpa = 0;

	mem_to_hpa(&core.config->partition[i & 1], 0x10000000u + (i & 0xfff), 8, &hpa);
	return hpa;
}

static uint64_t gsi_owner(uint32_t i)
{
	return irq_gsi_owner(&core, i & 0xff);
}

static uint64_t ioapic_read(uint32_t i)
{
	return irq_ioapic_read(&core, (uint8_t)(i & 1), 0x10);
}

static uint64_t ioapic_write(uint32_t i)
{
	uint64_t rte = 0;
	uint32_t pin;

	irq_ioapic_write(&core, (uint8_t)(i & 1), 0x00, 0x10 + (i & 0x1e), &pin, &rte);
	irq_ioapic_write(&core, (uint8_t)(i & 1), 0x10, 0x10031, &pin, &rte);
	return rte;
}

static uint64_t ipi(uint32_t i)
{
	static const uint8_t logical_id[CFG_PROCESSORS] = {1, 2};
	struct irq_message message;

	return irq_ipi(&core, 0, 0, 0x40040 + (i & 0x3f), logical_id, &message);
}

static uint64_t pci(uint32_t i)
{
	return pci_read(&core, (uint8_t)(i & 1), 0xcfc, 4);
}

static uint64_t exception(uint32_t i)
{
	struct exc_event event = {.vector = EXC_GP, .has_error = 1, .error_code = i}, deliver;

	return exc_route(&core, (uint8_t)(i & 1), &event, &deliver);
}

static uint64_t decoding(uint32_t i)
{
	return dec_decode(load, sizeof(load) - (i & 1), DEC_64, &insn);
}

static uint64_t simulation(uint32_t i)
{
	cpu.gpr[0] = i;
	return sim_step(&cpu, &insn, &bus);
}

static const struct {
	const char *name;
	uint64_t (*call)(uint32_t i);
} decision[] = {
	{"port, denied", denied_port},
	{"port, simulated", simulated_port},
	{"power register read", power_read},
	{"power register write", power_write},
	{"MMIO", mmio},
	{"translation", translation},
	{"GSI owner", gsi_owner},
	{"I/O APIC read", ioapic_read},
	{"I/O APIC write, selected", ioapic_write},
	{"IPI", ipi},
	{"PCI configuration, denied", pci},
	{"exception, traced", exception},
	{"decode mov eax, [rax]", decoding},
	{"simulate mov eax, [rax]", simulation},
};

static double now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* The best of some rounds: what else the machine does only ever adds. */
static double cost_ns(uint64_t (*call)(uint32_t i))
{
	double best = 1e9;

	for (int round = 0; round < ROUNDS; round++) {
		double start = now_ns(), cost;

		for (uint32_t i = 0; i < CALLS; i++)
			sink = call(i);
		cost = (now_ns() - start) / CALLS;
		best = cost < best ? cost : best;
	}
	return best;
}

int main(void)
{
	size_t size_bytes = fread(block, 1, sizeof(block), stdin);

	if (!core_init(&core, block, size_bytes, NULL) || core.config->partition_count < 2) {
		fputs("bench: standard input is no configuration block of two partitions\n", stderr);
		return EXIT_FAILURE;
	}
	pci_write(&core, 0, 0xcf8, 4, 0x80003800);
	for (size_t i = 0; i < sizeof(decision) / sizeof(*decision); i++)
		printf("%-26s %6.1f ns\n", decision[i].name, cost_ns(decision[i].call));
	return EXIT_SUCCESS;
}
