/* SPDX-License-Identifier: GPL-2.0-only */
/* Pool balance: who of a pair may give how many of the free addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <urcu.h>

#include "dhcp/ident.h"
#include "failover/balance.h"
#include "failover/hash.h"
#include "lease/pool.h"

#define NOW 1000000
#define BASE 0x0a000001u /* pool 0; each pool begins 2^20 further */
#define POOLS 3
#define ADDRESS(pool, n) (BASE + ((uint32_t)(pool) << 20) + (n))

/* Pools 0 and 1 are of relationship 1, pool 2 of another one. */
struct house {
	struct conf_range ranges[POOLS];
	struct conf_pool pools[POOLS], *pool_list[POOLS];
	struct conf_network network, *networks[1];
	struct conf conf;
	struct conf_relation relation;
	struct lease_policy policies[LEASE_RELATIONS];
	struct lease_table *table;
	struct lease_commit *commit;
	struct failover_balance *balance;
	uint8_t hba[32];
	uint64_t group;
	uint64_t announced;
};

static int64_t verb_close(void *context, uint32_t address)
{
	(void)context;
	(void)address;
	return 0;
}

static uint64_t verb_append(void *context, const struct lease_record *record)
{
	struct house *house = context;

	(void)record;
	return house->group;
}

static void verb_publish(void *context, const struct lease *lease, const struct lease_stamp *stamp)
{
	(void)context;
	(void)lease;
	(void)stamp;
}

static void verb_drop(void *context, const struct lease_stamp *stamp)
{
	(void)context;
	(void)stamp;
}

static void verb_acknowledged(void *context, const struct lease_record *record)
{
	(void)context;
	(void)record;
}

static void verb_announce(void *context, struct lease *lease)
{
	struct house *house = context;

	(void)lease;
	house->announced++;
}

static void configure(struct house *house, bool primary, const uint32_t sizes[POOLS])
{
	for (uint16_t i = 0; i < POOLS; i++) {
		house->ranges[i] = (struct conf_range){ADDRESS(i, 0), ADDRESS(i, sizes[i]) - 1};
		house->pools[i] = (struct conf_pool){
			.network = &house->network,
			.ranges = &house->ranges[i],
			.range_count = 1,
			.number = i,
			.relation = i == 2 ? 2 : 1,
		};
		house->pool_list[i] = &house->pools[i];
	}
	house->network =
		(struct conf_network){.number = 1, .pools = house->pool_list, .pool_count = POOLS};
	house->networks[0] = &house->network;
	house->conf = (struct conf){
		.networks = house->networks,
		.network_count = 1,
		.pools = house->pool_list,
		.pool_count = POOLS,
	};
	house->relation = (struct conf_relation){
		.number = 1,
		.primary = primary,
		.max_lease_misbalance = 15,
		.max_lease_ownership = 10,
		.min_balance = 60,
		.max_balance = 3600,
	};
}

static struct house *house_new(bool primary, uint32_t first, uint32_t second, uint32_t foreign)
{
	static const uint8_t seed[16] = "0123456789abcde";
	const uint32_t sizes[POOLS] = {first, second, foreign};
	struct house *house = calloc(1, sizeof(*house));
	struct lease_verbs verbs = {house,     verb_close,	  verb_append,	verb_publish,
				    verb_drop, verb_acknowledged, verb_announce};

	assert_non_null(house);
	configure(house, primary, sizes);
	house->group = 1;
	memset(house->hba, 0xff, sizeof(house->hba) / 2);
	for (int i = 1; i <= 2; i++)
		house->policies[i] =
			(struct lease_policy){.serves = true, .sends = true, .secondary = !primary};
	assert_int_equal(lease_table_new(&house->conf, seed, &house->table), 0);
	lease_table_policies(house->table, house->policies);
	assert_int_equal(lease_commit_new(house->table, &verbs, &house->commit), 0);
	assert_int_equal(failover_balance_new(house->table, house->commit, &house->relation,
					      &house->balance),
			 0);
	return house;
}

