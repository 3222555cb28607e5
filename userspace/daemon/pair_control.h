/* SPDX-License-Identifier: GPL-2.0-only */
/* What xdhcpctl is told of failover, and what it may say. */
#ifndef XDHCP_DAEMON_PAIR_CONTROL_H
#define XDHCP_DAEMON_PAIR_CONTROL_H

#include "ctl/commands.h"

struct daemon;

/* Fills in the verbs failover…; their context is the daemon. */
void pair_control_verbs(struct ctl_verbs *verbs);

/* An array, a few words of each relationship, for `status`; NULL without memory. */
json_t *pair_control_summary(const struct daemon *daemon);
/* Group "failover" of `stats`; nothing where there is no relationship. */
void pair_control_counters(const struct daemon *daemon, ctl_counter_visitor visit, void *visitor);

#endif
