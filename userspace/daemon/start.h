/* SPDX-License-Identifier: GPL-2.0-only */
/* From an empty struct to a serving daemon, and back. */
#ifndef XDHCP_DAEMON_START_H
#define XDHCP_DAEMON_START_H

#include "daemon/daemon.h"

/* `options`, `conf`, `log` and `loop` are there. 0, or a negative code with the reason logged. */
int daemon_start(struct daemon *daemon);

/* What is still there after the loop, or after a start that failed half-way. */
void daemon_finish(struct daemon *daemon);

#endif
