/* SPDX-License-Identifier: GPL-2.0-only */
/* Which address a new client gets. */
#include "fixture.h"

/* Takes what choose gives, one client after the other; its last octet. */
static unsigned take(struct house *house, int number)
{
	char name[32];
	struct lease *lease;

	snprintf(name, sizeof(name), "taker%d", number);
	lease = choose(house, name, 0);
	if (!lease)
		return 0;
	bind(house, lease->address, name, NOW + 600);
	return lease->address & 255;
}

static void test_never_used_in_order(void **state)
{
	static const unsigned order[] = {10, 11, 12, 20, 21, 30, 31, 0};
	struct house *house = *state;

	for (int i = 0; i < 8; i++)
		assert_int_equal(take(house, i), order[i]);
}

static void test_oldest_freed_first(void **state)
{
	struct house *house = *state;
	static const unsigned freed[] = {21, 10, 31, 12};

	for (int i = 0; i < 7; i++)
		take(house, i);
	for (int i = 0; i < 4; i++)
		release(house, at(house, NET(freed[i])), NOW + i);
	for (int i = 0; i < 4; i++)
		assert_int_equal(take(house, 10 + i), freed[i]);
	assert_int_equal(take(house, 20), 0);
}

/* The store gives them back in any order: 100 addresses, freed in another one. */
static void test_oldest_first_after_restore(void **state)
{
	struct house *house = *state;

	house->ranges[0][0] = (struct conf_range){NET(100), NET(199)};
	house->pools[0].range_count = 1;
	house->networks[0].pool_count = 1;
	assert_int_equal(lease_table_reload(house->table, &house->conf), 0);
	for (unsigned i = 0; i < 100; i++) {
		struct lease_record *record = bound("gone", 0, NOW);

		record->address = NET(100 + i);
		record->state = LEASE_FREE;
		record->starts = 1 + i * 37 % 100;
		assert_int_equal(lease_commit_restore(house->commit, record), 0);
	}
	for (unsigned age = 1; age <= 100; age++) {
		unsigned octet = take(house, (int)age);

		assert_int_equal(1 + (octet - 100) * 37 % 100, age);
	}
}

static void test_own_address(void **state)
{
	struct house *house = *state;
	struct lease *lease = bind(house, NET(21), "a", NOW + 60);

	assert_ptr_equal(choose(house, "a", NET(10)), lease);
	release(house, lease, NOW);
	assert_ptr_equal(choose(house, "a", 0), lease);
	assert_ptr_equal(choose(house, "a", NET(11)), lease);
	assert_int_equal(choose(house, "b", 0)->address, NET(10));
}

static void test_remembered_one_taken_by_another(void **state)
{
	struct house *house = *state;
	struct lease *lease = bind(house, NET(21), "a", NOW + 60);

	release(house, lease, NOW);
	bind(house, NET(21), "b", NOW + 60);
	assert_int_equal(choose(house, "a", 0)->address, NET(10));
	assert_ptr_equal(choose(house, "b", 0), lease);
}

static void test_newest_remembered(void **state)
{
	struct house *house = *state;

	release(house, bind(house, NET(12), "a", NOW + 60), NOW + 1);
	release(house, bind(house, NET(30), "a", NOW + 60), NOW + 3);
	release(house, bind(house, NET(11), "a", NOW + 60), NOW + 2);
	assert_int_equal(choose(house, "a", 0)->address, NET(30));
}

/* Bound in another network: that one stays, this network gives one of its own. */
static void test_other_network(void **state)
{
	struct house *house = *state;

	bind(house, IP(10, 1, 1, 0), "a", NOW + 60);
	assert_int_equal(choose(house, "a", 0)->address, NET(10));
	assert_int_equal(choose(house, "a", IP(10, 1, 1, 1))->address, NET(10));
}

static void test_wanted(void **state)
{
	struct house *house = *state;

	assert_int_equal(choose(house, "a", NET(31))->address, NET(31));
	assert_int_equal(choose(house, "a", NET(200))->address, NET(10));
	bind(house, NET(31), "b", NOW + 60);
	assert_int_equal(choose(house, "a", NET(31))->address, NET(10));
	offer(house, at(house, NET(30)), "b", NOW + 60);
	assert_int_equal(choose(house, "a", NET(30))->address, NET(10));
}

