/* SPDX-License-Identifier: GPL-2.0-only */
/* Timers: heartbeat, sweep, expiry; the wall clock when it is set. */
#ifndef XDHCP_DAEMON_PULSE_H
#define XDHCP_DAEMON_PULSE_H

#include <stdbool.h>

struct daemon;

/* Opens the gates by the first heartbeat and starts the timers. 0 or a negative errno. */
int pulse_start(struct daemon *daemon);
void pulse_stop(struct daemon *daemon);

/*
 * Has the wall clock been set? Then promises and limits are read by the new
 * one, and so must be whatever time was read before. To be asked between
 * reading a time and judging a promise by it.
 */
bool pulse_follow_clock(struct daemon *daemon);

/* Sweeps what is marked now; the kernel may mark more all the while. */
void pulse_sweep_some(struct daemon *daemon);
/* Sweeps until no slot is marked, whatever it takes; for a clean stop. */
void pulse_sweep_all(struct daemon *daemon);

#endif
