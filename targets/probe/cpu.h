/* SPDX-License-Identifier: MIT */
/*
 * cpu: single instructions that C cannot say. None of them is expected to fault: for those see primitive.h.
 */
#ifndef PROBE_CPU_H
#define PROBE_CPU_H

#include <stdint.h>

#define RFLAGS_ALWAYS 0x2u
#define RFLAGS_TF     (1u << 8)
#define RFLAGS_OF     (1u << 11)
#define RFLAGS_AC     (1u << 18)

#define CR0_PE (1u << 0)
#define CR0_MP (1u << 1)
#define CR0_TS (1u << 3)
#define CR0_ET (1u << 4)
#define CR0_NE (1u << 5)
#define CR0_WP (1u << 16)
#define CR0_AM (1u << 18)
#define CR0_PG (1u << 31)

#define CR4_PAE	       (1u << 5)
#define CR4_MCE	       (1u << 6)
#define CR4_OSFXSR     (1u << 9)
#define CR4_OSXMMEXCPT (1u << 10)
#define CR4_OSXSAVE    (1u << 18)

#define MSR_APIC_BASE 0x1b
#define MSR_EFER      0xc0000080
#define EFER_NXE      (1u << 11)

#define DR6_INIT 0xffff0ff0u /* APM vol. 2 §13.1.1.3: its value after reset, no cause recorded */

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

#define READ_REGISTER(name)                                                                                  \
	static inline uint64_t read_##name(void)                                                             \
	{                                                                                                    \
		uint64_t value;                                                                              \
		__asm__ volatile("mov %%" #name ", %0" : "=r"(value));                                       \
		return value;                                                                                \
	}

#define WRITE_REGISTER(name)                                                                                 \
	static inline void write_##name(uint64_t value)                                                      \
	{                                                                                                    \
		__asm__ volatile("mov %0, %%" #name : : "r"(value) : "memory");                              \
	}

READ_REGISTER(cr0)
READ_REGISTER(cr2)
READ_REGISTER(cr3)
READ_REGISTER(cr4)
READ_REGISTER(dr6)
READ_REGISTER(dr7)
READ_REGISTER(cs)
WRITE_REGISTER(cr0)
WRITE_REGISTER(cr2)
WRITE_REGISTER(cr3)
WRITE_REGISTER(cr4)
WRITE_REGISTER(dr6)

static inline void interrupts_off(void)
{
	__asm__ volatile("cli" : : : "memory");
}

static inline void interrupts_on(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static inline void halt(void)
{
	__asm__ volatile("hlt" : : : "memory");
}

/* STI lets no interrupt in before HLT has begun, so none is slept through (APM vol. 3, STI). */
static inline void wait_for_interrupt(void)
{
	__asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
}

/* In every loop that waits or goes on for long: an emulator that runs all processors in one thread may be
 * keeping the others waiting for this one (QEMU with -icount: up to 100 ms of its time). */
static inline void relax(void)
{
	__asm__ volatile("pause" : : : "memory");
}

/* Fenced: neither instructions before nor after it move across. */
static inline uint64_t read_tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static inline uint8_t in_byte(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void out_byte(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

/*
 * Registers in memory: exactly one 32-bit MOV, which a controller that simulates the page has to decode.
 */
static inline uint32_t mmio_read(uint64_t address)
{
	uint32_t value;

	__asm__ volatile("movl (%1), %0" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static inline void mmio_write(uint64_t address, uint32_t value)
{
	__asm__ volatile("movl %0, (%1)" : : "r"(value), "r"(address) : "memory");
}

#endif
