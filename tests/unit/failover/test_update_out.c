/* SPDX-License-Identifier: GPL-2.0-only */
/* What is owed, when it leaves, what it says, and what the answer does. */
#include "update_fixture.h"

static struct failover_updates_status status_of(const struct side *side)
{
	struct failover_updates_status status;

	failover_updates_status(side->updates, &status);
	return status;
}

/* An answer to the newest but `back` of what the side has sent. */
static void answer(struct pair *pair, struct side *side, uint32_t number, uint32_t back,
		   uint8_t reason)
{
	struct failover_message message = {
		.type = FAILOVER_BNDACK,
		.xid = side->xid - back,
		.present = BIT(ASSIGNED_ADDRESS) | (reason ? BIT(REJECT_REASON) : 0),
		.address = ADDRESS(number),
		.reject = reason,
	};

	side_told(pair, side, &message);
}

static void turn_says(struct pair *pair, struct side *side, const char *words)
{
	side_durable(side);
	side_turn(pair, side);
	side_said(side, words);
}

/* A grant is told when it is durable, and known to be known when the partner's disk has it. */
static void test_grant(void **state)
{
	struct pair *pair = *state;
	struct side *primary = &pair->primary, *secondary = &pair->secondary;

	side_grant(primary, 3, "a", 0, 60);
	side_turn(pair, primary);
	side_said(primary, "");
	turn_says(pair, primary, "BNDUPD 3 active ends +60 potential +120");
	side_knows(primary, 3, "active a owed ends +60 R 0 A 0 T 0");
	side_hear(pair, secondary);
	side_said(secondary, "");
	side_durable(secondary);
	side_said(secondary, "BNDACK 3");
	side_knows(secondary, 3, "active a ends +60 R +120 A 0 T +60");
	side_hear(pair, primary);
	side_knows(primary, 3, "active a ends +60 R 0 A +120 T +60");
	assert_true(failover_updates_idle(primary->updates));
}

/* As many as the partner has announced, oldest first; each answer lets one more go. */
static void test_window(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side->terms.window = 2;
	side_terms(side);
	for (uint32_t i = 5; i > 0; i--)
		side_grant(side, i, "a", 0, 60);
	turn_says(
		pair, side,
		"BNDUPD 5 active ends +60 potential +120; BNDUPD 4 active ends +60 potential +120");
	turn_says(pair, side, "");
	answer(pair, side, 4, 0, 0);
	turn_says(pair, side, "BNDUPD 3 active ends +60 potential +120");
	assert_int_equal(status_of(side).owed, 2);
	assert_int_equal(status_of(side).in_flight, 2);
	assert_int_equal(status_of(side).counters.sent, 3);
	side->terms.window = 0;
	side_terms(side);
	answer(pair, side, 5, 2, 0);
	answer(pair, side, 3, 0, 0);
	turn_says(pair, side, "");
	assert_false(failover_updates_idle(side->updates));
}

static void test_socket_full(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side->full = true;
	side_grant(side, 1, "a", 0, 60);
	turn_says(pair, side, "");
	side->full = false;
	turn_says(pair, side, "BNDUPD 1 active ends +60 potential +120");
}

/* A renewal while an update is in flight waits for the answer, and the lease stays owed until its own. */
static void test_renewed_in_flight(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side_grant(side, 1, "a", 0, 60);
	turn_says(pair, side, "BNDUPD 1 active ends +60 potential +120");
	side_grant(side, 1, "a", 30, 90);
	turn_says(pair, side, "");
	answer(pair, side, 1, 0, 0);
	side_knows(side, 1, "active a owed ends +90 R 0 A +120 T +60");
	turn_says(pair, side, "BNDUPD 1 active ends +90 potential +150");
	answer(pair, side, 1, 0, 0);
	side_knows(side, 1, "active a ends +90 R 0 A +150 T +90");
	turn_says(pair, side, "");
}

/* The answer comes while the renewal is on its way to the disk. */
static void test_answered_while_pending(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side_grant(side, 1, "a", 0, 60);
	turn_says(pair, side, "BNDUPD 1 active ends +60 potential +120");
	side_grant(side, 1, "a", 30, 90);
	answer(pair, side, 1, 0, 0);
	turn_says(pair, side, "BNDUPD 1 active ends +90 potential +150");
}

