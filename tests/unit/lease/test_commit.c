/* SPDX-License-Identifier: GPL-2.0-only */
/* The door to the truth: the order of close, append, publish, and what becomes current when. */
#include "fixture.h"

static const struct lease_stamp stamp7 = {.signature = 7, .tail = 7, .lease = 60};
static const struct lease_stamp stamp8 = {.signature = 8, .tail = 8, .lease = 60};

static void test_grant_waits_for_the_disk(void **state)
{
	struct house *house = *state;
	struct lease *lease = at(house, NET(10));

	house->group = 4;
	assert_int_equal(
		lease_commit_grant(house->commit, lease, bound("a", NOW, NOW + 60), &stamp7), 4);
	house_expect(house, "append(10,active,1000060) ");
	assert_null(lease->current);
	assert_int_equal(lease_effective(lease)->state, LEASE_ACTIVE);
	assert_int_equal(lease->pending_group, 4);
	lease_commit_durable(house->commit, 3);
	house_expect(house, "");
	assert_null(lease->current);
	lease_commit_durable(house->commit, 4);
	house_expect(house, "publish(10,active,stamp 7) ");
	assert_null(lease->pending);
	assert_int_equal(lease->current->address, NET(10));
	lease_commit_durable(house->commit, 5);
	house_expect(house, "");
}

static void test_groups_publish_in_order(void **state)
{
	struct house *house = *state;

	lease_commit_grant(house->commit, at(house, NET(12)), bound("c", NOW, NOW + 60), NULL);
	lease_commit_grant(house->commit, at(house, NET(10)), bound("a", NOW, NOW + 60), NULL);
	house->group = 2;
	lease_commit_grant(house->commit, at(house, NET(11)), bound("b", NOW, NOW + 60), NULL);
	house->log[0] = 0;
	lease_commit_durable(house->commit, 1);
	house_expect(house, "publish(12,active) publish(10,active) ");
	lease_commit_durable(house->commit, 2);
	house_expect(house, "publish(11,active) ");
}

/* Two grants of one group: the first one's record and stamp go, the newest is published once. */
static void test_same_group_supersedes(void **state)
{
	struct house *house = *state;
	struct lease *lease = at(house, NET(10));

	lease_commit_grant(house->commit, lease, bound("a", NOW, NOW + 60), &stamp7);
	lease_commit_grant(house->commit, lease, bound("a", NOW, NOW + 70), &stamp8);
	house_expect(house, "append(10,active,1000060) append(10,active,1000070) drop(7) ");
	lease_commit_durable(house->commit, 1);
	house_expect(house, "publish(10,active,stamp 8) ");
	assert_int_equal(lease->current->ends, NOW + 70);
}

/* While group 1 is synced group 2 says more: 1 becomes current in its turn, the slot waits for 2. */
static void test_later_group_supersedes(void **state)
{
	struct house *house = *state;
	struct lease *lease = at(house, NET(10));

	lease_commit_grant(house->commit, lease, bound("a", NOW, NOW + 60), &stamp7);
	house->group = 2;
	lease_commit_grant(house->commit, lease, bound("a", NOW, NOW + 70), &stamp8);
	house->log[0] = 0;
	lease_commit_durable(house->commit, 1);
	house_expect(house, "");
	assert_int_equal(lease->current->ends, NOW + 60);
	assert_int_equal(lease->pending->ends, NOW + 70);
	lease_commit_durable(house->commit, 2);
	house_expect(house, "publish(10,active,stamp 8) ");
	assert_int_equal(lease->current->ends, NOW + 70);
}

static void test_release_closes_first(void **state)
{
	struct house *house = *state;
	struct lease *lease = bind(house, NET(10), "a", NOW + 60);
	int64_t promise = 0;

	house->promise = NOW + 90;
	lease_commit_revoke(house->commit, lease, LEASE_RELEASED, NOW + 5, 0, &promise);
	house_expect(house, "close(10) append(10,free,1000090) ");
	assert_int_equal(promise, NOW + 90);
	assert_true(lease->closed);
	assert_int_equal(lease->current->state, LEASE_ACTIVE);
	lease_commit_durable(house->commit, house->group);
	house_expect(house, "publish(10,free) ");
	assert_false(lease->closed);
	assert_int_equal(lease->current->state, LEASE_FREE);
	assert_int_equal(lease->current->starts, NOW + 5);
	assert_int_equal(lease->current->horizon, NOW + 90);
	assert_int_equal(lease->current->ident_length, 2);
}

