/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One relationship: its connections, its timers, its state. Bytes and events
 * in, bytes and verbs out; the caller has the sockets, the clock and the disk.
 *
 * Connections. Both roles connect, and accept from the partner's address; the
 * primary sends CONNECT on each connection, whoever opened it, as dhcpd does.
 * The first handshake that completes is the link; others are refused as
 * duplicates. Timers: 15 s for the first message, max-response-delay for
 * silence, CONTACT every third of the partner's, 5 s between attempts.
 *
 * A transition of the state machine is carried out in this order, and nothing
 * is read from the link meanwhile (failover_peer_reads()):
 *
 *   silence the kernel, if the new state does not serve  → failover_peer_silent()
 *   put the kept state into the journal                  → failover_peer_durable()
 *   serve, if the new state does; then STATE and the other actions
 *
 * Two xdhcp know each other by vendor-class-identifier "xdhcp…" and by what
 * option 29 carries (all dhcpd ignores it): the store's identity, the identity
 * that the other one's store had when last seen, and the digest of what both
 * must have in common; where the digests differ, the texts follow by COMMON.
 */
#ifndef XDHCP_FAILOVER_PEER_H
#define XDHCP_FAILOVER_PEER_H

#include "conf/conf.h"
#include "failover/fsm.h"
#include "failover/update.h"
#include "failover/view.h"

struct failover_peer;

struct failover_now {
	int64_t wall; /* seconds */
	int64_t wall_ns; /* of the same reading, for the skew */
	uint64_t monotonic; /* ns, the slots' clock (coarse) */
};

enum failover_level {
	FAILOVER_LOG_INFO,
	FAILOVER_LOG_NOTICE,
	FAILOVER_LOG_WARNING,
	FAILOVER_LOG_ERROR
};

struct failover_peer_verbs {
	void *context;
	/* Opens a connection to the partner: failover_peer_opened() or failover_peer_failed() tells. */
	void (*connect)(void *context);
	/* Queues bytes on a connection; copied. */
	void (*send)(void *context, uint32_t link, const void *bytes, size_t length);
	/* Are fewer bytes queued there than is sensible? */
	bool (*writable)(void *context, uint32_t link);
	/* Sends what is queued, then closes; no further word of this connection comes. */
	void (*close)(void *context, uint32_t link);
	/* Puts the kept state into the running journal group; returns its number. */
	uint64_t (*keep)(void *context, const void *bytes, size_t length);
	/* The kernel shall answer nothing of this relationship: failover_peer_silent() when that is so. */
	void (*silence)(void *context);
	/* The picture has changed (serves, bound): failover_peer_view(), failover_peer_policy(). */
	void (*changed)(void *context);
	void (*log)(void *context, enum failover_level level, const char *text);
};

struct failover_peer_options {
	const struct conf_relation *conf; /* the caller's, as is all here; until reconfigured */
	const char *common; /* conf_common_text() */
	const uint8_t *store; /* 16 bytes: identity of the lease store */
	const char *software; /* vendor class: "xdhcp-1.0" */
	bool tls; /* connections are TLS (net/stream.h does it) */
	int strict; /* strict-partner-down: 1 on, 0 off, -1 on towards dhcpd, off towards xdhcp */
	int64_t reference; /* failover_view.reference */
	bool adopted; /* the kernel part of the daemon before lives */
	bool outdated; /* the partner may have served alone since this store was written */
	uint64_t
		seed; /* of the jitter, and of what tells this start from others; never the same twice */
	bool swap_secs; /* conf.check_secs_byte_order */
	struct lease_table *table;
	struct lease_commit *commit;
};

/* `kept`: what verb keep was given last, of any earlier run; length 0: nothing is known. 0, -ENOMEM, -EBADMSG (kept is damaged). */
int failover_peer_new(const struct failover_peer_options *options,
		      const struct failover_peer_verbs *verbs, const void *kept, size_t length,
		      struct failover_peer **ret_peer);
void failover_peer_free(struct failover_peer *peer);
void failover_peer_start(struct failover_peer *peer, const struct failover_now *now);
/* Another configuration of the same name, the one before being there still; what the handshake said otherwise closes the link. */
void failover_peer_reconfigure(struct failover_peer *peer,
			       const struct failover_peer_options *options,
			       const struct failover_now *now);

/* Connections are numbered by the caller, from 1, never again. */
void failover_peer_opened(struct failover_peer *peer, uint32_t link, bool outgoing,
			  const struct failover_now *now);
