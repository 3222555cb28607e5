// SPDX-License-Identifier: GPL-2.0-only
/* Between the slots' clock and the wall's: exact there and back, safe at the ends. */
#include "fixture.h"

#include <time.h>

static struct fastpath at_offset(int64_t offset)
{
	return (struct fastpath){.wall_offset = offset};
}

/* Catches a promise that grows by a second with each round through the journal. */
static void test_there_and_back(void **state)
{
	struct fastpath fastpath = at_offset(1700000000);

	(void)state;
	for (int64_t wall = 1700000001; wall < 1700000100; wall++) {
		assert_int_equal(fastpath_promise_to_wall(
					 &fastpath, fastpath_promise_to_slot(&fastpath, wall)),
				 wall);
		assert_int_equal(
			fastpath_limit_to_wall(&fastpath, fastpath_limit_to_slot(&fastpath, wall)),
			wall);
	}
}

static void test_ends(void **state)
{
	struct fastpath fastpath = at_offset(1700000000);

	(void)state;
	assert_int_equal(fastpath_limit_to_slot(&fastpath, INT64_MAX), XDHCP_NEVER);
	assert_int_equal(fastpath_promise_to_slot(&fastpath, INT64_MAX), XDHCP_NEVER);
	assert_true(fastpath_limit_to_wall(&fastpath, XDHCP_NEVER) == INT64_MAX);
	assert_int_equal(fastpath_limit_to_slot(&fastpath, INT64_MAX - 1), XDHCP_NEVER - 1);
	assert_int_equal(fastpath_limit_to_slot(&fastpath, 1700000000LL + XDHCP_NEVER),
			 XDHCP_NEVER - 1);
	assert_int_equal(fastpath_limit_to_slot(&fastpath, 0), 0);
	assert_int_equal(fastpath_limit_to_slot(&fastpath, INT64_MIN), 0);
	assert_int_equal(fastpath_promise_to_slot(&fastpath, 5), 0);
	assert_int_equal(fastpath_promise_to_wall(&fastpath, 0), 0);
	fastpath = at_offset(-10);
	assert_int_equal(fastpath_limit_to_slot(&fastpath, INT64_MAX - 5), XDHCP_NEVER - 1);
	assert_int_equal(fastpath_limit_to_slot(&fastpath, INT64_MIN), 0);
}

/* A limit is never later than it should be, a promise never earlier. */
static void test_rounds_to_the_safe_side(void **state)
{
	struct fastpath fastpath = at_offset(fastpath_clock_offset());
	struct timespec wall, slots;
	double difference;

	(void)state;
	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_MONOTONIC, &slots);
	difference = (wall.tv_sec - slots.tv_sec) + (wall.tv_nsec - slots.tv_nsec) / 1e9;
	assert_true(fastpath.wall_offset > difference - 0.01);
	assert_true(fastpath.wall_offset < difference + 1.01);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_rounds_to_the_safe_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
