/* SPDX-License-Identifier: GPL-2.0-only */
/* Which addresses of a failover pool are this server's to give. */
#include "fixture.h"

static bool available(struct house *house, uint32_t address, const char *name, int64_t now)
{
	struct dhcp_ident ident = client(name);

	return lease_pool_available(house->table, at(house, address), &ident, now);
}

static struct lease *choose_at(struct house *house, const char *name, uint32_t wanted, int64_t now)
{
	struct dhcp_ident ident = client(name);

	return lease_pool_choose(house->table, &house->networks[0], &ident, false, wanted, now);
}

/* Takes what choose gives until there is none; how many that were. */
static int drain(struct house *house, int64_t now)
{
	struct lease *lease;
	char name[32];
	int taken = 0;

	for (;; taken++) {
		snprintf(name, sizeof(name), "drain %lld %d", (long long)now, taken);
		lease = choose_at(house, name, 0, now);
		if (!lease)
			return taken;
		bind(house, lease->address, name, now + 600);
	}
}

static void test_primary(void **state)
{
	struct house *house = *state;

	pair(house);
	learn(house, NET(10), NULL, LEASE_BACKUP);
	learn(house, NET(11), NULL, LEASE_FREE);
	assert_false(available(house, NET(10), "a", NOW));
	assert_true(available(house, NET(11), "a", NOW));
	assert_true(available(house, NET(12), "a", NOW));
	assert_int_equal(choose(house, "a", NET(10))->address, NET(12));
	assert_int_equal(drain(house, NOW), 6);
}

static void test_secondary(void **state)
{
	struct house *house = *state;

	pair(house)->secondary = true;
	learn(house, NET(20), "b", LEASE_FREE);
	assert_null(choose(house, "a", NET(12)));
	assert_null(choose(house, "b", 0));
	learn(house, NET(31), NULL, LEASE_BACKUP);
	learn(house, NET(11), NULL, LEASE_BACKUP);
	assert_false(available(house, NET(10), "a", NOW));
	assert_true(available(house, NET(11), "a", NOW));
	assert_int_equal(choose(house, "a", NET(31))->address, NET(31));
	assert_int_equal(drain(house, NOW), 2);
}

/* A network with one pool of a pair and one without: each by its own rule. */
static void test_pools_apart(void **state)
{
	struct house *house = *state;
	struct lease_policy *policy = pair(house);

	house->pools[1].relation = 0;
	assert_int_equal(lease_table_reload(house->table, &house->conf), 0);
	policy->secondary = true;
	assert_int_equal(choose(house, "a", 0)->address, NET(30));
	policy->serves = false;
	assert_int_equal(drain(house, NOW), 2);
}

/* Silence means silence, also for who has a lease. */
static void test_serves_not(void **state)
{
	struct house *house = *state;
	struct lease_policy *policy = pair(house);

	bind(house, NET(10), "a", NOW + 60);
	offer(house, at(house, NET(11)), "b", NOW + 60);
	policy->serves = false;
	assert_null(choose(house, "a", 0));
	assert_null(choose(house, "b", 0));
	assert_null(choose(house, "c", NET(12)));
	assert_false(available(house, NET(10), "a", NOW));
	policy->serves = true;
	assert_int_equal(choose(house, "a", 0)->address, NET(10));
}

/* Without a word of the caller's a relationship serves nothing. */
static void test_no_policies(void **state)
{
	struct house *house = *state;

	pair(house);
	lease_table_policies(house->table, NULL);
	assert_null(choose(house, "a", 0));
}

/* The client's own lease, given by the partner or by us. */
static void test_active_of_the_client(void **state)
{
	struct house *house = *state;
	struct lease_policy *policy = pair(house);
	struct lease *lease = learn(house, NET(20), "a", LEASE_ACTIVE);

	assert_ptr_equal(choose(house, "a", 0), lease);
	assert_false(available(house, NET(20), "b", NOW));
	policy->secondary = true;
	assert_ptr_equal(choose(house, "a", 0), lease);
	partner_down(policy, NOW - 10000);
	assert_false(available(house, NET(20), "b", NOW + 10000));
}

/* Until the partner agrees it is nobody's, not even its last client's. */
static void test_ending_is_nobodys(void **state)
{
	struct house *house = *state;
	struct lease *lease;

	pair(house);
	lease = bind(house, NET(20), "a", NOW + 60);
	acknowledge(house, lease);
	release(house, lease, NOW);
	assert_int_equal(lease->current->state, LEASE_RELEASED);
	assert_false(available(house, NET(20), "a", NOW));
	assert_false(available(house, NET(20), "b", NOW));
	assert_int_equal(choose(house, "a", NET(20))->address, NET(10));
	acknowledge(house, lease);
	assert_int_equal(lease->current->state, LEASE_FREE);
	assert_ptr_equal(choose(house, "a", 0), lease);
	assert_true(available(house, NET(20), "b", NOW));
}

