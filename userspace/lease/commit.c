/* SPDX-License-Identifier: GPL-2.0-only */
#include "lease/commit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lease/place.h"

/* What looking at a lease in the wheel costs, when ending one costs this much. */
#define EXPIRE_COST 8

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

struct lease_commit {
	struct lease_table *table;
	struct lease_verbs verbs;
	struct cds_list_head changes;
};

int lease_commit_new(struct lease_table *table, const struct lease_verbs *verbs,
		     struct lease_commit **ret_commit)
{
	struct lease_commit *commit = calloc(1, sizeof(*commit));

	if (!commit)
		return -ENOMEM;
	commit->table = table;
	commit->verbs = *verbs;
	CDS_INIT_LIST_HEAD(&commit->changes);
	*ret_commit = commit;
	return 0;
}

static struct lease_change *change_new(struct lease *lease)
{
	struct lease_change *change = calloc(1, sizeof(*change));

	if (change)
		change->lease = lease;
	return change;
}

static void change_unstamp(struct lease_commit *commit, struct lease_change *change)
{
	if (change->stamped)
		commit->verbs.drop(commit->verbs.context, &change->stamp);
	change->stamped = false;
}

/* Takes the stamp; NULL: none. */
static void change_stamp(struct lease_commit *commit, struct lease_change *change,
			 const struct lease_stamp *stamp)
{
	change_unstamp(commit, change);
	change->stamped = stamp;
	if (stamp)
		change->stamp = *stamp;
}

/* Takes over the stamp of the change that this one supersedes: the client is the same. */
static void change_inherit(struct lease_change *change)
{
	struct lease_change *older = change->lease->change;

	if (!older || !older->stamped)
		return;
	change->stamp = older->stamp;
	change->stamped = true;
	older->stamped = false;
}

static void change_free(struct lease_change *change)
{
	cds_list_del(&change->list);
	free(change);
}

void lease_commit_free(struct lease_commit *commit)
{
	if (!commit)
		return;
	while (!cds_list_empty(&commit->changes)) {
		struct lease_change *change =
			cds_list_first_entry(&commit->changes, struct lease_change, list);

		change_unstamp(commit, change);
		if (change->lease->change == change)
			change->lease->change = NULL;
		else
			lease_record_free(change->record);
		change_free(change);
	}
	rcu_barrier();
	free(commit);
}

static void record_free_rcu(struct rcu_head *head)
{
	lease_record_free(caa_container_of(head, struct lease_record, rcu));
}

/* Readers see `record` from now on; what they saw before goes when they have left it. */
static void current_replace(struct lease *lease, struct lease_record *record)
{
	struct lease_record *old = lease->current;

	rcu_assign_pointer(lease->current, record);
	if (old)
		call_rcu(&old->rcu, record_free_rcu);
}

static bool same_client(const struct lease_record *a, const struct lease_record *b)
{
	return a && a->ident_length == b->ident_length &&
	       !memcmp(lease_record_ident(a), lease_record_ident(b), b->ident_length);
}

/* Puts the change behind all others. One of the same group it replaces: nobody has seen that. */
static void change_enqueue(struct lease_commit *commit, struct lease_change *change)
{
	struct lease *lease = change->lease;
	struct lease_change *older = lease->change;

	if (older) {
		change_unstamp(commit, older);
		if (older->group == change->group) {
			lease_record_free(older->record);
			change_free(older);
		}
	}
	cds_list_add_tail(&change->list, &commit->changes);
	lease->change = change;
	lease->pending = change->record;
	lease->pending_group = change->group;
}

/* Takes change and record. */
static uint64_t submit(struct lease_commit *commit, struct lease_change *change,
		       struct lease_record *record)
{
	struct lease *lease = change->lease;
	bool same = same_client(lease_effective(lease), record);

	record->address = lease->address;
	change->record = record;
	change->group = commit->verbs.append(commit->verbs.context, record);
	lease_place_leave(commit->table, lease);
	if (!same)
		lease_client_remove(commit->table, lease);
	change_enqueue(commit, change);
	if (!same)
		lease_client_add(commit->table, lease);
	lease_place_enter(commit->table, lease);
	return lease->pending_group;
}

