/* SPDX-License-Identifier: GPL-2.0-only */
/* What is held for its client where the partner has forgotten that it promised it. */
#include "fixture.h"

/*
 * A partner that lost its store cannot agree to anything that it promised
 * before: each binding that it knew is its client's until the last such promise is over.
 */
static void test_partner_forgot(void **state)
{
	static const uint8_t states[] = {LEASE_ACTIVE, LEASE_EXPIRED, LEASE_RELEASED};
	struct house *house = *state;
	struct lease_policy *policy = pair(house);
	int64_t promise;

	policy->mclt = 30;
	policy->slack = 2;
	for (int i = 0; i < 3; i++) {
		struct lease *lease = learn(house, NET(10 + i), "a", LEASE_ACTIVE); /* R: 300 */

		if (states[i] != LEASE_ACTIVE)
			lease_commit_revoke(house->commit, lease, states[i], NOW + 60, 0, &promise);
		lease_commit_durable(house->commit, house->group++);
		lease_commit_hold_partners(house->commit, lease->relation, NOW + 100);
		lease_commit_durable(house->commit, house->group++);
		assert_int_equal(lease->current->state, LEASE_ACTIVE);
		assert_int_equal(lease->current->ends, NOW + 300 + 32);
		assert_true(lease->current->flags & LEASE_OWED);
		assert_true(lease->current->horizon >= lease->current->ends);
	}
}

/* Our clock was hours ahead when it ended here, and was set right since. */
static void test_partner_forgot_what_a_wrong_clock_ended(void **state)
{
	struct house *house = *state;
	struct lease_policy *policy = pair(house);
	struct lease *lease = learn(house, NET(10), "a", LEASE_ACTIVE); /* R: 300 */
	int64_t promise;

	policy->mclt = 30;
	policy->slack = 0;
	lease->current->ends = NOW + 7260;
	lease_commit_revoke(house->commit, lease, LEASE_EXPIRED, NOW + 7261, 0, &promise);
	lease_commit_durable(house->commit, house->group++);
	assert_true(lease->current->ends > NOW + 7000);
	lease_commit_hold_partners(house->commit, lease->relation, NOW + 100);
	lease_commit_durable(house->commit, house->group++);
	assert_int_equal(lease->current->state, LEASE_ACTIVE);
	assert_int_equal(lease->current->ends, NOW + 330);
}

/* What it never heard of it never promised. */
static void test_partner_never_knew(void **state)
{
	struct house *house = *state;

	pair(house)->sends = false;
	bind(house, NET(10), "b", NOW + 60);
	house->log[0] = 0;
	lease_commit_hold_partners(house->commit, 1, NOW + 100);
	house_expect(house, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		house_test(test_partner_forgot),
		house_test(test_partner_forgot_what_a_wrong_clock_ended),
		house_test(test_partner_never_knew),
	};

	return cmocka_run_group_tests(tests, thread_setup, thread_teardown);
}
