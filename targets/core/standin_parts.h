/* SPDX-License-Identifier: MIT */
/* standin_parts: the devices behind standin.h, a file for each. Private to the core. */
#ifndef MRM_CORE_STANDIN_PARTS_H
#define MRM_CORE_STANDIN_PARTS_H

#include "standin.h"

/* How often something that ticks `hertz` times a second has ticked in `ticks` ticks of the TSC. */
uint64_t standin_scale(const struct standin_clock *clock, uint64_t ticks, uint64_t hertz);

void pit_reset(struct standin_pit *pit);
uint8_t pit_read(struct standin_pit *pit, const struct standin_clock *clock, uint16_t port, uint64_t now);
void pit_write(struct standin_pit *pit, const struct standin_clock *clock, uint16_t port, uint8_t value,
	       uint64_t now);

void rtc_reset(struct standin_rtc *rtc, const struct cfg_partition *partition);
uint8_t rtc_read(const struct standin_rtc *rtc, const struct standin_clock *clock, uint16_t port,
		 uint64_t now);
void rtc_write(struct standin_rtc *rtc, const struct standin_clock *clock, uint16_t port, uint8_t value,
	       uint64_t now);

void pic_reset(struct standin_pic *pic);
uint8_t pic_read(const struct standin_pic *pic, uint16_t port);
void pic_write(struct standin_pic *pic, uint16_t port, uint8_t value);

void fw_cfg_reset(struct core *core, uint8_t partition);
uint8_t fw_cfg_read(struct standin_fw_cfg *fw_cfg, uint16_t port);
void fw_cfg_write(struct core *core, uint8_t partition, uint16_t port, uint8_t value);

void i8042_reset(struct standin_i8042 *i8042);
uint8_t i8042_read(struct standin_i8042 *i8042, uint16_t port);
void i8042_write(struct standin_i8042 *i8042, uint16_t port, uint8_t value);

#endif
