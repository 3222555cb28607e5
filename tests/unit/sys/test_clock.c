/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "sys/clock.h"

static void clocks_agree(void **state)
{
	struct timespec fine;
	uint64_t before = sys_clock_coarse(), after;

	(void)state;
	assert_in_range(sys_clock_wall(), time(NULL) - 1, time(NULL) + 1);
	clock_gettime(CLOCK_MONOTONIC, &fine);
	after = sys_clock_coarse();
	assert_true(after >= before);
	/* Coarse is behind by a tick at the most, and a tick is no longer than 10 ms. */
	assert_in_range((uint64_t)fine.tv_sec * 1000000000 + (uint64_t)fine.tv_nsec, before,
			after + 20000000);
}

static void watch_quiet(void **state)
{
	struct pollfd watched = {.events = POLLIN};

	(void)state;
	assert_int_equal(sys_clock_watch_open(&watched.fd), 0);
	assert_int_equal(poll(&watched, 1, 0), 0);
	assert_false(sys_clock_watch_drain(watched.fd));
	close(watched.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_agree),
		cmocka_unit_test(watch_quiet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
