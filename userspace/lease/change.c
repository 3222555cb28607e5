/* SPDX-License-Identifier: GPL-2.0-only */
#include "lease/change.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

struct lease_change *lease_change_new(struct lease *lease)
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

void lease_change_stamp(struct lease_commit *commit, struct lease_change *change,
			const struct lease_stamp *stamp)
{
	change_unstamp(commit, change);
	change->stamped = stamp;
	if (stamp)
		change->stamp = *stamp;
}

void lease_change_inherit(struct lease_change *change)
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

static void retired_free(struct rcu_head *head)
{
	struct lease_retired *retired = caa_container_of(head, struct lease_retired, rcu);

	for (size_t i = 0; i < retired->count; i++)
		lease_record_free(retired->records[i]);
	free(retired);
}

/* One grace period for many: to ask for it costs as much as all else that is done with a record here. */
static void retired_hand_over(struct lease_commit *commit)
{
	if (commit->retired)
		call_rcu(&commit->retired->rcu, retired_free);
	commit->retired = NULL;
}

static void record_retire(struct lease_commit *commit, struct lease_record *record)
{
	if (!commit->retired) {
		commit->retired = malloc(sizeof(*commit->retired));
		if (!commit->retired) {
			synchronize_rcu();
			lease_record_free(record);
			return;
		}
		commit->retired->count = 0;
	}
	commit->retired->records[commit->retired->count++] = record;
	if (commit->retired->count == LEASE_RETIRED_MOST)
		retired_hand_over(commit);
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
	retired_hand_over(commit);
	rcu_barrier();
	free(commit);
}

void lease_current_replace(struct lease_commit *commit, struct lease *lease,
			   struct lease_record *record)
{
	struct lease_record *old = lease->current;

	rcu_assign_pointer(lease->current, record);
	if (old)
		record_retire(commit, old);
}

bool lease_record_same_client(const struct lease_record *a, const struct lease_record *b)
{
	return a && a->ident_length == b->ident_length &&
	       !memcmp(lease_record_ident(a), lease_record_ident(b), b->ident_length);
}

struct lease_record *lease_record_next(const struct lease *lease)
{
	const struct lease_record *record = lease_effective(lease);

	return record ? lease_record_copy(record) : lease_record_new(NULL, 0, NULL, 0, NULL, 0);
}

void lease_record_owe(const struct lease_table *table, const struct lease *lease,
		      struct lease_record *record)
{
	const struct lease_policy *policy = lease_table_policy(table, lease->relation);

	record->flags &= (uint8_t)~LEASE_OWED;
	if (!policy)
		return;
	record->flags |= LEASE_OWED;
	if (!policy->sends || record->state != LEASE_ACTIVE)
		return;
	if (record->potential < record->horizon)
		record->potential = record->horizon;
	if (record->potential < record->ends)
		record->potential = record->ends;
}

void lease_record_forget(struct lease_record *record)
{
	record->potential = 0;
	record->acknowledged = 0;
	record->received = 0;
	record->known = 0;
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

uint64_t lease_change_submit(struct lease_commit *commit, struct lease_change *change,
			     struct lease_record *record)
{
	struct lease *lease = change->lease;
	bool same = lease_record_same_client(lease_effective(lease), record);

	record->address = lease->address;
	record->relation = lease_table_tag(commit->table, lease->relation);
	change->record = record;
	change->group = commit->verbs.append(commit->verbs.context, record);
	lease_place_leave(commit->table, lease);
	lease_place_unqueue(lease);
	if (!same)
		lease_client_remove(commit->table, lease);
	change_enqueue(commit, change);
	if (!same)
		lease_client_add(commit->table, lease);
	lease_place_enter(commit->table, lease);
	return lease->pending_group;
}

uint64_t lease_change_submit_record(struct lease_commit *commit, struct lease *lease,
				    struct lease_record *record)
{
	struct lease_change *change = lease_change_new(lease);

	if (!change) {
		lease_record_free(record);
		return 0;
	}
	return lease_change_submit(commit, change, record);
}

void lease_commit_unstamp(struct lease_commit *commit)
{
	struct lease_change *change;

	cds_list_for_each_entry (change, &commit->changes, list)
		change_unstamp(commit, change);
}

/* The newest of its lease: the slot follows, unless it is closed for the partner. */
static void change_publish(struct lease_commit *commit, struct lease_change *change)
{
	struct lease *lease = change->lease;

	lease->pending = NULL;
	lease->pending_group = 0;
	lease->change = NULL;
	if (lease->yielding && lease->current->state == LEASE_ACTIVE) {
		change_unstamp(commit, change);
		return;
	}
	commit->verbs.publish(commit->verbs.context, lease,
			      change->stamped ? &change->stamp : NULL);
	lease->closed = false;
}

static void change_settle(struct lease_commit *commit, struct lease_change *change)
{
	struct lease *lease = change->lease;
	bool newest = lease->change == change;

	lease_current_replace(commit, lease, change->record);
	if (newest)
		change_publish(commit, change);
	change_free(change);
	if (newest && lease->relation && lease->current->flags & LEASE_OWED)
		commit->verbs.announce(commit->verbs.context, lease);
}

void lease_commit_durable(struct lease_commit *commit, uint64_t group)
{
	while (!cds_list_empty(&commit->changes)) {
		struct lease_change *change =
			cds_list_first_entry(&commit->changes, struct lease_change, list);

		if (change->group > group)
			break;
		change_settle(commit, change);
	}
	retired_hand_over(commit);
}
