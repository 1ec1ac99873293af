/* SPDX-License-Identifier: MIT */
/*
 * main: the probe as a whole.
 */
#ifndef PROBE_MAIN_H
#define PROBE_MAIN_H

#include "wire.h"

#define PROTOCOL_VERSION 1

/* Adds the values of "hello". */
void probe_introduce(struct wire_frame *frame);

#endif
