/* SPDX-License-Identifier: GPL-2.0-only */
/* What the daemon says, for a person. */
#ifndef XDHCP_TOOL_SHOW_H
#define XDHCP_TOOL_SHOW_H

#include <jansson.h>
#include <stdbool.h>

/* A tool_visitor: a lease as a row, under a heading before the first; `context` is a bool, false at first. */
void tool_show_lease(void *context, const char *line, const json_t *lease);

/* By group, without those that are 0 unless `all`. */
void tool_show_stats(const json_t *reply, bool all);
void tool_show_status(const json_t *reply);
void tool_show_failover(const json_t *reply); /* show_failover.c */
void tool_show_check(const json_t *reply);
/* The text of any reply: to standard output, or to standard error where it is a refusal. */
void tool_show_text(const json_t *reply);

#endif
