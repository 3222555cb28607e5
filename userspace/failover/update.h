/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bindings to the partner and back (draft sections 7.1 to 7.5). One struct per
 * relationship; loop thread.
 *
 * Out: a lease whose record is durable and owed (LEASE_OWED) is queued once,
 * leaves as BNDUPD while fewer than the partner's max-unacked are in flight,
 * and is owed no more when its BNDACK came and nothing newer was committed
 * meanwhile. What leaves says what the disk says (lease->current): the
 * potential expiry P is journaled before it is sent.
 *
 * In: a BNDUPD is judged, the slot closed first where it
 * takes the address away from its client (invariant I6), committed, and its
 * BNDACK leaves when its journal group is durable. Where the kernel has promised
 * up to 65 s more than a partner knows that waits for the answer, the BNDACK is
 * withheld until that has passed (lease->yielding); more, what is free there
 * already, and whatever dhcpd wants to have back too early, is refused as
 * outdated, and the lease owed anew.
 *
 * UPDREQ, UPDREQALL: a cursor walks the table in chunks, so that a million
 * bindings need no queue; UPDDONE follows the last answer.
 */
#ifndef XDHCP_FAILOVER_UPDATE_H
#define XDHCP_FAILOVER_UPDATE_H

#include "failover/wire.h"
#include "lease/commit.h"

struct failover_updates;

struct failover_updates_verbs {
	void *context;
	/* Sends a message; xid 0: a fresh one. Returns the xid that it left with. The link may be gone: then nothing. */
	uint32_t (*send)(void *context, struct failover_message *message);
	/* May more be sent now, or is enough waiting for the socket? */
	bool (*writable)(void *context);
};

/* What changes with link and state. */
struct failover_terms {
	bool sending; /* linked, and the state exchanges updates */
	bool normal; /* own state NORMAL */
	bool isc; /* the partner is dhcpd: no batching tricks, its acceptance matrix */
	bool caught_up; /* the partner has told, since the link came up, all that it owed */
	bool strict; /* strict-partner-down: option 13 carries P as well */
	uint32_t window; /* the partner's max-unacked-bndupd */
};

struct failover_update_counters {
	uint64_t sent, acknowledged, rejected; /* BNDUPD of ours */
	uint64_t received, accepted, refused; /* BNDUPD of the partner's */
	uint64_t rejects_in[256], rejects_out[256]; /* by reject reason */
	uint64_t stray; /* BNDACK that fits nothing in flight */
};

int failover_updates_new(struct lease_table *table, struct lease_commit *commit, uint8_t relation,
			 bool primary, const struct failover_updates_verbs *verbs,
			 struct failover_updates **ret_updates);
/* Before table and commit. */
void failover_updates_free(struct failover_updates *updates);
/*
 * After a reload: the relationship's number now. Leases that are not its any more are forgotten, and
 * what is withheld of them is refused; of all relationships before anything else is said of a lease.
 */
void failover_updates_reconfigure(struct failover_updates *updates, uint8_t relation, int64_t now);

void failover_updates_terms(struct failover_updates *updates, const struct failover_terms *terms);

/* A lease's record has become durable and is owed (verb `announce` of lease/commit). */
void failover_updates_owe(struct failover_updates *updates, struct lease *lease);
/*
 * The link is lost: what is in flight is owed again, a request being served is forgotten, and no
 * BNDUPD that came by it is answered any more (another link numbers its messages anew); the partner
 * repeats what it has no answer to. While a link lives everything in flight is answered, and counts
 * in duels until then, whatever becomes of the states.
 */
void failover_updates_unlinked(struct failover_updates *updates, int64_t now);
/* Everything that LEASE_OWED marks is found by a walk (after a start, on entering NORMAL). */
void failover_updates_owe_marked(struct failover_updates *updates);

/* BNDUPD, BNDACK, UPDREQ (all: UPDREQALL) from the partner. `now`: wall clock. */
void failover_updates_bndupd(struct failover_updates *updates,
			     const struct failover_message *message, int64_t now);
void failover_updates_bndack(struct failover_updates *updates,
			     const struct failover_message *message, int64_t now);
void failover_updates_request(struct failover_updates *updates, uint32_t xid, bool all);

/*
 * Journal groups up to this one are durable: BNDACKs that waited for them leave. Call it after
 * lease_commit_durable() and before the next turn, so that an answer precedes what was committed later.
 */
void failover_updates_durable(struct failover_updates *updates, uint64_t group);

/*
 * Sends what may be sent, goes on with a walk, ends what was withheld. True:
 * there is more to do at once (call again with the next turn of the loop).
 */
bool failover_updates_turn(struct failover_updates *updates, int64_t now);
/* Nothing owed, in flight or being walked (that a planned stop waits for). */
bool failover_updates_idle(const struct failover_updates *updates);

struct failover_updates_status {
	uint64_t owed, in_flight, withheld, waiting_acks;
	bool serving, serving_all; /* UPDREQ(ALL) of the partner */
	uint64_t served; /* leases sent for it so far */
	int64_t oldest; /* wall clock when the oldest in flight was sent, 0: none */
	struct failover_update_counters counters;
};
void failover_updates_status(const struct failover_updates *updates,
			     struct failover_updates_status *ret_status);

#endif