/* A refusal is final, until the lease changes, the partner asks, or NORMAL is entered. */
static void test_refused(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;
	const struct failover_message updreq = {.type = FAILOVER_UPDREQ, .xid = 9};

	side_grant(side, 1, "a", 0, 60);
	turn_says(pair, side, "BNDUPD 1 active ends +60 potential +120");
	answer(pair, side, 1, 0, FAILOVER_REJECT_FATAL_CONFLICT);
	turn_says(pair, side, "");
	side_knows(side, 1, "active a owed ends +60 R 0 A 0 T 0");
	side_grant(side, 1, "a", 30, 90);
	turn_says(pair, side, "BNDUPD 1 active ends +90 potential +150");
	answer(pair, side, 1, 0, FAILOVER_REJECT_LESS_CRITICAL);
	turn_says(pair, side, "");
	side_told(pair, side, &updreq);
	turn_says(pair, side, "BNDUPD 1 active ends +90 potential +150");
	answer(pair, side, 1, 0, FAILOVER_REJECT_OUTDATED);
	turn_says(pair, side, "UPDDONE 9");
	failover_updates_owe_marked(side->updates);
	turn_says(pair, side, "BNDUPD 1 active ends +90 potential +150");
	assert_int_equal(status_of(side).counters.rejects_in[FAILOVER_REJECT_FATAL_CONFLICT], 1);
	assert_int_equal(status_of(side).counters.rejects_in[FAILOVER_REJECT_LESS_CRITICAL], 1);
	assert_int_equal(status_of(side).counters.rejects_in[FAILOVER_REJECT_OUTDATED], 1);
	assert_int_equal(status_of(side).counters.rejected, 3);
}

/* Of what was refused something newer has been committed: that goes. */
static void test_refused_with_newer(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side_grant(side, 1, "a", 0, 60);
	turn_says(pair, side, "BNDUPD 1 active ends +60 potential +120");
	side_grant(side, 1, "a", 30, 90);
	side_durable(side);
	answer(pair, side, 1, 0, FAILOVER_REJECT_OUTDATED);
	turn_says(pair, side, "BNDUPD 1 active ends +90 potential +150");
}

static void test_answers_that_fit_nothing(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	answer(pair, side, 1, 0, 0);
	side_grant(side, 1, "a", 0, 60);
	turn_says(pair, side, "BNDUPD 1 active ends +60 potential +120");
	answer(pair, side, 1, 1, 0);
	answer(pair, side, 2, 0, 0);
	assert_int_equal(status_of(side).counters.stray, 3);
	side_knows(side, 1, "active a owed ends +60 R 0 A 0 T 0");
	answer(pair, side, 1, 0, 0);
	side_knows(side, 1, "active a ends +60 R 0 A +120 T +60");
	answer(pair, side, 1, 0, 0);
	assert_int_equal(status_of(side).counters.stray, 4);
	assert_int_equal(status_of(side).counters.acknowledged, 1);
}

/* A state is left: what is in flight goes again, before what came later, with a new number. */
static void test_requeue(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side->terms.window = 2;
	side_terms(side);
	side_grant(side, 3, "a", 0, 60);
	side_grant(side, 2, "b", 0, 60);
	side_grant(side, 1, "c", 0, 60);
	turn_says(
		pair, side,
		"BNDUPD 3 active ends +60 potential +120; BNDUPD 2 active ends +60 potential +120");
	failover_updates_unlinked(side->updates, pair->now);
	assert_int_equal(status_of(side).in_flight, 0);
	assert_int_equal(status_of(side).owed, 3);
	answer(pair, side, 3, 1, 0);
	assert_int_equal(status_of(side).counters.stray, 1);
	turn_says(
		pair, side,
		"BNDUPD 3 active ends +60 potential +120; BNDUPD 2 active ends +60 potential +120");
	answer(pair, side, 3, 1, 0);
	turn_says(pair, side, "BNDUPD 1 active ends +60 potential +120");
}

/* The next link's messages are numbered anew: what came by the old one may not be answered on it. */
static void test_unlinked(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->secondary;
	struct failover_message update = update_of(1, LEASE_ACTIVE, "a", 0, 60, 120);

	side_told(pair, side, &update);
	assert_int_equal(status_of(side).waiting_acks, 1);
	failover_updates_unlinked(side->updates, pair->now);
	side_durable(side);
	side_said(side, "");
	side_knows(side, 1, "active a ends +60 R +120 A 0 T +60");
	side_told(pair, side, &update);
	side_said(side, "BNDACK 1");
}

