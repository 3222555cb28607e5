/* SPDX-License-Identifier: GPL-2.0-only */
/* What ends by itself in a failover pool, and when. */
#include "fixture.h"

#include "lease/place.h"

static void expire(struct house *house, int64_t now)
{
	assert_int_equal(lease_commit_expire(house->commit, now, 100), 0);
	lease_commit_durable(house->commit, house->group++);
}

static uint8_t state_of(struct house *house, uint32_t address)
{
	return at(house, address)->current->state;
}

/* In NORMAL the primary ends leases, and waits for the partner to agree. */
static void test_primary(void **state)
{
	struct house *house = *state;

	pair(house);
	bind(house, NET(10), "a", NOW + 60);
	expire(house, NOW + 59);
	house_expect(house, "");
	expire(house, NOW + 60);
	house_expect(house, "close(10) append(10,expired,1000060) publish(10,expired) "
			    "announce(10,expired) ");
	expire(house, NOW + 100000);
	house_expect(house, "");
}

/* The secondary does not; when its turn comes it takes 5 s to notice, and no slot is touched before. */
static void test_secondary_in_normal(void **state)
{
	struct house *house = *state;
	struct lease_policy *policy = pair(house);

	policy->expires = false;
	bind(house, NET(10), "a", NOW + 60);
	expire(house, NOW + 60);
	house_expect(house, "");
	policy->expires = true;
	expire(house, NOW + 64);
	house_expect(house, "");
	expire(house, NOW + 65);
	assert_int_equal(state_of(house, NET(10)), LEASE_EXPIRED);
}

/* The partner gave it, and said the end by its clock, which may be 5 s behind. */
static void test_partners_clock(void **state)
{
	struct house *house = *state;

	pair(house);
	learn(house, NET(10), "a", LEASE_ACTIVE);
	expire(house, NOW + 60);
	expire(house, NOW + 64);
	house_expect(house, "");
	expire(house, NOW + 65);
	assert_int_equal(state_of(house, NET(10)), LEASE_EXPIRED);
}

/*
 * A renewal by the partner that it did not live to tell: as long as there can be one the client,
 * and nobody else, has the address. Then it is over. What the partner never heard of ends at once.
 */
static void test_out_of_contact(void **state)
{
	const struct dhcp_ident a = client("a"), b = client("b");
	struct house *house = *state;
	struct lease_policy *policy = pair(house);
	struct lease *ours = bind(house, NET(10), "a", NOW + 60), *theirs, *unheard; /* P: 160 */

	theirs = learn(house, NET(11), "a", LEASE_ACTIVE); /* R: 300 */
	policy->sends = false;
	unheard = bind(house, NET(12), "b", NOW + 60);
	for (int64_t now = NOW + 60; now < NOW + 225; now++)
		expire(house, now);
	assert_int_equal(unheard->current->state, LEASE_FREE);
	assert_int_equal(ours->current->state, LEASE_ACTIVE);
	assert_true(lease_pool_available(house->table, theirs, &a, NOW + 364));
	assert_false(lease_pool_available(house->table, theirs, &b, NOW + 364));
	for (int64_t now = NOW + 225; now < NOW + 365; now++)
		expire(house, now);
	assert_int_equal(ours->current->state, LEASE_EXPIRED);
	assert_int_equal(theirs->current->state, LEASE_ACTIVE);
	for (int64_t now = NOW + 365; now <= NOW + 370; now++)
		expire(house, now);
	assert_int_equal(theirs->current->state, LEASE_EXPIRED);
}

/* In touch again, an end is an end. */
static void test_in_touch_again(void **state)
{
	struct house *house = *state;
	struct lease_policy *policy = pair(house);
	struct lease *lease = bind(house, NET(10), "a", NOW + 60);

	policy->sends = false;
	expire(house, NOW + 60);
	assert_int_equal(lease->current->state, LEASE_ACTIVE);
	policy->sends = true;
	expire(house, NOW + 65);
	assert_int_equal(lease->current->state, LEASE_EXPIRED);
}

/* dhcpd goes by T, by its clock, which may be 5 s behind. */
static void test_strict(void **state)
{
	struct house *house = *state;
	struct lease_policy *policy = pair(house);
	struct lease *lease;

	lease = bind(house, NET(10), "a", NOW + 60);
	lease->current->known = NOW + 300;
	policy->strict = true;
	expire(house, NOW + 60);
	expire(house, NOW + 304);
	house_expect(house, "");
	expire(house, NOW + 309);
	assert_int_equal(state_of(house, NET(10)), LEASE_EXPIRED);
	lease = bind(house, NET(11), "a", NOW + 1000);
	lease->current->known = NOW + 1300;
	policy->strict = false;
	expire(house, NOW + 1000);
	assert_int_equal(state_of(house, NET(11)), LEASE_EXPIRED);
}

/* Its last promise is being waited for: the partner's update ends it. */
static void test_yielding(void **state)
{
	struct house *house = *state;

	pair(house);
	bind(house, NET(10), "a", NOW + 60)->yielding = true;
	expire(house, NOW + 60);
	house_expect(house, "");
}

