/* SPDX-License-Identifier: GPL-2.0-only */
/* The room's own: what is on its way to the disk. */
#ifndef XDHCP_LEASE_CHANGE_H
#define XDHCP_LEASE_CHANGE_H

#include <urcu.h>

#include "lease/commit.h"
#include "lease/place.h"

/*
 * A record on its way to the disk. While group n is being synced, group n + 1
 * may say more of the same lease: the older change then stays, without a stamp,
 * and makes its record current in its turn, so that current is what the disk
 * holds at any time (snapshots are made of it). The slot waits for the newest.
 */
struct lease_change {
	struct cds_list_head list; /* in the order of appending */
	struct lease *lease;
	struct lease_record *record; /* lease->pending in the newest */
	uint64_t group;
	struct lease_stamp stamp;
	bool stamped;
};

#define LEASE_RETIRED_MOST 256

/* Records that readers may still see: freed together, after a grace period. */
struct lease_retired {
	struct rcu_head rcu;
	size_t count;
	struct lease_record *records[LEASE_RETIRED_MOST];
};

struct lease_commit {
	struct lease_table *table;
	struct lease_verbs verbs;
	struct cds_list_head changes;
	struct lease_retired *retired; /* that is being filled; NULL: none */
};

/* NULL without memory. Then stamp or inherit, and submit; or free(). */
struct lease_change *lease_change_new(struct lease *lease);
/* Takes the stamp; NULL: none. */
void lease_change_stamp(struct lease_commit *commit, struct lease_change *change,
			const struct lease_stamp *stamp);
/* Takes over the stamp of the change that this one supersedes: the client is the same. */
void lease_change_inherit(struct lease_change *change);
/* Takes change and record: appended, effective from now on. Returns the group. */
uint64_t lease_change_submit(struct lease_commit *commit, struct lease_change *change,
			     struct lease_record *record);
/* The same of a record that lacks a change still; 0 without memory, and the record is freed. */
uint64_t lease_change_submit_record(struct lease_commit *commit, struct lease *lease,
				    struct lease_record *record);

/* Readers see `record` from now on; what they saw before goes when they have left it. */
void lease_current_replace(struct lease_commit *commit, struct lease *lease,
			   struct lease_record *record);

/* The record that follows: a copy to be changed, an empty one where there is none; NULL: no memory. */
struct lease_record *lease_record_next(const struct lease *lease);
bool lease_record_same_client(const struct lease_record *a, const struct lease_record *b);
/* Owed to the partner, where there is one; an ACTIVE record then says what will be sent. */
void lease_record_owe(const struct lease_table *table, const struct lease *lease,
		      struct lease_record *record);
/* Nothing of the binding before: no potential expiry, no lease end that the partner knows. */
void lease_record_forget(struct lease_record *record);

#endif
