// SPDX-License-Identifier: GPL-2.0-only
/*
 * The slots' clock and the wall's differ by whole seconds here: the true
 * difference rounded up. With it a promise that is converted to wall-clock
 * time is rounded up, a limit converted to the slots' clock is rounded down,
 * and there and back is the same second, however often.
 */
#include <time.h>

#include "fastpath/state.h"

#define NANOSECONDS 1000000000LL

static int64_t clock_read(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NANOSECONDS + now.tv_nsec;
}

uint64_t fastpath_clock_now(void)
{
	return clock_read(CLOCK_MONOTONIC_COARSE);
}

/* The reading with the least time between the two clocks is the best of a few. */
int64_t fastpath_clock_offset(void)
{
	int64_t best = INT64_MAX, offset = 0;

	for (int i = 0; i < 5; i++) {
		int64_t before = clock_read(CLOCK_MONOTONIC);
		int64_t wall = clock_read(CLOCK_REALTIME);
		int64_t after = clock_read(CLOCK_MONOTONIC);

		if (after - before < best) {
			best = after - before;
			offset = wall - before;
		}
	}
	return offset / NANOSECONDS + (offset % NANOSECONDS > 0);
}

/* In the slots' clock, or what is nearest to it in the range [0, most]. */
static uint32_t slot_seconds(int64_t offset, int64_t wall, uint32_t most)
{
	int64_t seconds;

	if (__builtin_sub_overflow(wall, offset, &seconds))
		return wall < 0 ? 0 : most;
	return seconds < 0 ? 0 : seconds > most ? most : (uint32_t)seconds;
}

uint32_t fastpath_promise_to_slot(const struct fastpath *fastpath, int64_t wall)
{
	return slot_seconds(fastpath->wall_offset, wall, XDHCP_NEVER);
}

int64_t fastpath_promise_to_wall(const struct fastpath *fastpath, uint32_t promise)
{
	if (!promise)
		return 0;
	return promise == XDHCP_NEVER ? INT64_MAX : promise + fastpath->wall_offset;
}

uint32_t fastpath_limit_to_slot(const struct fastpath *fastpath, int64_t wall)
{
	return wall == INT64_MAX ? XDHCP_NEVER
				 : slot_seconds(fastpath->wall_offset, wall, XDHCP_NEVER - 1);
}

int64_t fastpath_limit_to_wall(const struct fastpath *fastpath, uint32_t limit)
{
	return fastpath_promise_to_wall(fastpath, limit);
}

/* The program adds what failover allows to it: half of the range is enough, and never overflows. */
uint32_t fastpath_partner_to_slot(const struct fastpath *fastpath, int64_t partner)
{
	return slot_seconds(fastpath->control->reference, partner, XDHCP_NEVER / 2);
}

int64_t fastpath_partner_to_wall(const struct fastpath *fastpath, uint32_t limit)
{
	return limit ? limit + fastpath->control->reference : 0;
}
