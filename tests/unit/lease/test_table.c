/* SPDX-License-Identifier: GPL-2.0-only */
/* By address, by client, in ranges and outside of them; under a reader's eyes. */
#include "fixture.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

static void test_find(void **state)
{
	struct house *house = *state;

	assert_int_equal(at(house, NET(10))->address, NET(10));
	assert_int_equal(at(house, IP(10, 1, 1, 1))->pool, 2);
	assert_null(lease_table_find(house->table, NET(9)));
	assert_null(lease_table_find(house->table, NET(13)));
	assert_null(lease_table_find(house->table, IP(10, 1, 1, 2)));
	assert_null(lease_table_find(house->table, 0));
	assert_null(lease_table_find(house->table, UINT32_MAX));
}

static void test_walk(void **state)
{
	static const uint32_t expected[] = {NET(10),	     NET(11),		NET(12),
					    NET(20),	     NET(21),		NET(30),
					    NET(31),	     IP(10, 1, 0, 254), IP(10, 1, 0, 255),
					    IP(10, 1, 1, 0), IP(10, 1, 1, 1),	UINT32_MAX};
	struct house *house = *state;
	struct lease *lease;
	uint64_t address = 0;
	size_t count = 0;

	assert_int_equal(lease_table_ensure(house->table, UINT32_MAX, &lease), 0);
	while ((lease = lease_table_at_or_after(house->table, address))) {
		assert_int_equal(lease->address, expected[count++]);
		address = (uint64_t)lease->address + 1;
	}
	assert_int_equal(count, 12);
}

static void test_ensure(void **state)
{
	struct house *house = *state;
	struct lease *lease, *again;

	assert_int_equal(lease_table_ensure(house->table, NET(99), &lease), 0);
	assert_int_equal(lease->pool, LEASE_POOL_NONE);
	assert_ptr_equal(at(house, NET(99)), lease);
	assert_int_equal(lease_table_ensure(house->table, NET(99), &again), 0);
	assert_ptr_equal(again, lease);
	assert_int_equal(lease_table_ensure(house->table, NET(10), &again), 0);
	assert_int_equal(again->pool, 0);
	assert_counts(house, 11, 0, 11, 0, 0);
}

static void test_of_client(void **state)
{
	struct house *house = *state;
	struct dhcp_ident a = client("a");
	struct lease *lease = NULL;
	unsigned seen = 0;

	bind(house, NET(10), "a", NOW + 60);
	bind(house, NET(11), "b", NOW + 60);
	bind(house, IP(10, 1, 1, 1), "a", NOW + 60);
	bind(house, NET(10), "a", NOW + 70);
	while ((lease = lease_table_next_of_client(house->table, a.bytes, a.length, lease)))
		seen += lease->address & 255;
	assert_int_equal(seen, 11);
	bind(house, NET(10), "c", NOW + 60);
	lease = lease_table_next_of_client(house->table, a.bytes, a.length, NULL);
	assert_int_equal(lease->address, IP(10, 1, 1, 1));
	assert_null(lease_table_next_of_client(house->table, a.bytes, a.length, lease));
	assert_null(lease_table_next_of_client(house->table, a.bytes, 0, NULL));
}

static void test_pool_counts(void **state)
{
	struct house *house = *state;
	struct lease_counts pool;

	bind(house, NET(30), "a", NOW + 60);
	offer(house, at(house, NET(31)), "b", NOW + 60);
	lease_table_pool_counts(house->table, 1, &pool);
	assert_int_equal(pool.total, 2);
	assert_int_equal(pool.active, 1);
	assert_int_equal(pool.free, 0);
	assert_int_equal(pool.offered, 1);
	lease_table_pool_counts(house->table, 0, &pool);
	assert_int_equal(pool.free, 5);
	lease_table_pool_counts(house->table, 99, &pool);
	assert_int_equal(pool.total, 0);
	assert_counts(house, 11, 1, 9, 0, 1);
}

/* .10 leaves its range while bound, .11 while free and remembered, .12 unused; .13 comes. */
static void test_reload(void **state)
{
	struct house *house = *state;
	struct lease *active = bind(house, NET(10), "a", NOW + 60);
	struct dhcp_ident a = client("a");

	release(house, bind(house, NET(11), "b", NOW + 60), NOW);
	house->ranges[0][0] = (struct conf_range){NET(13), NET(13)};
	assert_int_equal(lease_table_reload(house->table, &house->conf), 0);
	assert_ptr_equal(at(house, NET(10)), active);
	assert_int_equal(active->pool, LEASE_POOL_NONE);
	assert_int_equal(active->current->state, LEASE_ACTIVE);
	assert_int_equal(at(house, NET(11))->pool, LEASE_POOL_NONE);
	assert_null(lease_table_find(house->table, NET(12)));
	assert_int_equal(choose(house, "b", 0)->address, NET(13));
	assert_int_equal(choose(house, "a", NET(10))->address, NET(13));
	assert_false(lease_pool_available(house->table, active, &a, NOW));
	assert_counts(house, 9, 1, 9, 0, 0);
	lease_commit_expire(house->commit, NOW + 60, 100);
	house_expect(house, "close(10) append(10,free,1000060) ");
	assert_counts(house, 9, 0, 9, 0, 0);
}