static void house_free(struct house *house)
{
	failover_balance_free(house->balance);
	lease_commit_free(house->commit);
	lease_table_free(house->table);
	free(house);
}

/* The address is free since then, of this side (LEASE_FREE or LEASE_BACKUP), last `client`'s. */
static void has(struct house *house, uint16_t pool, uint32_t number, uint8_t state,
		const struct dhcp_ident *client, int64_t since)
{
	struct lease_record *record = lease_record_new(
		client ? client->bytes : NULL, client ? client->length : 0, NULL, 0, NULL, 0);

	record->address = ADDRESS(pool, number);
	record->state = state;
	record->starts = since;
	assert_int_equal(lease_commit_restore(house->commit, record), 0);
}

static void have(struct house *house, uint16_t pool, uint32_t from, uint32_t count, uint8_t state)
{
	for (uint32_t i = from; i < from + count; i++)
		has(house, pool, i, state, NULL, NOW - 100);
}

static uint8_t state_of(struct house *house, uint16_t pool, uint32_t number)
{
	struct lease *lease = lease_table_find(house->table, ADDRESS(pool, number));
	const struct lease_record *record = lease_effective(lease);

	return record ? record->state : LEASE_FREE;
}

/* A client by option 61's value whose bucket is the primary's, or not. */
static struct dhcp_ident client_of(struct house *house, bool primarys, unsigned number)
{
	struct dhcp_ident ident = {.length = 5, .bytes = {61}};

	for (uint32_t i = number << 16;; i++) {
		memcpy(ident.bytes + 1, &i, sizeof(i));
		if (failover_hash_primary(house->hba, failover_hash(ident.bytes + 1, 4)) ==
		    primarys)
			return ident;
	}
}

static uint64_t run(struct house *house, size_t most)
{
	uint64_t given = UINT64_MAX;
	size_t steps = 0;

	failover_balance_begin(house->balance, house->hba);
	while (!failover_balance_step(house->balance, NOW, most, &given))
		assert_true(++steps < 10000000);
	lease_commit_durable(house->commit, house->group++);
	return given;
}

static void expect(struct house *house, uint16_t pool, uint64_t free, uint64_t backup)
{
	struct lease_counts counts;

	lease_table_pool_counts(house->table, pool, &counts);
	assert_int_equal(counts.free, free);
	assert_int_equal(counts.backup, backup);
}

static void test_arithmetic(void **state)
{
	(void)state;
	assert_int_equal(failover_balance_surplus(true, 18, 2), 8);
	assert_int_equal(failover_balance_surplus(false, 18, 2), -8);
	assert_int_equal(failover_balance_surplus(true, 2, 19), -8); /* −17 / 2, towards 0 */
	assert_int_equal(failover_balance_surplus(false, 2, 19), 8);
	assert_int_equal(failover_balance_surplus(true, 10, 10), 0);
	assert_int_equal(failover_balance_percent(18, 2, 15), 3);
	assert_int_equal(failover_balance_percent(18, 2, 10), 2);
	assert_int_equal(failover_balance_percent(2, 1, 15), 0); /* 0.45 */
	assert_int_equal(failover_balance_percent(2, 2, 15), 1); /* 0.6 */
	assert_int_equal(failover_balance_percent(0, 0, 15), 0);
}

/* dhcpd, asked with 18 FREE and 2 BACKUP, gives 8. */
static void test_primary_gives_half_of_what_was_never_used(void **state)
{
	struct house *house = house_new(true, 20, 7, 9);

	(void)state;
	have(house, 0, 18, 2, LEASE_BACKUP);
	assert_int_equal(run(house, 1000), 8 + 3);
	expect(house, 0, 10, 10);
	expect(house, 1, 4, 3);
	expect(house, 2, 9, 0); /* another relationship's */
	assert_int_equal(house->announced, 11);
	for (uint32_t i = 0; i < 8; i++)
		assert_int_equal(state_of(house, 0, i), LEASE_BACKUP);
	assert_int_equal(run(house, 1000), 0);
	house_free(house);
}

