/* SPDX-License-Identifier: GPL-2.0-only */
/* The wheel, by itself and behind lease_commit_expire(). */
#include "fixture.h"

#include "lease/expiry.h"

static void test_ends_in_their_second(void **state)
{
	struct house *house = *state;

	bind(house, NET(10), "a", NOW + 60);
	bind(house, NET(11), "b", NOW + 61);
	bind(house, NET(12), "c", NOW + 60 + LEASE_WHEEL_SECONDS);
	assert_int_equal(lease_commit_expire(house->commit, NOW + 59, 100), 0);
	house_expect(house, "");
	assert_int_equal(lease_commit_expire(house->commit, NOW + 60, 100), 0);
	house_expect(house, "close(10) append(10,free,1000060) ");
	assert_int_equal(lease_commit_expire(house->commit, NOW + 61, 100), 0);
	house_expect(house, "close(11) append(11,free,1000061) ");
	assert_int_equal(lease_commit_expire(house->commit, NOW + 59 + LEASE_WHEEL_SECONDS, 100),
			 0);
	house_expect(house, "");
	assert_int_equal(lease_commit_expire(house->commit, NOW + 60 + LEASE_WHEEL_SECONDS, 100),
			 0);
	house_expect(house, "close(12) append(12,free,1065596) ");
}

static void test_renewal_moves_the_end(void **state)
{
	struct house *house = *state;

	bind(house, NET(10), "a", NOW + 60);
	bind(house, NET(10), "a", NOW + 90);
	lease_commit_expire(house->commit, NOW + 89, 100);
	house_expect(house, "");
	lease_commit_expire(house->commit, NOW + 90, 100);
	house_expect(house, "close(10) append(10,free,1000090) ");
}

static void test_earlier_end_is_not_missed(void **state)
{
	struct house *house = *state;

	bind(house, NET(10), "a", NOW + 900);
	lease_commit_expire(house->commit, NOW, 100);
	bind(house, NET(10), "a", NOW + 9);
	lease_commit_expire(house->commit, NOW + 9, 100);
	house_expect(house, "close(10) append(10,free,1000009) ");
}

/* An end that has passed already when it is said. */
static void test_end_in_the_past(void **state)
{
	struct house *house = *state;

	lease_commit_expire(house->commit, NOW, 100);
	bind(house, NET(10), "a", NOW - 500);
	lease_commit_expire(house->commit, NOW, 100);
	house_expect(house, "close(10) append(10,free,999500) ");
}

static void test_promise_keeps_it(void **state)
{
	struct house *house = *state;

	bind(house, NET(10), "a", NOW + 60);
	house->promise = NOW + 100;
	lease_commit_expire(house->commit, NOW + 60, 100);
	house_expect(house, "close(10) append(10,active,1000100) ");
	lease_commit_durable(house->commit, house->group++);
	lease_commit_expire(house->commit, NOW + 99, 100);
	house_expect(house, "publish(10,active) ");
	lease_commit_expire(house->commit, NOW + 100, 100);
	house_expect(house, "close(10) append(10,free,1000100) ");
}

static void test_at_most(void **state)
{
	static const unsigned octets[] = {10, 11, 12, 20, 21, 30, 31};
	struct house *house = *state;
	size_t calls = 0;

	lease_commit_expire(house->commit, NOW, 100);
	for (int i = 0; i < 7; i++)
		bind(house, NET(octets[i]), "a", NOW + 1 + i % 2);
	while (lease_commit_expire(house->commit, NOW + 2, 2)) {
		calls++;
		assert_int_equal(counts(house).active, 7 - 2 * calls);
	}
	assert_int_equal(calls, 3);
	assert_counts(house, 11, 0, 11, 0, 0);
}

static void test_abandonment_ends(void **state)
{
	struct house *house = *state;
	struct lease *lease = bind(house, NET(10), "a", NOW + 60);
	struct lease *forever = bind(house, NET(11), "b", NOW + 60);
	int64_t promise;

	lease_commit_revoke(house->commit, lease, LEASE_ABANDONED, NOW, NOW + 500, &promise);
	lease_commit_revoke(house->commit, forever, LEASE_ABANDONED, NOW, 0, &promise);
	lease_commit_durable(house->commit, house->group++);
	house->log[0] = 0;
	lease_commit_expire(house->commit, NOW + 499, 100);
	house_expect(house, "");
	lease_commit_expire(house->commit, NOW + 500, 100);
	house_expect(house, "append(10,free,1000500) ");
	lease_commit_durable(house->commit, house->group++);
	assert_int_equal(lease->current->ident_length, 0);
	assert_null(lease_table_next_of_client(house->table, client("a").bytes, 2, NULL));
	assert_counts(house, 11, 0, 10, 1, 0);
}

/* The clock is set back by an hour, and leases end by the new one. */
static void test_clock_set_back(void **state)
{
	struct house *house = *state;

	lease_commit_expire(house->commit, NOW, 100);
	bind(house, NET(10), "a", NOW - 3000);
	bind(house, NET(11), "b", NOW + 60);
	assert_int_equal(lease_commit_expire(house->commit, NOW - 3600, 100), 0);
	house_expect(house, "");
	lease_commit_expire(house->commit, NOW - 3000, 100);
	house_expect(house, "close(10) append(10,free,997000) ");
	lease_commit_expire(house->commit, NOW + 60, 100);
	house_expect(house, "close(11) append(11,free,1000060) ");
}

static void test_leap_of_years(void **state)
{
	struct house *house = *state;

	lease_commit_expire(house->commit, NOW, 100);
	bind(house, NET(10), "a", NOW + 60);
	bind(house, NET(11), "b", INT64_MAX);
	lease_commit_expire(house->commit, NOW + 100000000, 100);
	house_expect(house, "close(10) append(10,free,1000060) ");
	assert_counts(house, 11, 1, 10, 0, 0);
}

/* An offer of the client's own bound address ends by itself; the lease stays. */
static void test_offer_of_a_bound_address(void **state)
{
	struct house *house = *state;
	struct lease *lease = bind(house, NET(10), "a", NOW + 60);

	offer(house, lease, "a", NOW + 30);
	lease_commit_expire(house->commit, NOW + 30, 100);
	assert_int_equal(lease->offered_until, 0);
	house_expect(house, "");
	lease_commit_expire(house->commit, NOW + 60, 100);
	house_expect(house, "close(10) append(10,free,1000060) ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		house_test(test_ends_in_their_second),
		house_test(test_renewal_moves_the_end),
		house_test(test_earlier_end_is_not_missed),
		house_test(test_end_in_the_past),
		house_test(test_promise_keeps_it),
		house_test(test_at_most),
		house_test(test_abandonment_ends),
		house_test(test_clock_set_back),
		house_test(test_leap_of_years),
		house_test(test_offer_of_a_bound_address),
	};

	return cmocka_run_group_tests(tests, thread_setup, thread_teardown);
}