static void test_yielding(void **state)
{
	struct house *house = *state;
	struct lease *lease;

	pair(house);
	lease = bind(house, NET(20), "a", NOW + 60);
	lease->yielding = true;
	assert_false(available(house, NET(20), "a", NOW));
	assert_int_equal(choose(house, "a", 0)->address, NET(10));
}

/* MCLT 60 and a clock up to 5 s behind: from entry + 65 on, and not a second before; our own first. */
static void test_partner_down_primary(void **state)
{
	struct house *house = *state;
	struct lease_policy *policy = pair(house);

	learn(house, NET(10), NULL, LEASE_BACKUP);
	learn(house, NET(11), "gone", LEASE_BACKUP);
	assert_int_equal(drain(house, NOW), 5);
	partner_down(policy, NOW);
	assert_false(available(house, NET(10), "a", NOW + 64));
	assert_null(choose_at(house, "a", NET(10), NOW + 64));
	assert_null(choose_at(house, "gone", 0, NOW + 64));
	assert_true(available(house, NET(10), "a", NOW + 65));
	assert_int_equal(choose_at(house, "a", NET(11), NOW + 65)->address, NET(11));
	assert_int_equal(choose_at(house, "gone", 0, NOW + 65)->address, NET(11));
	release(house, at(house, NET(31)), NOW + 65);
	lease_commit_acknowledged(
		house->commit, at(house, NET(31)),
		&(struct lease_acknowledgement){.state = LEASE_RELEASED, .settled = true},
		NOW + 65);
	assert_int_equal(choose_at(house, "a", 0, NOW + 65)->address, NET(31));
	assert_int_equal(drain(house, NOW + 65), 3);
}

static void test_partner_down_secondary(void **state)
{
	struct house *house = *state;
	struct lease_policy *policy = pair(house);

	policy->secondary = true;
	learn(house, NET(31), NULL, LEASE_BACKUP);
	learn(house, NET(10), NULL, LEASE_FREE);
	partner_down(policy, NOW);
	assert_int_equal(choose_at(house, "a", 0, NOW + 64)->address, NET(31));
	assert_int_equal(choose_at(house, "a", NET(11), NOW + 64)->address, NET(31));
	assert_int_equal(drain(house, NOW + 64), 1);
	assert_int_equal(choose_at(house, "a", 0, NOW + 65)->address, NET(11));
	assert_int_equal(drain(house, NOW + 65), 6);
}

/* The partner may have promised that one for longer: the next one of its free ones is given. */
static void test_partner_down_waits_for_each(void **state)
{
	struct house *house = *state;
	struct lease_policy *policy = pair(house);
	struct lease_record *record;

	drain(house, NOW);
	for (unsigned octet = 10; octet < 12; octet++) {
		record = lease_record_new(NULL, 0, NULL, 0, NULL, 0);
		record->state = LEASE_BACKUP;
		record->starts = octet;
		record->received = octet == 10 ? NOW + 1000 : 0;
		lease_commit_close(house->commit, at(house, NET(octet)));
		lease_commit_learn(house->commit, at(house, NET(octet)), record);
	}
	partner_down(policy, NOW);
	assert_int_equal(choose_at(house, "a", 0, NOW + 65)->address, NET(11));
	assert_int_equal(drain(house, NOW + 1064), 1);
	assert_int_equal(choose_at(house, "a", 0, NOW + 1065)->address, NET(10));
}

/* The store gives the secondary's back in any order: 100 addresses, freed in another one. */
static void test_oldest_backup_first(void **state)
{
	struct house *house = *state;

	house->ranges[0][0] = (struct conf_range){NET(100), NET(199)};
	house->pools[0].range_count = 1;
	house->networks[0].pool_count = 1;
	pair(house)->secondary = true;
	for (unsigned i = 0; i < 100; i++) {
		struct lease_record *record = lease_record_new(NULL, 0, NULL, 0, NULL, 0);

		record->address = NET(100 + i);
		record->state = LEASE_BACKUP;
		record->starts = 1 + i * 37 % 100;
		assert_int_equal(lease_commit_restore(house->commit, record), 0);
	}
	for (unsigned age = 1; age <= 100; age++) {
		struct lease *lease = choose(house, "new", 0);

		assert_int_equal(lease->current->starts, age);
		bind(house, lease->address, "x", NOW + 600);
	}
}