/* The fast path has promised more than the journal knew: the lease lives on, and says so. */
static void test_expiry_becomes_renewal(void **state)
{
	struct house *house = *state;
	struct lease *lease = bind(house, NET(10), "a", NOW + 60);
	int64_t promise;

	house->promise = NOW + 300;
	lease_commit_revoke(house->commit, lease, LEASE_EXPIRED, NOW + 60, 0, &promise);
	house_expect(house, "close(10) append(10,active,1000300) ");
	assert_true(lease->closed);
	lease_commit_durable(house->commit, house->group);
	house_expect(house, "publish(10,active) ");
	assert_int_equal(lease->current->ends, NOW + 300);
	assert_int_equal(lease->current->horizon, NOW + 300);
	assert_false(lease->closed);
	assert_counts(house, 11, 1, 10, 0, 0);
}

/* A grant on its way is about to end when the promise is found: its stamp is not lost. */
static void test_expiry_becomes_renewal_with_stamp(void **state)
{
	struct house *house = *state;
	struct lease *lease = at(house, NET(10));
	int64_t promise;

	lease_commit_grant(house->commit, lease, bound("a", NOW, NOW + 60), &stamp7);
	house->promise = NOW + 300;
	house->log[0] = 0;
	lease_commit_revoke(house->commit, lease, LEASE_EXPIRED, NOW + 60, 0, &promise);
	lease_commit_durable(house->commit, house->group);
	house_expect(house, "close(10) append(10,active,1000300) publish(10,active,stamp 7) ");
}

static void test_expiry_at_the_promise(void **state)
{
	struct house *house = *state;
	struct lease *lease = bind(house, NET(10), "a", NOW + 60);
	int64_t promise;

	house->promise = NOW + 60;
	lease_commit_revoke(house->commit, lease, LEASE_EXPIRED, NOW + 60, 0, &promise);
	house_expect(house, "close(10) append(10,free,1000060) ");
}

static void test_decline_abandons(void **state)
{
	struct house *house = *state;
	struct lease *lease = bind(house, NET(10), "a", NOW + 60);
	struct dhcp_ident ident = client("a");
	int64_t promise;

	lease_commit_revoke(house->commit, lease, LEASE_ABANDONED, NOW, NOW + 500, &promise);
	house_expect(house, "close(10) append(10,abandoned,1000500) ");
	assert_counts(house, 11, 0, 10, 1, 0);
	assert_false(lease_pool_available(house->table, lease, &ident, NOW));
}

/* A revocation supersedes a grant on its way: its stamp goes, the slot hears of the end only. */
static void test_revoke_of_pending_grant(void **state)
{
	struct house *house = *state;
	struct lease *lease = at(house, NET(10));
	int64_t promise;

	lease_commit_grant(house->commit, lease, bound("a", NOW, NOW + 60), &stamp7);
	house->group = 2;
	lease_commit_revoke(house->commit, lease, LEASE_RELEASED, NOW, 0, &promise);
	house_expect(house, "append(10,active,1000060) close(10) append(10,free,1000060) drop(7) ");
	lease_commit_durable(house->commit, 1);
	house_expect(house, "");
	assert_true(lease->closed);
	lease_commit_durable(house->commit, 2);
	house_expect(house, "publish(10,free) ");
}

static void test_renewed(void **state)
{
	struct house *house = *state;
	struct lease *lease = bind(house, NET(10), "a", NOW + 60);
	int64_t horizon = lease->current->horizon;

	assert_int_equal(lease_commit_renewed(house->commit, lease, NOW + 60, NOW + 9, NOW + 999),
			 0);
	house_expect(house, "");
	assert_int_equal(lease_commit_renewed(house->commit, lease, NOW + 61, NOW + 9, horizon - 1),
			 house->group);
	house_expect(house, "append(10,active,1000061) ");
	assert_int_equal(lease->pending->horizon, horizon);
	assert_int_equal(lease->pending->cltt, NOW + 9);
	lease_commit_renewed(house->commit, lease, NOW + 62, NOW + 9, NOW + 999);
	lease_commit_durable(house->commit, house->group);
	house_expect(house, "append(10,active,1000062) publish(10,active) ");
	assert_int_equal(lease->current->horizon, NOW + 999);
	assert_int_equal(lease->current->ends, NOW + 62);
}

static void test_renewed_of_a_lost_lease_is_nothing(void **state)
{
	struct house *house = *state;
	struct lease *lease = bind(house, NET(10), "a", NOW + 60);

	release(house, lease, NOW);
	assert_int_equal(lease_commit_renewed(house->commit, lease, NOW + 99, NOW, NOW + 99), 0);
	assert_int_equal(lease_commit_renewed(house->commit, at(house, NET(11)), NOW, NOW, NOW), 0);
	house_expect(house, "");
}

/* The sweep overtakes a grant of the same client: the slot still gets the grant's stamp. */
static void test_renewed_keeps_a_pending_stamp(void **state)
{
	struct house *house = *state;
	struct lease *lease = bind(house, NET(10), "a", NOW + 60);

	lease_commit_grant(house->commit, lease, bound("a", NOW, NOW + 70), &stamp7);
	house->group++;
	lease_commit_renewed(house->commit, lease, NOW + 80, NOW, NOW + 80);
	house->log[0] = 0;
	lease_commit_durable(house->commit, house->group);
	house_expect(house, "publish(10,active,stamp 7) ");
}

