/* SPDX-License-Identifier: GPL-2.0-only */
/* What slow path, kernel and leases are told: who serves, and how far a promise may go. */
#include "peer_fixture.h"

#include "failover/skew.h"

#define PRIMARY(pair) (&(pair)->nodes[0])
#define SECONDARY(pair) (&(pair)->nodes[1])

static const struct failover_view *view(const struct node *node)
{
	return failover_peer_view(node->peer);
}

static int64_t slot_second(const struct pair *pair)
{
	return (int64_t)(pair->monotonic / SECOND);
}

static void bound_of_a_new_server(void **state)
{
	struct pair *pair = *state;

	/* The slots' second 0 was at WALL. Nothing was heard: 60 s is what dhcpd's check lets pass. */
	node_start(PRIMARY(pair));
	pair_run(pair, 3);
	assert_false(view(PRIMARY(pair))->serves);
	assert_int_equal(view(PRIMARY(pair))->lead, MCLT - FAILOVER_SKEW_UNTRACKED);
	assert_int_equal(view(PRIMARY(pair))->alone, 0);
	assert_int_equal(PRIMARY(pair)->policies[1].slack, 60);
}

/* Both clocks were not far apart at the start: as far as ours was set since, they may be by now. */
static void clock_set_before_anything_was_heard(void **state)
{
	struct pair *pair = *state;

	pair_become_normal(pair);
	node_kill(PRIMARY(pair), false);
	node_kill(SECONDARY(pair), false);
	node_start(PRIMARY(pair));
	pair_run(pair, 20);
	assert_true(view(PRIMARY(pair))->serves);
	PRIMARY(pair)->ahead = 5000 * (int64_t)SECOND;
	pair_run(pair, 1);
	assert_int_equal(PRIMARY(pair)->policies[1].slack, 5060);
	assert_int_equal(view(PRIMARY(pair))->lead, MCLT - 5060);
	PRIMARY(pair)->ahead = -5000 * (int64_t)SECOND;
	pair_run(pair, 1);
	assert_int_equal(PRIMARY(pair)->policies[1].slack, 60);
	assert_int_equal(view(PRIMARY(pair))->lead, MCLT - FAILOVER_SKEW_UNTRACKED);
}

static void bound_moves_with_the_heartbeat(void **state)
{
	struct pair *pair = *state;
	int64_t alone;

	pair_become_normal(pair);
	pair_run(pair, 5.5);
	alone = view(PRIMARY(pair))->alone;
	assert_int_equal(alone, slot_second(pair) + MCLT);
	/* The partner's clock is ours; the second that its times cut off is in the account. */
	assert_in_range(view(PRIMARY(pair))->lead, MCLT - 2, MCLT - 1);
	assert_int_equal(view(PRIMARY(pair))->from, slot_second(pair) + 1);
	/* What the partner says is no heartbeat. */
	PRIMARY(pair)->no_heartbeat = true;
	pair_run(pair, 15);
	assert_int_equal(view(PRIMARY(pair))->alone, alone);
	PRIMARY(pair)->no_heartbeat = false;
	pair_run(pair, 1);
	alone = view(PRIMARY(pair))->alone;
	assert_int_equal(alone, slot_second(pair) + MCLT);
	PRIMARY(pair)->hangs = true;
	pair_run(pair, 15);
	assert_int_equal(view(PRIMARY(pair))->alone, alone);
	PRIMARY(pair)->hangs = false;
	pair_run(pair, 1);
	assert_int_equal(view(PRIMARY(pair))->alone, slot_second(pair) + MCLT);
}

