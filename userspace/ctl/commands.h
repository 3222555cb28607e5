/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands of the control socket, and what the daemon gives so that they can be answered. */
#ifndef XDHCP_CTL_COMMANDS_H
#define XDHCP_CTL_COMMANDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/codes.h"
#include "fastpath/fastpath.h"

struct ctl_call;
struct lease_table;

/* One line of `stats`; group and word are static, the text is borrowed while it is visited. */
struct ctl_counter {
	const char *group; /* "net", "refused", "silent", "store" … */
	const char *word;
	const char *text;
	uint64_t value;
};
typedef void (*ctl_counter_visitor)(void *context, const struct ctl_counter *counter);

/* One finding of `check`: a code of 3xx (a note) or 6xx (not healthy), and what it is about. */
typedef void (*ctl_finding_visitor)(void *context, enum ctl_code code, const char *text);

/*
 * Filled by daemon/. Each is called on the loop thread and returns at once. A
 * verb that is NULL is a command that is answered with CTL_NOT_SERVING.
 */
struct ctl_verbs {
	void *context;
	/* A new object, whose reference goes to the caller; NULL without memory. */
	json_t *(*status)(void *context);
	/* Userspace counters. The groups come in the order in which they are to be shown. */
	void (*counters)(void *context, ctl_counter_visitor visit, void *visitor);
	/* The program's counters, summed; false where there is no fast path. */
	bool (*kernel)(void *context, struct xdhcp_counters *ret_sum);
	/* 0; -EINVAL: the configuration is refused, `text` says file, line and cause; else failed, `text` says why. */
	int (*reload)(void *context, char *text, size_t size);
	/* Only begins to stop: the reply leaves afterwards. */
	void (*stop)(void *context);
	/*
	 * Begins to let the next binary take over. It is tried first: `answer` comes later, once, with
	 * CTL_RESTARTING or a refusal.
	 */
	void (*restart)(void *context,
			void (*answer)(struct ctl_call *call, enum ctl_code code, const char *text),
			struct ctl_call *call);
	/* Visits what is found; nothing: all is well. */
	void (*check)(void *context, ctl_finding_visitor visit, void *visitor);
	/* The same of what it asked itself; false: it is not serving. */
	bool (*self_test)(void *context, ctl_finding_visitor visit, void *visitor);
	/* Takes the program off all interfaces and goes on without it; 0, or a negative errno and `text`. */
	int (*detach)(void *context, char *text, size_t size);
	/* Walked by a worker thread under RCU; stays until the server is closed. NULL: none yet. */
	struct lease_table *(*table)(void *context);

	/* Failover. A new array, an object for each relationship; NULL without memory. */
	json_t *(*failover)(void *context);
	/* What is found in the relationships; `check` says these too. */
	void (*failover_check)(void *context, ctl_finding_visitor visit, void *visitor);
	/*
	 * What an operator says of one: CTL_PARTNER_DOWN, CTL_INITIALISED, or a refusal. `relation`
	 * NULL: the only one. `text` says what comes of it, or why not.
	 */
	enum ctl_code (*failover_partner_down)(void *context, const char *relation, bool fenced,
					       char *text, size_t size);
	enum ctl_code (*failover_init)(void *context, const char *relation, char *text,
				       size_t size);
	/* Is the link to the partner alive: CTL_LINK_UP, CTL_LINK_DOWN, CTL_BUSY until that is known. */
	enum ctl_code (*failover_probe)(void *context, const char *relation, char *text,
					size_t size);
	/* Hands over, then stops: CTL_HANDING_OVER or a refusal. The reply leaves afterwards. */
	enum ctl_code (*failover_shutdown)(void *context, char *text, size_t size);
};

struct ctl_command {
	const char *name;
	const char *help;
	const char *const *arguments; /* names, NULL at the end */
	/* Answers by one of ctl/call.h's functions, exactly once. `request` is borrowed. */
	void (*handle)(struct ctl_call *call, const json_t *request);
};

/* NULL at the end of the table. */
const struct ctl_command *ctl_command_at(size_t index);
const struct ctl_command *ctl_command_find(const char *name);

/* Finds the command of a request, checks its arguments' names and handles it. */
void ctl_command_run(struct ctl_call *call, const json_t *request);

#endif
