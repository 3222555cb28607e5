/* SPDX-License-Identifier: GPL-2.0-only */
#include "failover/view.h"

#include "failover/hash.h"

/* K − reference + lead; times at the ends of the range stay there. */
static int64_t acknowledged_bound(const struct failover_view *view, int64_t k)
{
	int64_t known, bound;

	if (__builtin_sub_overflow(k, view->reference, &known))
		known = k < 0 ? INT64_MIN : INT64_MAX;
	if (__builtin_add_overflow(known, view->lead, &bound))
		bound = view->lead < 0 ? INT64_MIN : INT64_MAX;
	return bound;
}

uint32_t failover_view_seconds(const struct failover_view *view, int64_t k, uint32_t desired)
{
	int64_t bound = view->alone, left;

	if (k) {
		int64_t acknowledged = acknowledged_bound(view, k);

		if (acknowledged > bound)
			bound = acknowledged;
	}
	if (bound <= view->from)
		return 0;
	if (__builtin_sub_overflow(bound, view->from, &left))
		return desired;
	return left < desired ? (uint32_t)left : desired;
}

bool failover_view_ours(const struct failover_view *view, const uint8_t *key, uint16_t length,
			uint16_t secs)
{
	if (!view->balances || !view->balance_seconds)
		return true;
	/* Some clients send secs in their own byte order; dhcpd guesses so from an empty low byte. */
	if (view->swap_secs && !(secs & 0xff))
		secs >>= 8;
	if (secs > view->balance_seconds)
		return true;
	return failover_hash_primary(view->hba, failover_hash(key, length)) == view->primary;
}
