/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "failover/skew.h"

#define SECOND INT64_C(1000000000)
#define MILLISECOND (SECOND / 1000)
#define WALL INT64_C(1750000000) /* the partner's clock at our second 0 */
#define RING (FAILOVER_SKEW_WINDOWS * FAILOVER_SKEW_WINDOW_SECONDS) /* seconds */

struct partner {
	int64_t offset; /* ns, at our second 0 */
	int64_t drift; /* parts per million */
};

/* Partner's clock − monotonic clock, the truth. */
static int64_t difference(const struct partner *partner, int64_t now)
{
	return partner->offset + now / 1000000 * partner->drift;
}

/* A message that leaves at `sent` and is read `delay` later. */
static void hear(struct failover_skew *skew, const struct partner *partner, int64_t sent,
		 int64_t delay)
{
	int64_t wall = sent + difference(partner, sent);

	failover_skew_sample(skew, (uint32_t)(wall / SECOND), (uint64_t)(sent + delay), 0);
}

static int64_t bound_at(const struct failover_skew *skew, int64_t now)
{
	int64_t bound = 0;

	assert_true(failover_skew_bound(skew, (uint64_t)now, &bound));
	return bound;
}

static void test_nothing_heard(void **state)
{
	struct failover_skew skew = {0};
	int64_t bound = 77;
	double seconds = 7;

	(void)state;
	assert_false(failover_skew_bound(&skew, 5, &bound));
	assert_false(failover_skew_seconds(&skew, 5, 5, &seconds));
	assert_int_equal(bound, 77);
	assert_true(seconds == 7);
}

/* The header's second is cut off, not rounded: the truth may be almost one second more. */
static void test_the_second_cut_off(void **state)
{
	struct partner partner = {.offset = WALL * SECOND + 999 * MILLISECOND};
	struct failover_skew skew = {0};
	int64_t now = 100 * SECOND;

	(void)state;
	hear(&skew, &partner, now, 0);
	assert_true(bound_at(&skew, now) >= difference(&partner, now));
	assert_int_equal(bound_at(&skew, now), (WALL + 1) * SECOND);
}

static uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static int64_t random_below(uint64_t *seed, int64_t limit)
{
	return limit ? (int64_t)(random_next(seed) % (uint64_t)limit) : 0;
}

/*
 * The truth, from a partner's clock that drifts by up to 100 ppm, messages at
 * random times, each with a delay of its own and some with silence between.
 */
static void one_partner(uint64_t seed)
{
	struct partner partner = {.offset = WALL * SECOND + random_below(&seed, 100 * SECOND),
				  .drift = random_below(&seed, 201) - 100};
	int64_t least = seed & 1 ? random_below(&seed, 2 * SECOND) : 0;
	int64_t jitter = random_below(&seed, 5 * SECOND), now = SECOND, best[RING] = {0};
	struct failover_skew skew = {0};

	for (unsigned i = 0; i < 4000; i++) {
		int64_t delay = least + (i % 9 ? random_below(&seed, jitter) : 0);
		int64_t smallest = INT64_MAX, bound, truth;

		/* At least once in nine, at most 9 × 30 s, the delay is the least. */
		best[i % RING] = delay;
		now += random_below(&seed, i % 100 ? 30 * SECOND : 9000 * SECOND);
		hear(&skew, &partner, now, delay);
		now += delay;
		for (unsigned j = 0; j < 9 && j <= i; j++)
			if (best[(i - j) % RING] < smallest)
				smallest = best[(i - j) % RING];
		now += random_below(&seed, 2 * SECOND);
		bound = bound_at(&skew, now);
		truth = difference(&partner, now);
		assert_true(bound >= truth - smallest);
		/* Not without use either: the second, and the drift of what is still remembered. */
		if (i % 100 > 60)
			assert_true(bound <= truth + SECOND + 2 * RING * SECOND * 6 / 10000);
	}
}

static void test_never_below_the_truth(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++)
		one_partner(seed * 0x9e3779b97f4a7c15ULL);
}

/* Silence: crystals drift, and what they may have drifted is in the bound. */
static void test_silence(void **state)
{
	struct partner partner = {.offset = WALL * SECOND, .drift = 400};
	struct failover_skew skew = {0};
	int64_t now = SECOND, later = now + 100000 * SECOND;

	(void)state;
	hear(&skew, &partner, now, 0);
	assert_true(bound_at(&skew, later) >= difference(&partner, later));
	assert_int_equal(bound_at(&skew, later) - bound_at(&skew, now), 50 * SECOND);
}

/* A message each second for so many seconds; returns when it ends. */
static int64_t hear_for(struct failover_skew *skew, const struct partner *partner, int64_t now,
			int64_t seconds)
{
	for (int64_t i = 0; i < seconds; i++)
		hear(skew, partner, now + i * SECOND, 0);
	return now + seconds * SECOND;
}

static void test_a_clock_set_forward_counts_at_once(void **state)
{
	struct partner partner = {.offset = WALL * SECOND};
	struct failover_skew skew = {0};
	int64_t now;

	(void)state;
	now = hear_for(&skew, &partner, SECOND, 1000);
	partner.offset += 30 * SECOND;
	hear(&skew, &partner, now, 0);
	assert_true(bound_at(&skew, now) >= difference(&partner, now));
}