/* While nothing may be sent it is marked only; then it goes. */
static void test_not_sending(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side->terms.sending = false;
	side_terms(side);
	side_grant(side, 4, "a", 0, 60);
	turn_says(pair, side, "");
	side_grant(side, 4, "a", 30, 90);
	turn_says(pair, side, "");
	assert_int_equal(status_of(side).owed, 1);
	assert_false(failover_updates_idle(side->updates));
	side->terms.sending = true;
	side_terms(side);
	turn_says(pair, side, "BNDUPD 4 active ends +90 potential +150");
	answer(pair, side, 4, 0, 0);
	turn_says(pair, side, "");
	assert_true(failover_updates_idle(side->updates));
}

/* What the partner tells meanwhile is all that there is to say. */
static void test_learned_while_not_sending(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;
	struct failover_message update = update_of(4, LEASE_ACTIVE, "a", 31, 200, 300);

	side->terms.sending = false;
	side_terms(side);
	side_grant(side, 4, "a", 0, 60);
	side_durable(side);
	side_told(pair, side, &update);
	side_durable(side);
	assert_int_equal(status_of(side).owed, 0);
	assert_true(failover_updates_idle(side->updates));
	side->terms.sending = true;
	side_terms(side);
	turn_says(pair, side, "BNDACK 4");
}

/* The link took nothing: it waits. */
static void test_cut(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side->cut = true;
	side_grant(side, 4, "a", 0, 60);
	turn_says(pair, side, "");
	side->cut = false;
	turn_says(pair, side, "BNDUPD 4 active ends +60 potential +120");
}

/* No potential expiry leaves that is not on disk. */
static void test_potential_first(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side->policies[1].sends = false;
	side_grant(side, 1, "a", 0, 60);
	side_durable(side);
	assert_int_equal(side_lease(side, 1)->current->potential, 0);
	side_turn(pair, side);
	side_said(side, "");
	assert_int_equal(status_of(side).owed, 1);
	turn_says(pair, side, "BNDUPD 1 active ends +60 potential +120");
	assert_int_equal(side_lease(side, 1)->current->potential, NOW + 120);
}

/* A dhcpd in PARTNER-DOWN goes by the lease end: it is told what it may have to honour as that. */
static void test_strict(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side->terms.strict = true;
	side_terms(side);
	side_grant(side, 1, "a", 0, 60);
	turn_says(pair, side, "BNDUPD 1 active ends +120 potential +120");
	answer(pair, side, 1, 0, 0);
	side_knows(side, 1, "active a ends +60 R 0 A +120 T +120");
}

/* A dhcpd primary in NORMAL refuses each EXPIRED, so a secondary keeps it for later. */
static void test_expired_to_dhcpd(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->secondary;

	side->terms.isc = side->terms.caught_up = true;
	side_terms(side);
	side_has(side, 1, LEASE_EXPIRED, "a", -110);
	lease_commit_owe(side->commit, side_lease(side, 1));
	turn_says(pair, side, "");
	assert_true(failover_updates_idle(side->updates));
	side_knows(side, 1, "expired a owed");
	side->terms.normal = false;
	side_terms(side);
	failover_updates_owe_marked(side->updates);
	turn_says(pair, side, "BNDUPD 1 expired ends -110 potential -100");
}

/* It may have renewed the lease while it was not heard, and would agree with the end all the same. */
static void test_expired_before_dhcpd_has_spoken(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side->terms.isc = true;
	side_terms(side);
	side_has(side, 1, LEASE_EXPIRED, "a", -110);
	lease_commit_owe(side->commit, side_lease(side, 1));
	turn_says(pair, side, "");
	failover_updates_request(side->updates, 7, true);
	failover_updates_turn(side->updates, NOW);
	assert_null(strstr(side->text, "BNDUPD 1 "));
	side->terms.caught_up = true;
	side_terms(side);
	side->text[0] = 0;
	failover_updates_owe_marked(side->updates);
	turn_says(pair, side, "BNDUPD 1 expired ends -110 potential -100");
}

/* Between two xdhcp, and by a primary, it is said. */
static void test_expired_otherwise(void **state)
{
	struct pair *pair = *state;
	struct side *sides[] = {&pair->primary, &pair->secondary};

	pair->primary.terms.isc = pair->primary.terms.caught_up = true;
	side_terms(&pair->primary);
	for (size_t i = 0; i < 2; i++) {
		side_has(sides[i], 1, LEASE_EXPIRED, "a", -110);
		lease_commit_owe(sides[i]->commit, side_lease(sides[i], 1));
		turn_says(pair, sides[i], "BNDUPD 1 expired ends -110 potential -100");
		answer(pair, sides[i], 1, 0, 0);
		side_knows(sides[i], 1, "free a");
	}
}

