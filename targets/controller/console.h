/* SPDX-License-Identifier: MIT */
/* console: the controller's own serial line: lines out, the operator's commands in. */
#ifndef MRM_CONTROLLER_CONSOLE_H
#define MRM_CONTROLLER_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cpu;

void console_init(uint16_t port);
uint16_t console_port(void);

/* Prints one line, "mrmc: " before and a line end behind it. Knows %s %u %x %lu %lx, and %% . */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for the last words of a processor: does not wait for one that died with the line in its hands. */
void print_last(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* From now on a character from the operator is an NMI at this processor. */
void console_listen(struct cpu *cpu);

/* An NMI came to the processor that listens. True if there were characters, whatever they asked. */
bool console_nmi(struct cpu *cpu);

/* Carries out one line of the operator. */
void command_execute(const char *line);

_Noreturn void panic(const char *why);
_Noreturn void panic_exception(uint64_t vector, uint64_t error, uint64_t rip);

#endif
