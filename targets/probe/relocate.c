/* SPDX-License-Identifier: MIT */
/*
 * relocate: makes the image right for the address it was loaded at.
 *
 * Code is position-independent; what needs it are constants that hold addresses, such as the table of verbs.
 * An image that was linked without -pie has no relocations. Runs before everything else, so it may not use
 * such a constant itself. Source: System V ABI, AMD64 supplement §4.4.
 */
#include <stdint.h>

#include "layout.h"

#define R_X86_64_RELATIVE 8

struct relocation {
	uint64_t offset;
	uint64_t info;
	uint64_t addend;
};

extern const struct relocation relocations_start[], relocations_end[];

void relocate(uint64_t base);

void relocate(uint64_t base)
{
	uint64_t moved = base - LINK_ADDRESS;

	for (const struct relocation *r = relocations_start; r < relocations_end; r++) {
		if (r->info != R_X86_64_RELATIVE)
			__builtin_trap();
		*(uint64_t *)(r->offset + moved) = r->addend + moved;
	}
}
