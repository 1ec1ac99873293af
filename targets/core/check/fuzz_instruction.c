// SPDX-License-Identifier: MIT
/* fuzz_instruction: any bytes as an instruction, decoded and simulated on any processor, see fuzz.c. */
#include "decode.h"
#include "fuzz.h"
#include "simulate.h"

#include <stdlib.h>
#include <string.h>

static bool bus_read(struct sim_bus *bus, uint64_t linear, uint8_t size, uint64_t *value)
{
	*value = take_number(bus->context, size);
	return linear & 1 || size;
}

static bool bus_write(struct sim_bus *bus, uint64_t linear, uint8_t size, uint64_t value)
{
	(void)linear;
	MUST(size == 8 || !(value >> (size * 8)));
	return take_number(bus->context, 1) != 0xff;
}

static bool bus_in(struct sim_bus *bus, uint16_t port, uint8_t size, uint32_t *value)
{
	*value = (uint32_t)take_number(bus->context, size);
	return port != 0xffff;
}

static bool bus_out(struct sim_bus *bus, uint16_t port, uint8_t size, uint32_t value)
{
	return bus_write(bus, port, size, value);
}

static bool msr_read(struct sim_bus *bus, uint32_t msr, uint64_t *value)
{
	*value = take_number(bus->context, 8);
	return msr != 0;
}

static bool msr_write(struct sim_bus *bus, uint32_t msr, uint64_t value)
{
	(void)bus;
	return msr || value;
}

static bool cpuid(struct sim_bus *bus, uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
	take(bus->context, out, 16);
	return leaf || subleaf;
}

void fuzz_instruction(struct input *input)
{
	struct sim_bus bus = {.context = input,
			      .read = bus_read,
			      .write = bus_write,
			      .in = bus_in,
			      .out = bus_out,
			      .msr_read = msr_read,
			      .msr_write = msr_write,
			      .cpuid = cpuid};
	size_t size_bytes = take_number(input, 1) % 18;
	uint8_t *code = allocate(size_bytes);
	struct sim_cpu cpu, before;
	struct dec_insn insn;

	take(input, code, size_bytes);
	take(input, &cpu, sizeof(cpu));
	cpu.mode = (uint8_t)(2u << cpu.mode % 3);
	before = cpu;
	if (dec_decode(code, size_bytes, cpu.mode, &insn)) {
		MUST(insn.length > 0 && insn.length <= size_bytes && insn.length <= DEC_MAX_BYTES);
		MUST(insn.op > DEC_NONE && insn.op < DEC_OPS);
		if (sim_step(&cpu, &insn, &bus) == SIM_UNHANDLED)
			MUST(!memcmp(&cpu, &before, sizeof(cpu)));
	}
	free(code);
}
