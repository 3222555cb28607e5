/* SPDX-License-Identifier: GPL-2.0-only */
#include "lease/policy.h"

#include "base/plant.h"

static int64_t known_or_entered(const struct lease_policy *policy,
				const struct lease_record *record)
{
	int64_t time = policy->entered;

	if (record)
		time = lease_later(time, lease_later(record->acknowledged, record->received));
	return time;
}

int64_t lease_policy_known(const struct lease_policy *policy, const struct lease_record *record)
{
	if (policy->strict)
		return lease_later(record->known - policy->mclt, 0);
	return lease_later(record->acknowledged, record->received);
}

int64_t lease_policy_promised(const struct lease_policy *policy, const struct lease_record *record)
{
	int64_t known =
		lease_later(record->potential, lease_later(record->acknowledged, record->received));

	return known ? known + policy->mclt + policy->slack : 0;
}

int64_t lease_policy_free_at(const struct lease_policy *policy, const struct lease_record *record)
{
	uint8_t state = record ? record->state : LEASE_FREE;
	int64_t wait = PLANTED(mclt) ? 0 : policy->mclt + policy->slack;
	int64_t time;

	if (state == lease_policy_own_free(policy) && !policy->doubtful)
		return 0;
	if (!policy->partner_down)
		return INT64_MAX;
	time = known_or_entered(policy, record);
	if (state != LEASE_FREE && state != LEASE_BACKUP)
		time = lease_later(time, lease_later(record->ends, record->potential));
	return time > INT64_MAX - wait ? INT64_MAX : time + wait;
}
