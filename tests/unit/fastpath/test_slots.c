// SPDX-License-Identifier: GPL-2.0-only
/* The word of a slot: what close, publish and raise promise, alone and against the program. */
#include "fixture.h"

#include <pthread.h>
#include <time.h>

static void test_publish_and_read(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct fastpath_slot slot = fixture_slot(9), read;
	bool open;

	(void)state;
	assert_false(fastpath_slot_read(fastpath, SOME_ADDRESS, &read, &open));
	assert_int_equal(fastpath_slot_close(fastpath, SOME_ADDRESS), 0);
	assert_int_equal(fastpath_slot_ensure(fastpath, SOME_ADDRESS), 0);
	assert_int_equal(fastpath_slot_ensure(fastpath, SOME_ADDRESS + 1), 0);
	fastpath_slot_publish(fastpath, SOME_ADDRESS, &slot);
	assert_true(fastpath_slot_read(fastpath, SOME_ADDRESS, &read, &open));
	assert_true(open);
	assert_int_equal(read.key, 9);
	assert_int_equal(read.told, slot.told);
	assert_int_equal(read.horizon, slot.horizon);
	assert_int_equal(read.network, 3);
	assert_int_equal(read.lease, 60);
	assert_true(fastpath_slot_read(fastpath, SOME_ADDRESS + 1, &read, &open));
	assert_int_equal(read.key, 0);
	fixture_done(fastpath);
}

static void test_close_returns_the_promise(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct fastpath_slot slot = fixture_slot(9), read;
	bool open;

	(void)state;
	fastpath_slot_ensure(fastpath, SOME_ADDRESS);
	fastpath_slot_publish(fastpath, SOME_ADDRESS, &slot);
	assert_int_equal(fastpath_slot_close(fastpath, SOME_ADDRESS), slot.told);
	assert_int_equal(fastpath_slot_close(fastpath, SOME_ADDRESS), slot.told);
	fastpath_slot_read(fastpath, SOME_ADDRESS, &read, &open);
	assert_false(open);
	fastpath_slot_publish(fastpath, SOME_ADDRESS, &slot);
	fastpath_slot_read(fastpath, SOME_ADDRESS, &read, &open);
	assert_true(open);
	fixture_done(fastpath);
}

/* A promise stays for the client that has it, and goes with the client. */
static void test_promise_is_kept_for_its_client(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct fastpath_slot slot = fixture_slot(9);
	int64_t promise = slot.told;

	(void)state;
	fastpath_slot_ensure(fastpath, SOME_ADDRESS);
	fastpath_slot_publish(fastpath, SOME_ADDRESS, &slot);
	slot.told = promise - 30;
	fastpath_slot_publish(fastpath, SOME_ADDRESS, &slot);
	assert_int_equal(fastpath_slot_close(fastpath, SOME_ADDRESS), promise);
	slot.key = 10;
	fastpath_slot_publish(fastpath, SOME_ADDRESS, &slot);
	assert_int_equal(fastpath_slot_close(fastpath, SOME_ADDRESS), promise - 30);
	slot = (struct fastpath_slot){.network = 3};
	fastpath_slot_publish(fastpath, SOME_ADDRESS, &slot);
	assert_int_equal(fastpath_slot_close(fastpath, SOME_ADDRESS), 0);
	fixture_done(fastpath);
}

static void test_raise_only_raises(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct fastpath_slot slot = fixture_slot(9), read;
	bool open;

	(void)state;
	fastpath_slot_ensure(fastpath, SOME_ADDRESS);
	fastpath_slot_publish(fastpath, SOME_ADDRESS, &slot);
	fastpath_slot_raise(fastpath, SOME_ADDRESS, slot.horizon - 10, 0);
	fastpath_slot_read(fastpath, SOME_ADDRESS, &read, &open);
	assert_int_equal(read.horizon, slot.horizon);
	fastpath_slot_raise(fastpath, SOME_ADDRESS, slot.horizon + 10, 0);
	fastpath_slot_read(fastpath, SOME_ADDRESS, &read, &open);
	assert_int_equal(read.horizon, slot.horizon + 10);
	fastpath_slot_raise(fastpath, SOME_ADDRESS, INT64_MAX, 0);
	fastpath_slot_read(fastpath, SOME_ADDRESS, &read, &open);
	assert_true(read.horizon == INT64_MAX);
	fixture_done(fastpath);
}

static int64_t horizon_sooner(void *context, uint32_t address)
{
	(void)context;
	return address == SOME_ADDRESS ? soon(90) : soon(500);
}

