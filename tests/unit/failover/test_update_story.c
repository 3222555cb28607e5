/* SPDX-License-Identifier: GPL-2.0-only */
/* Both servers: what becomes of an address on either side, also where both have something to say of it. */
#include "update_fixture.h"

/* Known to both, acknowledged, until NOW + 60; said to the partner with NOW + 120. */
static void both_active(struct pair *pair, struct side *granter)
{
	side_grant(granter, 1, "a", 0, 60);
	sides_settle(pair);
	pair->primary.text[0] = pair->secondary.text[0] = 0;
}

static void expire(struct pair *pair, struct side *side)
{
	assert_int_equal(lease_commit_expire(side->commit, pair->now, 100), 0);
}

static void both_know(struct pair *pair, const char *words)
{
	side_knows(&pair->primary, 1, words);
	side_knows(&pair->secondary, 1, words);
	assert_true(failover_updates_idle(pair->primary.updates));
	assert_true(failover_updates_idle(pair->secondary.updates));
}

/* The lease ends: the primary's word, the secondary's agreement, and then it is free. */
static void test_expiry(void **state)
{
	struct pair *pair = *state;

	both_active(pair, &pair->secondary);
	pair->now = NOW + 61;
	expire(pair, &pair->primary);
	side_knows(&pair->primary, 1, "expired a owed");
	side_durable(&pair->primary);
	side_turn(pair, &pair->primary);
	side_said(&pair->primary, "BNDUPD 1 expired ends +60 potential +61");
	side_hear(pair, &pair->secondary);
	side_knows(&pair->primary, 1, "expired a owed");
	side_knows(&pair->secondary, 1, "free a");
	sides_settle(pair);
	both_know(pair, "free a");
}

static void test_release(void **state)
{
	struct pair *pair = *state;

	both_active(pair, &pair->primary);
	pair->now = NOW + 10;
	side_revoke(pair, &pair->secondary, 1, LEASE_RELEASED);
	sides_settle(pair);
	side_said(&pair->secondary, "BNDUPD 1 released ends +10 potential +10");
	both_know(pair, "free a");
}

static void test_decline(void **state)
{
	struct pair *pair = *state;

	both_active(pair, &pair->primary);
	side_revoke(pair, &pair->secondary, 1, LEASE_ABANDONED);
	sides_settle(pair);
	side_said(&pair->secondary, "BNDUPD 1 abandoned ends 0 potential +0");
	side_knows(&pair->primary, 1, "abandoned -");
	side_knows(&pair->secondary, 1, "abandoned a");
}

/* An address is handed over, taken back, and given to somebody else. */
static void test_hand_over(void **state)
{
	struct pair *pair = *state;

	assert_true(lease_commit_hand_over(pair->primary.commit, side_lease(&pair->primary, 1),
					   LEASE_BACKUP, pair->now) > 0);
	sides_settle(pair);
	both_know(pair, "backup -");
	assert_true(lease_commit_hand_over(pair->secondary.commit, side_lease(&pair->secondary, 1),
					   LEASE_FREE, pair->now) > 0);
	sides_settle(pair);
	both_know(pair, "free -");
	side_grant(&pair->primary, 1, "b", 0, 30);
	sides_settle(pair);
	side_knows(&pair->secondary, 1, "active b ends +30 R +60 A 0 T +30");
}

/* The kernel has promised more than the partner knows: closed at once, agreed to when that is over. */
static void test_withheld(void **state)
{
	struct pair *pair = *state;
	struct side *secondary = &pair->secondary;
	struct lease *lease = side_lease(secondary, 1);
	struct failover_updates_status status;

	both_active(pair, &pair->primary);
	secondary->promises[0] = NOW + 100;
	pair->now = NOW + 61;
	expire(pair, &pair->primary);
	sides_settle(pair);
	assert_true(lease->closed && lease->yielding);
	side_knows(secondary, 1, "active a ends +60 R +120 A 0 T +60");
	side_knows(&pair->primary, 1, "expired a owed");
	failover_updates_status(secondary->updates, &status);
	assert_int_equal(status.withheld, 1);
	assert_int_equal(secondary->appended, 1);
	pair->now = NOW + 100;
	sides_settle(pair);
	assert_true(lease->yielding);
	pair->now = NOW + 101;
	sides_settle(pair);
	assert_false(lease->yielding);
	both_know(pair, "free a");
	side_said(secondary, "BNDACK 1");
}

