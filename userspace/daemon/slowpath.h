/* SPDX-License-Identifier: GPL-2.0-only */
/* The slow path: every datagram that the program let through. */
#ifndef XDHCP_DAEMON_SLOWPATH_H
#define XDHCP_DAEMON_SLOWPATH_H

struct daemon;

/*
 * From now on what comes to port 67 is served, a bounded number of batches a turn of the loop.
 * Where too many replies wait for the disk, requests stay in the socket until
 * slowpath_go_on().
 */
void slowpath_start(struct daemon *daemon);

/* The disk has let replies go. */
void slowpath_go_on(struct daemon *daemon);

#endif
