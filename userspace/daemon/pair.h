/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The daemon's end of failover: gives each relationship of the configuration
 * its sockets, its place in the journal, its record in the kernel and its
 * clock, and the slow path its views. What happens between two servers is
 * decided in failover/.
 */
#ifndef XDHCP_DAEMON_PAIR_H
#define XDHCP_DAEMON_PAIR_H

#include "daemon/daemon.h"
#include "failover/peer.h"

#define PAIR_STREAMS 8 /* connections a relationship has at one time, half-open ones among them */

struct net_listener;
struct net_stream;

struct pair_stream {
	struct pair *pair;
	struct net_stream *stream; /* NULL: free */
	uint32_t link; /* as failover_peer numbers it; 0: not open yet */
	bool outgoing;
};

/* One relationship. */
struct pair {
	struct daemon *daemon;
	const struct conf_relation *conf;
	struct failover_peer *peer;
	char *common;
	struct net_listener *listener; /* NULL: an earlier pair listens on the same address */
	struct pair_stream streams[PAIR_STREAMS];
	uint32_t links; /* numbers given out */
	uint32_t probed; /* a link whose partner is being tried; 0: none */
	uint64_t probed_at; /* monotonic */
	bool paused; /* reading waits for a transition */
	bool here, looked_for; /* is `conf->address` on an interface, as far as that was asked */
	uv_work_t grace;
	bool grace_busy, silence_again;
};

/* What the store had of this name (store/store.h): kept until the pairs are made. 0 or -ENOMEM. */
int pairs_note(struct daemon *daemon, const char *name, const void *bytes, size_t length);

/* Before the slots are settled: what the configuration names, not started. 0 or a negative code, logged. */
int pairs_make(struct daemon *daemon);
/* With the loop at hand: listens and connects. */
int pairs_start(struct daemon *daemon);
/* Does a new configuration have the same relationships? Others need a restart. */
bool pairs_fit(const struct daemon *daemon, const struct conf *conf);
/* `daemon->conf` is a new one that fits. */
int pairs_reload(struct daemon *daemon);
/* Addresses have come or gone: where a pair's own has come, the partner is called at once. */
void pairs_addresses(struct daemon *daemon);
/* Closes connections and listeners; the partner sees the link end. */
void pairs_close(struct daemon *daemon);
void pairs_free(struct daemon *daemon);

/* The relationship of this number; NULL: none. */
struct pair *pairs_of(const struct daemon *daemon, uint8_t number);

/* The heartbeat; after a group; at the end of whatever was done for them. */
void pairs_heartbeat(struct daemon *daemon);
void pairs_durable(struct daemon *daemon, uint64_t group);
void pairs_turn(struct daemon *daemon);

/* The views' clock is now's. */
void pairs_now(struct daemon *daemon);

/* Planned stop: every relationship hands over; then calls back (at once where there is none). */
void pairs_stop(struct daemon *daemon, void (*callback)(struct daemon *daemon));

struct failover_now pair_now(void);

#endif
