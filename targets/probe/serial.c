/* SPDX-License-Identifier: MIT */
/*
 * serial: a 16550 UART at 115200 8N1. Source: PC16550D datasheet §8.
 *
 * While the probe waits no timer runs, so under QEMU's instruction counting time stands still until a byte
 * comes.
 */
#include "serial.h"

#include <stdint.h>

#include "apic.h"
#include "boot.h"
#include "cpu.h"
#include "trap.h"

/* Registers, from the base port */
#define UART_DATA	 0
#define UART_IER	 1
#define UART_IIR	 2 /* read */
#define UART_FCR	 2 /* write */
#define UART_LCR	 3
#define UART_MCR	 4
#define UART_LSR	 5
#define UART_MSR	 6
#define UART_DIVISOR_LOW 0 /* with LCR_DLAB */
#define UART_DIVISOR_HI	 1

#define IER_RECEIVED 0x01
#define IIR_NONE     0x01
#define FCR_SET	     0x47 /* FIFOs on and empty, interrupt at four bytes or when no more come for a while */
#define LCR_8N1	     0x03
#define LCR_DLAB     0x80
#define MCR_SET	     0x0b /* DTR, RTS, and OUT2, which lets the interrupt out */
#define LSR_RECEIVED 0x01
#define LSR_HOLDING  0x20
#define LSR_EMPTY    0x40

#define RING_BYTES 4096 /* a power of two */

static char ring[RING_BYTES];
static volatile uint32_t written, taken; /* counts of bytes; their difference is what waits */
static volatile uint32_t lines_written, lines_taken;

static uint8_t uart_in(uint16_t reg)
{
	return in_byte((uint16_t)(boot.serial_port + reg));
}

static void uart_out(uint16_t reg, uint8_t value)
{
	out_byte((uint16_t)(boot.serial_port + reg), value);
}

/* A full ring drops the byte: its line is damaged then, and that gets noticed. The last place is for the LF
 * that lets the reader begin. */
static void keep(char byte)
{
	uint32_t limit = byte == '\n' ? RING_BYTES : RING_BYTES - 1;

	if (written - taken >= limit)
		return;
	ring[written++ % RING_BYTES] = byte;
	if (byte == '\n')
		lines_written++;
}

/* Until nothing is pending: the line of an edge-triggered interrupt must have been low once. */
static void receive(void)
{
	while (!(uart_in(UART_IIR) & IIR_NONE)) {
		while (uart_in(UART_LSR) & LSR_RECEIVED)
			keep((char)uart_in(UART_DATA));
	}
}

void serial_init(void)
{
	uart_out(UART_IER, 0);
	uart_out(UART_LCR, LCR_DLAB);
	uart_out(UART_DIVISOR_LOW, 1);
	uart_out(UART_DIVISOR_HI, 0);
	uart_out(UART_LCR, LCR_8N1);
	uart_out(UART_FCR, FCR_SET);
	uart_out(UART_MCR, MCR_SET);

	/* Whatever an earlier life left pending. The first read matters more than it seems: a FIFO that was
	 * full and is reset does not by itself tell QEMU's other side to go on sending. */
	uart_in(UART_DATA);
	uart_in(UART_LSR);
	uart_in(UART_IIR);
	uart_in(UART_MSR);

	trap_expect(VECTOR_LINE);
	trap_handle(VECTOR_LINE, receive);
	ioapic_route(boot.serial_gsi, VECTOR_LINE, 0);
	uart_out(UART_IER, IER_RECEIVED);
}

bool serial_line_waits(void)
{
	return lines_written != lines_taken;
}

size_t serial_take_line(char *line, size_t size)
{
	size_t length = 0;

	interrupts_off();
	while (!serial_line_waits())
		wait_for_interrupt();
	interrupts_on();
	for (;;) {
		char byte = ring[taken % RING_BYTES];

		taken++;
		if (byte == '\n')
			break;
		if (byte == '\r')
			continue;
		if (length < size)
			line[length] = byte;
		length++;
	}
	lines_taken++;
	return length;
}

void serial_send(const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		while (!(uart_in(UART_LSR) & LSR_HOLDING))
			relax();
		uart_out(UART_DATA, (uint8_t)bytes[i]);
	}
}

void serial_drain(void)
{
	while (!(uart_in(UART_LSR) & LSR_EMPTY))
		relax();
}
