/* SPDX-License-Identifier: MIT */
/*
 * image: where the probe itself lies. The symbols come from probe.ld.
 */
#ifndef PROBE_IMAGE_H
#define PROBE_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

extern const uint8_t image_start[], image_end[];

static inline uint64_t image_base(void)
{
	return (uint64_t)image_start;
}

static inline uint64_t image_bytes(void)
{
	return (uint64_t)(image_end - image_start);
}

static inline bool image_overlaps(uint64_t base, uint64_t bytes)
{
	return base < image_base() + image_bytes() && image_base() < base + bytes;
}

#endif
