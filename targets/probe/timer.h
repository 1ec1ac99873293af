/* SPDX-License-Identifier: MIT */
/*
 * timer: the sources of periodic interrupts.
 */
#ifndef PROBE_TIMER_H
#define PROBE_TIMER_H

#include <stdint.h>

/* Stops what firmware may have left running. After apic_init(). */
void timer_init(void);

/* The local APIC's timer, counting with divider 1; a period of 0 stops it. */
void timer_lapic(uint8_t vector, uint32_t period);

/* The same, one interrupt after so many counts. */
void timer_lapic_once(uint8_t vector, uint32_t count);

/* Ticks of the time stamp counter in one count of the local APIC's timer, times count. Stops that timer. */
uint64_t timer_tsc_ticks(uint32_t count);

#endif
