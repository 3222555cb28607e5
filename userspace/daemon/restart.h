/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The binary as it is now takes over: same process, same arguments, same maps.
 * The program in the kernel goes on all the while; the partner is not told of
 * anything. For upgrades.
 *
 *   asked      the binary that would come next is run with -t; a refusal leaves all as it is
 *   handed on  no more control connections are taken: they wait for the next one
 *   quiet      the last of those is answered: no more requests, all promises swept and on disk
 *   over       execve()
 *
 * Whatever fails behind that is a daemon that is dead: the kernel goes on
 * until the renewal gate shuts.
 */
#ifndef XDHCP_DAEMON_RESTART_H
#define XDHCP_DAEMON_RESTART_H

#include "ctl/commands.h"

struct daemon;
struct restart;

/* First thing in main(): which binary this is, and what the one before has left. */
void restart_remember(struct daemon *daemon, char **arguments);

/* ctl_verbs.restart */
void restart_asked(void *context,
		   void (*answer)(struct ctl_call *call, enum ctl_code code, const char *text),
		   struct ctl_call *call);

void restart_free(struct restart *restart);

#endif
