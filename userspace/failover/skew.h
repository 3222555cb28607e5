/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The partner's clock against our monotonic one (failover-protocol section 7):
 * the greatest difference seen in a window, since delay only makes a sample
 * too small, plus the second that the header cuts off. While nothing is heard
 * it grows by 500 ppm. All times: wall seconds of the partner, nanoseconds of
 * the monotonic clock.
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
	uint64_t last; /* newest sample, monotonic ns; 0: none yet */
};

void failover_skew_sample(struct failover_skew *skew, uint32_t partner, uint64_t monotonic);

/*
 * An upper bound of (partner's clock − monotonic clock) in ns at `monotonic`,
 * truncated second and drift included. False where nothing was ever heard.
 */
bool failover_skew_bound(const struct failover_skew *skew, uint64_t monotonic, int64_t *ret_bound);

/* The same against a clock of ours, in seconds, for people: partner − own; wall in ns since 1970. */
bool failover_skew_seconds(const struct failover_skew *skew, uint64_t monotonic, int64_t wall_ns,
			   double *ret_seconds);

#endif