/* Another configuration while grants are on their way: nothing rendered from the old one is published. */
static void test_unstamp(void **state)
{
	struct house *house = *state;
	struct lease *lease = at(house, NET(10));

	lease_commit_grant(house->commit, lease, bound("a", NOW, NOW + 60), &stamp7);
	lease_commit_grant(house->commit, at(house, NET(11)), bound("b", NOW, NOW + 60), NULL);
	house->log[0] = 0;
	lease_commit_unstamp(house->commit);
	house_expect(house, "drop(7) ");
	house->group = 2;
	lease_commit_grant(house->commit, lease, bound("a", NOW, NOW + 70), &stamp8);
	house->log[0] = 0;
	lease_commit_durable(house->commit, 2);
	house_expect(house, "publish(11,active) publish(10,active,stamp 8) ");
}

static void test_restore(void **state)
{
	struct house *house = *state;
	struct dhcp_ident ident = client("b");
	struct lease_record *record;

	for (int i = 0; i < 2; i++) {
		record = bound(i ? "b" : "a", NOW, NOW + 60 + i);
		record->address = NET(10);
		assert_int_equal(lease_commit_restore(house->commit, record), 0);
	}
	record = bound("b", NOW, NOW + 60);
	record->address = IP(192, 0, 2, 1);
	assert_int_equal(lease_commit_restore(house->commit, record), 0);
	house_expect(house, "");
	assert_int_equal(at(house, NET(10))->current->ends, NOW + 61);
	assert_int_equal(at(house, IP(192, 0, 2, 1))->pool, LEASE_POOL_NONE);
	assert_counts(house, 11, 2, 10, 0, 0);
	assert_ptr_equal(choose(house, "b", 0), at(house, NET(10)));
	assert_null(lease_table_next_of_client(house->table, client("a").bytes, 2, NULL));
	assert_non_null(lease_table_next_of_client(house->table, ident.bytes, 2, NULL));
}

static void test_hold_until_horizon(void **state)
{
	struct house *house = *state;
	struct lease *lease = bind(house, NET(10), "a", NOW + 60);
	struct lease *freed = bind(house, NET(11), "b", NOW + 60);

	release(house, freed, NOW);
	assert_int_equal(lease_commit_hold_until_horizon(house->commit), 0);
	assert_int_equal(lease->current->ends, NOW + 160);
	assert_int_equal(freed->current->state, LEASE_FREE);
	assert_int_equal(lease_commit_expire(house->commit, NOW + 159, 1000), 0);
	house_expect(house, "");
	assert_int_equal(lease_commit_expire(house->commit, NOW + 160, 1000), 0);
	house_expect(house, "close(10) append(10,free,1000160) ");
}

static void test_hold_one(void **state)
{
	struct house *house = *state;
	struct lease *lease = bind(house, NET(10), "a", NOW + 60);
	struct lease *other = bind(house, NET(11), "b", NOW + 60);

	assert_int_equal(lease_commit_hold(house->commit, lease), 0);
	assert_int_equal(lease_commit_hold(house->commit, at(house, NET(12))), 0);
	assert_int_equal(lease->current->ends, NOW + 160);
	assert_int_equal(other->current->ends, NOW + 60);
	house_expect(house, "");
}

/* Pending records, superseded or not, and their stamps go with the commit. */
static void test_free_with_pending(void **state)
{
	struct house *house = *state;
	struct lease *lease = at(house, NET(10));

	lease_commit_grant(house->commit, lease, bound("a", NOW, NOW + 60), &stamp7);
	house->group = 2;
	lease_commit_grant(house->commit, lease, bound("a", NOW, NOW + 70), &stamp8);
	house->log[0] = 0;
	lease_commit_free(house->commit);
	house->commit = NULL;
	house_expect(house, "drop(8) ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		house_test(test_grant_waits_for_the_disk),
		house_test(test_groups_publish_in_order),
		house_test(test_same_group_supersedes),
		house_test(test_later_group_supersedes),
		house_test(test_release_closes_first),
		house_test(test_expiry_becomes_renewal),
		house_test(test_expiry_becomes_renewal_with_stamp),
		house_test(test_expiry_at_the_promise),
		house_test(test_decline_abandons),
		house_test(test_revoke_of_pending_grant),
		house_test(test_renewed),
		house_test(test_renewed_of_a_lost_lease_is_nothing),
		house_test(test_renewed_keeps_a_pending_stamp),
		house_test(test_unstamp),
		house_test(test_restore),
		house_test(test_hold_until_horizon),
		house_test(test_hold_one),
		house_test(test_free_with_pending),
	};

	return cmocka_run_group_tests(tests, thread_setup, thread_teardown);
}