uint64_t lease_commit_grant(struct lease_commit *commit, struct lease *lease,
			    struct lease_record *record, const struct lease_stamp *stamp)
{
	struct lease_change *change = change_new(lease);

	if (!change) {
		if (stamp)
			commit->verbs.drop(commit->verbs.context, stamp);
		lease_record_free(record);
		return 0;
	}
	change_stamp(commit, change, stamp);
	lease_place_leave(commit->table, lease);
	lease_offer_clear(commit->table, lease);
	lease_place_enter(commit->table, lease);
	return submit(commit, change, record);
}

/* The record that follows: a copy to be changed, an empty one where there is none yet. */
static struct lease_record *record_next(const struct lease *lease)
{
	const struct lease_record *record = lease_effective(lease);

	return record ? lease_record_copy(record) : lease_record_new(NULL, 0, NULL, 0, NULL, 0);
}

/* Turns a copy of the lease's record into what it is after its client lost the address. */
static void record_end(struct lease_record *record, uint8_t state, int64_t now, int64_t until,
		       int64_t told)
{
	bool alone = !record->relation;

	if (alone && (state == LEASE_EXPIRED || state == LEASE_RELEASED))
		state = LEASE_FREE;
	record->state = state;
	record->starts = now;
	record->ends = state == LEASE_ABANDONED ? until : told;
	if (record->horizon > told)
		record->horizon = told;
}

uint64_t lease_commit_revoke(struct lease_commit *commit, struct lease *lease, uint8_t state,
			     int64_t now, int64_t until, int64_t *ret_promise)
{
	struct lease_record *record = record_next(lease);
	struct lease_change *change;
	int64_t promise, told;

	if (!record)
		return 0;
	change = change_new(lease);
	if (!change) {
		lease_record_free(record);
		return 0;
	}
	promise = commit->verbs.close(commit->verbs.context, lease->address);
	lease->closed = true;
	told = record->state == LEASE_ACTIVE && record->ends > promise ? record->ends : promise;
	if (state == LEASE_EXPIRED && record->state == LEASE_ACTIVE && told > now) {
		record->ends = told;
		if (record->horizon < told)
			record->horizon = told;
		change_inherit(change);
	} else {
		record_end(record, state, now, until, told);
	}
	*ret_promise = promise;
	return submit(commit, change, record);
}

uint64_t lease_commit_renewed(struct lease_commit *commit, struct lease *lease, int64_t promise,
			      int64_t now, int64_t horizon)
{
	const struct lease_record *before = lease_effective(lease);
	struct lease_change *change;
	struct lease_record *record;

	if (!before || before->state != LEASE_ACTIVE || promise <= before->ends)
		return 0;
	record = lease_record_copy(before);
	if (!record)
		return 0;
	change = change_new(lease);
	if (!change) {
		lease_record_free(record);
		return 0;
	}
	change_inherit(change);
	record->starts = now;
	record->ends = promise;
	record->cltt = now;
	if (record->horizon < horizon)
		record->horizon = horizon;
	return submit(commit, change, record);
}

void lease_commit_restamp(struct lease_commit *commit, struct lease *lease,
			  const struct lease_stamp *stamp)
{
	if (lease->change)
		change_stamp(commit, lease->change, stamp);
	else if (lease->closed || !lease->current || lease->current->state != LEASE_ACTIVE)
		commit->verbs.drop(commit->verbs.context, stamp);
	else
		commit->verbs.publish(commit->verbs.context, lease, stamp);
}

void lease_commit_unstamp(struct lease_commit *commit)
{
	struct lease_change *change;

	cds_list_for_each_entry (change, &commit->changes, list)
		change_unstamp(commit, change);
}

