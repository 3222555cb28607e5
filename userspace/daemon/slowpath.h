/* SPDX-License-Identifier: GPL-2.0-only */
/* The slow path: every datagram that the program let through. */
#ifndef XDHCP_DAEMON_SLOWPATH_H
#define XDHCP_DAEMON_SLOWPATH_H

struct daemon;

/* Takes what waits at port 67, a bounded number of batches a turn, and ends the turn. */
void slowpath_turn(struct daemon *daemon);

#endif
