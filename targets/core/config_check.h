/* SPDX-License-Identifier: MIT */
/*
 * config_check: what the files of the check share. Private to the core.
 *
 * Each chk_ function looks for the causes of a few neighbours in enum cfg_fault, in that order.
 */
#ifndef MRM_CORE_CONFIG_CHECK_H
#define MRM_CORE_CONFIG_CHECK_H

#include "config_items.h"

struct check {
	const struct cfg_block *block;
	struct cfg_finding *findings;
	size_t max;
	size_t count;
};

void chk_report(struct check *check, const struct cfg_finding *finding);

/* A finding on one partition, or on the machine (CFG_NOBODY). */
void chk_report_one(struct check *check, enum cfg_fault fault, enum cfg_field field, uint8_t partition,
		    struct cfg_span span);

void chk_ranges(struct check *check); /* CFG_UNALIGNED to CFG_VIEW_MISMATCH */
void chk_bars(struct check *check);   /* CFG_BAR_FORM and CFG_BAR_NOT_OWNED */
void chk_owners(struct check *check); /* CFG_OVERLAP_SELF to CFG_STANDIN_OWNED */

#endif
