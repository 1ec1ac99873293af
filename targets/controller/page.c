/* SPDX-License-Identifier: MIT */
/* page: zeroed pages out of the controller's own RAM, taken while it starts and never given back. */
#include "console.h"
#include "machine.h"
#include "bytes.h"

static uint64_t next;
static uint64_t limit;

void page_init(uint64_t first, uint64_t end)
{
	next = (first + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	limit = end;
}

void *page_take(size_t pages)
{
	void *taken = (void *)next;

	if (next + pages * PAGE_BYTES > limit)
		panic("the controller's memory is too small for this configuration: give it more in the "
		      "manifest");
	next += pages * PAGE_BYTES;
	memset(taken, 0, pages * PAGE_BYTES);
	return taken;
}
