/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of update.h share:
 *
 *   update.c        the queue, the window, the partner's answers
 *   update_build.c  lease → BNDUPD                              (decides, changes nothing)
 *   update_judge.c  BNDUPD → what may be done with it           (decides, changes nothing)
 *   update_learn.c  does it: close, learn, withhold; BNDACK
 *   update_walk.c   UPDREQ, UPDREQALL, and what is owed from earlier
 */
#ifndef XDHCP_FAILOVER_UPDATE_PRIVATE_H
#define XDHCP_FAILOVER_UPDATE_PRIVATE_H

#include <urcu.h>

#include "failover/update.h"

/* In flight at most, whatever the partner announces. */
#define UPDATE_WINDOW_MAX 65536
/* BNDACKs that wait for the disk, and updates withheld, at most: no sane partner comes near. */
#define UPDATE_ANSWERS_MAX 131072
#define UPDATE_WITHHELD_MAX 4096
/* How long a BNDACK is withheld, and by how much clocks may differ (dhcpd's own expiry slack). */
#define UPDATE_SLACK 65

enum update_place {
	UPDATE_QUEUED,
	UPDATE_HELD, /* its potential expiry is on the way to the disk: queued when it is announced */
	UPDATE_FLIGHT,
	UPDATE_PARKED, /* owed, with no memory of its own: a walk finds it */
};

/* A lease that is owed, or asked for. One of a lease is in flight at any time: that keeps its order. */
struct failover_update {
	struct cds_list_head list; /* of its place, in the order of coming there */
	struct failover_update *next; /* of its bucket, in flight */
	struct lease *lease;
	int64_t sent_at;
	uint32_t xid;
	uint32_t request; /* the one of the partner's that waits for the answer */
	uint32_t potential, ends, cltt; /* as sent, like the state */
	uint8_t state;
	uint8_t place; /* enum update_place */
	bool again; /* committed anew while in flight */
	bool contested; /* an update of the partner's was refused meanwhile */
};

/* A walk over the table. */
struct update_walk {
	bool walking;
	bool all; /* UPDREQALL; else what is owed, and what the partner has to agree to */
	uint64_t next; /* address */
	int64_t began;
};

/* A BNDACK that waits for the disk. */
struct update_answer {
	uint64_t group;
	uint32_t xid, address;
};

/* A BNDUPD that waits for the last promise of the kernel to pass. */
struct update_withheld {
	struct cds_list_head list;
	struct lease *lease;
	struct lease_record *record;
	int64_t promise; /* of the kernel's: it is learned when this second is over */
	uint32_t xid;
};

struct failover_updates {
	struct lease_table *table;
	struct lease_commit *commit;
	struct failover_updates_verbs verbs;
	struct failover_terms terms;
	uint8_t relation;
	bool primary;

	struct cds_list_head queue, held, flight;
	uint64_t queued, held_count, flying, parked_count;
	struct failover_update
		parked; /* what the leases point to that have no entry of their own */
	struct failover_update **buckets; /* in flight, by xid; NULL: none yet */
	uint32_t bucket_mask;

	struct update_walk owed; /* what LEASE_OWED marks */
	struct update_walk served; /* what the partner asked for */
	bool serving; /* UPDDONE is due */
	uint32_t request; /* counts the partner's requests; 0: none yet */
	uint32_t request_xid;
	uint64_t outstanding; /* entries that the request waits for */
	uint64_t served_count;

	struct update_answer *answers; /* a ring, groups ascending */
	uint32_t answer_first, answer_count, answer_size;
	struct cds_list_head withheld;
	uint32_t withheld_count;
	int64_t withheld_until; /* the earliest promise of them */

	struct failover_update_counters counters;
};

/* update.c */
/* Is the lease ours to tell of? */
static inline bool update_concerns(const struct failover_updates *updates,
				   const struct lease *lease)
{
	return lease->relation == updates->relation;
}
/* Into the queue, unless it is there, or in flight; what has no memory is parked. */
void update_enqueue(struct failover_updates *updates, struct lease *lease);
/* The same for a request: its UPDDONE waits for the answer. False without memory. */
bool update_enqueue_asked(struct failover_updates *updates, struct lease *lease);
/* Nothing of the lease is owed or in flight any more; the answer to what is will fit nothing. */
void update_forget(struct failover_updates *updates, struct lease *lease);
/* The entry of the lease if it is in flight, else NULL. */
struct failover_update *update_in_flight(const struct lease *lease);

/* update_build.c */
struct update_message {
	struct failover_message message;
	uint8_t hardware[FAILOVER_HARDWARE_MAX];
};
/* The BNDUPD that says what the disk holds of the lease. It points into record and *ret_message. */
void update_build(const struct lease *lease, const struct failover_terms *terms,
		  struct update_message *ret_message);
/* May it leave, or does it say a potential expiry that is not on disk? */
bool update_potential_suffices(const struct lease_record *record);

/* update_judge.c */
enum update_verdict {
	UPDATE_REFUSE, /* with `reason` */
	UPDATE_LEARN, /* nobody has the address here, or its own client goes on */
	/* Close and learn: the client's own word, or the partner's where we yield; refuse with
	 * `reason`, if there is one, where the kernel has heard of the client since. */
	UPDATE_TAKE,
	UPDATE_TAKE_LATER, /* close; learn when the last promise has passed, refuse with `reason` if that is long */
};
struct update_judgement {
	enum update_verdict verdict;
	uint8_t reason; /* enum failover_reject */
};
/* `lease` NULL: the address is in no pool of the relationship. */
struct update_judgement update_judge(const struct lease *lease,
				     const struct failover_message *message, bool primary,
				     int64_t now);
/* The record that the message makes of what is known of the lease; NULL without memory. */
struct lease_record *update_record(const struct lease *lease,
				   const struct failover_message *message);

/* update_learn.c */
/* Learns what was withheld and is due. */
void update_withheld_turn(struct failover_updates *updates, int64_t now);
/* Forgets all that is withheld; with `reopen` the slots answer again. */
void update_withheld_end(struct failover_updates *updates, int64_t now, bool reopen);

/* Refuses what is withheld of leases that are not of the relationship any more. */
void update_withheld_forget(struct failover_updates *updates, int64_t now);

/* update_walk.c */
/* Goes on with the walks while the queue is short; true: there is more to do at once. */
bool update_walk_turn(struct failover_updates *updates, int64_t now);
/* A request that is answered as a whole. */
void update_walk_done(struct failover_updates *updates);

#endif
