/* SPDX-License-Identifier: MIT */
/*
 * table: page tables of four levels. The processor's nested ones (APM vol. 2 §15.25) and the IOMMU's (48882
 * §2.2.3) are walked alike; only some bits of their entries differ.
 */
#ifndef MRM_CONTROLLER_TABLE_H
#define MRM_CONTROLLER_TABLE_H

#include <stdint.h>

struct table {
	uint64_t *root;
	uint64_t next;	     /* bits of an entry that names the table below */
	uint64_t next_level; /* is added to them, times the level of that table: 1 is the last one */
	uint64_t large;	     /* bits of an entry above the last level that is a page itself */
};

/* Lets addresses lead to others, page-aligned as the size is, with these bits in the entries of the pages. */
void table_map(const struct table *table, uint64_t from, uint64_t to, uint64_t size_bytes, uint64_t rights);

#endif
