/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The partner's clock against our monotonic one (its header times, draft section 6.1):
 * the greatest difference seen in the last windows, since delay only makes a
 * sample too small, plus the second that the header cuts off. Each window's
 * grows by 500 ppm of its age, so that neither drift nor silence makes it too
 * small. What stays is the smallest delay of all that was heard in the windows:
 * by no more than that the bound may lie below the truth.
 *
 * Windows go only when others come, one for each minute in which something was
 * heard: neither silence nor standing still makes us forget. So a partner's
 * clock that is set back counts for some minutes as if it were not, one that is
 * set forward counts at once. The other way round, how far it may be behind, the
 * newest message alone says: whatever delayed it, it makes it no less. All times:
 * wall seconds of the partner, nanoseconds of the monotonic clock.
 */
#ifndef XDHCP_FAILOVER_SKEW_H
#define XDHCP_FAILOVER_SKEW_H

#include <stdbool.h>
#include <stdint.h>

#define FAILOVER_SKEW_WINDOWS 8 /* of so many seconds each */
#define FAILOVER_SKEW_WINDOW_SECONDS 60
#define FAILOVER_SKEW_UNTRACKED 60 /* the most that dhcpd's own check lets pass */
#define FAILOVER_SKEW_WARN 2

struct failover_skew {
	struct {
		uint64_t began; /* monotonic ns */
		int64_t greatest; /* ns: partner's time − monotonic */
		bool any;
	} windows[FAILOVER_SKEW_WINDOWS];
	unsigned at;
	struct {
		bool any;
		uint64_t heard; /* monotonic ns */
		int64_t difference; /* ns, as above */
	} newest;
};

/*
 * A message was read that bears the time `partner`, and is no older than `age` ns
 * (UINT64_MAX: nobody knows). The first one may have waited in a socket for as long
 * as we stood still: it bounds the clock only as far as its age is known.
 */
void failover_skew_sample(struct failover_skew *skew, uint32_t partner, uint64_t monotonic,
			  uint64_t age);

/*
 * An upper bound of (partner's clock − monotonic clock) in ns at `monotonic`,
 * truncated second and drift included. False where nothing was ever heard.
 */
bool failover_skew_bound(const struct failover_skew *skew, uint64_t monotonic, int64_t *ret_bound);

/* A lower bound, of the same; drift since the newest message included. */
bool failover_skew_least(const struct failover_skew *skew, uint64_t monotonic, int64_t *ret_least);

/* For people: partner − own clock, in seconds, the best guess and no bound; wall in ns since 1970. */
bool failover_skew_seconds(const struct failover_skew *skew, uint64_t monotonic, int64_t wall_ns,
			   double *ret_seconds);

#endif
