/* SPDX-License-Identifier: MIT */
/*
 * serve: the conversation: each request is carried out at most once, and damage is told (PROTOCOL.md, "Loss
 * and damage").
 */
#ifndef PROBE_SERVE_H
#define PROBE_SERVE_H

_Noreturn void serve(void);

#endif
