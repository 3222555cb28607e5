/* SPDX-License-Identifier: GPL-2.0-only */
/* What is owed, when it leaves, what it says, and what the answer does. */
#include "update_fixture.h"

/* A grant is told when it is durable, and known to be known when the partner's disk has it. */
static void test_grant(void **state)
{
	struct pair *pair = *state;
	struct side *primary = &pair->primary, *secondary = &pair->secondary;

	side_grant(primary, 3, "a", 0, 60);
	side_turn(pair, primary);
	side_said(primary, "");
	side_durable(primary);
	side_turn(pair, primary);
	side_said(primary, "BNDUPD 3 active ends +60 potential +120");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		pair_test(test_grant),
	};

	return cmocka_run_group_tests(tests, thread_setup, thread_teardown);
}
