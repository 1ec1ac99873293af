/* SPDX-License-Identifier: MIT */
/* functions: the PCI functions of partitions: handed over at their start, taken back at their end. */
#ifndef MRM_CONTROLLER_FUNCTIONS_H
#define MRM_CONTROLLER_FUNCTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* A register of a function's real configuration space, whoever owns it. Under core_lock once partitions run.
 */
uint32_t functions_read(uint16_t bdf, uint8_t offset);

/* Finds them, once. False, and said on the console, if they are not as the board file says. */
bool functions_open(void);

/* The partition's own are as firmware hands them over. Waits for those that are being reset. */
void functions_hand_over(uint8_t partition);

/* They are quiet: no DMA, no interrupt. Under core_lock. */
void functions_take_back(uint8_t partition);

#endif
