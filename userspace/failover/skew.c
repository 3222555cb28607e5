/* SPDX-License-Identifier: GPL-2.0-only */
#include "failover/skew.h"

#define SECOND INT64_C(1000000000)
#define WINDOW (FAILOVER_SKEW_WINDOW_SECONDS * SECOND)
/* Two clocks drift apart by no more than this: 500 ppm, the most that NTP slews. */
#define DRIFT_PART 2000

void failover_skew_sample(struct failover_skew *skew, uint32_t partner, uint64_t monotonic,
			  uint64_t age)
{
	int64_t difference = partner * SECOND - (int64_t)monotonic;
	bool first = !skew->windows[skew->at].any;

	skew->newest.any = true;
	skew->newest.heard = monotonic;
	skew->newest.difference = difference;
	if (first && age == UINT64_MAX)
		return;
	if (first)
		difference += (int64_t)age;
	/*
	 * One window a sample at most, however long the silence was: what waited in a
	 * socket while we stood still is old, and may not push out all that was known.
	 */
	if (skew->windows[skew->at].any && monotonic >= skew->windows[skew->at].began + WINDOW) {
		skew->at = (skew->at + 1) % FAILOVER_SKEW_WINDOWS;
		skew->windows[skew->at].any = false;
	}
	if (!skew->windows[skew->at].any) {
		skew->windows[skew->at].any = true;
		skew->windows[skew->at].began = monotonic;
		skew->windows[skew->at].greatest = difference;
	} else if (difference > skew->windows[skew->at].greatest) {
		skew->windows[skew->at].greatest = difference;
	}
}

/* How far the clocks may have drifted apart, or together, meanwhile. */
static int64_t drift(uint64_t from, uint64_t monotonic)
{
	return monotonic > from ? (int64_t)((monotonic - from + DRIFT_PART - 1) / DRIFT_PART) : 0;
}

bool failover_skew_bound(const struct failover_skew *skew, uint64_t monotonic, int64_t *ret_bound)
{
	int64_t bound = INT64_MIN;

	for (unsigned i = 0; i < FAILOVER_SKEW_WINDOWS; i++) {
		int64_t now = skew->windows[i].greatest + drift(skew->windows[i].began, monotonic);

		if (skew->windows[i].any && now > bound)
			bound = now;
	}
	if (bound == INT64_MIN)
		return false;
	*ret_bound = bound + SECOND;
	return true;
}

bool failover_skew_least(const struct failover_skew *skew, uint64_t monotonic, int64_t *ret_least)
{
	if (!skew->newest.any)
		return false;
	*ret_least = skew->newest.difference - drift(skew->newest.heard, monotonic);
	return true;
}

bool failover_skew_seconds(const struct failover_skew *skew, uint64_t monotonic, int64_t wall_ns,
			   double *ret_seconds)
{
	int64_t greatest = INT64_MIN;

	for (unsigned i = 0; i < FAILOVER_SKEW_WINDOWS; i++)
		if (skew->windows[i].any && skew->windows[i].greatest > greatest)
			greatest = skew->windows[i].greatest;
	if (greatest == INT64_MIN)
		return false;
	/* The middle of the second that the header cuts off. */
	*ret_seconds = (double)(greatest + SECOND / 2 + (int64_t)monotonic - wall_ns) / SECOND;
	return true;
}
