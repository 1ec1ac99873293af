// SPDX-License-Identifier: MIT
/*
 * fuzz: the core on any input, for libFuzzer. The first byte chooses:
 *   'B'  a configuration block, and operations on it if the check accepts it;
 *   'I'  an instruction, decoded and simulated;
 *   'P'  a payload's file, planned.
 * What must always hold is checked here and ends in __builtin_trap(); the sanitizers watch the rest.
 */
#include "acpi.h"
#include "core.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

void *allocate(size_t size_bytes)
{
	void *buffer = malloc(size_bytes ? size_bytes : 1);

	MUST(buffer);
	return buffer;
}

void take(struct input *input, void *out, size_t size_bytes)
{
	size_t given = size_bytes < input->left ? size_bytes : input->left;

	memset(out, 0, size_bytes);
	if (given)
		memcpy(out, input->at, given);
	input->at += given;
	input->left -= given;
}

uint64_t take_number(struct input *input, size_t size_bytes)
{
	uint64_t number = 0;

	take(input, &number, size_bytes);
	return number;
}

static bool owns_processor(const struct core *core, uint8_t partition, uint8_t processor)
{
	const struct cfg_partition *config = &core->config->partition[partition];

	for (uint32_t i = 0; i < config->processor_count; i++)
		if (config->processor[i] == processor)
			return true;
	return false;
}

static void message_is_confined(const struct core *core, uint8_t partition, enum irq_answer answer,
				const struct irq_message *message)
{
	if (answer != IRQ_GRANTED)
		return;
	MUST(message->target_count > 0 && message->target_count <= CFG_PROCESSORS);
	for (uint32_t i = 0; i < message->target_count; i++)
		MUST(owns_processor(core, partition, message->target[i]));
}

/* An address a few bytes from an edge of the partition's RAM: random ones would never be near. */
static uint64_t take_address(const struct cfg_partition *config, struct input *input)
{
	const struct cfg_memory *entry = &config->memory[take_number(input, 1) % config->memory_count];
	uint64_t offset = take_number(input, 1) & 1 ? entry->size_bytes : 0;

	return entry->gpa + offset + take_number(input, 1) % 32 - 16;
}

static void byte_is_own(const struct core *core, uint8_t partition, uint64_t gpa, uint64_t hpa)
{
	const struct cfg_range *controller = &core->config->machine.controller;
	uint64_t back;

	for (uint8_t p = 0; p < core->config->partition_count; p++)
		MUST(mem_to_gpa(&core->config->partition[p], hpa, 1, &back) == (p == partition));
	MUST(mem_to_gpa(&core->config->partition[partition], hpa, 1, &back) && back == gpa);
	MUST(hpa - controller->base >= controller->size_bytes);
}

static void translate(struct core *core, uint8_t partition, struct input *input)
{
	const struct cfg_partition *config = &core->config->partition[partition];
	uint64_t gpa = take_address(config, input), size_bytes = 1ull << take_number(input, 1) % 16, hpa;

	if (!mem_to_hpa(config, gpa, size_bytes, &hpa))
		return;
	byte_is_own(core, partition, gpa, hpa);
	byte_is_own(core, partition, gpa + size_bytes - 1, hpa + size_bytes - 1);
}

/* The map, written into a buffer that is exactly as large as it says. */
static void memory_map(struct core *core, uint8_t partition, struct input *input)
{
	const struct cfg_partition *config = &core->config->partition[partition];
	size_t count = mem_map(config, NULL, 0), room = take_number(input, 1) % (count + 1);
	struct mem_e820 *map = allocate(room * sizeof(*map));
	uint64_t hpa;

	MUST(count <= MEM_MAP_MAX && mem_map(config, map, room) == count);
	for (size_t i = 0; i < room; i++)
		MUST(map[i].type == MEM_RESERVED || mem_to_hpa(config, map[i].base, 1, &hpa));
	free(map);
}