/* A clock that was set: H falls and rises, a held slot stays held. */
static void test_clock_changed(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct fastpath_slot slot = fixture_slot(9), read;
	bool open;

	(void)state;
	fastpath_slot_ensure(fastpath, SOME_ADDRESS);
	fastpath_slot_publish(fastpath, SOME_ADDRESS, &slot);
	fastpath_slot_publish(fastpath, SOME_ADDRESS + 1, &slot);
	fastpath_slot_close(fastpath, SOME_ADDRESS + 1);
	fastpath->wall_offset -= 7200;
	fastpath_clock_changed(fastpath, horizon_sooner, NULL);
	fastpath_slot_read(fastpath, SOME_ADDRESS, &read, &open);
	assert_true(open);
	assert_in_range(read.horizon, soon(88), soon(91));
	assert_int_equal(read.told, slot.told);
	fastpath_slot_read(fastpath, SOME_ADDRESS + 1, &read, &open);
	assert_false(open);
	assert_in_range(read.horizon, soon(498), soon(501));
	fixture_done(fastpath);
}

/* The program, as far as it touches the word. */
struct racer {
	struct xdhcp_slot *slot;
	uint32_t next; /* promise */
	_Atomic uint32_t made; /* the last promise that was made */
	_Atomic uint64_t held; /* how often it met the daemon */
	_Atomic bool over;
	uint64_t torn; /* promises made on fields of two writers */
};

static void *race(void *argument)
{
	struct racer *racer = argument;
	struct xdhcp_slot *slot = racer->slot;

	while (!racer->over) {
		uint64_t word = __atomic_load_n(&slot->word, __ATOMIC_ACQUIRE), key, network;

		if (XDHCP_WORD_HELD(word)) {
			racer->held++;
			continue;
		}
		key = __atomic_load_n(&slot->key, __ATOMIC_RELAXED);
		network = __atomic_load_n(&slot->network, __ATOMIC_RELAXED);
		if (!__atomic_compare_exchange_n(
			    &slot->word, &word,
			    XDHCP_WORD(racer->next, XDHCP_WORD_GENERATION(word)), false,
			    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			continue;
		racer->torn += key != network;
		racer->made = racer->next++;
	}
	return NULL;
}

static double seconds_now(void)
{
	return fastpath_clock_now() / 1e9;
}

/*
 * Closes and publishes for two seconds against a program that promises as
 * fast as it can. What close returns is the last promise that was made, and
 * none is made until the slot is published.
 */
static void test_race(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct racer racer = {.next = 1000000};
	struct fastpath_slot slot = fixture_slot(1);
	double end = seconds_now() + 2;
	uint64_t rounds = 0;
	pthread_t thread;

	(void)state;
	fastpath_slot_ensure(fastpath, SOME_ADDRESS);
	slot.network = 1;
	fastpath_slot_publish(fastpath, SOME_ADDRESS, &slot);
	racer.slot = fastpath_slot(fastpath, SOME_ADDRESS);
	assert_int_equal(pthread_create(&thread, NULL, race, &racer), 0);
	while (!racer.made)
		sched_yield();
	for (; seconds_now() < end; rounds++) {
		uint64_t held = racer.held;
		int64_t promise;

		promise = fastpath_slot_close(fastpath, SOME_ADDRESS) - fastpath->wall_offset;
		while (racer.held < held + 2)
			sched_yield();
		assert_int_equal(promise, racer.made);
		assert_int_equal(fastpath_slot_close(fastpath, SOME_ADDRESS) -
					 fastpath->wall_offset,
				 promise);
		slot.key = slot.network = 1 + rounds % 3 / 2;
		slot.told = fastpath->wall_offset + 1;
		fastpath_slot_publish(fastpath, SOME_ADDRESS, &slot);
		while (racer.made <= promise)
			sched_yield();
	}
	racer.over = true;
	pthread_join(thread, NULL);
	print_message("# %lu rounds, %u promises\n", (unsigned long)rounds, racer.next - 1000000);
	assert_true(rounds > 100);
	assert_int_equal(racer.torn, 0);
	fixture_done(fastpath);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_publish_and_read),
		cmocka_unit_test(test_close_returns_the_promise),
		cmocka_unit_test(test_promise_is_kept_for_its_client),
		cmocka_unit_test(test_raise_only_raises),
		cmocka_unit_test(test_clock_changed),
		cmocka_unit_test(test_race),
	};

	return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
