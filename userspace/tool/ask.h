/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tool/: xdhcpctl, a thin client of the control socket. It knows the numbered
 * replies (ctl/codes.h) and how to show what a daemon says; what a daemon
 * knows and does is the daemon's. Where no daemon can be asked, the tool makes
 * a reply of its own (7xx), so that whoever reads a number always gets one.
 *
 *   ask.h       one request, its lines and its reply
 *   failover.h  what needs a person's word
 *   restart.h   until the next daemon answers
 *   show.h      replies for a person
 *   table.h     any JSON as aligned text
 *   pins.h      what is in the kernel, asked and ended without a daemon
 *   leases.h    what the lease directory says, asked without a daemon
 *   xdhcpctl.c  command line, commands, exit code
 */
#ifndef XDHCP_TOOL_ASK_H
#define XDHCP_TOOL_ASK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "ctl/codes.h"

/* A line in front of the reply: as it came, without newline, and parsed (borrowed). */
typedef void (*tool_visitor)(void *context, const char *line, const json_t *item);

/*
 * Asks the daemon. Takes `request`. Returns the reply, never NULL: the
 * daemon's, or one made here (CTL_NO_DAEMON, CTL_NOT_ALLOWED,
 * CTL_BROKEN_REPLY) when it could not be asked or was silent for `seconds`.
 */
json_t *tool_ask(const char *socket, unsigned seconds, json_t *request, tool_visitor visit,
		 void *context);

/* A reply made here; `format` as in printf. */
__attribute__((format(printf, 2, 3))) json_t *tool_reply(enum ctl_code code, const char *format,
							 ...);

/* The reply's number; CTL_BROKEN_REPLY where it has none. */
int tool_reply_code(const json_t *reply);

/* How a daemon is ended. */
struct tool_ending {
	const char *command;
	enum ctl_code under_way; /* what it answers when it has begun to */
	/* Every second until it is gone; `reply` is what it answered. NULL: nobody looks. */
	void (*watch)(void *context, const char *socket, const json_t *reply);
	void *context;
};

/*
 * Asks the daemon to end, and waits until its process is gone. CTL_FAILED
 * where that takes longer than `seconds`.
 */
json_t *tool_stop(const char *socket, unsigned seconds, const struct tool_ending *ending);

#endif
