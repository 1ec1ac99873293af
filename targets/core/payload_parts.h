/* SPDX-License-Identifier: MIT */
/* payload_parts: what the files of payload share. Private to the core. */
#ifndef MRM_CORE_PAYLOAD_PARTS_H
#define MRM_CORE_PAYLOAD_PARTS_H

#include "payload.h"

/* A plan in the making. */
struct planning {
	const struct cfg_partition *config;
	struct pay_file file;
	uint64_t initrd_bytes;
	struct pay_plan *plan;
	struct pay_fault *fault;
};

/* Reports a fault, and returns its kind. */
enum pay_fault_kind pay_refuse(struct planning *planning, enum pay_fault_kind kind, uint64_t first,
			       uint64_t last);

/* Whether the file holds size_bytes at offset. */
static inline bool pay_holds(struct pay_file file, uint64_t offset, uint64_t size_bytes)
{
	return offset <= file.size_bytes && size_bytes <= file.size_bytes - offset;
}

/* A little-endian number of the file, which must hold it. */
static inline uint32_t pay_get(struct pay_file file, uint64_t offset, uint32_t size_bytes)
{
	uint32_t value = 0;

	for (uint32_t i = 0; i < size_bytes; i++)
		value |= (uint32_t)file.bytes[offset + i] << i * 8;
	return value;
}

/* Adds a segment at a fixed place. The file must hold its bytes. */
enum pay_fault_kind pay_add_segment(struct planning *planning, const struct pay_segment *segment);

/* Whether all of it is RAM of the partition that a payload may lie in, in one piece. */
bool pay_is_room(const struct cfg_partition *config, uint64_t gpa, uint64_t size_bytes);

/*
 * Finds room for the initrd, at or below initrd_limit, and for what is told: each at the highest place that
 * is free, so that the low memory that some payloads want stays theirs.
 */
enum pay_fault_kind pay_place_rest(struct planning *planning, uint64_t initrd_limit);

enum pay_fault_kind pay_plan_linux(struct planning *planning);
enum pay_fault_kind pay_plan_multiboot(struct planning *planning);
enum pay_fault_kind pay_plan_firmware(struct planning *planning);

#endif
