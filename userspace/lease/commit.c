/* SPDX-License-Identifier: GPL-2.0-only */
#include "lease/commit.h"

#include <errno.h>
#include <stdlib.h>

#include "lease/change.h"

/*
 * What the partner knows of a binding stays with its client, and with nobody else; not
 * beyond the end of the binding, which the partner forgets it with.
 */
static void binding_follow(const struct lease *lease, struct lease_record *record)
{
	const struct lease_record *before = lease_effective(lease);

	lease_record_forget(record);
	if (!lease->relation || !lease_record_same_client(before, record) ||
	    (before->state != LEASE_ACTIVE && !lease_place_ending(before)))
		return;
	record->potential = before->potential;
	record->acknowledged = before->acknowledged;
	record->received = before->received;
	record->known = before->known;
}

uint64_t lease_commit_grant(struct lease_commit *commit, struct lease *lease,
			    struct lease_record *record, const struct lease_stamp *stamp)
{
	struct lease_change *change = lease_change_new(lease);

	if (!change) {
		if (stamp)
			commit->verbs.drop(commit->verbs.context, stamp);
		lease_record_free(record);
		return 0;
	}
	lease_change_stamp(commit, change, stamp);
	lease_place_leave(commit->table, lease);
	lease_offer_clear(commit->table, lease);
	lease_place_enter(commit->table, lease);
	binding_follow(lease, record);
	lease_record_owe(commit->table, lease, record);
	return lease_change_submit(commit, change, record);
}

/* Has the partner heard of the binding, or we of it from the partner? */
static bool partner_was_told(const struct lease_record *record)
{
	return record->potential || record->acknowledged || record->received || record->known;
}

/*
 * What an address that its client lost is until the partner has agreed. Where
 * there is none, or it never heard of the binding, it is free at once (as dhcpd does it:
 * the "rewind binding state").
 */
static uint8_t state_after(const struct lease_policy *policy, const struct lease_record *record,
			   uint8_t state)
{
	if (state == LEASE_ABANDONED || (policy && partner_was_told(record)))
		return state;
	return policy ? lease_policy_own_free(policy) : LEASE_FREE;
}

/* Turns a copy of the lease's record into what it is after its client lost the address. */
static void record_end(const struct lease_policy *policy, struct lease_record *record,
		       uint8_t state, int64_t now, int64_t until, int64_t told)
{
	record->state = state_after(policy, record, state);
	record->starts = now;
	record->ends = state == LEASE_ABANDONED ? until : told;
	if (record->horizon > told)
		record->horizon = told;
}

uint64_t lease_commit_revoke(struct lease_commit *commit, struct lease *lease, uint8_t state,
			     int64_t now, int64_t until, int64_t *ret_promise)
{
	const struct lease_policy *policy = lease_table_policy(commit->table, lease->relation);
	struct lease_record *record = lease_record_next(lease);
	struct lease_change *change;
	int64_t promise, told;

	if (!record)
		return 0;
	change = lease_change_new(lease);
	if (!change) {
		lease_record_free(record);
		return 0;
	}
	promise = commit->verbs.close(commit->verbs.context, lease->address);
	lease->closed = true;
	told = record->state == LEASE_ACTIVE ? lease_later(record->ends, promise) : promise;
	if (state == LEASE_EXPIRED && record->state == LEASE_ACTIVE && told > now) {
		record->ends = told;
		record->horizon = lease_later(record->horizon, told);
		lease_change_inherit(change);
	} else {
		record_end(policy, record, state, now, until, told);
	}
	lease_record_owe(commit->table, lease, record);
	*ret_promise = promise;
	return lease_change_submit(commit, change, record);
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
	change = lease_change_new(lease);
	if (!change) {
		lease_record_free(record);
		return 0;
	}
	lease_change_inherit(change);
	record->starts = now;
	record->ends = promise;
	record->cltt = now;
	record->horizon = lease_later(record->horizon, horizon);
	lease_record_owe(commit->table, lease, record);
	return lease_change_submit(commit, change, record);
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
	same = lease_record_same_client(lease_effective(lease), record);
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

void lease_commit_restore_acknowledgement(struct lease_commit *commit, uint32_t address,
					  uint8_t flags, int64_t acknowledged, int64_t known)
{
	struct lease *lease = lease_table_find(commit->table, address);

	if (!lease || !lease->current)
		return;
	lease->current->flags = flags;
	lease->current->acknowledged = acknowledged;
	lease->current->known = known;
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
	lease_current_replace(commit, lease, record);
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
