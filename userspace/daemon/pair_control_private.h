/* SPDX-License-Identifier: GPL-2.0-only */
/* Between pair_control.c, which has the operator's words, and pair_status.c, what is told. */
#ifndef XDHCP_DAEMON_PAIR_CONTROL_PRIVATE_H
#define XDHCP_DAEMON_PAIR_CONTROL_PRIVATE_H

#include "daemon/pair.h"
#include "daemon/pair_control.h"
#include "failover/wire.h"

/* Verb `failover`. */
json_t *pair_status_all(void *context);

#endif
