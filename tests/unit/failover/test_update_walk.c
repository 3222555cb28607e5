/* SPDX-License-Identifier: GPL-2.0-only */
/* UPDREQ, UPDREQALL and UPDDONE; and a million bindings' worth of them, timed. */
#include "update_fixture.h"

#include <time.h>

static void ask(struct pair *pair, struct side *side, uint8_t type, uint32_t xid)
{
	const struct failover_message request = {.type = type, .xid = xid};

	side_told(pair, side, &request);
}

static void answer(struct pair *pair, struct side *side, uint32_t number, uint32_t back)
{
	const struct failover_message message = {
		.type = FAILOVER_BNDACK,
		.xid = side->xid - back,
		.present = BIT(ASSIGNED_ADDRESS),
		.address = ADDRESS(number),
	};

	side_told(pair, side, &message);
}

static void turn_says(struct pair *pair, struct side *side, const char *words)
{
	side_turn(pair, side);
	side_said(side, words);
}

/* Of three addresses: one owed, one acknowledged, one never used, and those that wait for the partner. */
static void some_leases(struct side *side)
{
	side_has(side, 1, LEASE_ACTIVE, "a", 60);
	side_has(side, 3, LEASE_EXPIRED, "c", -110);
	side_has(side, 4, LEASE_RELEASED, "d", -110);
	side_has(side, 5, LEASE_RESET, "e", -110);
	side_has(side, 6, LEASE_ABANDONED, NULL, 0);
	side_has(side, 7, LEASE_ACTIVE, "g", 60);
	side_lease(side, 7)->current->flags = LEASE_OWED;
}

static void test_updreq(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;
	struct failover_updates_status status;

	some_leases(side);
	ask(pair, side, FAILOVER_UPDREQ, 5);
	turn_says(pair, side,
		  "BNDUPD 3 expired ends -110 potential -100; "
		  "BNDUPD 4 released ends -110 potential -100; "
		  "BNDUPD 5 reset ends -110 potential -100; "
		  "BNDUPD 7 active ends +60 potential +160");
	failover_updates_status(side->updates, &status);
	assert_true(status.serving && !status.serving_all);
	assert_int_equal(status.served, 4);
	answer(pair, side, 3, 3);
	answer(pair, side, 4, 2);
	answer(pair, side, 7, 0);
	turn_says(pair, side, "");
	answer(pair, side, 5, 1);
	turn_says(pair, side, "UPDDONE 5");
	turn_says(pair, side, "");
	assert_true(failover_updates_idle(side->updates));
}

static void test_updreqall(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	some_leases(side);
	ask(pair, side, FAILOVER_UPDREQALL, 6);
	turn_says(pair, side,
		  "BNDUPD 1 active ends +60 potential +160; BNDUPD 2 free ends 0 potential 0; "
		  "BNDUPD 3 expired ends -110 potential -100; "
		  "BNDUPD 4 released ends -110 potential -100; "
		  "BNDUPD 5 reset ends -110 potential -100; "
		  "BNDUPD 6 abandoned ends +0 potential -100; "
		  "BNDUPD 7 active ends +60 potential +160; BNDUPD 8 free ends 0 potential 0; "
		  "BNDUPD 9 free ends 0 potential 0; BNDUPD 10 free ends 0 potential 0");
	for (uint32_t i = 1; i <= 10; i++) {
		turn_says(pair, side, "");
		answer(pair, side, i, 10 - i);
	}
	turn_says(pair, side, "UPDDONE 6");
}

/* Nothing to say: done at once. */
static void test_nothing(void **state)
{
	struct pair *pair = *state;

	ask(pair, &pair->primary, FAILOVER_UPDREQ, 7);
	turn_says(pair, &pair->primary, "UPDDONE 7");
}

/* The table is longer than one turn, and what is wanted is at its end. */
static void test_far(void **state)
{
	enum { COUNT = 20000 };
	struct pair *pair = sides_new(COUNT);
	struct side *side = &pair->primary;
	struct failover_updates_status status;
	unsigned turns = 0;
	bool more;

	side_has(side, COUNT, LEASE_EXPIRED, "c", -110);
	ask(pair, side, FAILOVER_UPDREQ, 7);
	do {
		more = side_turn(pair, side);
		failover_updates_status(side->updates, &status);
		assert_true(status.serving && (more || status.in_flight));
	} while (!status.in_flight && ++turns < 10);
	assert_true(turns > 1);
	answer(pair, side, COUNT, 0);
	side_turn(pair, side);
	assert_true(failover_updates_idle(side->updates));
	sides_free(pair);
	(void)state;
}

/* A refusal is an answer. */
static void test_refusals_count(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;
	struct failover_message message = {
		.type = FAILOVER_BNDACK,
		.present = BIT(ASSIGNED_ADDRESS) | BIT(REJECT_REASON),
		.address = ADDRESS(3),
		.reject = FAILOVER_REJECT_FATAL_CONFLICT,
	};

	side_has(side, 3, LEASE_EXPIRED, "c", -110);
	ask(pair, side, FAILOVER_UPDREQ, 8);
	turn_says(pair, side, "BNDUPD 3 expired ends -110 potential -100");
	message.xid = side->xid;
	side_told(pair, side, &message);
	turn_says(pair, side, "UPDDONE 8");
}

