/* SPDX-License-Identifier: GPL-2.0-only */
/* What the daemon gives to ctl/. */
#ifndef XDHCP_DAEMON_CONTROL_H
#define XDHCP_DAEMON_CONTROL_H

#include "ctl/commands.h"

struct daemon;

struct ctl_verbs control_verbs(struct daemon *daemon);

#endif