/* Promises were given by the clock as it was: the bound falls only when all windows are new. */
static void test_a_clock_set_back_is_forgotten_late(void **state)
{
	struct partner partner = {.offset = WALL * SECOND};
	int64_t was = partner.offset, now;
	struct failover_skew skew = {0};

	(void)state;
	now = hear_for(&skew, &partner, SECOND, 1000);
	partner.offset -= 30 * SECOND;
	now = hear_for(&skew, &partner, now, RING - FAILOVER_SKEW_WINDOW_SECONDS);
	assert_true(bound_at(&skew, now) >= was);
	now = hear_for(&skew, &partner, now, 2 * FAILOVER_SKEW_WINDOW_SECONDS);
	assert_true(bound_at(&skew, now) <= partner.offset + 2 * SECOND);
}

/*
 * We stood still for an hour (a stopped process, a stopped machine) and then read what
 * waited: an hour late. Catches windows that go by time: all would be forgotten, and a
 * bound an hour too small would stand.
 */
static void test_what_is_read_late(void **state)
{
	struct partner partner = {.offset = WALL * SECOND};
	struct failover_skew skew = {0};
	int64_t now;

	(void)state;
	now = hear_for(&skew, &partner, SECOND, 1000);
	for (unsigned i = 0; i < 500; i++)
		hear(&skew, &partner, now + i * SECOND / 10, 3600 * SECOND);
	now += 3700 * SECOND;
	assert_true(bound_at(&skew, now) >= difference(&partner, now));
}

static int64_t least_at(const struct failover_skew *skew, int64_t now)
{
	int64_t least = 0;

	assert_true(failover_skew_least(skew, (uint64_t)now, &least));
	return least;
}

/* How far it may be behind: at once where its clock is set back, and never less than the truth. */
static void test_behind(void **state)
{
	struct partner partner = {.offset = WALL * SECOND + 999 * MILLISECOND, .drift = -400};
	struct failover_skew skew = {0};
	int64_t now, least = 77;

	(void)state;
	assert_false(failover_skew_least(&skew, 5, &least));
	assert_int_equal(least, 77);
	now = hear_for(&skew, &partner, SECOND, 1000);
	partner.offset -= 3600 * SECOND;
	hear(&skew, &partner, now, 3 * SECOND);
	now += 3 * SECOND;
	assert_true(least_at(&skew, now) <= difference(&partner, now));
	assert_true(least_at(&skew, now) >= difference(&partner, now) - 5 * SECOND);
	now += 100000 * SECOND;
	assert_true(least_at(&skew, now) <= difference(&partner, now));
	hear(&skew, &partner, now, 0);
	assert_true(least_at(&skew, now) >= difference(&partner, now) - SECOND);
}

/* What a person is shown: seconds by which the partner's clock leads ours. */
static void test_seconds_for_people(void **state)
{
	struct partner partner = {.offset = WALL * SECOND + 250 * MILLISECOND};
	struct failover_skew skew = {0};
	int64_t now, ours;
	double seconds = 0;

	(void)state;
	now = hear_for(&skew, &partner, SECOND, 1000);
	ours = (WALL - 12) * SECOND + now; /* ours is 12.25 s behind */
	assert_true(failover_skew_seconds(&skew, (uint64_t)now, ours, &seconds));
	assert_true(seconds > 11.7 && seconds < 12.8);
	ours = (WALL + 12) * SECOND + now;
	assert_true(failover_skew_seconds(&skew, (uint64_t)now, ours, &seconds));
	assert_true(seconds > -12.3 && seconds < -11.2);
}

/*
 * The first message waited for as long as we stood still: how long, the message itself
 * does not say. The next ones are younger than our own word that they answer.
 */
static void test_the_first_is_of_unknown_age(void **state)
{
	struct partner partner = {.offset = WALL * SECOND};
	struct failover_skew skew = {0};
	int64_t now = 1000 * SECOND, bound, least;
	uint32_t old = (uint32_t)((now - 120 * SECOND + difference(&partner, now)) / SECOND);

	(void)state;
	failover_skew_sample(&skew, old, (uint64_t)now, UINT64_MAX);
	assert_false(failover_skew_bound(&skew, (uint64_t)now, &bound));
	assert_true(failover_skew_least(&skew, (uint64_t)now, &least));
	assert_true(least <= difference(&partner, now));
	failover_skew_sample(&skew, old, (uint64_t)now, 121 * SECOND);
	assert_true(bound_at(&skew, now) >= difference(&partner, now));
	/* What is known already no age moves. */
	bound = bound_at(&skew, now);
	failover_skew_sample(&skew, old, (uint64_t)now, UINT64_MAX);
	failover_skew_sample(&skew, old, (uint64_t)now, 500 * SECOND);
	assert_int_equal(bound_at(&skew, now), bound);
}

/* The greatest time that the header can hold, by a clock that has run for years. */
static void test_the_last_second(void **state)
{
	struct failover_skew skew = {0};
	int64_t now = 100000000 * SECOND;

	(void)state;
	failover_skew_sample(&skew, UINT32_MAX, (uint64_t)now, 0);
	assert_int_equal(bound_at(&skew, now), (UINT32_MAX + INT64_C(1)) * SECOND - now);
	memset(&skew, 0, sizeof(skew));
	failover_skew_sample(&skew, 0, (uint64_t)now, 0);
	assert_int_equal(bound_at(&skew, now), SECOND - now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_heard),
		cmocka_unit_test(test_the_second_cut_off),
		cmocka_unit_test(test_never_below_the_truth),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_a_clock_set_forward_counts_at_once),
		cmocka_unit_test(test_a_clock_set_back_is_forgotten_late),
		cmocka_unit_test(test_what_is_read_late),
		cmocka_unit_test(test_behind),
		cmocka_unit_test(test_seconds_for_people),
		cmocka_unit_test(test_the_first_is_of_unknown_age),
		cmocka_unit_test(test_the_last_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