/* Pools change their numbers: bound addresses follow, freed ones stay in the order of their age. */
static void test_reload_renumbers(void **state)
{
	struct house *house = *state;
	struct conf_pool first = house->pools[0];
	struct lease_counts pool;

	bind(house, NET(10), "a", NOW + 60);
	for (unsigned octet = 11; octet < 13; octet++)
		release(house, bind(house, NET(octet), "b", NOW + 60), NOW - octet);
	house->pools[0] = house->pools[1];
	house->pools[1] = first;
	house->pools[0].number = 0;
	house->pools[1].number = 1;
	assert_int_equal(lease_table_reload(house->table, &house->conf), 0);
	assert_int_equal(at(house, NET(10))->pool, 1);
	lease_table_pool_counts(house->table, 1, &pool);
	assert_int_equal(pool.active, 1);
	assert_int_equal(pool.free, 4);
	assert_int_equal(choose(house, "new", 0)->address, NET(30));
	for (unsigned octet = 20; octet < 32; octet += octet == 21 ? 9 : 1)
		bind(house, NET(octet), "c", NOW + 60);
	assert_int_equal(choose(house, "new", 0)->address, NET(12));
}

static void test_many_clients(void **state)
{
	struct house *house = *state;
	struct dhcp_ident ident;
	struct lease *lease;
	char name[32];

	house->ranges[2][0] = (struct conf_range){IP(10, 2, 0, 0), IP(10, 2, 255, 255)};
	assert_int_equal(lease_table_reload(house->table, &house->conf), 0);
	for (uint32_t i = 0; i < 65536; i++) {
		snprintf(name, sizeof(name), "client %u", i);
		bind(house, IP(10, 2, 0, 0) + i, name, NOW + 60);
	}
	for (uint32_t i = 0; i < 65536; i++) {
		snprintf(name, sizeof(name), "client %u", i);
		ident = client(name);
		lease = lease_table_next_of_client(house->table, ident.bytes, ident.length, NULL);
		assert_int_equal(lease->address, IP(10, 2, 0, 0) + i);
	}
	assert_counts(house, 65543, 65536, 7, 0, 0);
}

struct reader {
	struct house *house;
	atomic_bool stop;
	uint64_t walks, wrong;
};

static bool record_is_whole(const struct lease_record *record, uint32_t address)
{
	return record->address == address && record->ends == record->starts &&
	       !memcmp(lease_record_agent(record), "agent", 5);
}

/*
 * A record is whole and of its address when it is seen and for as long as the
 * reader stays, and ends never go backwards.
 */
static void *reader_run(void *argument)
{
	struct reader *reader = argument;
	int64_t ends[3] = {0};

	rcu_register_thread();
	while (!atomic_load(&reader->stop)) {
		const struct lease_record *seen[3] = {NULL};

		rcu_read_lock();
		for (uint32_t i = 0; i < 3; i++) {
			struct lease *lease =
				lease_table_at_or_after(reader->house->table, NET(10) + i);

			seen[i] = rcu_dereference(lease->current);
			reader->wrong += seen[i] && seen[i]->ends < ends[i];
			ends[i] = seen[i] ? seen[i]->ends : 0;
		}
		sched_yield();
		for (uint32_t i = 0; i < 3; i++)
			reader->wrong += seen[i] && !record_is_whole(seen[i], NET(10) + i);
		rcu_read_unlock();
		reader->walks++;
	}
	rcu_unregister_thread();
	return NULL;
}

/* More than are handed over together, in one group with what the reader reads. */
static void many_change(struct house *house, int64_t time)
{
	struct lease *lease;

	for (uint32_t k = 0; k < 600; k++) {
		assert_int_equal(
			lease_table_ensure(house->table, IP(10, 9, k >> 8, k & 255), &lease), 0);
		lease_commit_grant(house->commit, lease, bound("c", time, time), NULL);
	}
}

static void test_reader_while_writer_changes(void **state)
{
	struct house *house = *state;
	struct reader reader = {.house = house};
	struct lease *lease;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, reader_run, &reader), 0);
	for (int i = 0; i < 100000; i++) {
		lease = at(house, NET(10 + i % 3));
		lease_commit_grant(house->commit, lease, bound(i % 2 ? "a" : "b", NOW + i, NOW + i),
				   NULL);
		if (i % 5000 == 0)
			many_change(house, NOW + i);
		if (i % 4 == 0)
			lease_commit_durable(house->commit, house->group++);
		if (i % 100 == 0)
			assert_int_equal(lease_table_ensure(house->table,
							    IP(10, 10, i / 100 % 256, 9), &lease),
					 0);
		house->log[0] = 0;
	}
	atomic_store(&reader.stop, true);
	pthread_join(thread, NULL);
	assert_int_equal(reader.wrong, 0);
	assert_true(reader.walks > 0);
}

static void test_record(void **state)
{
	struct lease_record *record = lease_record_new("id", 2, NULL, 0, "name", 4), *copy;

	(void)state;
	record->ends = 5;
	copy = lease_record_copy(record);
	assert_int_equal(copy->ends, 5);
	assert_memory_equal(lease_record_ident(copy), "id", 2);
	assert_memory_equal(lease_record_hostname(copy), "name", 4);
	assert_int_equal(lease_record_size(copy), sizeof(*copy) + 6);
	assert_string_equal(lease_state_word(LEASE_BACKUP), "backup");
	assert_null(lease_state_word(0));
	assert_null(lease_state_word(8));
	lease_record_free(record);
	lease_record_free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		house_test(test_find),
		house_test(test_walk),
		house_test(test_ensure),
		house_test(test_of_client),
		house_test(test_pool_counts),
		house_test(test_reload),
		house_test(test_reload_renumbers),
		house_test(test_many_clients),
		house_test(test_reader_while_writer_changes),
		cmocka_unit_test(test_record),
	};

	return cmocka_run_group_tests(tests, thread_setup, thread_teardown);
}
