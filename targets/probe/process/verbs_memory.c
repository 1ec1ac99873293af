/* SPDX-License-Identifier: MIT */
/*
 * verbs_memory: questions to physical memory, through /dev/mem. Kernels with CONFIG_STRICT_DEVMEM keep RAM
 * and what drivers use to themselves: such a request is denied, and nothing is done.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../verbs.h"

#define PEEK_BYTES 256
#define PAGE_BYTES 4096

/* Some physical memory, mapped. */
struct window {
	void *pages;
	size_t size;
	volatile uint8_t *at; /* the address that was asked for */
};

static enum outcome window_open(struct window *window, uint64_t address, uint64_t bytes)
{
	uint64_t offset = address % PAGE_BYTES;
	int memory = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC); /* O_SYNC: uncached, unless it is RAM */

	if (memory < 0)
		return BAD_DENIED;
	window->size = (size_t)((offset + bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES);
	window->pages = mmap(NULL, window->size, PROT_READ | PROT_WRITE, MAP_SHARED, memory,
			     (off_t)(address - offset));
	close(memory);
	if (window->pages == MAP_FAILED)
		return errno == EPERM ? BAD_DENIED : BAD_RANGE;
	window->at = (volatile uint8_t *)window->pages + offset;
	return DONE;
}

static void window_close(struct window *window)
{
	munmap(window->pages, window->size);
}

static bool is_width(uint64_t width)
{
	return width == 1 || width == 2 || width == 4 || width == 8;
}

static uint64_t load(uint64_t width, volatile const void *at)
{
	switch (width) {
	case 1:
		return *(volatile const uint8_t *)at;
	case 2:
		return *(volatile const uint16_t *)at;
	case 4:
		return *(volatile const uint32_t *)at;
	default:
		return *(volatile const uint64_t *)at;
	}
}

static void store(uint64_t width, volatile void *at, uint64_t value)
{
	switch (width) {
	case 1:
		*(volatile uint8_t *)at = (uint8_t)value;
		break;
	case 2:
		*(volatile uint16_t *)at = (uint16_t)value;
		break;
	case 4:
		*(volatile uint32_t *)at = (uint32_t)value;
		break;
	default:
		*(volatile uint64_t *)at = value;
	}
}

enum outcome verb_load(struct call *call)
{
	uint64_t width = call->argument[0].number;
	struct window window;
	enum outcome outcome;

	if (!is_width(width))
		return BAD_RANGE;
	outcome = window_open(&window, call->argument[1].number, width);
	if (outcome != DONE)
		return outcome;
	wire_number(call->answer, load(width, window.at));
	window_close(&window);
	return DONE;
}

enum outcome verb_store(struct call *call)
{
	uint64_t width = call->argument[0].number, value = call->argument[2].number;
	struct window window;
	enum outcome outcome;

	if (!is_width(width) || !verb_fits(value, width))
		return BAD_RANGE;
	outcome = window_open(&window, call->argument[1].number, width);
	if (outcome != DONE)
		return outcome;
	store(width, window.at, value);
	window_close(&window);
	return DONE;
}

enum outcome verb_peek(struct call *call)
{
	uint64_t count = call->argument[1].number;
	struct window window;
	enum outcome outcome;

	if (count == 0 || count > PEEK_BYTES)
		return BAD_RANGE;
	outcome = window_open(&window, call->argument[0].number, count);
	if (outcome != DONE)
		return outcome;
	wire_bytes(call->answer, (const uint8_t *)window.at, (size_t)count);
	window_close(&window);
	return DONE;
}

enum outcome verb_poke(struct call *call)
{
	const struct argument *bytes = &call->argument[1];
	struct window window;
	enum outcome outcome;

	if (bytes->byte_count == 0)
		return BAD_RANGE;
	outcome = window_open(&window, call->argument[0].number, bytes->byte_count);
	if (outcome != DONE)
		return outcome;
	memcpy((void *)window.at, bytes->bytes, bytes->byte_count);
	window_close(&window);
	return DONE;
}
