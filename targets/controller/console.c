/* SPDX-License-Identifier: MIT */
/*
 * console: the controller's own 16550 UART.
 *
 * A character from the operator is an NMI, so that it is heard even at a processor whose partition spins with
 * interrupts off: nothing else interrupts a partition that owns its processor's interrupts.
 */
#include "console.h"

#include "cpu.h"
#include "lapic.h"

/* 16550 registers (PC16550D datasheet, table 2) */
enum { UART_DATA, UART_IER, UART_FCR, UART_LCR, UART_MCR, UART_LSR };
#define UART_IER_RECEIVED 0x01
#define UART_FCR_CLEAR	  0x07 /* FIFOs on and empty, an interrupt for each character */
#define UART_LCR_DIVISOR  0x83
#define UART_LCR_8N1	  0x03
#define UART_MCR_ON	  0x0b /* DTR, RTS, and OUT2, which gates the interrupt on a PC */
#define UART_LSR_RECEIVED 0x01
#define UART_LSR_ROOM	  0x20

#define COMMAND_BYTES 64

static uint16_t uart;
static const struct cpu *listener;

void console_init(uint16_t port)
{
	uart = port;
	if (!uart)
		return;
	out8(uart + UART_IER, 0);
	out8(uart + UART_LCR, UART_LCR_DIVISOR);
	out8(uart + UART_DATA, 1); /* 115200 baud */
	out8(uart + UART_IER, 0);
	out8(uart + UART_LCR, UART_LCR_8N1);
	out8(uart + UART_FCR, UART_FCR_CLEAR);
	out8(uart + UART_MCR, UART_MCR_ON);
}

void console_send(const char *text, size_t length);
void console_send(const char *text, size_t length)
{
	for (size_t i = 0; uart && i < length; i++) {
		while (!(in8(uart + UART_LSR) & UART_LSR_ROOM))
			pause();
		out8(uart + UART_DATA, (uint8_t)text[i]);
	}
}

void console_listen(struct cpu *cpu)
{
	uint32_t pin = core.config->machine.console_gsi - core.config->machine.ioapic.first_gsi;

	if (!uart)
		return;
	listener = cpu;
	ioapic_write_pin(pin, (uint64_t)cpu->apic_id << IRQ_RTE_DESTINATION_SHIFT | LAPIC_DELIVERY_NMI);
	out8(uart + UART_IER, UART_IER_RECEIVED);
}

/* Lines too long to be a command lose their end, and are then not known. */
static void take(char c)
{
	static char line[COMMAND_BYTES];
	static size_t length;

	if (c != '\n' && c != '\r') {
		if (length < COMMAND_BYTES - 1)
			line[length++] = c;
		return;
	}
	line[length] = 0;
	if (length)
		command_execute(line);
	length = 0;
}

/*
 * The interrupt is off while characters are taken, so each NMI finds at least the character that raised it,
 * and none is mistaken for an NMI from outside. One that comes in before it is on again raises it then.
 */
bool console_nmi(struct cpu *cpu)
{
	bool heard = false;

	if (!listener || cpu->index != listener->index)
		return false;
	out8(uart + UART_IER, 0);
	while (in8(uart + UART_LSR) & UART_LSR_RECEIVED) {
		take((char)in8(uart + UART_DATA));
		heard = true;
	}
	out8(uart + UART_IER, UART_IER_RECEIVED);
	return heard;
}