static void ports(struct core *core, uint8_t partition, struct input *input)
{
	uint16_t port =
		(uint16_t)(take_number(input, 1) << (take_number(input, 1) % 8) | take_number(input, 1));
	uint8_t size = (uint8_t)(1u << take_number(input, 1) % 3);
	enum dev_route route = dev_port(core, partition, port, size);

	if (route == DEV_ALLOW && !(core->config->partition[partition].rights & CFG_RIGHT_PM_TIMER))
		for (uint8_t i = 0; i < size; i++)
			MUST(dev_port_owner(core, (uint16_t)(port + i)) == partition);
	if (route != DEV_SIMULATE)
		return;
	standin_read(core, partition, port, size, take_number(input, 8));
	standin_write(core, partition, port, size, (uint32_t)take_number(input, 4), take_number(input, 8));
	if (!core->pci.hardware || !dev_is_pci(port, size))
		return;
	pci_write(core, partition, port, size, (uint32_t)take_number(input, 4));
	MUST(pci_read(core, partition, port, size) <= dev_nothing(size));
}

/* A machine whose configuration space says something else each time, and watches where it is written. */
struct machine {
	struct pci_hardware hardware;
	const struct core *core;
	struct input *input;
};

static uint32_t config_read(void *context, uint16_t bdf, uint8_t offset)
{
	MUST(bdf < 0x100 && offset % 4 == 0);
	return (uint32_t)take_number(((const struct machine *)context)->input, 4);
}

static void config_write(void *context, uint16_t bdf, uint8_t offset, uint32_t value)
{
	(void)context;
	(void)value;
	MUST(bdf && bdf < 0x100 && offset % 4 == 0);
}

static void store(void *context, uint64_t address, uint32_t value)
{
	(void)value;
	MUST(dev_mmio_owner(((const struct machine *)context)->core, address) != CFG_NOBODY);
}

static uint32_t load(void *context, uint64_t address)
{
	store(context, address, 0);
	return config_read(context, 0, 0);
}

static void functions(struct core *core, uint8_t partition, struct input *input)
{
	uint64_t gpa = take_number(input, 8);

	if (!core->pci.hardware)
		return;
	if (pci_is_table_page(core, partition, gpa)) {
		MUST(dev_mmio_owner(core, gpa) == partition);
		pci_table_write(core, partition, gpa & ~3ull, (uint32_t)take_number(input, 4));
		pci_table_read(core, partition, gpa & ~3ull);
	}
	pci_stop(core, partition);
	pci_start(core, partition);
}

/* A port below 0x100: nearly all of them are stood in for, or power's. */
static void legacy(struct core *core, uint8_t partition, struct input *input)
{
	uint16_t port = (uint16_t)take_number(input, 1);
	uint64_t now = take_number(input, 8);

	core->clock.tsc_khz = (uint32_t)take_number(input, 4);
	core->clock.base_ticks = take_number(input, 8);
	core->clock.base_seconds = take_number(input, 8);
	standin_write(core, partition, port, 1, (uint8_t)take_number(input, 1), now);
	MUST(standin_read(core, partition, port, 1, now) <= 0xff);
}

static void tables(struct core *core, uint8_t partition, struct input *input)
{
	size_t size_bytes = take_number(input, 2) % (ACPI_BYTES + 1), used;
	uint8_t *out = allocate(size_bytes);
	uint8_t sum = 0;

	used = acpi_build(core->config, partition, take_number(input, 8), out, size_bytes);
	MUST(used <= size_bytes);
	for (size_t i = 0; used && i < 36; i++)
		sum = (uint8_t)(sum + out[i]);
	MUST(!sum);
	free(out);
}

static void interrupts(struct core *core, uint8_t partition, struct input *input)
{
	uint32_t gsi = (uint32_t)take_number(input, 1) % 32, pin, value = (uint32_t)take_number(input, 4);
	enum irq_answer answer = irq_claim(core, partition, gsi, (uint8_t)value);
	uint64_t rte;

	MUST(answer != IRQ_GRANTED || irq_gsi_owner(core, gsi) == partition);
	irq_mask(core, partition, gsi, value & 1);
	irq_set_pending(core, gsi, &pin, &rte);
	if (irq_take(core, partition, &gsi))
		MUST(irq_gsi_owner(core, gsi) == partition);
	irq_ioapic_read(core, partition, value & 0x1f);
	if (irq_ioapic_write(core, partition, value & 0x10, value, &pin, &rte)) {
		MUST(irq_gsi_owner(core, core->config->machine.ioapic.first_gsi + pin) == partition);
		MUST(!(rte & (IRQ_RTE_DELIVERY | IRQ_RTE_LOGICAL)));
	}
}