static void skew_lowers_the_bound_at_once(void **state)
{
	struct pair *pair = *state;
	int64_t lead;

	pair_become_normal(pair);
	pair_run(pair, 0.5);
	lead = view(PRIMARY(pair))->lead;
	SECONDARY(pair)->ahead = 30 * (int64_t)SECOND;
	PRIMARY(pair)->relation.name = "pair";
	while (node_status(PRIMARY(pair)).skew < 20)
		pair_run(pair, 0.25);
	assert_in_range(view(PRIMARY(pair))->lead, lead - 31, lead - 29);
	assert_in_range(SECONDARY(pair)->policies[1].slack, 30, 34);
	/* Our own clock is none of its business. */
	PRIMARY(pair)->ahead = 5000 * (int64_t)SECOND;
	pair_run(pair, 2);
	assert_in_range(view(PRIMARY(pair))->lead, lead - 32, lead - 29);
}

/* What the one before has acknowledged is by its clock, whatever that of the next machine says. */
static void another_machine_has_another_clock(void **state)
{
	struct pair *pair = *state;
	int64_t lead;

	SECONDARY(pair)->ahead = 30 * (int64_t)SECOND;
	pair_become_normal(pair);
	pair_run(pair, 30);
	lead = view(PRIMARY(pair))->lead;
	node_kill(SECONDARY(pair), false);
	memset(SECONDARY(pair)->store, 'x', sizeof(SECONDARY(pair)->store));
	SECONDARY(pair)->ahead = 0;
	node_start(SECONDARY(pair));
	pair_run(pair, 10);
	assert_in_range(view(PRIMARY(pair))->lead, lead - 1, lead);
	pair_run(pair, FAILOVER_SKEW_WINDOWS * FAILOVER_SKEW_WINDOW_SECONDS + 30);
	assert_in_range(view(PRIMARY(pair))->lead, lead + 29, lead + 31);
}

/* Up only with a heartbeat, on whole seconds here. */
static void lead_rises_with_the_heartbeat(void **state)
{
	struct pair *pair = *state;
	unsigned rises = 0;
	int64_t lead;

	pair->monotonic += SECOND / 3;
	pair_become_normal(pair);
	SECONDARY(pair)->ahead = 30 * (int64_t)SECOND;
	pair_run(pair, 60);
	SECONDARY(pair)->ahead = 0;
	lead = view(PRIMARY(pair))->lead;
	for (unsigned i = 0; i < 3000; i++) {
		pair_run(pair, 0.25);
		if (view(PRIMARY(pair))->lead > lead && ++rises)
			assert_true(pair->monotonic % SECOND < SECOND / 4);
		lead = view(PRIMARY(pair))->lead;
	}
	assert_true(rises > 0);
}

/* One message, on the second: the second that its time cut off, and the drift since, rounded up. */
static void lead_is_rounded_down(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 1);
	struct failover_message ack = script_handshake(FAILOVER_CONNECTACK);
	struct failover_message says = script_state(FAILOVER_RECOVER, 0);

	node_start(PRIMARY(pair));
	script_accept(&script);
	script_expect(&script, FAILOVER_CONNECT);
	ack.xid = script.message.xid;
	script_say(&script, &ack);
	script_say(&script, &says);
	pair_run(pair, 2);
	assert_int_equal(view(PRIMARY(pair))->lead, MCLT - 2);
}

static void bound_shrinks_while_nothing_is_heard(void **state)
{
	struct pair *pair = *state;
	int64_t lead;

	pair_become_normal(pair);
	lead = view(PRIMARY(pair))->lead;
	node_kill(SECONDARY(pair), false);
	pair_run(pair, 20000);
	/* 500 ppm of 20,000 s. */
	assert_in_range(view(PRIMARY(pair))->lead, lead - 12, lead - 9);
}

static void silent_states_move_nothing(void **state)
{
	struct pair *pair = *state;
	int64_t alone;

	pair_become_normal(pair);
	node_kill(SECONDARY(pair), false);
	node_lose_store(SECONDARY(pair), 'c');
	node_start(SECONDARY(pair));
	pair_run(pair, 10);
	assert_state(SECONDARY(pair), RECOVER_WAIT);
	alone = view(SECONDARY(pair))->alone;
	pair_run(pair, 100);
	assert_int_equal(view(SECONDARY(pair))->alone, alone);
	assert_false(view(SECONDARY(pair))->serves);
	assert_false(SECONDARY(pair)->policies[1].serves);
	/* The moment it serves it has its bound, not a second later. */
	while (!view(SECONDARY(pair))->serves)
		pair_run(pair, 0.1);
	assert_int_equal(view(SECONDARY(pair))->alone, slot_second(pair) + MCLT);
}