int lease_commit_restore(struct lease_commit *commit, struct lease_record *record)
{
	struct lease_table *table = commit->table;
	struct lease *lease;
	bool same;
	int rc = lease_table_ensure(table, record->address, &lease);

	if (rc) {
		lease_record_free(record);
		return rc;
	}
	same = same_client(lease_effective(lease), record);
	lease_place_leave(table, lease);
	if (!same)
		lease_client_remove(table, lease);
	lease_place_unqueue(lease);
	lease_record_free(lease->current);
	rcu_assign_pointer(lease->current, record);
	if (!same)
		lease_client_add(table, lease);
	if (lease->pool < table->pool_count)
		table->pools[lease->pool].unsorted = true;
	lease_place_enter(table, lease);
	return 0;
}

int lease_commit_hold(struct lease_commit *commit, struct lease *lease)
{
	struct lease_record *record = lease->current;

	if (!record || lease->pending || record->state != LEASE_ACTIVE ||
	    record->horizon <= record->ends)
		return 0;
	record = lease_record_copy(record);
	if (!record)
		return -ENOMEM;
	record->ends = record->horizon;
	lease_place_leave(commit->table, lease);
	current_replace(lease, record);
	lease_place_enter(commit->table, lease);
	return 0;
}

int lease_commit_hold_until_horizon(struct lease_commit *commit)
{
	struct lease *lease;
	uint64_t address = 0;
	int code = 0;

	while (!code && (lease = lease_table_at_or_after(commit->table, address))) {
		address = (uint64_t)lease->address + 1;
		code = lease_commit_hold(commit, lease);
	}
	return code;
}

/* The newest of its lease: the slot follows. */
static void change_publish(struct lease_commit *commit, struct lease_change *change)
{
	struct lease *lease = change->lease;

	lease->pending = NULL;
	lease->pending_group = 0;
	lease->change = NULL;
	commit->verbs.publish(commit->verbs.context, lease,
			      change->stamped ? &change->stamp : NULL);
	lease->closed = false;
}

void lease_commit_durable(struct lease_commit *commit, uint64_t group)
{
	while (!cds_list_empty(&commit->changes)) {
		struct lease_change *change =
			cds_list_first_entry(&commit->changes, struct lease_change, list);

		if (change->group > group)
			break;
		current_replace(change->lease, change->record);
		if (change->lease->change == change)
			change_publish(commit, change);
		change_free(change);
	}
}

/* An abandoned address is anybody's again, and its last client the least likely to want it. */
static bool abandonment_end(struct lease_commit *commit, struct lease *lease, int64_t now)
{
	const struct lease_record *before = lease_effective(lease);
	struct lease_record *record = lease_record_new(NULL, 0, NULL, 0, NULL, 0);
	struct lease_change *change = record ? change_new(lease) : NULL;

	if (!change) {
		lease_record_free(record);
		return false;
	}
	record->relation = before->relation;
	record->potential = before->potential;
	record->acknowledged = before->acknowledged;
	record->received = before->received;
	record->cltt = before->cltt;
	record->horizon = before->horizon;
	record_end(record, LEASE_FREE, now, 0, before->ends);
	submit(commit, change, record);
	return true;
}

/* Did anything of the lease end? */
static bool due_end(struct lease_commit *commit, struct lease *lease, int64_t now)
{
	const struct lease_record *record = lease_effective(lease);
	int64_t promise;

	if (lease->offered_until && lease->offered_until <= now) {
		lease_place_leave(commit->table, lease);
		lease_offer_clear(commit->table, lease);
		lease_place_enter(commit->table, lease);
		return true;
	}
	if (!record || record->ends > now)
		return false;
	if (record->state == LEASE_ACTIVE)
		return lease_commit_revoke(commit, lease, LEASE_EXPIRED, now, 0, &promise);
	if (record->state == LEASE_ABANDONED && record->ends)
		return abandonment_end(commit, lease, now);
	return false;
}

size_t lease_commit_expire(struct lease_commit *commit, int64_t now, size_t most)
{
	struct lease_wheel *wheel = &commit->table->wheel;
	struct lease *lease;

	for (size_t spent = 0; spent < most * EXPIRE_COST;) {
		lease = lease_wheel_take(wheel, now);
		if (!lease)
			return 0;
		spent += due_end(commit, lease, now) ? EXPIRE_COST : 1;
		lease_place_due(commit->table, lease, now + 1);
	}
	return lease_wheel_done(wheel, now) ? 0 : 1;
}
