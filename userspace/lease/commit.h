/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only door to the truth.
 *
 *   grant   record → pending, append                → durable() → published
 *   revoke  close → promise → record, append        → durable() → published
 *   renewed (sweep) told := promise, append         → durable() → published
 *
 * The map may know less than the journal, never more: a grant reaches the map
 * after its group is on disk, a revocation before it is written (invariants
 * I1, I6). Groups are numbered by the journal, ascending; durable(n) says
 * that all groups up to n are on disk. What is pending may be superseded
 * before it is durable: only the newest of a lease reaches the slot, while
 * lease->current is what the disk holds at any time. Loop thread only.
 */
#ifndef XDHCP_LEASE_COMMIT_H
#define XDHCP_LEASE_COMMIT_H

#include "lease/table.h"

/* What the fast path needs to answer the client's next renewal, rendered for the request at hand. */
struct lease_stamp {
	uint64_t signature; /* 0: unknown, the next request goes up once */
	uint32_t tail; /* index, a reference that goes with the stamp; 0: none */
	uint32_t lease; /* seconds to give */
};

struct lease_verbs {
	void *context;
	/* Closes the slot of an address; returns the last promise (wall-clock seconds), 0: none. */
	int64_t (*close)(void *context, uint32_t address);
	/* Puts a record into the running group; returns the group's number. Never fails: the
	 * buffer is bounded by what the loop admits in one turn. */
	uint64_t (*append)(void *context, const struct lease_record *record);
	/*
	 * lease->current is durable: bring the slot up to it. `stamp` NULL: keep the slot's.
	 * lease->closed still says whether the slot was closed before. Calls nothing here.
	 */
	void (*publish)(void *context, const struct lease *lease, const struct lease_stamp *stamp);
	/* A stamp that is not published after all: give its tail reference back. */
	void (*drop)(void *context, const struct lease_stamp *stamp);
};

struct lease_commit;
int lease_commit_new(struct lease_table *table, const struct lease_verbs *verbs,
		     struct lease_commit **ret_commit);
void lease_commit_free(struct lease_commit *commit);

/*
 * Binds an address to the client in `record`, or extends it; an offer of the
 * address is over. Takes record and stamp (NULL: the slot's stays). Returns
 * the group to wait for; 0 without memory: nothing was granted, say nothing.
 * The caller has checked that the address is the client's or free; a slot of
 * another client is closed already.
 */
uint64_t lease_commit_grant(struct lease_commit *commit, struct lease *lease,
			    struct lease_record *record, const struct lease_stamp *stamp);

/*
 * Takes an address away: closes the slot first. With `state` LEASE_EXPIRED a
 * promise that has not run out yet turns it into a renewal instead (told :=
 * promise) and the lease stays active. Otherwise the address becomes `state`
 * (LEASE_EXPIRED and LEASE_RELEASED become LEASE_FREE at once where no
 * partner has to agree, and keep their client's identity; LEASE_ABANDONED
 * until `until`, 0: for good). `*ret_promise` is the last promise. Returns the
 * group; 0 without memory: nothing happened, the slot is open still.
 */
uint64_t lease_commit_revoke(struct lease_commit *commit, struct lease *lease, uint8_t state,
			     int64_t now, int64_t until, int64_t *ret_promise);

/*
 * Sweep: the fast path promised up to `promise`, later than told. `horizon`
 * is the new H. Returns the group, 0 where there was nothing to note (or no
 * memory to note it in: the next sweep of the same promise does).
 */
uint64_t lease_commit_renewed(struct lease_commit *commit, struct lease *lease, int64_t promise,
			      int64_t now, int64_t horizon);

/*
 * A new stamp for a lease whose record stays (the client changed its request).
 * Takes it. Published at once; with the pending record where there is one.
 */
void lease_commit_restamp(struct lease_commit *commit, struct lease *lease,
			  const struct lease_stamp *stamp);

/*
 * Another configuration: stamps on their way were rendered from the old one
 * and are given back. Each of those clients goes up once more.
 */
void lease_commit_unstamp(struct lease_commit *commit);

/*
 * A record read from the store at start, before any reader: becomes current,
 * is neither appended nor published; the last one of an address counts. Takes
 * the record in either case. 0 or -ENOMEM.
 */
int lease_commit_restore(struct lease_commit *commit, struct lease_record *record);

/*
 * Cold start: the kernel's maps are lost, and with them every promise between
 * the told end and H. Each active lease is held for its client until H
 * (`ends` := `horizon`, in memory only: the journal says so already). After
 * restoring, before serving. 0 or -ENOMEM.
 */
int lease_commit_hold_until_horizon(struct lease_commit *commit);
/* The same for one lease, whose slot knows nothing of its client. */
int lease_commit_hold(struct lease_commit *commit, struct lease *lease);

/* All groups up to this one are on disk: pending becomes current, slots are published. */
void lease_commit_durable(struct lease_commit *commit, uint64_t group);

/*
 * Ends what has run out by `now`: offers, abandonments and leases (each
 * through revoke). At most `most` a call, so that the loop stays responsive;
 * returns 0 when all is done, else call again (what is left is not counted).
 */
size_t lease_commit_expire(struct lease_commit *commit, int64_t now, size_t most);

#endif