static void adopted_kernel_is_left_alone(void **state)
{
	struct pair *pair = *state;

	pair_become_normal(pair);
	node_kill(PRIMARY(pair), false);
	node_kill(SECONDARY(pair), false);
	PRIMARY(pair)->options.adopted = true;
	trace_clear(PRIMARY(pair));
	node_start(PRIMARY(pair));
	pair_run(pair, 10);
	assert_true(view(PRIMARY(pair))->adopted);
	assert_false(view(PRIMARY(pair))->serves); /* the slow path is silent */
	assert_no_trace(PRIMARY(pair), "silence");
	pair_run(pair, 6);
	assert_false(view(PRIMARY(pair))->adopted);
	assert_true(view(PRIMARY(pair))->serves);
	assert_no_trace(PRIMARY(pair), "silence");
}

/* What the kernel goes on with ends before a state that does not serve is said. */
static void adopted_kernel_is_silenced_first(void **state)
{
	struct pair *pair = *state;
	struct failover_now now;
	const char *why = NULL;

	pair_become_normal(pair);
	node_kill(PRIMARY(pair), false);
	pair_run(pair, 1);
	now = node_now(SECONDARY(pair));
	assert_int_equal(failover_peer_partner_down(SECONDARY(pair)->peer, false, &now, &why), 0);
	pair_run(pair, 1);
	PRIMARY(pair)->options.adopted = true;
	trace_clear(PRIMARY(pair));
	node_start(PRIMARY(pair));
	pair_run(pair, 6);
	/* It was NORMAL, and its partner served alone. */
	assert_order(PRIMARY(pair), "send(STATE normal startup)", "silence ");
	assert_order(PRIMARY(pair), "silent ", "keep(recover)");
	assert_order(PRIMARY(pair), "keep(recover)", "send(STATE recover)");
	assert_false(view(PRIMARY(pair))->adopted);
}

/* Said to be out of date it leaves nothing to the kernel, whatever it cannot reach. */
static void outdated_kernel_is_silenced(void **state)
{
	struct pair *pair = *state;

	pair_become_normal(pair);
	node_kill(PRIMARY(pair), false);
	node_kill(SECONDARY(pair), false);
	PRIMARY(pair)->options.adopted = PRIMARY(pair)->options.outdated = true;
	trace_clear(PRIMARY(pair));
	node_start(PRIMARY(pair));
	assert_false(view(PRIMARY(pair))->adopted);
	pair_run(pair, 60);
	assert_order(PRIMARY(pair), "silent ", "keep(recover)");
	assert_no_trace(PRIMARY(pair), "serve(1)");
	node_start(SECONDARY(pair));
	pair_run(pair, MCLT - 120);
	assert_no_trace(PRIMARY(pair), "serve(1)");
	pair_run(pair, 180);
	assert_true(view(PRIMARY(pair))->serves && view(SECONDARY(pair))->serves);
}

static void policy_by_role_and_state(void **state)
{
	struct pair *pair = *state;
	const struct lease_policy *primary = &PRIMARY(pair)->policies[1];
	const struct lease_policy *secondary = &SECONDARY(pair)->policies[1];

	pair_become_normal(pair);
	assert_true(primary->serves && primary->expires && primary->sends);
	assert_true(secondary->serves && secondary->sends && secondary->secondary);
	assert_false(secondary->expires || primary->secondary); /* in NORMAL the primary alone */
	assert_false(primary->strict || primary->partner_down);
	assert_int_equal(secondary->mclt, MCLT);
	node_kill(PRIMARY(pair), false);
	pair_run(pair, 1);
	assert_true(secondary->expires && secondary->serves);
	assert_false(secondary->sends);
}

