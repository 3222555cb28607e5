/* SPDX-License-Identifier: GPL-2.0-only */
/* What the partner honours, and from when on nobody has to ask it. */
#include "fixture.h"

#include "lease/policy.h"

static void test_known(void **state)
{
	struct lease_policy policy = {.mclt = 60};
	struct lease_record record = {.acknowledged = 500, .received = 700, .known = 400};

	(void)state;
	assert_int_equal(lease_policy_known(&policy, &record), 700);
	record.acknowledged = 800;
	assert_int_equal(lease_policy_known(&policy, &record), 800);
	policy.strict = true;
	assert_int_equal(lease_policy_known(&policy, &record), 340);
	record.known = 59;
	assert_int_equal(lease_policy_known(&policy, &record), 0);
}

static void test_free_at(void **state)
{
	static const struct {
		bool secondary, down;
		uint8_t state; /* 0: never used */
		int64_t ends, potential, acknowledged, received, expected;
	} rows[] = {
		{false, false, 0, 0, 0, 0, 0, 0},
		{false, false, LEASE_FREE, 9000, 9000, 9000, 9000, 0},
		{false, false, LEASE_BACKUP, 0, 0, 0, 0, INT64_MAX},
		{false, false, LEASE_EXPIRED, 0, 0, 0, 0, INT64_MAX},
		{true, false, LEASE_BACKUP, 9000, 9000, 9000, 9000, 0},
		{true, false, LEASE_FREE, 0, 0, 0, 0, INT64_MAX},
		{true, false, 0, 0, 0, 0, 0, INT64_MAX},
		{false, true, LEASE_FREE, 0, 0, 0, 0, 0},
		{true, true, LEASE_BACKUP, 0, 0, 0, 0, 0},
		/* the partner's free ones: M + max(A, R, entry) + o⁻ */
		{true, true, 0, 0, 0, 0, 0, 1065},
		{true, true, LEASE_FREE, 9000, 9000, 0, 0, 1065},
		{false, true, LEASE_BACKUP, 9000, 9000, 0, 0, 1065},
		{false, true, LEASE_BACKUP, 0, 0, 2000, 0, 2065},
		{false, true, LEASE_BACKUP, 0, 0, 0, 3000, 3065},
		/* all else: M + max(E, P, A, R, entry) + o⁻ */
		{false, true, LEASE_EXPIRED, 0, 0, 0, 0, 1065},
		{false, true, LEASE_EXPIRED, 2000, 0, 0, 0, 2065},
		{false, true, LEASE_RELEASED, 2000, 3000, 0, 0, 3065},
		{false, true, LEASE_RESET, 0, 0, 4000, 0, 4065},
		{true, true, LEASE_RELEASED, 2000, 3000, 4000, 5000, 5065},
		{false, true, LEASE_ABANDONED, INT64_MAX, 0, 0, 0, INT64_MAX},
		{false, true, LEASE_EXPIRED, INT64_MAX - 64, 0, 0, 0, INT64_MAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct lease_policy policy = {
			.secondary = rows[i].secondary,
			.partner_down = rows[i].down,
			.mclt = 60,
			.slack = 5,
			.entered = 1000,
		};
		struct lease_record record = {
			.state = rows[i].state,
			.ends = rows[i].ends,
			.potential = rows[i].potential,
			.acknowledged = rows[i].acknowledged,
			.received = rows[i].received,
		};

		assert_int_equal(lease_policy_free_at(&policy, rows[i].state ? &record : NULL),
				 rows[i].expected);
	}
}

/* What the partner may have given away of our own waits like its own. */
static void test_doubtful(void **state)
{
	struct lease_policy policy = {
		.partner_down = true,
		.doubtful = true,
		.mclt = 60,
		.slack = 5,
		.entered = 1000,
	};
	struct lease_record record = {.state = LEASE_FREE, .received = 2000};

	(void)state;
	assert_int_equal(lease_policy_free_at(&policy, NULL), 1065);
	assert_int_equal(lease_policy_free_at(&policy, &record), 2065);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_free_at),
		cmocka_unit_test(test_doubtful),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
