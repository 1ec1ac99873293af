/* SPDX-License-Identifier: MIT */
/*
 * verbs: all that a probe can be asked. The table of those that it answers alone on a machine is in verbs.c;
 * as a process it answers some of them, each in its own way: process/verbs.c.
 */
#ifndef PROBE_VERBS_H
#define PROBE_VERBS_H

#include "attempt.h"
#include "verb.h"

/* Runs an attempt in the name of a call: DONE, or FAULTED with the record. */
enum outcome verb_attempt(struct call *call, struct attempt *attempt);

/* The handlers, by file. */
enum outcome verb_hello(struct call *call); /* verbs_probe.c */
enum outcome verb_echo(struct call *call);
enum outcome verb_say(struct call *call);
enum outcome verb_spin(struct call *call);

enum outcome verb_load(struct call *call); /* verbs_memory.c */
enum outcome verb_store(struct call *call);
enum outcome verb_fetch(struct call *call);
enum outcome verb_peek(struct call *call);
enum outcome verb_poke(struct call *call);
enum outcome verb_fill(struct call *call);
enum outcome verb_verify(struct call *call);
enum outcome verb_map(struct call *call);
enum outcome verb_e820(struct call *call);

enum outcome verb_in(struct call *call); /* verbs_processor.c */
enum outcome verb_out(struct call *call);
enum outcome verb_ins(struct call *call);
enum outcome verb_outs(struct call *call);
enum outcome verb_rdmsr(struct call *call);
enum outcome verb_wrmsr(struct call *call);
enum outcome verb_cpuid(struct call *call);
enum outcome verb_regs(struct call *call);
enum outcome verb_setcr(struct call *call);
enum outcome verb_dr(struct call *call);
enum outcome verb_setdr(struct call *call);

enum outcome verb_raise(struct call *call); /* raise.c */
enum outcome verb_nested(struct call *call);

enum outcome verb_claim(struct call *call); /* verbs_interrupt.c */
enum outcome verb_mask(struct call *call);
enum outcome verb_unmask(struct call *call);
enum outcome verb_ipi(struct call *call);
enum outcome verb_lapic(struct call *call);
enum outcome verb_lapic_set(struct call *call);
enum outcome verb_ioapic(struct call *call);
enum outcome verb_ioapic_set(struct call *call);

enum outcome verb_await(struct call *call); /* verbs_arrival.c */
enum outcome verb_seen(struct call *call);
enum outcome verb_stray(struct call *call);
enum outcome verb_forget(struct call *call);

enum outcome verb_timer(struct call *call);  /* timer.c */
enum outcome verb_settle(struct call *call); /* settle.c */
enum outcome verb_watch(struct call *call);  /* watch.c */
enum outcome verb_doze(struct call *call);   /* doze.c */
enum outcome verb_storm(struct call *call);  /* storm.c */
enum outcome verb_cost(struct call *call);   /* cost.c */
enum outcome verb_lag(struct call *call);    /* lag.c */
enum outcome verb_sum(struct call *call);    /* sum.c */

enum outcome verb_halt(struct call *call); /* verbs_end.c */
enum outcome verb_hang(struct call *call);
enum outcome verb_sleep(struct call *call);
enum outcome verb_triple(struct call *call);

enum outcome verb_run(struct call *call); /* process/run.c */

#endif
