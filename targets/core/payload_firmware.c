// SPDX-License-Identifier: MIT
/*
 * Firmware: what a PC has in its ROM. All of the ROM is shadowed below 1 MiB, where firmware runs; the
 * processor begins in the ROM itself, which ends at 4 GiB (APM vol. 2 §14.1.5).
 */
#include "memory.h"
#include "payload_parts.h"

#define ROM_GRAIN 0x10000u /* a segment of real mode */
#define SHADOW	  0xc0000u /* from here on a PC shadows ROM; below is the memory of a display adapter */
#define ROM_MOST  (MEM_LOW_TOP - SHADOW)
#define RESET	  0xfffffff0u

enum pay_fault_kind pay_plan_firmware(struct planning *planning)
{
	uint64_t size_bytes = planning->file.size_bytes, hpa;

	if (!size_bytes || size_bytes % ROM_GRAIN || size_bytes > ROM_MOST)
		return pay_refuse(planning, PAY_NO_ROM, size_bytes, size_bytes);
	if (!mem_to_hpa(planning->config, 0, MEM_HOLE, &hpa) ||
	    !mem_to_hpa(planning->config, SHADOW, MEM_LOW_TOP - SHADOW, &hpa))
		return pay_refuse(planning, PAY_NO_LOW, 0, 0);
	planning->plan->start = PAY_FIRMWARE;
	planning->plan->segment[0] = (struct pay_segment){
		.gpa = MEM_LOW_TOP - size_bytes,
		.memory_bytes = size_bytes,
		.file_bytes = size_bytes,
	};
	planning->plan->segment_count = 1;
	planning->plan->entry = RESET;
	return PAY_OK;
}
