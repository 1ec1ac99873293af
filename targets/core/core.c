// SPDX-License-Identifier: MIT
#include "core.h"

bool core_init(struct core *core, const void *block, size_t size_bytes, uint64_t (*now)(void))
{
	if (cfg_check(block, size_bytes, NULL, 0))
		return false;
	core->config = block;
	core->now = now;
	core->clock = (struct standin_clock){.tsc_khz = core->config->machine.tsc_khz};
	trc_init(&core->trace);
	irq_init(core);
	dev_init(core);
	pci_init(core);
	guard_init(core);
	for (uint8_t p = 0; p < core->config->partition_count; p++) {
		core->power[p].running = 0;
		pwr_reset_partition(core, p);
		standin_reset_partition(core, p);
	}
	return true;
}

void core_reset_partition(struct core *core, uint8_t partition)
{
	irq_reset_partition(core, partition);
	pci_reset_partition(core, partition);
	pwr_reset_partition(core, partition);
	standin_reset_partition(core, partition);
}

void core_trace(struct core *core, enum trc_kind kind, uint8_t partition, uint64_t a, uint64_t b)
{
	trc_add(&core->trace, &(struct trc_event){
				      .ticks = core->now ? core->now() : 0,
				      .kind = (uint8_t)kind,
				      .partition = partition,
				      .processor = TRC_NO_PROCESSOR,
				      .a = a,
				      .b = b,
			      });
}
