/* SPDX-License-Identifier: MIT */
/*
 * verbs: the table of what the probe can be asked, see verbs.h.
 */
#include "verbs.h"

/* In the order of the protocol. */
/* clang-format off */
const struct verb verbs[] = {
	{"hello", "", verb_hello},
	{"echo", "b", verb_echo},
	{"say", "b", verb_say},

	{"load", "nn", verb_load},
	{"store", "nnn", verb_store},
	{"fetch", "n", verb_fetch},
	{"peek", "nn", verb_peek},
	{"poke", "nb", verb_poke},
	{"fill", "nnnn", verb_fill},
	{"verify", "nnnn", verb_verify},
	{"map", "nnnn", verb_map},
	{"e820", "", verb_e820},

	{"in", "nn", verb_in},
	{"out", "nnn", verb_out},
	{"ins", "nnn", verb_ins},
	{"outs", "nnb", verb_outs},
	{"rdmsr", "n", verb_rdmsr},
	{"wrmsr", "nn", verb_wrmsr},
	{"cpuid", "nn", verb_cpuid},
	{"regs", "", verb_regs},
	{"setcr", "nn", verb_setcr},
	{"dr", "n", verb_dr},
	{"setdr", "nn", verb_setdr},

	{"raise", "wn", verb_raise},
	{"nested", "ww", verb_nested},
	{"claim", "nnn", verb_claim},
	{"mask", "n", verb_mask},
	{"unmask", "n", verb_unmask},
	{"settle", "nnnn", verb_settle},
	{"timer", "wnn", verb_timer},
	{"await", "nnn", verb_await},
	{"watch", "nn", verb_watch},
	{"ipi", "nn", verb_ipi},
	{"seen", "n", verb_seen},
	{"stray", "", verb_stray},
	{"forget", "", verb_forget},
	{"lapic", "n", verb_lapic},
	{"lapic-set", "nn", verb_lapic_set},
	{"ioapic", "n", verb_ioapic},
	{"ioapic-set", "nn", verb_ioapic_set},

	{"spin", "n", verb_spin},
	{"doze", "n", verb_doze},
	{"storm", "wn", verb_storm},
	{"cost", "wnn", verb_cost},
	{"lag", "nn", verb_lag},
	{"sum", "wn", verb_sum},

	{"halt", "", verb_halt},
	{"hang", "", verb_hang},
	{"sleep", "", verb_sleep},
	{"triple", "", verb_triple},
};
/* clang-format on */

const size_t verb_count = sizeof(verbs) / sizeof(verbs[0]);

enum outcome verb_attempt(struct call *call, struct attempt *attempt)
{
	if (attempt_run(attempt))
		return DONE;
	call->fault = attempt->record;
	return FAULTED;
}