/* The newer request alone is answered, and by what it asks for; what is in flight is not sent twice. */
static void test_replaced(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side->terms.window = 4;
	side_terms(side);
	some_leases(side);
	ask(pair, side, FAILOVER_UPDREQALL, 5);
	turn_says(pair, side,
		  "BNDUPD 1 active ends +60 potential +160; BNDUPD 2 free ends 0 potential 0; "
		  "BNDUPD 3 expired ends -110 potential -100; "
		  "BNDUPD 4 released ends -110 potential -100");
	ask(pair, side, FAILOVER_UPDREQ, 9);
	answer(pair, side, 1, 3);
	answer(pair, side, 2, 2);
	turn_says(pair, side,
		  "BNDUPD 5 reset ends -110 potential -100; "
		  "BNDUPD 7 active ends +60 potential +160");
	answer(pair, side, 3, 3);
	answer(pair, side, 4, 2);
	answer(pair, side, 5, 1);
	turn_says(pair, side, "");
	answer(pair, side, 7, 0);
	turn_says(pair, side, "UPDDONE 9");
}

/* Waits for the journal where a potential expiry has to be noted first. */
static void test_waits_for_potential(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side_has(side, 1, LEASE_ACTIVE, "a", 60);
	side_lease(side, 1)->current->potential = 0;
	ask(pair, side, FAILOVER_UPDREQALL, 5);
	side_turn(pair, side);
	side->text[0] = 0;
	for (uint32_t i = 2; i <= 10; i++)
		answer(pair, side, i, 10 - i);
	turn_says(pair, side, "");
	side_durable(side);
	turn_says(pair, side, "BNDUPD 1 active ends +60 potential +160");
	answer(pair, side, 1, 0);
	turn_says(pair, side, "UPDDONE 5");
}

/* What the partner tells meanwhile replaces what it was to be told: no answer to wait for. */
static void test_learned_meanwhile(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->secondary;
	struct failover_message update = update_of(1, LEASE_ACTIVE, "a", 0, 60, 120);

	side_has(side, 1, LEASE_EXPIRED, "a", -110);
	ask(pair, side, FAILOVER_UPDREQ, 5);
	turn_says(pair, side, "BNDUPD 1 expired ends -110 potential -100");
	side_told(pair, side, &update);
	turn_says(pair, side, "UPDDONE 5");
	answer(pair, side, 1, 0);
	side_knows(side, 1, "active a ends +60 R +120 A 0 T +60");
}

/* A lost link forgets the request; the partner asks again. */
static void test_link_lost(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	some_leases(side);
	ask(pair, side, FAILOVER_UPDREQALL, 5);
	side_turn(pair, side);
	side->text[0] = 0;
	failover_updates_unlinked(side->updates, pair->now);
	turn_says(pair, side, "BNDUPD 7 active ends +60 potential +160");
	answer(pair, side, 7, 0);
	turn_says(pair, side, "");
	assert_true(failover_updates_idle(side->updates));
}

static double seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* A server that has lost its store gets everything, a full window at a time. */
static void test_everything_timed(void **state)
{
	enum { COUNT = 100000 };
	struct pair *pair = sides_new(COUNT);
	struct side *primary = &pair->primary, *secondary = &pair->secondary;
	double began;

	for (uint32_t i = 1; i <= COUNT; i++) {
		char name[16];

		snprintf(name, sizeof(name), "c%u", i);
		side_has(primary, i, i % 10 ? LEASE_ACTIVE : LEASE_FREE, name, 3600);
	}
	primary->terms.window = 10000;
	side_terms(primary);
	began = seconds();
	ask(pair, primary, FAILOVER_UPDREQALL, 5);
	sides_settle(pair);
	began = seconds() - began;
	print_message("%u bindings asked for, told, learned and acknowledged in %.3f s: %.0f/s\n",
		      COUNT, began, COUNT / began);
	assert_int_equal(secondary->appended, COUNT);
	assert_true(failover_updates_idle(primary->updates));
	for (uint32_t i = 1; i <= COUNT; i++) {
		const struct lease_record *a = side_lease(primary, i)->current;
		const struct lease_record *b = side_lease(secondary, i)->current;

		assert_int_equal(a->state, b->state);
		assert_int_equal(a->ident_length, b->ident_length);
		assert_memory_equal(a->bytes, b->bytes, a->ident_length);
	}
	assert_true(began < 10);
	sides_free(pair);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		sides_test(test_updreq),
		sides_test(test_updreqall),
		sides_test(test_nothing),
		cmocka_unit_test(test_far),
		sides_test(test_refusals_count),
		sides_test(test_replaced),
		sides_test(test_waits_for_potential),
		sides_test(test_learned_meanwhile),
		sides_test(test_link_lost),
		cmocka_unit_test(test_everything_timed),
	};

	return cmocka_run_group_tests(tests, sides_thread_setup, sides_thread_teardown);
}
