/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the failover partner has a say: what it acknowledges and tells, and what is handed to it. */
#include "lease/change.h"

#include <stdlib.h>

/* In place, while a snapshot may read it. */
static void record_acknowledge(struct lease_record *record,
			       const struct lease_acknowledgement *acknowledgement)
{
	__atomic_store_n(&record->acknowledged, acknowledgement->potential, __ATOMIC_RELAXED);
	__atomic_store_n(&record->known, acknowledgement->ends, __ATOMIC_RELAXED);
}

static void record_set_owed(struct lease_record *record, bool owed)
{
	uint8_t flags = record->flags & (uint8_t)~LEASE_OWED;

	__atomic_store_n(&record->flags, owed ? flags | LEASE_OWED : flags, __ATOMIC_RELAXED);
}

/*
 * A and T of a binding: of what is durable, and of what follows it for the
 * same client, which is the journal's last record of the address. More than
 * was ever sent of this binding is another one's.
 */
static void binding_acknowledge(struct lease_commit *commit, struct lease *lease,
				const struct lease_acknowledgement *acknowledgement)
{
	struct lease_record *current = lease->current, *pending = lease->pending;

	if (acknowledgement->potential > current->potential)
		return;
	record_acknowledge(current, acknowledgement);
	if (pending &&
	    (pending->state != LEASE_ACTIVE || !lease_record_same_client(current, pending)))
		return;
	if (pending)
		record_acknowledge(pending, acknowledgement);
	else if (acknowledgement->settled)
		record_set_owed(current, false);
	commit->verbs.acknowledged(commit->verbs.context, pending ? pending : current);
	if (!lease->closed)
		commit->verbs.publish(commit->verbs.context, lease, NULL);
}

/* Both servers agree that the binding is over: the address is free, which is the primary's to give. */
static void ending_finish(struct lease_commit *commit, struct lease *lease, int64_t now)
{
	struct lease_record *record = lease_record_copy(lease->current);

	if (!record)
		return;
	record->state = LEASE_FREE;
	record->starts = now;
	record->flags &= (uint8_t)~LEASE_OWED;
	lease_record_forget(record);
	lease_change_submit_record(commit, lease, record);
}

void lease_commit_acknowledged(struct lease_commit *commit, struct lease *lease,
			       const struct lease_acknowledgement *acknowledgement, int64_t now)
{
	struct lease_record *current = lease->current;

	if (!current || current->state != acknowledgement->state)
		return;
	if (current->state == LEASE_ACTIVE) {
		binding_acknowledge(commit, lease, acknowledgement);
		return;
	}
	if (!acknowledgement->settled || lease->pending)
		return;
	if (lease_place_ending(current)) {
		ending_finish(commit, lease, now);
		return;
	}
	record_set_owed(current, false);
	commit->verbs.acknowledged(commit->verbs.context, current);
}

int64_t lease_commit_close(struct lease_commit *commit, struct lease *lease)
{
	const struct lease_record *record = lease_effective(lease);
	int64_t promise = commit->verbs.close(commit->verbs.context, lease->address);

	lease->closed = true;
	if (record && record->state == LEASE_ACTIVE && record->ends > promise)
		promise = record->ends;
	return promise;
}

void lease_commit_reopen(struct lease_commit *commit, struct lease *lease, int64_t promise,
			 int64_t now)
{
	lease->yielding = false;
	lease_commit_renewed(commit, lease, promise, now, promise);
	if (lease->pending || !lease->current)
		return;
	commit->verbs.publish(commit->verbs.context, lease, NULL);
	lease->closed = false;
}

/* The client's binding here goes on: what it was promised, and what was sent of it, stands. */
static void binding_merge(struct lease_record *record, const struct lease_record *before)
{
	record->horizon = lease_later(record->horizon, before->horizon);
	record->potential = lease_later(record->potential, before->potential);
	record->acknowledged = lease_later(record->acknowledged, before->acknowledged);
}

uint64_t lease_commit_learn(struct lease_commit *commit, struct lease *lease,
			    struct lease_record *record)
{
	const struct lease_record *before = lease_effective(lease);
	struct lease_change *change = lease_change_new(lease);

