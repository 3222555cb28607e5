// SPDX-License-Identifier: GPL-2.0-only
/* Marks and promises (invariant I4). */
#include "fixture.h"

#include <pthread.h>

#define PAGES 4
#define SLOTS (PAGES * XDHCP_PAGE_SLOTS)
#define BASE ADDRESS(10, 1, 0, 0)

struct swept {
	int64_t promise[SLOTS];
	size_t visits;
};

static void visit(void *context, uint32_t address, int64_t promise, int64_t seen)
{
	struct swept *swept = context;

	(void)seen;
	assert_in_range(address, BASE, BASE + SLOTS - 1);
	assert_true(promise >= swept->promise[address - BASE]);
	swept->promise[address - BASE] = promise;
	swept->visits++;
}

static struct fastpath *pages_open(void)
{
	struct fastpath *fastpath = fixture_fresh();
	struct fastpath_slot slot = fixture_slot(9);

	slot.told = 0;
	for (uint32_t i = 0; i < SLOTS; i++) {
		assert_int_equal(fastpath_slot_ensure(fastpath, BASE + i), 0);
		fastpath_slot_publish(fastpath, BASE + i, &slot);
	}
	return fastpath;
}

/* As the program does it: the promise, then the mark, read before it is written. */
static void promise(struct fastpath *fastpath, uint32_t index, uint32_t until)
{
	struct xdhcp_page *page = fastpath_page(fastpath, 1 + index / XDHCP_PAGE_SLOTS);
	struct xdhcp_slot *slot = &page->slots[index % XDHCP_PAGE_SLOTS];
	uint64_t word = __atomic_load_n(&slot->word, __ATOMIC_ACQUIRE), bit = 1ULL << index % 64;
	__u64 *mark = &page->dirty[index % XDHCP_PAGE_SLOTS / 64];

	assert_true(__atomic_compare_exchange_n(&slot->word, &word,
						XDHCP_WORD(until, XDHCP_WORD_GENERATION(word)),
						false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	if (!(__atomic_load_n(mark, __ATOMIC_RELAXED) & bit))
		__atomic_fetch_or(mark, bit, __ATOMIC_SEQ_CST);
}

/* No more than asked for, each once, and on from where it stopped. */
static void test_goes_on(void **state)
{
	struct fastpath *fastpath = pages_open();
	struct swept swept = {.visits = 0};
	size_t visited, total = 0;

	(void)state;
	for (uint32_t i = 0; i < SLOTS; i += 3)
		promise(fastpath, i, 1000 + i);
	while ((visited = fastpath_sweep(fastpath, 7, visit, &swept))) {
		assert_in_range(visited, 1, 7);
		total += visited;
		if (total < SLOTS / 3)
			promise(fastpath, 0, 5000 + total); /* must not keep it at the first page */
		assert_true(total < 4 * SLOTS);
	}
	for (uint32_t i = 3; i < SLOTS; i += 3)
		assert_int_equal(swept.promise[i], 1000 + i + fastpath->wall_offset);
	assert_true(swept.promise[0] > 5000 + fastpath->wall_offset);
	assert_int_equal(swept.promise[1], 0);
	fixture_done(fastpath);
}

/* One sweep that is asked for enough sees every page, wherever it begins. */
static void test_one_sweep_sees_all(void **state)
{
	struct fastpath *fastpath = pages_open();
	struct swept swept = {.visits = 0};

	(void)state;
	for (uint32_t first = 0; first < PAGES; first++) {
		for (uint32_t i = 0; i < PAGES; i++)
			promise(fastpath, i * XDHCP_PAGE_SLOTS + 5, 1000 + first);
		fastpath->sweep_page = first;
		assert_int_equal(fastpath_sweep(fastpath, SLOTS, visit, &swept), PAGES);
	}
	fixture_done(fastpath);
}

static void test_sweep_all(void **state)
{
	struct fastpath *fastpath = pages_open();
	struct swept swept = {.visits = 0};
	struct xdhcp_page *page = fastpath_page(fastpath, 1);

	(void)state;
	promise(fastpath, 3, 1000);
	promise(fastpath, 600, 2000);
	page->dirty[0] = 0;
	assert_int_equal(fastpath_sweep_all(fastpath, visit, &swept), 2);
	assert_int_equal(swept.promise[3], 1000 + fastpath->wall_offset);
	assert_int_equal(swept.promise[600], 2000 + fastpath->wall_offset);
	assert_int_equal(fastpath_sweep(fastpath, SLOTS, visit, &swept), 0);
	fixture_done(fastpath);
}

struct racer {
	struct fastpath *fastpath;
	_Atomic uint32_t rounds; /* asked for; odd: promise, even: rest */
	_Atomic uint32_t round; /* as the racer has it */
	uint32_t made;
};

#define HOT 40 /* slots of one word of marks, so that both sides meet all the time */
#define OVER UINT32_MAX

static void *race(void *argument)
{
	struct racer *racer = argument;
	uint32_t random = 1;

	for (racer->made = 1000; racer->round != OVER; racer->round = racer->rounds) {
		if (racer->round % 2 == 0) {
			sched_yield();
			continue;
		}
		random = random * 1664525 + 1013904223;
		promise(racer->fastpath, (random >> 8) % HOT, racer->made++);
	}
	return NULL;
}

static void racer_tell(struct racer *racer, uint32_t round)
{
	racer->rounds = round;
	while (racer->round != round)
		sched_yield();
}

/* Every slot's last promise was seen. */
static void expect_all(struct fastpath *fastpath, struct swept *swept)
{
	while (fastpath_sweep(fastpath, 1000, visit, swept))
		;
	for (uint32_t i = 0; i < HOT; i++) {
		uint64_t word = fastpath_slot(fastpath, BASE + i)->word;

		assert_int_equal(swept->promise[i],
				 fastpath_promise_to_wall(fastpath, XDHCP_WORD_PROMISE(word)));
	}
}

/*
 * Two seconds of promises under way, stopped every few hundred so that what
 * a sweep has missed cannot be made good by the next promise.
 */
static void test_no_mark_is_lost(void **state)
{
	static const size_t most[] = {1, 7, 63, 64, 100000};
	struct fastpath *fastpath = pages_open();
	struct racer racer = {.fastpath = fastpath};
	struct swept swept = {.visits = 0};
	uint64_t end = fastpath_clock_now() + 2000000000ULL;
	uint32_t rounds = 0;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, race, &racer), 0);
	while (fastpath_clock_now() < end) {
		racer_tell(&racer, ++rounds);
		for (uint32_t i = 0; i < 5 + rounds % 7; i++)
			fastpath_sweep(fastpath, most[i % 5], visit, &swept);
		racer_tell(&racer, ++rounds);
		expect_all(fastpath, &swept);
	}
	racer_tell(&racer, OVER);
	pthread_join(thread, NULL);
	print_message("# %u rounds, %u promises, %zu visits\n", rounds / 2, racer.made - 1000,
		      swept.visits);
	fixture_done(fastpath);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goes_on),
		cmocka_unit_test(test_one_sweep_sees_all),
		cmocka_unit_test(test_sweep_all),
		cmocka_unit_test(test_no_mark_is_lost),
	};

	return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