/* After a reload the address belongs to another relationship, or to none. */
static void test_reconfigured(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side->terms.window = 1;
	side_terms(side);
	side_grant(side, 1, "a", 0, 60);
	side_grant(side, 2, "b", 0, 60);
	turn_says(pair, side, "BNDUPD 1 active ends +60 potential +120");
	side->terms.sending = false;
	side_terms(side);
	side_grant(side, 3, "c", 0, 60);
	turn_says(pair, side, "");
	assert_int_equal(status_of(side).owed, 2);
	side->pool.relation = 2;
	assert_int_equal(lease_table_reload(side->table, &side->conf), 0);
	failover_updates_reconfigure(side->updates, 1, NOW);
	assert_true(failover_updates_idle(side->updates));
	for (uint32_t i = 1; i <= 3; i++)
		assert_null(side_lease(side, i)->update);
	answer(pair, side, 1, 0, 0);
	assert_int_equal(status_of(side).counters.stray, 1);
	failover_updates_owe(side->updates, side_lease(side, 1));
	assert_true(failover_updates_idle(side->updates));
}

/* What waits for the client of such an address is refused: it is for another partner to say so. */
static void test_withheld_reconfigured(void **state)
{
	struct failover_message expired = update_of(1, LEASE_EXPIRED, "a", -10, -1, -1);
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side_has(side, 1, LEASE_ACTIVE, "a", 30);
	side_told(pair, side, &expired);
	assert_int_equal(status_of(side).withheld, 1);
	side->pool.relation = 2;
	assert_int_equal(lease_table_reload(side->table, &side->conf), 0);
	side_said(side, "");
	failover_updates_reconfigure(side->updates, 1, NOW);
	side_said(side, "BNDACK 1 illegal-address");
	assert_int_equal(status_of(side).withheld, 0);
	assert_false(side_lease(side, 1)->yielding || side_lease(side, 1)->closed);
	pair->now = NOW + 31;
	turn_says(pair, side, "");
	assert_int_equal(lease_effective(side_lease(side, 1))->state, LEASE_ACTIVE);
}

/* The relationship has another number now, and goes on. */
static void test_renumbered(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side_grant(side, 1, "a", 0, 60);
	side_durable(side);
	side->pool.relation = 2;
	side->policies[2] = side->policies[1];
	assert_int_equal(lease_table_reload(side->table, &side->conf), 0);
	failover_updates_reconfigure(side->updates, 2, NOW);
	turn_says(pair, side, "BNDUPD 1 active ends +60 potential +120");
}

static void test_status(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	assert_int_equal(status_of(side).oldest, 0);
	side_grant(side, 1, "a", 0, 60);
	side_durable(side);
	side_turn(pair, side);
	pair->now = NOW + 7;
	side_grant(side, 2, "b", 0, 60);
	side_durable(side);
	side_turn(pair, side);
	assert_int_equal(status_of(side).oldest, NOW);
	assert_int_equal(status_of(side).in_flight, 2);
	answer(pair, side, 1, 1, 0);
	assert_int_equal(status_of(side).oldest, NOW + 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		sides_test(test_grant),
		sides_test(test_window),
		sides_test(test_socket_full),
		sides_test(test_renewed_in_flight),
		sides_test(test_answered_while_pending),
		sides_test(test_refused),
		sides_test(test_refused_with_newer),
		sides_test(test_answers_that_fit_nothing),
		sides_test(test_requeue),
		sides_test(test_unlinked),
		sides_test(test_not_sending),
		sides_test(test_learned_while_not_sending),
		sides_test(test_cut),
		sides_test(test_potential_first),
		sides_test(test_strict),
		sides_test(test_expired_to_dhcpd),
		sides_test(test_expired_before_dhcpd_has_spoken),
		sides_test(test_expired_otherwise),
		sides_test(test_reconfigured),
		sides_test(test_withheld_reconfigured),
		sides_test(test_renumbered),
		sides_test(test_status),
	};

	return cmocka_run_group_tests(tests, sides_thread_setup, sides_thread_teardown);
}
