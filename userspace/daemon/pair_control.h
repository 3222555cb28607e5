/* SPDX-License-Identifier: GPL-2.0-only */
/* What xdhcpctl is told of failover, and what it may say. */
#ifndef XDHCP_DAEMON_PAIR_CONTROL_H
#define XDHCP_DAEMON_PAIR_CONTROL_H

#include "ctl/commands.h"

struct daemon;

/* Fills in the verbs failover…; their context is the daemon. */
void pair_control_verbs(struct ctl_verbs *verbs);

#endif