/* Nobody left to agree: free when MCLT and skew are over, looked at every 30 s; on each role its own. */
static void test_partner_down(void **state)
{
	static const uint8_t own[] = {LEASE_FREE, LEASE_BACKUP};
	struct house *house = *state;
	struct lease_policy *policy = pair(house);

	for (int i = 0; i < 2; i++) {
		int64_t start = NOW + i * 10000;
		struct lease *lease;

		expire(house, start);
		policy->secondary = i;
		policy->sends = true;
		lease = bind(house, NET(10 + i), "a", start + 60);
		acknowledge(house, lease);
		expire(house, start + 60);
		assert_int_equal(lease->current->state, LEASE_EXPIRED);
		partner_down(policy, start + 70);
		assert_int_equal(lease->current->potential, start + 160);
		/* P is the latest of all: free from 225 on. */
		for (int64_t now = start + 61; now < start + 225; now++)
			expire(house, now);
		assert_int_equal(lease->current->state, LEASE_EXPIRED);
		house->log[0] = 0;
		for (int64_t now = start + 225; now <= start + 255; now++)
			expire(house, now);
		assert_int_equal(lease->current->state, own[i]);
		assert_int_equal(lease->current->potential, 0);
		assert_int_equal(lease->current->acknowledged, 0);
		assert_true(lease->current->flags & LEASE_OWED);
		assert_non_null(strstr(house->log, "announce"));
		policy->partner_down = false;
	}
}

/* What waited for an answer when the partner died: RELEASED and RESET as well. */
static void test_partner_down_later(void **state)
{
	static const uint8_t states[] = {LEASE_EXPIRED, LEASE_RELEASED, LEASE_RESET};
	struct house *house = *state;
	struct lease_policy *policy = pair(house);
	int64_t promise;

	for (int i = 0; i < 3; i++) {
		struct lease *lease = bind(house, NET(10 + i), "a", NOW + 10);

		lease_commit_revoke(house->commit, lease, states[i], NOW + 10, 0, &promise);
		lease_commit_durable(house->commit, house->group++);
	}
	for (int64_t now = NOW + 10; now < NOW + 1000; now += 10)
		expire(house, now);
	for (int i = 0; i < 3; i++)
		assert_int_equal(state_of(house, NET(10 + i)), states[i]);
	partner_down(policy, NOW + 1000);
	for (int64_t now = NOW + 1000; now < NOW + 1065; now++)
		expire(house, now);
	for (int i = 0; i < 3; i++)
		assert_int_equal(state_of(house, NET(10 + i)), states[i]);
	for (int64_t now = NOW + 1065; now < NOW + 1095; now++)
		expire(house, now);
	for (int i = 0; i < 3; i++)
		assert_int_equal(state_of(house, NET(10 + i)), LEASE_FREE);
}

/* A million that wait must not be looked at in every turn. */
static void test_looks(void **state)
{
	struct house *house = *state;
	struct lease_policy *policy = pair(house);
	struct lease_wheel *wheel = &house->table->wheel;

	learn(house, NET(10), "a", LEASE_EXPIRED);
	policy->expires = false;
	bind(house, NET(11), "b", NOW);
	expire(house, NOW);
	assert_null(lease_wheel_take(wheel, NOW + 4));
	assert_ptr_equal(lease_wheel_take(wheel, NOW + 5), at(house, NET(11)));
	assert_null(lease_wheel_take(wheel, NOW + 29));
	assert_ptr_equal(lease_wheel_take(wheel, NOW + 30), at(house, NET(10)));
}

static void test_abandonment(void **state)
{
	struct house *house = *state;
	struct lease_policy *policy = pair(house);
	struct lease *lease = bind(house, NET(10), "a", NOW + 60);
	int64_t promise;

	acknowledge(house, lease);
	lease_commit_revoke(house->commit, lease, LEASE_ABANDONED, NOW, NOW + 500, &promise);
	lease_commit_durable(house->commit, house->group++);
	acknowledge(house, lease);
	policy->expires = false;
	expire(house, NOW + 500);
	house_expect(house, "");
	policy->expires = true;
	policy->secondary = true;
	expire(house, NOW + 505);
	house_expect(house, "append(10,free,1000500) publish(10,free) announce(10,free) ");
	assert_int_equal(lease->current->ident_length, 0);
	assert_int_equal(lease->current->potential, 0);
	assert_int_equal(lease->current->acknowledged, 0);
}

/* The partner has not heard that it is declined, and may be renewing it for whom it knows. */
static void test_abandonment_not_agreed(void **state)
{
	struct house *house = *state;
	struct lease_policy *policy = pair(house);
	struct lease *lease = bind(house, NET(10), "a", NOW + 60);
	int64_t promise;

	lease_commit_revoke(house->commit, lease, LEASE_ABANDONED, NOW, NOW + 500, &promise);
	lease_commit_durable(house->commit, house->group++);
	expire(house, NOW + 500);
	assert_int_equal(lease->current->state, LEASE_ABANDONED);
	partner_down(policy, NOW + 600);
	for (int64_t now = NOW + 501; now < NOW + 665; now++)
		expire(house, now);
	assert_int_equal(lease->current->state, LEASE_ABANDONED);
	expire(house, NOW + 670);
	assert_int_equal(lease->current->state, LEASE_FREE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		house_test(test_primary),
		house_test(test_secondary_in_normal),
		house_test(test_partners_clock),
		house_test(test_out_of_contact),
		house_test(test_in_touch_again),
		house_test(test_strict),
		house_test(test_yielding),
		house_test(test_partner_down),
		house_test(test_partner_down_later),
		house_test(test_looks),
		house_test(test_abandonment),
		house_test(test_abandonment_not_agreed),
	};

	return cmocka_run_group_tests(tests, thread_setup, thread_teardown);
}