static void test_secondary_gives_back(void **state)
{
	struct house *house = house_new(false, 20, 4, 1);

	(void)state;
	have(house, 0, 0, 18, LEASE_BACKUP);
	assert_int_equal(run(house, 1000), 8);
	expect(house, 0, 10, 10);
	expect(house, 1, 4, 0); /* the primary's to give */
	assert_int_equal(run(house, 1000), 0);
	house_free(house);
}

/* Addresses with a client are kept up to max-lease-ownership: the client may come back. */
static void test_ownership_holds_used_ones(void **state)
{
	struct house *house = house_new(true, 20, 0, 1);

	(void)state;
	for (uint32_t i = 0; i < 18; i++) {
		struct dhcp_ident client = client_of(house, true, i);

		has(house, 0, i, LEASE_FREE, &client, NOW - 1000 + i);
	}
	have(house, 0, 18, 2, LEASE_BACKUP);
	/* lts 8, hold 2 */
	assert_int_equal(run(house, 1000), 6);
	for (uint32_t i = 0; i < 18; i++) /* oldest first */
		assert_int_equal(state_of(house, 0, i), i < 6 ? LEASE_BACKUP : LEASE_FREE);
	assert_int_equal(run(house, 1000), 0);
	house_free(house);
}

/* The partner's clients' addresses go to it first, and up to hold more than half. */
static void test_affinity_comes_first(void **state)
{
	struct house *house = house_new(true, 20, 0, 1);

	(void)state;
	for (uint32_t i = 0; i < 20; i++) {
		struct dhcp_ident client = client_of(house, i < 5, i);

		has(house, 0, i, LEASE_FREE, &client, NOW - 1000 + i);
	}
	/* lts 10, hold 2: 12 of the 15 that are the partner's clients' */
	assert_int_equal(run(house, 1000), 12);
	for (uint32_t i = 0; i < 20; i++)
		assert_int_equal(state_of(house, 0, i),
				 i >= 5 && i < 17 ? LEASE_BACKUP : LEASE_FREE);
	assert_int_equal(run(house, 1000), 0);
	house_free(house);
}