/* The wall clock is set meanwhile: the client may use the address for as long as before. */
static void test_withheld_over_a_step(void **state)
{
	struct pair *pair = *state;
	struct side *secondary = &pair->secondary;

	both_active(pair, &pair->primary);
	secondary->promises[0] = NOW + 100;
	pair->now = NOW + 61;
	expire(pair, &pair->primary);
	sides_settle(pair);
	pair->now += 3600;
	secondary->promises[0] += 3600;
	sides_settle(pair);
	assert_true(side_lease(secondary, 1)->yielding);
	side_said(secondary, "");
	pair->now = NOW + 3701;
	sides_settle(pair);
	side_said(secondary, "BNDACK 1");
	both_know(pair, "free a");
}

/* dhcpd takes a late BNDACK for one of what it has not sent yet: it is refused, and told. */
static void test_dhcpd_is_answered_at_once(void **state)
{
	struct pair *pair = *state;
	struct side *secondary = &pair->secondary;

	secondary->terms.isc = true;
	side_terms(secondary);
	both_active(pair, &pair->primary);
	secondary->promises[0] = NOW + 100;
	pair->now = NOW + 61;
	expire(pair, &pair->primary);
	sides_settle(pair);
	side_knows(&pair->primary, 1, "active a ends +100 R +100 A +120 T +100");
	pair->now = NOW + 101;
	expire(pair, &pair->primary);
	sides_settle(pair);
	both_know(pair, "free a");
}

/* A lease of dhcpd's ends by its clock, which is 30 s ahead; but not before that. */
static void test_dhcpd_ends_by_its_own_clock(void **state)
{
	struct pair *pair = *state;
	struct side *secondary = &pair->secondary;
	struct failover_message update = update_of(1, LEASE_EXPIRED, "a", 0, 60, 120);

	secondary->terms.isc = true;
	side_terms(secondary);
	both_active(pair, &pair->primary);
	pair->now = NOW + 30;
	update.time = NOW + 59;
	side_told(pair, secondary, &update);
	side_said(secondary, "BNDACK 1 outdated");
	update.time = NOW + 60;
	side_told(pair, secondary, &update);
	side_durable(secondary);
	side_knows(secondary, 1, "free a");
}

/* Each waits for its own promise. */
static void test_two_withheld(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->secondary;

	for (uint32_t i = 1; i <= 2; i++) {
		struct failover_message update = update_of(i, LEASE_EXPIRED, "a", 0, 0, 0);

		side_has(side, i, LEASE_ACTIVE, "a", i == 1 ? 30 : 20);
		side_told(pair, side, &update);
	}
	pair->now = NOW + 30;
	side_turn(pair, side);
	side_durable(side);
	side_said(side, "BNDACK 2");
	pair->now = NOW + 31;
	side_turn(pair, side);
	side_durable(side);
	side_said(side, "BNDACK 1");
}

/* What the sweep finds of it meanwhile is noted, and told to nobody. */
static void test_swept_while_withheld(void **state)
{
	struct pair *pair = *state;
	struct side *secondary = &pair->secondary;

	both_active(pair, &pair->primary);
	secondary->promises[0] = NOW + 100;
	pair->now = NOW + 61;
	expire(pair, &pair->primary);
	sides_settle(pair);
	assert_true(lease_commit_renewed(secondary->commit, side_lease(secondary, 1), NOW + 100,
					 pair->now, NOW + 150) > 0);
	sides_settle(pair);
	side_said(secondary, "");
	side_knows(secondary, 1, "active a owed ends +100 R +120 A 0 T +60");
	pair->now = NOW + 101;
	sides_settle(pair);
	both_know(pair, "free a");
}

/* Further ahead: refused, and the partner hears what was promised. */
static void test_promised_too_far(void **state)
{
	struct pair *pair = *state;
	struct side *secondary = &pair->secondary;

	both_active(pair, &pair->primary);
	secondary->promises[0] = NOW + 150;
	pair->now = NOW + 61;
	expire(pair, &pair->primary);
	sides_settle(pair);
	side_said(secondary, "BNDACK 1 outdated; BNDUPD 1 active ends +150 potential +150");
	assert_false(side_lease(secondary, 1)->closed);
	side_knows(&pair->primary, 1, "active a ends +150 R +150 A +120 T +150");
	side_knows(secondary, 1, "active a ends +150 R +120 A +150 T +150");
}