	if (!change) {
		lease_record_free(record);
		return 0;
	}
	lease_place_leave(commit->table, lease);
	lease_offer_clear(commit->table, lease);
	lease_place_enter(commit->table, lease);
	if (record->state == LEASE_ACTIVE && lease_record_same_client(before, record) &&
	    (before->state == LEASE_ACTIVE || lease_place_ending(before))) {
		binding_merge(record, before);
		lease_change_inherit(change);
	}
	lease->yielding = false;
	record->flags &= (uint8_t)~LEASE_OWED;
	return lease_change_submit(commit, change, record);
}

/* Until when a partner that forgot its promises may have made one, and it was dead by `now`; 0: none. */
static int64_t forgotten_until(const struct lease_policy *policy, const struct lease_record *record,
			       int64_t now)
{
	int64_t promised = lease_policy_promised(policy, record);

	return promised ? lease_later(promised, now + policy->mclt + policy->slack) : 0;
}

static void partners_hold(struct lease_commit *commit, struct lease *lease, int64_t now)
{
	const struct lease_policy *policy = lease_table_policy(commit->table, lease->relation);
	const struct lease_record *before = lease_effective(lease);
	struct lease_record *record;
	int64_t until;

	if (!before || (before->state != LEASE_ACTIVE && !lease_place_ending(before)))
		return;
	until = forgotten_until(policy, before, now);
	/* The end of what has ended may be by a clock that was hours ahead. */
	if (until <= now || (before->state == LEASE_ACTIVE && until <= before->ends))
		return;
	record = lease_record_next(lease);
	if (!record)
		return;
	record->state = LEASE_ACTIVE;
	record->ends = until;
	record->horizon = lease_later(record->horizon, until);
	lease_record_owe(commit->table, lease, record);
	lease_change_submit_record(commit, lease, record);
}

void lease_commit_hold_partners(struct lease_commit *commit, uint8_t relation, int64_t now)
{
	struct lease *lease;
	uint64_t address = 0;

	while ((lease = lease_table_at_or_after(commit->table, address))) {
		address = (uint64_t)lease->address + 1;
		if (lease->relation == relation)
			partners_hold(commit, lease, now);
	}
}

static void word_move(struct lease_commit *commit, struct lease *lease, int64_t seconds)
{
	const struct lease_record *before = lease_effective(lease);
	struct lease_change *change;
	struct lease_record *record;

	if (!before || before->state != LEASE_ACTIVE || !before->cltt)
		return;
	change = lease_change_new(lease);
	record = change ? lease_record_copy(before) : NULL;
	if (!record) {
		free(change);
		return;
	}
	record->cltt += seconds;
	lease_change_inherit(change);
	lease_change_submit(commit, change, record);
}

void lease_commit_clock_set(struct lease_commit *commit, int64_t seconds)
{
	struct lease *lease;
	uint64_t address = 0;

	while ((lease = lease_table_at_or_after(commit->table, address))) {
		address = (uint64_t)lease->address + 1;
		if (lease->relation)
			word_move(commit, lease, seconds);
	}
}

uint64_t lease_commit_hand_over(struct lease_commit *commit, struct lease *lease, uint8_t state,
				int64_t now)
{
	struct lease_record *record;

	if (!lease->relation || !lease_place_allocatable(lease) || lease->offered_until)
		return 0;
	record = lease_record_next(lease);
	if (!record)
		return 0;
	record->state = state;
	record->starts = now;
	lease_record_forget(record);
	lease_record_owe(commit->table, lease, record);
	return lease_change_submit_record(commit, lease, record);
}

uint64_t lease_commit_potential(struct lease_commit *commit, struct lease *lease)
{
	const struct lease_record *before = lease_effective(lease);
	struct lease_change *change;
	struct lease_record *record;

	if (!lease->relation || !before || before->state != LEASE_ACTIVE ||
	    (before->potential >= before->horizon && before->potential >= before->ends))
		return 0;
	change = lease_change_new(lease);
	record = change ? lease_record_copy(before) : NULL;
	if (!record) {
		free(change);
		return 0;
	}
	record->flags |= LEASE_OWED;
	record->potential = lease_later(record->horizon, record->ends);
	lease_change_inherit(change);
	return lease_change_submit(commit, change, record);
}

void lease_commit_owe(struct lease_commit *commit, struct lease *lease)
{
	struct lease_record *record = lease->pending ? lease->pending : lease->current;

	if (!record || !lease->relation)
		return;
	record_set_owed(record, true);
	commit->verbs.acknowledged(commit->verbs.context, record);
	if (!lease->pending)
		commit->verbs.announce(commit->verbs.context, lease);
}
