/* SPDX-License-Identifier: MIT */
/*
 * verbs_processor: questions to ports and registers, as far as the kernel lets root ask them.
 */
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/io.h>
#include <unistd.h>

#include "../verbs.h"

#define STRING_ELEMENTS 64
#define VECTOR_GP	13

#define MSR_DEVICE "/dev/cpu/0/msr" /* main.c stays on that processor */

/* The port of a call, if it makes sense and the kernel gives ports to this process. */
static enum outcome aim(const struct call *call, uint16_t *port)
{
	uint64_t width = call->argument[0].number;

	if ((width != 1 && width != 2 && width != 4) || call->argument[1].number > 0xffff)
		return BAD_RANGE;
	*port = (uint16_t)call->argument[1].number;
	return iopl(3) == 0 ? DONE : BAD_DENIED;
}

static uint32_t port_in(uint64_t width, uint16_t port)
{
	if (width == 1)
		return inb(port);
	return width == 2 ? inw(port) : inl(port);
}

enum outcome verb_in(struct call *call)
{
	uint16_t port;
	enum outcome outcome = aim(call, &port);

	if (outcome == DONE)
		wire_number(call->answer, port_in(call->argument[0].number, port));
	return outcome;
}

enum outcome verb_out(struct call *call)
{
	uint64_t width = call->argument[0].number, value = call->argument[2].number;
	uint16_t port;
	enum outcome outcome = aim(call, &port);

	if (outcome != DONE)
		return outcome;
	if (!verb_fits(value, width))
		return BAD_RANGE;
	if (width == 1)
		outb((uint8_t)value, port);
	else if (width == 2)
		outw((uint16_t)value, port);
	else
		outl((uint32_t)value, port);
	return DONE;
}

enum outcome verb_ins(struct call *call)
{
	size_t width = (size_t)call->argument[0].number, count;
	uint8_t bytes[4 * STRING_ELEMENTS];
	uint16_t port;
	enum outcome outcome = aim(call, &port);

	if (outcome != DONE)
		return outcome;
	if (call->argument[2].number > STRING_ELEMENTS)
		return BAD_RANGE;
	count = (size_t)call->argument[2].number;
	if (width == 1)
		insb(port, bytes, count);
	else if (width == 2)
		insw(port, bytes, count);
	else
		insl(port, bytes, count);
	wire_bytes(call->answer, bytes, width * count);
	return DONE;
}

enum outcome verb_outs(struct call *call)
{
	const struct argument *bytes = &call->argument[2];
	uint64_t width = call->argument[0].number;
	uint16_t port;
	enum outcome outcome = aim(call, &port);

	if (outcome != DONE)
		return outcome;
	if (bytes->byte_count % width)
		return BAD_RANGE;
	if (width == 1)
		outsb(port, bytes->bytes, bytes->byte_count);
	else if (width == 2)
		outsw(port, bytes->bytes, bytes->byte_count / 2);
	else
		outsl(port, bytes->bytes, bytes->byte_count / 4);
	return DONE;
}

/*
 * What came of a transfer of a register. The kernel catches the exception of a bad register, and tells of it
 * by an I/O error (msr(4)); what else a handler would have seen, it does not tell.
 */
static enum outcome msr_outcome(struct call *call, bool done)
{
	if (done)
		return DONE;
	call->fault = (struct record){.vector = VECTOR_GP};
	return errno == EIO ? FAULTED : BAD_DENIED;
}

enum outcome verb_rdmsr(struct call *call)
{
	uint64_t msr = call->argument[0].number, value;
	enum outcome outcome;
	int device;

	if (msr > UINT32_MAX)
		return BAD_RANGE;
	device = open(MSR_DEVICE, O_RDONLY | O_CLOEXEC);
	if (device < 0)
		return BAD_DENIED;
	outcome = msr_outcome(call, pread(device, &value, sizeof(value), (off_t)msr) == sizeof(value));
	close(device);
	if (outcome == DONE)
		wire_number(call->answer, value);
	return outcome;
}

enum outcome verb_wrmsr(struct call *call)
{
	uint64_t msr = call->argument[0].number, value = call->argument[1].number;
	enum outcome outcome;
	int device;

	if (msr > UINT32_MAX)
		return BAD_RANGE;
	device = open(MSR_DEVICE, O_WRONLY | O_CLOEXEC);
	if (device < 0)
		return BAD_DENIED;
	outcome = msr_outcome(call, pwrite(device, &value, sizeof(value), (off_t)msr) == sizeof(value));
	close(device);
	return outcome;
}

enum outcome verb_cpuid(struct call *call)
{
	uint64_t leaf = call->argument[0].number, subleaf = call->argument[1].number;
	uint32_t a, b, c, d;

	if (leaf > UINT32_MAX || subleaf > UINT32_MAX)
		return BAD_RANGE;
	__cpuid_count((uint32_t)leaf, (uint32_t)subleaf, a, b, c, d);
	wire_number(call->answer, a);
	wire_number(call->answer, b);
	wire_number(call->answer, c);
	wire_number(call->answer, d);
	return DONE;
}