/* An identity by hardware address hashes without its type, as chaddr does in a DISCOVER. */
static void test_affinity_by_hardware_address(void **state)
{
	static const uint8_t chaddr[2][6] = {
		{0x02, 0xaa, 0, 0, 0, 1}, /* bucket 204 */
		{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, /* bucket 79 */
	};
	struct house *house = house_new(true, 2, 0, 1);

	(void)state;
	memset(house->hba, 0xff, sizeof(house->hba));
	house->hba[79 >> 3] &= (uint8_t) ~(1 << (79 & 7));
	house->relation.max_lease_ownership = 0;
	failover_balance_reconfigure(house->balance, &house->relation);
	for (uint32_t i = 0; i < 2; i++) {
		struct dhcp_ident client = {.length = 8, .bytes = {0, 1}};

		memcpy(client.bytes + 2, chaddr[i], 6);
		has(house, 0, i, LEASE_FREE, &client, NOW - 100 + i);
	}
	assert_int_equal(run(house, 1000), 1);
	assert_int_equal(state_of(house, 0, 0), LEASE_FREE);
	assert_int_equal(state_of(house, 0, 1), LEASE_BACKUP);
	house_free(house);
}

static void test_offered_and_fixed_ones_stay(void **state)
{
	struct house *house = house_new(true, 4, 0, 1);
	struct dhcp_ident client = client_of(house, true, 1);

	(void)state;
	lease_table_find(house->table, ADDRESS(0, 3))->reserved = true;
	assert_int_equal(lease_table_reload(house->table, &house->conf), 0);
	assert_int_equal(lease_pool_offer(house->table,
					  lease_table_find(house->table, ADDRESS(0, 0)), &client,
					  NOW + 60),
			 0);
	assert_int_equal(run(house, 1000), 1);
	assert_int_equal(state_of(house, 0, 0), LEASE_FREE);
	assert_int_equal(state_of(house, 0, 1), LEASE_BACKUP);
	house_free(house);
}

/* A mixed pool in chunks of every size comes to what one run does. */
static struct house *house_mixed(bool primary)
{
	struct house *house = house_new(primary, 200, 31, 1);
	uint8_t own = primary ? LEASE_FREE : LEASE_BACKUP;

	if (!primary)
		have(house, 0, 0, 200, LEASE_BACKUP);
	for (uint32_t i = 40; i < 200; i++) {
		struct dhcp_ident client = client_of(house, i % 3 == 0, i);

		has(house, 0, i, own, &client, NOW - 1000 + i * 7 % 160);
	}
	return house;
}

static void test_chunks_equal_one_run(void **state)
{
	(void)state;
	for (int primary = 0; primary < 2; primary++) {
		struct house *whole = house_mixed(primary);
		uint64_t given = run(whole, 100000);

		assert_true(given > 50);
		for (size_t most = 1; most < 50; most += 6) {
			struct house *chunks = house_mixed(primary);

			assert_int_equal(run(chunks, most), given);
			for (uint32_t i = 0; i < 200; i++)
				assert_int_equal(state_of(chunks, 0, i), state_of(whole, 0, i));
			house_free(chunks);
		}
		house_free(whole);
	}
}

/* Between two chunks a client takes what was looked at last, and others come and go. */
static void test_changes_between_chunks(void **state)
{
	struct house *house = house_mixed(true);
	uint64_t given;
	struct lease_counts counts;

	(void)state;
	failover_balance_begin(house->balance, house->hba);
	for (uint32_t i = 0; !failover_balance_step(house->balance, NOW, 3, &given); i++) {
		struct dhcp_ident client = client_of(house, true, 1000 + i);
		struct lease *lease =
			lease_table_find(house->table, ADDRESS(0, (i * 37 + 5) % 200));
		struct lease_record *record;

		assert_true(i < 1000);
		if (state_of(house, 0, (i * 37 + 5) % 200) != LEASE_FREE)
			continue;
		record = lease_record_new(client.bytes, client.length, NULL, 0, NULL, 0);
		record->state = LEASE_ACTIVE;
		record->starts = NOW;
		record->ends = record->horizon = NOW + 600;
		assert_true(lease_commit_grant(house->commit, lease, record, NULL));
		lease_commit_durable(house->commit, house->group++);
	}
	lease_table_pool_counts(house->table, 0, &counts);
	assert_true(given > 10 && counts.active > 10);
	/* What the run missed, as its place was taken from under it, is for the next one. */
	run(house, 1000);
	assert_int_equal(run(house, 1000), 0);
	house_free(house);
}

/* Offers that take away what was looked at last, again and again, do not keep a run going. */
static void test_a_restless_queue_ends_all_the_same(void **state)
{
	struct house *house = house_new(true, 10, 0, 1);
	uint64_t given;
	uint32_t steps = 0;

	(void)state;
	for (uint32_t i = 0; i < 10; i++) {
		struct dhcp_ident client = client_of(house, true, i);

		has(house, 0, i, i < 5 ? LEASE_FREE : LEASE_BACKUP, &client, NOW - 1000 + i);
	}
	failover_balance_begin(house->balance, house->hba);
	for (; !failover_balance_step(house->balance, NOW, 1, &given); steps++) {
		struct dhcp_ident client = client_of(house, true, 100);

		assert_true(steps < 100);
		for (uint32_t i = 0; i < 2; i++)
			assert_int_equal(
				lease_pool_offer(house->table,
						 lease_table_find(house->table, ADDRESS(0, i)),
						 &client, i == steps % 2 ? NOW + 60 : 0),
				0);
	}
	assert_int_equal(given, 0);
	house_free(house);
}

/* The loop turns between chunks, however many addresses there are. */
static void test_no_step_looks_at_more_than_it_may(void **state)
{
	struct house *house = house_new(true, 5000, 0, 1);
	uint64_t given;
	size_t steps = 1;

	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		struct dhcp_ident client = client_of(house, true, i);

		has(house, 0, i, i % 2 ? LEASE_FREE : LEASE_BACKUP, &client, NOW - 10000 + i);
	}
	failover_balance_begin(house->balance, house->hba);
	while (!failover_balance_step(house->balance, NOW, 100, &given))
		steps++;
	assert_int_equal(given, 0);
	assert_int_equal(steps, 2500 / 100 + 1);
	house_free(house);
}

