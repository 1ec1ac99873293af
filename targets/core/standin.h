/* SPDX-License-Identifier: MIT */
/*
 * standin: small stand-ins for legacy devices that a partition does not own, but without which an OS measures
 * its clocks wrongly or polls for ever. Paper §3.3(2)B.
 *
 * They keep registers and tell the time; none of them ever interrupts. The time is what the caller passes as
 * now, in ticks of the TSC: nothing runs in between, and an answer does not depend on when the last question
 * was.
 */
#ifndef MRM_CORE_STANDIN_H
#define MRM_CORE_STANDIN_H

#include "config.h"
#include "power.h"

/* What a tick is, and what time it was at one of them. */
struct standin_clock {
	uint64_t base_ticks;
	uint64_t base_seconds; /* at base_ticks, since 1970, in the time zone of the machine's RTC */
	uint32_t tsc_khz; /* from the block; 0, not known, is taken for 1 GHz rather than for a clock that
			     stands still */
	uint32_t reserved;
};

struct standin_pit_channel {
	uint64_t began;	 /* PIT clock at which its count was loaded, if it runs */
	uint64_t ran;	 /* clocks it has run, if it does not */
	uint16_t reload; /* as written */
	uint16_t latched;
	uint8_t latched_bytes; /* still to be read; 0: reads follow the counter */
	uint8_t status;
	uint8_t status_latched;
	uint8_t control; /* bits 0 to 5 of its control word */
	uint8_t low;	 /* the first byte of a count, until the second one comes */
	uint8_t read_high;
	uint8_t write_high;
	uint8_t loaded; /* a count was written since the control word */
	uint8_t runs;
	uint8_t gate;
	uint8_t reserved[2];
};

struct standin_pit {
	struct standin_pit_channel channel[3];
	uint8_t port61; /* bits 0 to 3: gate of channel 2, speaker, two checks */
	uint8_t reserved[7];
};

struct standin_rtc {
	uint64_t held_seconds; /* the time while register B says SET */
	uint8_t index;
	uint8_t cmos[128]; /* what is no register of the clock is memory */
	uint8_t reserved[7];
};

struct standin_pic {
	uint8_t mask;
	uint8_t words; /* initialisation command words that are still to come, one bit each */
	uint8_t reserved[2];
};

struct standin_i8042 {
	uint8_t command; /* waits for its data byte; 0: none */
	uint8_t configuration;
	uint8_t output;
	uint8_t status; /* without what is always so */
};

struct standin_fw_cfg {
	uint16_t selected;
	uint16_t size; /* of the selected item */
	uint16_t at;   /* what is read next */
	uint16_t reserved;
	uint8_t item[256];
};

struct standin_state {
	struct standin_pit pit;
	struct standin_rtc rtc;
	struct standin_pic pic[2];
	struct standin_i8042 i8042;
	struct standin_fw_cfg fw_cfg;
	uint8_t reserved[4];
};

/*
 * Where the ACPI tables are that the stand-in for fw_cfg tells of: a page right below the 256 KiB that
 * firmware has at the end of 32 bits of addresses. The controller shows them there, as acpi_build() makes
 * them.
 */
#define STANDIN_TABLES 0xfffbf000u

struct core;

/* True if an access of size 1, 2 or 4 covers a port of a stand-in that the partition has. */
bool standin_covers(const struct core *core, uint8_t partition, uint16_t port, uint8_t size);

/*
 * An access of 1, 2 or 4 bytes that is simulated and not PCI configuration: each byte is answered by its
 * stand-in, by the device itself if that is guarded, or by power; what none of them has reads all ones and
 * swallows writes. A write returns what it caused, as pwr_port_write() does; power sees all writes to its
 * ports, also those that others answer. Machine-wide where the partition has a guarded device.
 */
uint32_t standin_read(struct core *core, uint8_t partition, uint16_t port, uint8_t size, uint64_t now);
enum pwr_cause standin_write(struct core *core, uint8_t partition, uint16_t port, uint8_t size,
			     uint32_t value, uint64_t now);

void standin_reset_partition(struct core *core, uint8_t partition);

#endif
