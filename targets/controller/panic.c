/* SPDX-License-Identifier: MIT */
/* panic: the controller found itself broken. This processor stops; the partitions on others go on. */
#include "console.h"
#include "cpu.h"
#include "exception.h"

void panic(const char *why)
{
	print_last("panic: %s", why);
	for (;;)
		__asm__ volatile("cli; hlt");
}

void panic_exception(uint64_t vector, uint64_t error, uint64_t rip)
{
	print_last("panic: %s in the controller, error code 0x%lx, at 0x%lx, APIC ID %u",
		   exc_vector_name((uint8_t)vector), error, rip, (uint32_t)cpuid(1, 0).ebx >> 24);
	panic("exception");
}
