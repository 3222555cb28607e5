/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a failover relationship lets this server do with the addresses of its
 * pools (failover draft sections 5.2, 9.4). One per conf_relation.number; number
 * 0, no failover, stays zero and is not asked.
 */
#ifndef XDHCP_LEASE_POLICY_H
#define XDHCP_LEASE_POLICY_H

#include "lease/record.h"

#define LEASE_RELATIONS 256

struct lease_policy {
	bool serves; /* may anything be granted */
	bool secondary; /* own free state is BACKUP, else FREE */
	/* may end a lease that ran out: the primary always, the secondary only outside NORMAL */
	bool expires;
	/* updates reach the partner: a grant journals the potential expiry that will be sent */
	bool sends;
	bool partner_down;
	/* PARTNER-DOWN, and the partner had been giving away our free addresses before it died */
	bool doubtful;
	bool strict; /* the partner forgets potential expiries in PARTNER-DOWN (dhcpd): T bounds promises */
	uint32_t mclt; /* seconds */
	int64_t entered; /* PARTNER-DOWN since, wall clock */
	int64_t slack; /* o⁻: how far the partner's clock may be behind, seconds */
};

static inline uint8_t lease_policy_own_free(const struct lease_policy *policy)
{
	return policy->secondary ? LEASE_BACKUP : LEASE_FREE;
}

/*
 * K: until when, by the partner's clock, the partner honours this binding
 * less MCLT: max(A, R); towards a partner that goes by the lease end T, T − MCLT.
 */
int64_t lease_policy_known(const struct lease_policy *policy, const struct lease_record *record);

/*
 * The second until which the partner may have told the binding's client that it
 * has the address: MCLT beyond the latest potential expiry that either had of
 * the other. 0: it knows nothing of the binding.
 */
int64_t lease_policy_promised(const struct lease_policy *policy, const struct lease_record *record);

/*
 * The second from which this address may be given to another client: in the
 * own free state at once (0), unless that is doubtful; in PARTNER-DOWN the
 * partner's free ones, and the own that are doubtful, from
 * MCLT + max(A, R, entry) + o⁻ on, all else, once it is bound to nobody, from
 * MCLT + max(E, P, A, R, entry) + o⁻ on; otherwise INT64_MAX: only the partner's word
 * frees it. `record` NULL: never used, FREE.
 */
int64_t lease_policy_free_at(const struct lease_policy *policy, const struct lease_record *record);

#endif