static void test_offers_are_passed_over(void **state)
{
	struct house *house = *state;
	struct dhcp_ident a = client("a"), b = client("b");
	struct lease *lease = at(house, NET(10));

	offer(house, lease, "a", NOW + 60);
	assert_true(lease_pool_available(house->table, lease, &a, NOW));
	assert_false(lease_pool_available(house->table, lease, &b, NOW));
	assert_true(lease_pool_available(house->table, lease, &b, NOW + 60));
	assert_int_equal(choose(house, "b", 0)->address, NET(11));
	assert_ptr_equal(choose(house, "a", 0), lease);
	assert_ptr_equal(choose(house, "a", NET(12)), lease);
	assert_counts(house, 11, 0, 10, 0, 1);
	assert_int_equal(lease_commit_expire(house->commit, NOW + 60, 100), 0);
	assert_counts(house, 11, 0, 11, 0, 0);
	assert_int_equal(choose(house, "b", 0)->address, NET(10));
	house_expect(house, "");
}

static void test_offer_withdrawn(void **state)
{
	struct house *house = *state;
	struct lease *lease = at(house, NET(10));

	offer(house, lease, "a", NOW + 60);
	offer(house, lease, "b", 0);
	assert_counts(house, 11, 0, 10, 0, 1);
	offer(house, lease, "a", 0);
	assert_counts(house, 11, 0, 11, 0, 0);
	assert_null(lease->offered_to);
	offer(house, lease, "a", 0);
	assert_ptr_equal(choose(house, "b", 0), lease);
}

static void test_grant_ends_the_offer(void **state)
{
	struct house *house = *state;
	struct lease *lease = at(house, NET(10));

	offer(house, lease, "a", NOW + 60);
	offer(house, lease, "a", NOW + 70);
	bind(house, NET(10), "a", NOW + 600);
	assert_int_equal(lease->offered_until, 0);
	assert_null(lease->offered_to);
	assert_counts(house, 11, 1, 10, 0, 0);
	assert_int_equal(lease_commit_expire(house->commit, NOW + 70, 100), 0);
	house_expect(house, "");
}

/* What was offered and not taken goes back to where it was, not behind younger ones. */
static void test_offer_returns_to_its_place(void **state)
{
	struct house *house = *state;

	for (int i = 0; i < 7; i++)
		take(house, i);
	release(house, at(house, NET(12)), NOW + 1);
	release(house, at(house, NET(20)), NOW + 2);
	release(house, at(house, NET(11)), NOW + 3);
	offer(house, at(house, NET(20)), "x", NOW + 60);
	lease_commit_expire(house->commit, NOW + 60, 100);
	assert_int_equal(take(house, 10), 12);
	assert_int_equal(take(house, 11), 20);
	assert_int_equal(take(house, 12), 11);
}

static void test_fixed_addresses_are_nobody_elses(void **state)
{
	struct house *house = *state;
	struct dhcp_ident ident = client("a");

	house->fixed = NET(10);
	house->host.fixed_addresses = &house->fixed;
	house->host.fixed_address_count = 1;
	house->conf.host_count = 1;
	assert_int_equal(lease_table_reload(house->table, &house->conf), 0);
	assert_counts(house, 11, 0, 10, 0, 0);
	assert_int_equal(choose(house, "a", 0)->address, NET(11));
	assert_int_equal(choose(house, "a", NET(10))->address, NET(11));
	assert_false(lease_pool_available(house->table, at(house, NET(10)), &ident, NOW));
	house->conf.host_count = 0;
	assert_int_equal(lease_table_reload(house->table, &house->conf), 0);
	assert_int_equal(choose(house, "a", 0)->address, NET(10));
}

/* Everything offered: none left, and no search for it (the queue is empty). */
static void test_exhausted_by_offers(void **state)
{
	static const unsigned octets[] = {10, 11, 12, 20, 21, 30, 31};
	struct house *house = *state;
	char name[32];

	for (int i = 0; i < 7; i++) {
		snprintf(name, sizeof(name), "o%d", i);
		offer(house, at(house, NET(octets[i])), name, NOW + 60);
	}
	assert_null(choose(house, "a", 0));
	assert_int_equal(choose(house, "o3", 0)->address, NET(20));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		house_test(test_never_used_in_order),
		house_test(test_oldest_freed_first),
		house_test(test_oldest_first_after_restore),
		house_test(test_own_address),
		house_test(test_remembered_one_taken_by_another),
		house_test(test_newest_remembered),
		house_test(test_other_network),
		house_test(test_wanted),
		house_test(test_offers_are_passed_over),
		house_test(test_offer_withdrawn),
		house_test(test_grant_ends_the_offer),
		house_test(test_offer_returns_to_its_place),
		house_test(test_fixed_addresses_are_nobody_elses),
		house_test(test_exhausted_by_offers),
	};

	return cmocka_run_group_tests(tests, thread_setup, thread_teardown);
}