/* Known here already, and the partner's end is early: it hears the binding again. */
static void test_expired_too_early(void **state)
{
	struct pair *pair = *state;
	struct side *secondary = &pair->secondary;
	struct failover_message update = update_of(1, LEASE_EXPIRED, "a", 0, 0, 0);

	both_active(pair, &pair->primary);
	pair->primary.promises[0] = 0;
	side_has(&pair->primary, 1, LEASE_EXPIRED, "a", 0);
	pair->now = NOW - 10;
	side_told(pair, secondary, &update);
	sides_settle(pair);
	side_said(secondary, "BNDACK 1 outdated; BNDUPD 1 active ends +60 potential +60");
}

/* The link is lost while an answer is withheld: the slot answers again, the partner will repeat itself. */
static void test_unlinked_while_withheld(void **state)
{
	struct pair *pair = *state;
	struct side *secondary = &pair->secondary;
	struct lease *lease = side_lease(secondary, 1);

	both_active(pair, &pair->primary);
	secondary->promises[0] = NOW + 100;
	pair->now = NOW + 61;
	expire(pair, &pair->primary);
	sides_settle(pair);
	failover_updates_unlinked(pair->primary.updates, pair->now);
	failover_updates_unlinked(secondary->updates, pair->now);
	assert_false(lease->yielding);
	side_durable(secondary);
	assert_false(lease->closed);
	side_knows(secondary, 1, "active a owed ends +100 R +120 A 0 T +60");
	pair->now = NOW + 200;
	sides_settle(pair);
	side_knows(&pair->primary, 1, "active a ends +100 R +100 A +120 T +100");
	expire(pair, &pair->primary);
	sides_settle(pair);
	both_know(pair, "free a");
}

/* A newer update of the address replaces what is withheld. */
static void test_withheld_replaced(void **state)
{
	struct pair *pair = *state;
	struct side *secondary = &pair->secondary;
	struct failover_message update = update_of(1, LEASE_EXPIRED, "a", 0, 60, 61);
	struct failover_updates_status status;

	both_active(pair, &pair->primary);
	secondary->promises[0] = NOW + 100;
	pair->now = NOW + 61;
	side_told(pair, secondary, &update);
	assert_true(side_lease(secondary, 1)->yielding);
	update = update_of(1, LEASE_ACTIVE, "a", 61, 121, 181);
	side_told(pair, secondary, &update);
	failover_updates_status(secondary->updates, &status);
	assert_int_equal(status.withheld, 0);
	assert_false(side_lease(secondary, 1)->yielding);
	side_durable(secondary);
	assert_false(side_lease(secondary, 1)->closed);
	pair->now = NOW + 102;
	side_turn(pair, secondary);
	assert_int_equal(side_lease(secondary, 1)->current->ends, NOW + 121);
	assert_int_equal(lease_effective(side_lease(secondary, 1))->state, LEASE_ACTIVE);
}

/* No more than a sane partner needs is withheld: the rest is refused. */
static void test_many_withheld(void **state)
{
	enum { COUNT = 5000 };
	struct pair *pair = sides_new(COUNT);
	struct side *side = &pair->secondary;
	struct failover_updates_status status;

	for (uint32_t i = 1; i <= COUNT; i++) {
		struct failover_message update = update_of(i, LEASE_EXPIRED, "a", 0, 60, 61);

		side_has(side, i, LEASE_ACTIVE, "a", 60);
		side_told(pair, side, &update);
	}
	failover_updates_status(side->updates, &status);
	assert_int_equal(status.withheld, 4096);
	assert_int_equal(status.counters.rejects_out[FAILOVER_REJECT_OUTDATED], COUNT - 4096);
	pair->now = NOW + 61;
	side_durable(side);
	side_turn(pair, side);
	failover_updates_status(side->updates, &status);
	assert_int_equal(status.withheld, 0);
	assert_int_equal(status.waiting_acks, 4096);
	sides_free(pair);
	(void)state;
}

