/* SPDX-License-Identifier: GPL-2.0-only */
/* Between pair_control.c, which has the operator's words, pair_status.c, what is so, and pair_check.c, what is wrong. */
#ifndef XDHCP_DAEMON_PAIR_CONTROL_PRIVATE_H
#define XDHCP_DAEMON_PAIR_CONTROL_PRIVATE_H

#include "daemon/pair.h"
#include "daemon/pair_control.h"
#include "failover/wire.h"

/* NULL and *ret_code, `text`: there is none. */
struct pair *pair_named(const struct daemon *daemon, const char *relation, char *text, size_t size,
			enum ctl_code *ret_code);
/* What was said goes to disk, and on from there. */
void pair_said(struct daemon *daemon);

/* Verb `failover_probe`. */
enum ctl_code pair_probe(void *context, const char *relation, char *text, size_t size);
/* Verbs `failover` and `failover_check`. */
json_t *pair_status_all(void *context);
void pair_check_all(void *context, ctl_finding_visitor visit, void *visitor);

#endif
