/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only door to the truth.
 *
 *   grant   record → pending, append                → durable() → published
 *   revoke  close → promise → record, append        → durable() → published
 *   renewed (sweep) told := promise, append         → durable() → published
 *   learn (partner) close → record, append          → durable() → published
 *
 * In a pool with a failover relationship each of these but learn leaves the
 * record owed to the partner (LEASE_OWED); it is announced when it is durable.
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
	/* What the partner acknowledged of a record that is durable goes to the journal, short, with
	 * the running group; nobody waits for it. */
	void (*acknowledged)(void *context, const struct lease_record *record);
	/* lease->current is durable, published, and owed to the partner. */
	void (*announce)(void *context, struct lease *lease);
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
 * another client is closed already. What the partner knows of the client's
 * binding (potential, acknowledged, received, known) is carried over here.
 */
uint64_t lease_commit_grant(struct lease_commit *commit, struct lease *lease,
			    struct lease_record *record, const struct lease_stamp *stamp);

/*
 * Takes an address away: closes the slot first. With `state` LEASE_EXPIRED a
 * promise that has not run out yet turns it into a renewal instead (told :=
 * promise) and the lease stays active. Otherwise the address becomes `state`:
 * LEASE_ABANDONED until `until`, 0: for good; LEASE_EXPIRED, LEASE_RELEASED and
 * LEASE_RESET keep their client's identity, and are the own free state at once
 * where no partner has to agree: there is none, or it never heard of the
 * binding. `*ret_promise` is the last promise. Returns the group; 0 without
 * memory: nothing happened, the slot is open still.
 */
uint64_t lease_commit_revoke(struct lease_commit *commit, struct lease *lease, uint8_t state,
			     int64_t now, int64_t until, int64_t *ret_promise);

/*
 * The partner acknowledged what it was sent of this lease: a state, a
 * potential expiry and a lease end. ACTIVE: A and T become these (K of the slot
 * too, at once). EXPIRED, RELEASED and RESET: the address becomes FREE and the
 * old binding's times are forgotten, if it is still in that state and
 * `settled`. FREE, BACKUP, ABANDONED: nothing but that. `settled`: nothing newer
 * was committed since it was sent, so that it is not owed any more.
 */
struct lease_acknowledgement {
	uint8_t state;
	int64_t potential, ends;
	bool settled;
};
void lease_commit_acknowledged(struct lease_commit *commit, struct lease *lease,
			       const struct lease_acknowledgement *acknowledgement, int64_t now);

/*
 * Closes the slot before the partner takes an address away (invariant I6);
 * returns the last promise, told included, 0: none. Then either learn, or
 * reopen: the slot says what lease->current says, and what was promised beyond
 * what was told becomes a renewal that is owed to the partner. With
 * lease->yielding the slot stays closed until then, whatever else is committed
 * for its client; learn and reopen take the mark back.
 */
int64_t lease_commit_close(struct lease_commit *commit, struct lease *lease);
void lease_commit_reopen(struct lease_commit *commit, struct lease *lease, int64_t promise,
			 int64_t now);

/*
 * The record is as the partner says, and not owed. Takes it. A change of
 * client, or a state other than ACTIVE, needs lease_commit_close() before; an
 * offer of the address is over. Returns the group; 0 without memory.
 */
uint64_t lease_commit_learn(struct lease_commit *commit, struct lease *lease,
			    struct lease_record *record);

/*
 * The partner has lost its store: what it promised before it does not know any
 * more, and what it acknowledges now says nothing of it. Each binding of the
 * relationship that it knew of, also one that is over here (its client may have
 * come back there), is held for its client until the last such promise is over:
 * MCLT beyond the latest potential expiry that either had of the other, and
 * beyond `now`, by which it was dead. What is journaled afterwards lies behind it.
 */
void lease_commit_hold_partners(struct lease_commit *commit, uint8_t relation, int64_t now);

/*
 * The wall clock was set, by so many seconds. How long ago each client of a relationship spoke
 * decides between two that both servers gave an address to: that is as long as before.
 */
void lease_commit_clock_set(struct lease_commit *commit, int64_t seconds);

/*
 * Pool balance: a free address of ours becomes the partner's (`state` FREE or
 * BACKUP). Returns the group; 0 without memory, and where it is not free or held by an offer.
 */
uint64_t lease_commit_hand_over(struct lease_commit *commit, struct lease *lease, uint8_t state,
				int64_t now);

/*
 * An ACTIVE record says a potential expiry below what will be sent now (it was
 * made while nothing could be sent): P := H or the lease end, whichever is
 * later, journaled, and announced anew. Returns the group; 0 where none was
 * needed, or without memory.
 */
uint64_t lease_commit_potential(struct lease_commit *commit, struct lease *lease);

/*
 * A record stays as it is and the partner must hear of it again: LEASE_OWED is
 * set, the journal told, and it is announced, at once or when it is durable.
 */
void lease_commit_owe(struct lease_commit *commit, struct lease *lease);

/*
 * Sweep: the fast path promised up to `promise`, later than told. `horizon`
 * is the new H. Returns the group, 0 where there was nothing to note (or no
 * memory to note it in: the next sweep of the same promise does).
 */
uint64_t lease_commit_renewed(struct lease_commit *commit, struct lease *lease, int64_t promise,
			      int64_t now, int64_t horizon);

/*
 * Another configuration: stamps on their way were rendered from the old one
 * and are given back. Each of those clients goes up once more.
 */
void lease_commit_unstamp(struct lease_commit *commit);

/*
 * Another configuration, which the table has by lease_table_reload(): leases that are in another
 * relationship now, or in one where they were in none, or the other way round. Their records are
 * written anew, before anything else is committed: what one partner knows binds no other one. A, R
 * and T are forgotten; P, which only holds back, takes them in where there is a partner, who is owed
 * the record; a BACKUP is FREE at a secondary, which has to be given it anew. 0, or -ENOMEM: some
 * say still what counts no more; do not go on.
 */
int lease_commit_move(struct lease_commit *commit);

/*
 * A record read from the store at start, before any reader: becomes current,
 * is neither appended nor published; the last one of an address counts. Takes
 * the record in either case. 0 or -ENOMEM.
 */
int lease_commit_restore(struct lease_commit *commit, struct lease_record *record);
/*
 * And what it says of the acknowledgement of the record restored last (the last
 * one counts); nothing where there is no record.
 */
void lease_commit_restore_acknowledgement(struct lease_commit *commit, uint32_t address,
					  uint8_t flags, int64_t acknowledged, int64_t known);

/*
 * When all is restored, move, in place: the next lease at or after `*address` whose record is of
 * another relationship than the configuration has it in, which it follows from now on; NULL at the
 * end. The caller puts lease->current into the journal before it serves: acknowledgements to come
 * are of that record.
 */
struct lease *lease_commit_restore_move(struct lease_commit *commit, uint64_t *address);

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
 * through revoke), as far as the policy of a failover relationship lets this
 * server; there an abandonment ends only when the partner has acknowledged it.
 * In PARTNER-DOWN what no partner can agree to any more (EXPIRED, RELEASED,
 * RESET) comes into the own free state, and is owed, when its time has come.
 * At most `most` a call, so that the loop stays responsive; returns 0 when all
 * is done, else call again (what is left is not counted).
 */
size_t lease_commit_expire(struct lease_commit *commit, int64_t now, size_t most);

#endif