/* Released on one server while the other's renewal is on its way: bound is the safe word, in whatever order. */
static void test_release_meets_renewal(void **state)
{
	static const struct {
		int released, renewed;
		uint8_t state;
	} rows[] = {{20, 30, LEASE_ACTIVE}, {30, 20, LEASE_ACTIVE}};

	for (size_t i = 0; i < 4; i++) {
		struct pair *pair = sides_new(1);
		struct side *renews = i & 1 ? &pair->primary : &pair->secondary;
		struct side *releases = i & 1 ? &pair->secondary : &pair->primary;

		both_active(pair, &pair->primary);
		pair->now = NOW + rows[i / 2].released;
		side_revoke(pair, releases, 1, LEASE_RELEASED);
		side_grant(renews, 1, "a", rows[i / 2].renewed, 90);
		pair->now = NOW + 40;
		side_durable(releases);
		side_durable(renews);
		side_turn(pair, releases);
		side_turn(pair, renews);
		sides_settle(pair);
		assert_int_equal(lease_effective(side_lease(releases, 1))->state,
				 lease_effective(side_lease(renews, 1))->state);
		assert_int_equal(lease_effective(side_lease(renews, 1))->state, rows[i / 2].state);
		assert_true(failover_updates_idle(pair->primary.updates));
		assert_true(failover_updates_idle(pair->secondary.updates));
		assert_false(lease_effective(side_lease(releases, 1))->flags & LEASE_OWED);
		assert_false(lease_effective(side_lease(renews, 1))->flags & LEASE_OWED);
		sides_free(pair);
	}
	(void)state;
}

/* Both have heard the same rebinding: one of both updates is accepted, the longer promise is known to both. */
static void test_rebinding(void **state)
{
	struct pair *pair = *state;

	both_active(pair, &pair->primary);
	pair->now = NOW + 50;
	side_grant(&pair->primary, 1, "a", 50, 100);
	side_grant(&pair->secondary, 1, "a", 50, 110);
	side_durable(&pair->primary);
	side_durable(&pair->secondary);
	side_turn(pair, &pair->primary);
	side_turn(pair, &pair->secondary);
	sides_settle(pair);
	assert_int_equal(side_lease(&pair->primary, 1)->current->ends, NOW + 110);
	assert_int_equal(side_lease(&pair->secondary, 1)->current->ends, NOW + 110);
	assert_false(side_lease(&pair->primary, 1)->current->flags & LEASE_OWED);
	assert_false(side_lease(&pair->secondary, 1)->current->flags & LEASE_OWED);
}

/*
 * dhcpd as secondary accepts what is not ACTIVE even while its own ACTIVE is in
 * flight: where that is accepted here, it hears of it again.
 */
static void test_dhcpd_gives_up_active(void **state)
{
	struct pair *pair = *state;
	struct side *primary = &pair->primary;
	struct failover_message update = update_of(1, LEASE_ACTIVE, "a", 30, 90, 150);

	primary->terms.isc = true;
	side_terms(primary);
	both_active(pair, primary);
	pair->now = NOW + 20;
	side_revoke(pair, primary, 1, LEASE_RELEASED);
	side_durable(primary);
	side_turn(pair, primary);
	side_said(primary, "BNDUPD 1 released ends +20 potential +20");
	side_told(pair, primary, &update);
	side_durable(primary);
	side_turn(pair, primary);
	side_said(primary, "BNDACK 1; BNDUPD 1 active ends +90 potential +120");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		sides_test(test_expiry),
		sides_test(test_release),
		sides_test(test_decline),
		sides_test(test_hand_over),
		sides_test(test_withheld),
		sides_test(test_withheld_over_a_step),
		sides_test(test_dhcpd_is_answered_at_once),
		sides_test(test_dhcpd_ends_by_its_own_clock),
		sides_test(test_two_withheld),
		sides_test(test_swept_while_withheld),
		sides_test(test_promised_too_far),
		sides_test(test_expired_too_early),
		sides_test(test_unlinked_while_withheld),
		sides_test(test_withheld_replaced),
		cmocka_unit_test(test_many_withheld),
		cmocka_unit_test(test_release_meets_renewal),
		sides_test(test_rebinding),
		sides_test(test_dhcpd_gives_up_active),
	};

	return cmocka_run_group_tests(tests, sides_thread_setup, sides_thread_teardown);
}
