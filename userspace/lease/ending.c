/* SPDX-License-Identifier: GPL-2.0-only */
/* What ends by itself: offers, leases, abandonments; in PARTNER-DOWN what no partner agrees to. */
#include "lease/change.h"

/* What looking at a lease in the wheel costs, when ending one costs this much. */
#define EXPIRE_COST 8
/* Seconds until a lease is looked at again: that must not end yet, that waits for the partner. */
#define LOOK_FORBIDDEN 5
#define LOOK_ENDING 30

/* May a lease that ran out be ended, as far as the partner is concerned? */
static bool may_expire(const struct lease_policy *policy, const struct lease_record *record,
		       int64_t now)
{
	if (!policy)
		return true;
	if (!policy->expires)
		return false;
	/* An end that the partner told its client is by the partner's clock. */
	if (record->received && record->ends + policy->slack > now)
		return false;
	/* What it promised last it may not have lived to tell: the client comes here then, and goes on. */
	if (!policy->sends && lease_policy_promised(policy, record) > now)
		return false;
	/* A partner that goes by the lease end answers its client until then. */
	return !policy->strict || record->known + policy->slack <= now;
}

/*
 * An abandonment that the partner has not agreed to may be a lease there still, of a client that is
 * told so by the partner alone.
 */
static bool may_forgive(const struct lease_policy *policy, const struct lease_record *record,
			int64_t now)
{
	if (!policy)
		return true;
	return policy->expires &&
	       (!(record->flags & LEASE_OWED) || lease_policy_free_at(policy, record) <= now);
}

/* An abandoned address is anybody's again, and its last client the least likely to want it. */
static bool abandonment_end(struct lease_commit *commit, struct lease *lease, int64_t now)
{
	const struct lease_record *before = lease_effective(lease);
	struct lease_record *record = lease_record_new(NULL, 0, NULL, 0, NULL, 0);

	if (!record)
		return false;
	record->state = LEASE_FREE;
	record->starts = now;
	record->ends = before->ends;
	record->horizon = before->horizon < before->ends ? before->horizon : before->ends;
	record->cltt = before->cltt;
	lease_record_owe(commit->table, lease, record);
	return lease_change_submit_record(commit, lease, record);
}

/* Nobody is left who has to agree: free at once without failover, else when the wait is over. */
static bool ending_end(struct lease_commit *commit, struct lease *lease,
		       const struct lease_policy *policy, int64_t now)
{
	struct lease_record *record;

	if (policy && lease_policy_free_at(policy, lease_effective(lease)) > now)
		return false;
	record = lease_record_next(lease);
	if (!record)
		return false;
	record->state = policy ? lease_policy_own_free(policy) : LEASE_FREE;
	record->starts = now;
	lease_record_forget(record);
	lease_record_owe(commit->table, lease, record);
	return lease_change_submit_record(commit, lease, record);
}

/* Did the record end? `*look`: when to look again where it did not. */
static bool record_end(struct lease_commit *commit, struct lease *lease, int64_t now, int64_t *look)
{
	const struct lease_policy *policy = lease_table_policy(commit->table, lease->relation);
	const struct lease_record *record = lease_effective(lease);
	int64_t promise;

	if (lease_place_ending(record)) {
		*look = now + LOOK_ENDING;
		return ending_end(commit, lease, policy, now);
	}
	if (record->ends > now)
		return false;
	*look = now + LOOK_FORBIDDEN;
	if (record->state == LEASE_ACTIVE)
		return !lease->yielding && may_expire(policy, record, now) &&
		       lease_commit_revoke(commit, lease, LEASE_EXPIRED, now, 0, &promise);
	return record->state == LEASE_ABANDONED && record->ends &&
	       may_forgive(policy, record, now) && abandonment_end(commit, lease, now);
}

/* Did anything of the lease end? `*look` as above. */
static bool due_end(struct lease_commit *commit, struct lease *lease, int64_t now, int64_t *look)
{
	*look = now + 1;
	if (lease->offered_until && lease->offered_until <= now) {
		lease_place_leave(commit->table, lease);
		lease_offer_clear(commit->table, lease);
		lease_place_enter(commit->table, lease);
		return true;
	}
	return lease_effective(lease) && record_end(commit, lease, now, look);
}

size_t lease_commit_expire(struct lease_commit *commit, int64_t now, size_t most)
{
	struct lease_wheel *wheel = &commit->table->wheel;
	struct lease *lease;
	int64_t look;

	for (size_t spent = 0; spent < most * EXPIRE_COST;) {
		lease = lease_wheel_take(wheel, now);
		if (!lease)
			return 0;
		spent += due_end(commit, lease, now, &look) ? EXPIRE_COST : 1;
		lease_place_due(commit->table, lease, look);
	}
	return lease_wheel_done(wheel, now) ? 0 : 1;
}
