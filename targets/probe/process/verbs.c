/* SPDX-License-Identifier: MIT */
/*
 * verbs: the table of what the probe can be asked as a process of root.
 */
#include "../verbs.h"

/* clang-format off */
const struct verb verbs[] = {
	{"hello", "", verb_hello},
	{"echo", "b", verb_echo},
	{"say", "b", verb_say},

	{"load", "nn", verb_load},
	{"store", "nnn", verb_store},
	{"peek", "nn", verb_peek},
	{"poke", "nb", verb_poke},
	{"e820", "", verb_e820},

	{"in", "nn", verb_in},
	{"out", "nnn", verb_out},
	{"ins", "nnn", verb_ins},
	{"outs", "nnb", verb_outs},
	{"rdmsr", "n", verb_rdmsr},
	{"wrmsr", "nn", verb_wrmsr},
	{"cpuid", "nn", verb_cpuid},

	{"spin", "n", verb_spin},
#ifdef __x86_64__ /* sums.S */
#ifdef __x86_64__ /* half of the registers are not there otherwise */
	{"sum", "wn", verb_sum},
#endif
#endif

	{"run", "nb", verb_run},
};
/* clang-format on */

const size_t verb_count = sizeof(verbs) / sizeof(verbs[0]);