/* A store that is not to be believed tells nothing of its own accord. */
static void lost_store_sends_nothing(void **state)
{
	struct pair *pair = *state;

	pair_become_normal(pair);
	node_kill(SECONDARY(pair), false);
	memset(SECONDARY(pair)->store, 'x', 16);
	node_start(SECONDARY(pair));
	pair_run(pair, 10);
	assert_state(SECONDARY(pair), RECOVER_WAIT);
	assert_false(SECONDARY(pair)->policies[1].sends);
	assert_true(PRIMARY(pair)->policies[1].sends);
}

static void strict_towards_dhcpd_only(void **state)
{
	struct pair *pair = *state;

	/* Nobody knows yet who the partner is: what is safe with both. */
	node_start(PRIMARY(pair));
	pair_run(pair, 1);
	assert_true(PRIMARY(pair)->policies[1].strict);
	node_kill(PRIMARY(pair), false);
	PRIMARY(pair)->disk_length = 0;
	pair_become_normal(pair);
	assert_false(PRIMARY(pair)->policies[1].strict);
	/* Known after a restart. */
	node_kill(PRIMARY(pair), false);
	node_kill(SECONDARY(pair), false);
	node_start(PRIMARY(pair));
	pair_run(pair, 1);
	assert_false(PRIMARY(pair)->policies[1].strict);
	node_kill(PRIMARY(pair), false);
	PRIMARY(pair)->options.strict = 1;
	node_start(PRIMARY(pair));
	pair_run(pair, 1);
	assert_true(PRIMARY(pair)->policies[1].strict);
}

/* A new MCLT is the partner's too before a promise goes by it. */
static void new_mclt_comes_with_the_next_handshake(void **state)
{
	struct pair *pair = *state;
	struct failover_peer_options options = PRIMARY(pair)->options;
	struct conf_relation changed;
	struct failover_now now;

	pair_become_normal(pair);
	changed = PRIMARY(pair)->relation;
	changed.mclt = 2 * MCLT;
	options.conf = &changed;
	now = node_now(PRIMARY(pair));
	failover_peer_reconfigure(PRIMARY(pair)->peer, &options, &now);
	assert_int_equal(PRIMARY(pair)->policies[1].mclt, MCLT);
	pair_run(pair, 3);
	assert_int_equal(PRIMARY(pair)->policies[1].mclt, 2 * MCLT);
	assert_int_equal(SECONDARY(pair)->policies[1].mclt, 2 * MCLT);
	assert_state(PRIMARY(pair), NORMAL);
	assert_int_equal(view(SECONDARY(pair))->alone, slot_second(pair) + 2 * MCLT);
	/* Lower: at once as soon as it is agreed. */
	options.conf = &PRIMARY(pair)->relation;
	PRIMARY(pair)->relation.mclt = 100;
	now = node_now(PRIMARY(pair));
	failover_peer_reconfigure(PRIMARY(pair)->peer, &options, &now);
	pair_run(pair, 0.1);
	assert_int_equal(view(SECONDARY(pair))->alone, slot_second(pair) + 100);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, pair_setup, pair_teardown)
	const struct CMUnitTest tests[] = {
		TEST(bound_of_a_new_server),
		TEST(clock_set_before_anything_was_heard),
		TEST(bound_moves_with_the_heartbeat),
		TEST(skew_lowers_the_bound_at_once),
		TEST(another_machine_has_another_clock),
		TEST(lead_rises_with_the_heartbeat),
		TEST(lead_is_rounded_down),
		TEST(bound_shrinks_while_nothing_is_heard),
		TEST(silent_states_move_nothing),
		TEST(adopted_kernel_is_left_alone),
		TEST(adopted_kernel_is_silenced_first),
		TEST(outdated_kernel_is_silenced),
		TEST(policy_by_role_and_state),
		TEST(lost_store_sends_nothing),
		TEST(strict_towards_dhcpd_only),
		TEST(new_mclt_comes_with_the_next_handshake),
	};

	return cmocka_run_group_tests(tests, thread_setup, thread_teardown);
}