/* The walk of pool balance: as the store gave them back, and yet by age. */
static void test_next_free_by_age(void **state)
{
	static const unsigned restored[] = {12, 20, 11, 10};
	struct house *house = *state;
	struct lease *lease = NULL;
	int64_t age = 0;

	pair(house);
	for (int i = 0; i < 4; i++) {
		struct lease_record *record = lease_record_new(NULL, 0, NULL, 0, NULL, 0);

		record->address = NET(restored[i]);
		record->state = i == 3 ? LEASE_BACKUP : LEASE_FREE;
		record->starts = 1000 + restored[i];
		assert_int_equal(lease_commit_restore(house->commit, record), 0);
	}
	lease = lease_pool_next_free(house->table, 0, LEASE_FREE, NULL);
	assert_int_equal(lease->address, NET(21));
	for (int i = 0; i < 3; i++) {
		lease = lease_pool_next_free(house->table, 0, LEASE_FREE, lease);
		assert_true(lease->current->starts > age);
		age = lease->current->starts;
	}
	assert_null(lease_pool_next_free(house->table, 0, LEASE_FREE, lease));
	lease = lease_pool_next_free(house->table, 0, LEASE_BACKUP, NULL);
	assert_int_equal(lease->address, NET(10));
	assert_null(lease_pool_next_free(house->table, 0, LEASE_BACKUP, lease));
	assert_null(lease_pool_next_free(house->table, 1, LEASE_BACKUP, NULL));
}

static void test_counts(void **state)
{
	struct house *house = *state;
	struct lease_counts pool, all;
	struct lease *lease;

	pair(house);
	learn(house, NET(10), NULL, LEASE_BACKUP);
	learn(house, NET(11), NULL, LEASE_EXPIRED);
	lease = bind(house, NET(12), "a", NOW + 60);
	acknowledge(house, lease);
	release(house, lease, NOW);
	lease_table_pool_counts(house->table, 0, &pool);
	assert_int_equal(pool.free, 2);
	assert_int_equal(pool.backup, 1);
	assert_int_equal(pool.ending, 2);
	assert_int_equal(pool.active, 0);
	acknowledge(house, lease);
	lease_table_pool_counts(house->table, 0, &pool);
	assert_int_equal(pool.free, 3);
	assert_int_equal(pool.ending, 1);
	all = counts(house);
	assert_int_equal(all.free, 9);
	assert_int_equal(all.backup, 1);
	assert_int_equal(all.ending, 1);
}

/* Failover is taken out of the configuration: what waited for the partner, or was its to give, is free. */
static void test_relation_gone(void **state)
{
	struct house *house = *state;
	struct lease_counts all;

	pair(house);
	learn(house, NET(10), NULL, LEASE_BACKUP);
	learn(house, NET(11), "a", LEASE_EXPIRED);
	learn(house, NET(12), "b", LEASE_RESET);
	house->pools[0].relation = 0;
	house->pools[1].relation = 0;
	assert_int_equal(lease_table_reload(house->table, &house->conf), 0);
	assert_int_equal(at(house, NET(11))->relation, 0);
	assert_true(available(house, NET(10), "x", NOW));
	assert_int_equal(lease_commit_expire(house->commit, NOW, 100), 0);
	lease_commit_durable(house->commit, house->group++);
	assert_int_equal(at(house, NET(11))->current->state, LEASE_FREE);
	assert_int_equal(at(house, NET(12))->current->state, LEASE_FREE);
	all = counts(house);
	assert_int_equal(all.free, 11);
	assert_int_equal(all.backup, 0);
	assert_int_equal(all.ending, 0);
	assert_int_equal(drain(house, NOW), 7);
}

/* An address leaves its range: it is no relationship's any more, and its lease ends by itself. */
static void test_out_of_the_range(void **state)
{
	struct house *house = *state;
	struct lease *lease;

	pair(house)->expires = false;
	lease = bind(house, NET(10), "a", NOW + 60);
	house->ranges[0][0].first = NET(11);
	assert_int_equal(lease_table_reload(house->table, &house->conf), 0);
	assert_int_equal(lease->relation, 0);
	assert_int_equal(at(house, NET(11))->relation, 1);
	lease_commit_expire(house->commit, NOW + 60, 100);
	house_expect(house, "close(10) append(10,free,1000060) ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		house_test(test_primary),
		house_test(test_secondary),
		house_test(test_pools_apart),
		house_test(test_serves_not),
		house_test(test_no_policies),
		house_test(test_active_of_the_client),
		house_test(test_ending_is_nobodys),
		house_test(test_yielding),
		house_test(test_partner_down_primary),
		house_test(test_partner_down_secondary),
		house_test(test_partner_down_waits_for_each),
		house_test(test_oldest_backup_first),
		house_test(test_next_free_by_age),
		house_test(test_counts),
		house_test(test_relation_gone),
		house_test(test_out_of_the_range),
	};

	return cmocka_run_group_tests(tests, thread_setup, thread_teardown);
}
