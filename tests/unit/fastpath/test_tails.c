// SPDX-License-Identifier: GPL-2.0-only
/* Equal tails once; no index is given away while the program may read it. */
#include "fixture.h"

static struct xdhcp_tail tail_of(uint32_t number)
{
	struct xdhcp_tail tail = {.t1 = number, .length = 12, .options = {53, 1, 5}};

	return tail;
}

static uint32_t take(struct fastpath *fastpath, uint32_t number)
{
	struct xdhcp_tail tail = tail_of(number);
	uint32_t index = 0;

	assert_int_equal(fastpath_tail_take(fastpath, &tail, &index), 0);
	assert_in_range(index, 1, XDHCP_TAILS - 1);
	assert_memory_equal(&fastpath->tails[index], &tail, sizeof(tail));
	return index;
}

static void grace(struct fastpath *fastpath)
{
	fastpath_grace_begin(fastpath);
	assert_int_equal(fastpath_grace(), 0);
	fastpath_tails_reclaim(fastpath);
}

static size_t used(const struct fastpath *fastpath)
{
	struct fastpath_usage usage;

	fastpath_usage(fastpath, &usage);
	return usage.tails;
}

static void test_equal_tails_once(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	uint32_t first = take(fastpath, 1);

	(void)state;
	assert_int_equal(take(fastpath, 1), first);
	assert_int_not_equal(take(fastpath, 2), first);
	assert_int_equal(used(fastpath), 2);
	fastpath_tail_drop(fastpath, first);
	grace(fastpath);
	assert_int_equal(used(fastpath), 2);
	fastpath_tail_drop(fastpath, first);
	grace(fastpath);
	assert_int_equal(used(fastpath), 1);
	fixture_done(fastpath);
}

/* Dropped after the grace period began: it has to wait for the next. */
static void test_grace_of_its_own(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	uint32_t early = take(fastpath, 1), late = take(fastpath, 2);

	(void)state;
	fastpath_tail_drop(fastpath, early);
	fastpath_grace_begin(fastpath);
	fastpath_tail_drop(fastpath, late);
	fastpath_tails_reclaim(fastpath);
	assert_int_equal(used(fastpath), 1);
	assert_int_equal(take(fastpath, 2), late);
	fixture_done(fastpath);
}

/* Taken again while it waits, even if it is dropped once more: not free yet. */
static void test_back_to_life(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	uint32_t index = take(fastpath, 1);

	(void)state;
	fastpath_tail_drop(fastpath, index);
	fastpath_grace_begin(fastpath);
	assert_int_equal(take(fastpath, 1), index);
	fastpath_tail_drop(fastpath, index);
	fastpath_tails_reclaim(fastpath);
	assert_int_equal(used(fastpath), 1);
	grace(fastpath);
	assert_int_equal(used(fastpath), 0);
	fixture_done(fastpath);
}

static void test_full(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct xdhcp_tail tail = tail_of(XDHCP_TAILS);
	uint32_t index = 5, some = 0;

	(void)state;
	for (uint32_t i = 1; i < XDHCP_TAILS; i++)
		some = take(fastpath, i);
	assert_int_equal(fastpath_tail_take(fastpath, &tail, &index), -ENOSPC);
	assert_int_equal(index, 5);
	assert_int_equal(take(fastpath, XDHCP_TAILS - 1), some);
	fastpath_tail_drop(fastpath, some);
	fastpath_tail_drop(fastpath, some);
	assert_int_equal(fastpath_tail_take(fastpath, &tail, &index), -ENOSPC);
	grace(fastpath);
	assert_int_equal(take(fastpath, XDHCP_TAILS), some);
	fixture_done(fastpath);
}

/* A slot gives back what it held when it is published anew, or when tails are forgotten. */
static void test_slots_hold_references(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct fastpath_slot slot = fixture_slot(9), read;
	bool open;

	(void)state;
	fastpath_slot_ensure(fastpath, SOME_ADDRESS);
	slot.tail = take(fastpath, 1);
	fastpath_slot_publish(fastpath, SOME_ADDRESS, &slot);
	slot.tail = take(fastpath, 2);
	fastpath_slot_publish(fastpath, SOME_ADDRESS, &slot);
	grace(fastpath);
	assert_int_equal(used(fastpath), 1);
	fastpath_slot_read(fastpath, SOME_ADDRESS, &read, &open);
	assert_int_equal(read.tail, slot.tail);
	assert_int_equal(read.signature, 77);
	fastpath_tails_forget(fastpath);
	grace(fastpath);
	assert_int_equal(used(fastpath), 0);
	fastpath_slot_read(fastpath, SOME_ADDRESS, &read, &open);
	assert_true(open);
	assert_int_equal(read.tail, 0);
	assert_int_equal(read.signature, 0);
	assert_int_equal(read.key, 9);
	assert_int_equal(read.told, slot.told);
	slot.tail = take(fastpath, 3);
	fastpath_slot_publish(fastpath, ADDRESS(10, 99, 0, 1), &slot);
	grace(fastpath);
	assert_int_equal(used(fastpath), 0);
	fixture_done(fastpath);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_tails_once),
		cmocka_unit_test(test_grace_of_its_own),
		cmocka_unit_test(test_back_to_life),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_slots_hold_references),
	};

	return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