static void test_asks_when_it_lacks_too_many(void **state)
{
	/* 20 free, threshold 3: six more than half must be missing */
	struct house *house = house_new(true, 20, 0, 20);

	(void)state;
	have(house, 0, 0, 16, LEASE_BACKUP);
	assert_false(failover_balance_wanting(house->balance)); /* lts −6 */
	have(house, 0, 16, 1, LEASE_BACKUP);
	assert_true(failover_balance_wanting(house->balance)); /* −7 */
	house_free(house);

	/* threshold 0: more than one */
	house = house_new(false, 4, 0, 1);
	house->relation.max_lease_misbalance = 1;
	failover_balance_reconfigure(house->balance, &house->relation);
	assert_true(failover_balance_wanting(house->balance)); /* −2 */
	have(house, 0, 0, 1, LEASE_BACKUP);
	assert_false(failover_balance_wanting(house->balance)); /* −1 */
	house_free(house);
}

static void test_the_pause_goes_by_the_oldest(void **state)
{
	struct house *house = house_new(true, 2, 0, 1);
	struct dhcp_ident client = client_of(house, true, 1);

	(void)state;
	/* never used: 15 % of the time since 1970 */
	assert_int_equal(failover_balance_pause(house->balance, NOW), 3600);
	has(house, 0, 0, LEASE_FREE, &client, NOW - 1000);
	has(house, 0, 1, LEASE_FREE, &client, NOW - 400);
	assert_int_equal(failover_balance_pause(house->balance, NOW), 300); /* own role: doubled */
	has(house, 0, 1, LEASE_BACKUP, &client, NOW - 900);
	assert_int_equal(failover_balance_pause(house->balance, NOW), 135);
	has(house, 0, 1, LEASE_BACKUP, &client, NOW - 1);
	assert_int_equal(failover_balance_pause(house->balance, NOW), 60);
	/* the clock was set back */
	assert_int_equal(failover_balance_pause(house->balance, NOW - 5000), 60);
	house_free(house);

	/* Nothing is free */
	house = house_new(true, 0, 0, 1);
	assert_int_equal(failover_balance_pause(house->balance, NOW), 3600);
	assert_int_equal(run(house, 10), 0);
	house_free(house);
}

static int thread_setup(void **state)
{
	(void)state;
	rcu_register_thread();
	return 0;
}

static int thread_teardown(void **state)
{
	(void)state;
	rcu_unregister_thread();
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arithmetic),
		cmocka_unit_test(test_primary_gives_half_of_what_was_never_used),
		cmocka_unit_test(test_secondary_gives_back),
		cmocka_unit_test(test_ownership_holds_used_ones),
		cmocka_unit_test(test_affinity_comes_first),
		cmocka_unit_test(test_affinity_by_hardware_address),
		cmocka_unit_test(test_offered_and_fixed_ones_stay),
		cmocka_unit_test(test_chunks_equal_one_run),
		cmocka_unit_test(test_changes_between_chunks),
		cmocka_unit_test(test_a_restless_queue_ends_all_the_same),
		cmocka_unit_test(test_no_step_looks_at_more_than_it_may),
		cmocka_unit_test(test_asks_when_it_lacks_too_many),
		cmocka_unit_test(test_the_pause_goes_by_the_oldest),
	};

	return cmocka_run_group_tests_name("failover-balance", tests, thread_setup,
					   thread_teardown);
}
