/* SPDX-License-Identifier: GPL-2.0-only */
/* In which order a transition is carried out, and what happens in the middle of one. */
#include "peer_fixture.h"

#define IN(pair, n) (&(pair)->nodes[n])

/* The node starts with this state, the partner's having been NORMAL, and is linked. */
static void meet(struct node *node, struct script *script, uint8_t state)
{
	struct failover_message ack = script_handshake(FAILOVER_CONNECTACK);
	uint8_t kept[] = {2, 0, 0x32, state, FAILOVER_NORMAL};

	memcpy(node->disk, kept, sizeof(kept));
	node->disk_length = 33;
	node->disk[24] = 60; /* MCLT */
	node_start(node);
	script_accept(script);
	script_expect(script, FAILOVER_CONNECT);
	ack.xid = script->message.xid;
	script_say(script, &ack);
}

static void silent_state_is_announced_last(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 1);
	struct node *node = IN(pair, 0);
	struct failover_message normal = script_state(FAILOVER_NORMAL, 0);
	struct failover_message down = script_state(FAILOVER_PARTNER_DOWN, 0);

	meet(node, &script, FAILOVER_NORMAL);
	script_say(&script, &normal);
	assert_state(node, NORMAL);
	assert_true(node_status(node).serves);
	trace_clear(node);
	node->hold_silence = node->hold_disk = true;
	script_say(&script, &down);
	assert_trace(node, "serve(0) silence ");
	assert_no_trace(node, "keep");
	assert_false(failover_peer_reads(node->peer));
	node->hold_silence = false;
	pair_run(pair, 1);
	assert_order(node, "silent ", "keep(potential-conflict)");
	assert_no_trace(node, "send(STATE");
	assert_state(node, NORMAL);
	node->hold_disk = false;
	pair_run(pair, 1);
	assert_order(node, "synced ", "send(STATE potential-conflict)");
	assert_order(node, "send(STATE potential-conflict)", "send(UPDREQ)");
	assert_state(node, POTENTIAL_CONFLICT);
}

/*
 * A partner that has recovered gives its own addresses again as soon as it hears NORMAL: what was
 * given of them here it knows by then, and from the first step on nothing more of them is given.
 */
static void partner_down_ends_with_the_first_step(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 1);
	struct node *node = IN(pair, 0);
	struct failover_message recover = script_state(FAILOVER_RECOVER, 0);
	struct failover_message done = script_state(FAILOVER_RECOVER_DONE, 0);

	meet(node, &script, FAILOVER_PARTNER_DOWN);
	script_say(&script, &recover);
	assert_true(node->policies[1].partner_down);
	trace_clear(node);
	node->hold_disk = true;
	node_grant(node);
	script_say(&script, &done);
	assert_state(node, PARTNER_DOWN);
	assert_true(node->policies[1].serves);
	assert_false(node->policies[1].partner_down);
	node->hold_disk = false;
	pair_run(pair, 1);
	assert_state(node, NORMAL);
	assert_order(node, "send(BNDUPD)", "send(STATE normal)");
}

static void words_wait_for_a_transition(void **state)
{
	struct pair *pair = *state;
	struct failover_now now;
	const char *why = NULL;

	pair_become_normal(pair);
	IN(pair, 0)->hold_disk = true;
	node_kill(IN(pair, 1), false);
	pair_run(pair, 1);
	assert_state(IN(pair, 0), NORMAL);
	now = node_now(IN(pair, 0));
	assert_int_equal(failover_peer_partner_down(IN(pair, 0)->peer, false, &now, &why), -EINVAL);
	assert_non_null(strstr(why, "under way"));
	IN(pair, 0)->hold_disk = false;
	pair_run(pair, 1);
	assert_state(IN(pair, 0), COMMUNICATIONS_INTERRUPTED);
}

static void link_lost_in_the_middle_of_a_transition(void **state)
{
	struct pair *pair = *state;

	pair_become_normal(pair);
	node_kill(IN(pair, 1), false);
	pair_run(pair, 1);
	node_start(IN(pair, 1));
	IN(pair, 0)->hold_disk = true;
	pair_run(pair, 6);
	node_kill(IN(pair, 1), true);
	pair_run(pair, 60);
	trace_clear(IN(pair, 0));
	IN(pair, 0)->hold_disk = false;
	pair_run(pair, 30);
	assert_state(IN(pair, 0), COMMUNICATIONS_INTERRUPTED);
	assert_false(node_status(IN(pair, 0)).linked);
	assert_true(node_status(IN(pair, 0)).serves);
}

/* While the disk is awaited nothing is read: that is no silence of the partner's. */
static void slow_disk_keeps_the_link(void **state)
{
	struct pair *pair = *state;

	pair_become_normal(pair);
	node_kill(IN(pair, 1), false);
	pair_run(pair, 1);
	node_start(IN(pair, 1));
	IN(pair, 0)->hold_disk = true;
	pair_run(pair, 50);
	trace_clear(IN(pair, 0));
	IN(pair, 0)->hold_disk = false;
	pair_run(pair, 0);
	assert_no_trace(IN(pair, 0), "close");
	pair_run(pair, 10);
	assert_state(IN(pair, 0), NORMAL);
	assert_no_trace(IN(pair, 0), "close");
}

/* From RECOVER-WAIT into PARTNER-DOWN: silent for MCLT after the word, which is on disk before anything follows. */
static void behind_a_dead_partner(void **state)
{
	struct pair *pair = *state;
	struct node *node = IN(pair, 1);
	struct failover_status status;
	struct failover_now now;
	const char *why = NULL;
	uint64_t said;

	pair_become_normal(pair);
	node_kill(node, false);
	node_lose_store(node, 'c');
	node_start(node);
	pair_run(pair, 100);
	assert_state(node, RECOVER_WAIT);
	node_kill(IN(pair, 0), true);
	pair_run(pair, 100);
	assert_false(node_status(node).linked);
	pair->monotonic += SECOND / 3; /* not on a second */
	said = pair->monotonic;
	now = node_now(node);
	trace_clear(node);
	node->hold_disk = true;
	assert_int_equal(failover_peer_partner_down(node->peer, true, &now, &why), 0);
	pair_run(pair, 1);
	assert_state(node, RECOVER_WAIT);
	node->hold_disk = false;
	pair_run(pair, 1);
	assert_order(node, "keep(recover)", "synced ");
	assert_state(node, RECOVER);
	status = node_status(node);
	assert_true(status.kept.dead && !status.serves);
	assert_int_equal(status.wait_until, status.kept.since + MCLT);
	assert_int_equal(status.wait_until, now.wall + 1 + MCLT);
	/* Said once, known after a restart. */
	node_kill(node, false);
	node_start(node);
	pair_run(pair, (double)(said + MCLT * SECOND - pair->monotonic) / SECOND - 0.001);
	assert_state(node, RECOVER);
	assert_in_range(node_status(node).wait_until, status.wait_until, status.wait_until + 1);
	pair_run(pair, 2);
	assert_state(node, PARTNER_DOWN);
	status = node_status(node);
	assert_true(status.serves && status.fenced);
	assert_no_trace(node, "send(STATE");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, pair_setup, pair_teardown)
	const struct CMUnitTest tests[] = {
		TEST(silent_state_is_announced_last), TEST(partner_down_ends_with_the_first_step),
		TEST(words_wait_for_a_transition),    TEST(link_lost_in_the_middle_of_a_transition),
		TEST(slow_disk_keeps_the_link),	      TEST(behind_a_dead_partner),
	};

	return cmocka_run_group_tests(tests, thread_setup, thread_teardown);
}
