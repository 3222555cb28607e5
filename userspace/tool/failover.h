/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said of a failover relationship: a person is asked first, for what is said wrong gives addresses twice. */
#ifndef XDHCP_TOOL_FAILOVER_H
#define XDHCP_TOOL_FAILOVER_H

#include <jansson.h>
#include <stdbool.h>

/* `relation` NULL: the only one. Each returns a reply, never NULL (tool/ask.h). */
json_t *tool_failover_down(const char *socket, unsigned seconds, const char *relation, bool fenced,
			   bool yes);
json_t *tool_failover_probe(const char *socket, unsigned seconds, const char *relation);
json_t *tool_failover_init(const char *socket, unsigned seconds, const char *relation, bool yes);

/* Waits until the daemon is gone; `tells`: on standard error, how it gets on. */
json_t *tool_failover_shutdown(const char *socket, unsigned seconds, bool tells);

#endif