static void messages(struct core *core, uint8_t partition, struct input *input)
{
	uint8_t logical_id[CFG_PROCESSORS];
	uint64_t icr = take_number(input, 8);
	struct irq_message message;
	enum irq_answer answer;

	take(input, logical_id, sizeof(logical_id));
	answer = irq_ipi(core, partition, (uint8_t)take_number(input, 1), icr, logical_id, &message);
	message_is_confined(core, partition, answer, &message);
	answer = irq_msi(core, partition, take_number(input, 8), (uint32_t)icr, &message);
	message_is_confined(core, partition, answer, &message);
}

static void exceptions(struct core *core, uint8_t partition, struct input *input)
{
	struct exc_event event, deliver;

	take(input, &event, sizeof(event));
	if (exc_route(core, partition, &event, &deliver) == EXC_DELIVER)
		MUST(event.where == EXC_IN_PARTITION && deliver.vector < 32);
}

static void lives(struct core *core, uint8_t partition, struct input *input)
{
	enum pwr_cause cause = (enum pwr_cause)(take_number(input, 1) % PWR_CAUSES);

	pwr_started(core, partition);
	if (pwr_end(core, partition, cause) == PWR_MACHINE_OFF)
		for (uint8_t p = 0; p < core->config->partition_count; p++)
			MUST(!pwr_running(core, p));
	core_reset_partition(core, partition);
	guard_reset(core, partition);
	dev_mmio(core, partition, take_number(input, 8), (uint8_t)take_number(input, 1));
}

static void operate(struct core *core, struct input *input)
{
	static void (*const operation[])(struct core *, uint8_t, struct input *) = {
		translate, memory_map, ports,	   legacy, tables,	   interrupts,
		messages,  functions,  exceptions, lives,  fuzz_ports_use,
	};

	while (input->left) {
		uint64_t chosen = take_number(input, 1);
		uint8_t partition = (uint8_t)(take_number(input, 1) % core->config->partition_count);

		operation[chosen % (sizeof(operation) / sizeof(*operation))](core, partition, input);
	}
}

/* All findings as text, with buffers that are exactly as large as they are said to be. */
static void describe(const struct cfg_block *block, size_t size_bytes)
{
	size_t count = cfg_check(block, size_bytes, NULL, 0);
	struct cfg_finding *finding = allocate(count * sizeof(*finding));

	MUST(cfg_check(block, size_bytes, finding, count) == count);
	for (size_t i = 0; i < count; i++) {
		char *text = allocate(i % 256 + 1);

		MUST(cfg_text(block, &finding[i], text, i % 256 + 1) == strlen(text));
		free(text);
	}
	free(finding);
}

static void fuzz_block(struct input *input)
{
	size_t size_bytes = input->left < sizeof(struct cfg_block) ? input->left : sizeof(struct cfg_block);
	struct cfg_block *block = allocate(size_bytes);
	struct core *core = allocate(sizeof(*core));
	struct machine machine = {{&machine, config_read, config_write, load, store}, core, input};
	struct pci_finding finding;
	struct fuzz_ports ports;

	take(input, block, size_bytes);
	describe(block, size_bytes);
	if (core_init(core, block, size_bytes, NULL)) {
		fuzz_ports_open(&ports, core);
		if (!pci_open(core, &machine.hardware, &finding))
			core->pci.hardware = NULL;
		operate(core, input);
	}
	free(core);
	free(block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
	struct input input = {data + 1, size_bytes - 1};

	if (!size_bytes)
		return 0;
	if (data[0] == 'B')
		fuzz_block(&input);
	else if (data[0] == 'I')
		fuzz_instruction(&input);
	else if (data[0] == 'P')
		fuzz_payload(data + 1, size_bytes - 1);
	return 0;
}
