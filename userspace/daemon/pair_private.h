/* SPDX-License-Identifier: GPL-2.0-only */
/* Between pair.c, which has a relationship's verbs, and pair_start.c, which has its life. */
#ifndef XDHCP_DAEMON_PAIR_PRIVATE_H
#define XDHCP_DAEMON_PAIR_PRIVATE_H

#include "daemon/pair.h"
#include "failover/kept.h"
#include "net/stream.h"

struct failover_peer_verbs pair_verbs(struct pair *pair);
/* net_listener_verbs: judged by the partner's address; context is the pair that listens. */
bool pair_accept(void *context, uint32_t remote, struct net_stream *stream,
		 struct net_stream_verbs *ret_verbs, struct net_tls **ret_tls,
		 const char **ret_name);
/* NULL: plain. */
struct net_tls *pair_tls(const struct pair *pair);
/* The time, with everything that was promised read by the same clock. */
struct failover_now pair_time(struct daemon *daemon);
/* Of a link: what the partner's system has not acknowledged; of one that is gone: nothing. */
size_t pair_unacknowledged(struct pair *pair, uint32_t link);
/* Slow path, leases and kernel go by what the peer says now. */
void pair_publish(struct pair *pair);

#endif