void failover_peer_failed(struct failover_peer *peer, const char *why,
			  const struct failover_now *now);
void failover_peer_closed(struct failover_peer *peer, uint32_t link, const char *why,
			  const struct failover_now *now);
/* Nothing can come on the connection any more, and nobody will say so: it ends. */
void failover_peer_cut_off(struct failover_peer *peer, const char *why,
			   const struct failover_now *now);
/* What a connection failed for may be mended: the next one is not waited for. */
void failover_peer_retry(struct failover_peer *peer, const struct failover_now *now);
/* Bytes as they come; all are taken. While failover_peer_reads() is false the caller brings none. */
void failover_peer_bytes(struct failover_peer *peer, uint32_t link, const void *bytes,
			 size_t length, const struct failover_now *now);
bool failover_peer_reads(const struct failover_peer *peer);
/* May one more connection from the partner be accepted (half-open ones are bounded)? */
bool failover_peer_accepts(const struct failover_peer *peer);

void failover_peer_silent(struct failover_peer *peer, const struct failover_now *now);
void failover_peer_durable(struct failover_peer *peer, uint64_t group,
			   const struct failover_now *now);

/* Timers and sending; returns when it wants to be called next (monotonic ns). Call after every event. */
uint64_t failover_peer_turn(struct failover_peer *peer, const struct failover_now *now);

/* The heartbeat: the bound is reckoned anew. Not called for a daemon that does not live. */
void failover_peer_heartbeat(struct failover_peer *peer, const struct failover_now *now);
const struct failover_view *failover_peer_view(const struct failover_peer *peer);
/* For lease/: what may be allocated and ended (lease/policy.h). */
void failover_peer_policy(const struct failover_peer *peer, struct lease_policy *ret_policy);
/* Verb `announce` of lease/commit. */
void failover_peer_owe(struct failover_peer *peer, struct lease *lease);

/* Operator's words. 0, or -EINVAL and *ret_why (static): refused, nothing changed. */
int failover_peer_partner_down(struct failover_peer *peer, bool fenced,
			       const struct failover_now *now, const char **ret_why);
int failover_peer_init(struct failover_peer *peer, const struct failover_now *now,
		       const char **ret_why);
/*
 * Does the partner's system live? Says CONTACT on the link, and returns the link's number: whether
 * it is acknowledged is for the caller to see, who says so where it is not. 0: there is no link.
 */
uint32_t failover_peer_probe(struct failover_peer *peer, const struct failover_now *now);
void failover_peer_unreachable(struct failover_peer *peer, uint32_t number,
			       const struct failover_now *now);
/* Planned stop: silence, what is owed, SHUTDOWN, the partner's PARTNER-DOWN or 5 s. Then failover_peer_stopped(). */
void failover_peer_stop(struct failover_peer *peer, const struct failover_now *now);
bool failover_peer_stopped(const struct failover_peer *peer);

#define FAILOVER_SAID 256 /* what one server says to the other of an end; ours is shorter */
#define FAILOVER_END 512 /* that, and what it was said of */

struct failover_status {
	struct failover_kept kept;
	bool startup, linked, heard, primary, isc, tls, strict, fenced, serves, balances;
	const char *why, *remedy; /* static */
	int64_t linked_since; /* wall clock, 0: no link */
	int64_t wait_until; /* RECOVER-WAIT, wall clock, 0: none */
	int64_t startup_until, alone_at; /* STARTUP's end, auto-partner-down; 0: none */
	int64_t takeover_at; /* PARTNER-DOWN: from when the partner's free addresses are ours; 0: none */
	int64_t next_connect, next_balance; /* wall clock; 0: none */
	bool skew_known;
	double skew; /* partner − own, seconds */
	uint32_t mclt, partner_unacked, partner_delay;
	bool digest_known, digest_same; /* of what both must have in common; xdhcp only */
	char partner_software[64];
	bool has_partner_store;
	uint8_t partner_store[16]; /* the lease store that this one is in step with, or was last */
	char refused[FAILOVER_END]; /* why the last connection ended, or was refused */
	uint8_t last_reject; /* reason sent or received last, 0: none */
	struct failover_updates_status updates;
	uint64_t messages_in[16], messages_out[16]; /* by type */
	uint64_t malformed, connections, refused_connections;
};
void failover_peer_status(const struct failover_peer *peer, const struct failover_now *now,
			  struct failover_status *ret_status);

/* What the partner has of what both must have in common, as told by COMMON; NULL: not known. */
const char *failover_peer_common(const struct failover_peer *peer);

#endif
