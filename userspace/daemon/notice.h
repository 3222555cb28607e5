/* SPDX-License-Identifier: GPL-2.0-only */
/* What the service manager is told: ready, and in a line how things are. */
#ifndef XDHCP_DAEMON_NOTICE_H
#define XDHCP_DAEMON_NOTICE_H

struct daemon;

/* It serves; or it would, and waits in a failover state that says so. */
void notice_ready(struct daemon *daemon);
/* Says how things are, where that has changed. */
void notice_turn(struct daemon *daemon);

#endif
