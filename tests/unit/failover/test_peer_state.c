/* SPDX-License-Identifier: GPL-2.0-only */
/* What two servers do with each other: first contact, loss, return, stop, and in which order. */
#include "peer_fixture.h"

#define IN(pair, n) (&(pair)->nodes[n])

static void first_contact_of_a_new_pair(void **state)
{
	struct pair *pair = *state;
	struct lease_counts counts;

	pair_become_normal(pair);
	for (unsigned n = 0; n < 2; n++) {
		struct failover_status status = node_status(IN(pair, n));

		assert_true(status.linked && status.heard && status.serves && status.balances);
		assert_true(status.kept.proven);
		assert_false(status.kept.lost || status.isc);
		assert_int_equal(status.mclt, MCLT);
		assert_string_equal(status.partner_software, "xdhcp-1.0");
		assert_null(status.remedy);
		/* Disk, then service, then the word. */
		assert_order(IN(pair, n), "keep(normal)", "serve(1)");
		assert_order(IN(pair, n), "serve(1)", "send(STATE normal)");
		/* Of 40 addresses half are the other's. */
		lease_table_counts(IN(pair, n)->table, &counts);
		assert_int_equal(counts.free, 20);
		assert_int_equal(counts.backup, 20);
	}
}

static void two_empty_stores_stay_silent(void **state)
{
	struct pair *pair = *state;
	struct failover_now now = node_now(IN(pair, 0));
	const char *why = NULL;

	node_start(IN(pair, 0));
	node_start(IN(pair, 1));
	pair_run(pair, 2 * MCLT);
	for (unsigned n = 0; n < 2; n++) {
		assert_state(IN(pair, n), RECOVER);
		assert_false(node_status(IN(pair, n)).serves);
		assert_non_null(strstr(node_status(IN(pair, n)).remedy, "failover init"));
	}
	now = node_now(IN(pair, 0));
	assert_int_equal(failover_peer_init(IN(pair, 0)->peer, &now, &why), 0);
	pair_run(pair, 5);
	assert_state(IN(pair, 0), NORMAL);
	assert_state(IN(pair, 1), NORMAL);
	assert_int_equal(failover_peer_init(IN(pair, 1)->peer, &now, &why), -EINVAL);
	assert_non_null(strstr(why, "NORMAL"));
}

static void killed_and_back(void **state)
{
	struct pair *pair = *state;

	pair_become_normal(pair);
	node_kill(IN(pair, 1), false);
	pair_run(pair, 2);
	assert_state(IN(pair, 0), COMMUNICATIONS_INTERRUPTED);
	assert_true(node_status(IN(pair, 0)).serves);
	assert_false(node_status(IN(pair, 0)).balances);
	trace_clear(IN(pair, 1));
	node_start(IN(pair, 1));
	assert_true(node_status(IN(pair, 1)).startup);
	assert_false(node_status(IN(pair, 1)).serves);
	pair_run(pair, 6);
	assert_trace(IN(pair, 1), "send(STATE normal startup)");
	assert_state(IN(pair, 0), NORMAL);
	assert_state(IN(pair, 1), NORMAL);
}

static void alone_after_a_start(void **state)
{
	struct pair *pair = *state;

	pair_become_normal(pair);
	node_kill(IN(pair, 1), false);
	node_kill(IN(pair, 0), false);
	node_start(IN(pair, 0));
	pair_run(pair, 14.5);
	assert_true(node_status(IN(pair, 0)).startup);
	assert_false(node_status(IN(pair, 0)).serves);
	pair_run(pair, 1);
	assert_state(IN(pair, 0), COMMUNICATIONS_INTERRUPTED);
	assert_true(node_status(IN(pair, 0)).serves);
}

/* A wait for MCLT counts from it: draft section 9.6.1. */
static void since_survives_a_restart(void **state)
{
	struct pair *pair = *state;
	int64_t since;

	pair_become_normal(pair);
	since = node_status(IN(pair, 1)).kept.since;
	pair_run(pair, 100);
	node_kill(IN(pair, 1), false);
	node_start(IN(pair, 1));
	assert_int_equal(node_status(IN(pair, 1)).kept.since, since);
}

/* The survivor of a lost store, and how long the other one waits. */
static void lost_store_waits_for_mclt(void **state)
{
	struct pair *pair = *state;
	int64_t since;
	uint64_t found;

	pair_become_normal(pair);
	node_kill(IN(pair, 1), false);
	pair_run(pair, 1);
	node_lose_store(IN(pair, 1), 'c');
	pair->monotonic += SECOND / 3; /* not on a second */
	trace_clear(IN(pair, 1));
	found = pair->monotonic;
	node_start(IN(pair, 1));
	pair_run(pair, 10);
	assert_order(IN(pair, 1), "send(STATE recover startup)", "send(UPDREQALL)");
	assert_state(IN(pair, 1), RECOVER_WAIT);
	since = node_status(IN(pair, 1)).kept.since;
	assert_int_equal(node_status(IN(pair, 1)).wait_until, since + MCLT);
	/* Not a moment less than MCLT, and hardly more. */
	pair_run(pair, (double)(found + MCLT * SECOND - pair->monotonic) / SECOND - 0.001);
	assert_state(IN(pair, 1), RECOVER_WAIT);
	assert_false(node_status(IN(pair, 1)).serves);
	pair_run(pair, 1.001);
	assert_state(IN(pair, 1), NORMAL);
	assert_state(IN(pair, 0), NORMAL);
}

static void wait_is_of_time_that_passes(void **state)
{
	struct pair *pair = *state;

	pair_become_normal(pair);
	node_kill(IN(pair, 1), false);
	node_lose_store(IN(pair, 1), 'c');
	node_start(IN(pair, 1));
	pair_run(pair, 10);
	assert_state(IN(pair, 1), RECOVER_WAIT);
	IN(pair, 1)->ahead += 10000 * (int64_t)SECOND;
	pair_run(pair, MCLT - 20);
	assert_state(IN(pair, 1), RECOVER_WAIT);
	IN(pair, 1)->ahead -= 20000 * (int64_t)SECOND;
	pair_run(pair, 25);
	assert_state(IN(pair, 1), NORMAL);
}

/* Whoever lost its disk cannot make a new pair of one that has leases. */
static void init_of_a_known_pair(void **state)
{
	struct pair *pair = *state;
	struct failover_now now;
	const char *why = NULL;

	pair_become_normal(pair);
	node_kill(IN(pair, 1), false);
	pair_run(pair, 1);
	node_lose_store(IN(pair, 1), 'c');
	node_start(IN(pair, 1));
	pair_run(pair, 10);
	assert_state(IN(pair, 1), RECOVER_WAIT);
	now = node_now(IN(pair, 1));
	assert_int_equal(failover_peer_init(IN(pair, 1)->peer, &now, &why), -EINVAL);
	assert_non_null(why);
	pair_run(pair, 10);
	assert_state(IN(pair, 1), RECOVER_WAIT);
}

/* The wall clock was set right, a minute forward, while no daemon ran. */
static void wait_doubts_a_clock_that_nobody_watched(void **state)
{
	struct pair *pair = *state;
	uint64_t lost;

	pair_become_normal(pair);
	node_kill(IN(pair, 1), false);
	node_lose_store(IN(pair, 1), 'c');
	lost = pair->monotonic;
	node_start(IN(pair, 1));
	pair_run(pair, 100);
	assert_state(IN(pair, 1), RECOVER_WAIT);
	node_kill(IN(pair, 1), false);
	IN(pair, 1)->ahead += 60 * (int64_t)SECOND;
	node_start(IN(pair, 1));
	pair_run(pair, (double)(lost + MCLT * SECOND - pair->monotonic) / SECOND - 1);
	assert_state(IN(pair, 1), RECOVER_WAIT);
	pair_run(pair, 62);
	assert_state(IN(pair, 1), NORMAL);
}

/* A store that the partner does not know is no store, whatever it says of itself. */
static void swapped_store(void **state)
{
	struct pair *pair = *state;

	pair_become_normal(pair);
	node_kill(IN(pair, 1), false);
	pair_run(pair, 1);
	memset(IN(pair, 1)->store, 'x', sizeof(IN(pair, 1)->store));
	trace_clear(IN(pair, 1));
	node_start(IN(pair, 1));
	pair_run(pair, 10);
	assert_order(IN(pair, 1), "keep(recover)", "send(STATE recover startup)");
	assert_no_trace(IN(pair, 1), "send(STATE normal");
	assert_state(IN(pair, 1), RECOVER_WAIT);
	assert_state(IN(pair, 0), COMMUNICATIONS_INTERRUPTED);
	/* It is known from now on: a restart begins nothing anew. */
	node_kill(IN(pair, 1), false);
	node_start(IN(pair, 1));
	pair_run(pair, MCLT);
	assert_state(IN(pair, 1), NORMAL);
	node_kill(IN(pair, 1), false);
	trace_clear(IN(pair, 1));
	node_start(IN(pair, 1));
	pair_run(pair, 10);
	assert_state(IN(pair, 1), NORMAL);
	assert_no_trace(IN(pair, 1), "keep(recover)");
}

/* Who fetched everything is the role's holder, also where the one that gave it was gone meanwhile. */
static void swapped_store_recovers_once(void **state)
{
	struct pair *pair = *state;

	pair_become_normal(pair);
	node_kill(IN(pair, 1), false);
	memset(IN(pair, 1)->store, 'x', sizeof(IN(pair, 1)->store));
	node_start(IN(pair, 1));
	pair_run(pair, 10);
	assert_state(IN(pair, 1), RECOVER_WAIT);
	node_kill(IN(pair, 0), false);
	pair_run(pair, MCLT);
	assert_state(IN(pair, 1), RECOVER_DONE);
	trace_clear(IN(pair, 1));
	node_start(IN(pair, 0));
	pair_run(pair, 10);
	assert_no_trace(IN(pair, 1), "keep(recover)");
	assert_state(IN(pair, 1), NORMAL);
}

static void partner_down_by_a_person(void **state)
{
	struct pair *pair = *state;
	struct failover_now now;
	struct failover_status status;
	const char *why = NULL;

	pair_become_normal(pair);
	now = node_now(IN(pair, 0));
	assert_int_equal(failover_peer_partner_down(IN(pair, 0)->peer, true, &now, &why), -EINVAL);
	assert_non_null(strstr(why, "connected"));
	node_kill(IN(pair, 1), false);
	pair_run(pair, 1);
	now = node_now(IN(pair, 0));
	assert_int_equal(failover_peer_partner_down(IN(pair, 0)->peer, true, &now, &why), 0);
	pair_run(pair, 1);
	status = node_status(IN(pair, 0));
	assert_state(IN(pair, 0), PARTNER_DOWN);
	assert_true(status.fenced && status.serves);
	assert_true(status.takeover_at >= now.wall + MCLT);
	assert_true(IN(pair, 0)->policies[1].partner_down);
	assert_int_equal(IN(pair, 0)->policies[1].entered, status.kept.since);
	/* Said once, known after a restart. */
	node_kill(IN(pair, 0), false);
	node_start(IN(pair, 0));
	pair_run(pair, 20);
	assert_state(IN(pair, 0), PARTNER_DOWN);
	assert_true(node_status(IN(pair, 0)).fenced);
	/* The dead one returns with its store: it was NORMAL, and lets itself be told. */
	node_start(IN(pair, 1));
	pair_run(pair, MCLT + 20);
	assert_state(IN(pair, 0), NORMAL);
	assert_state(IN(pair, 1), NORMAL);
	assert_false(node_status(IN(pair, 0)).fenced);
}

/* Whoever has reason to doubt sends something, and ends the link that does not acknowledge it. */
static void unreachable_partner(void **state)
{
	struct pair *pair = *state;
	struct failover_now now;
	uint64_t said;
	uint32_t link;

	pair_become_normal(pair);
	now = node_now(IN(pair, 0));
	said = node_status(IN(pair, 0)).messages_out[FAILOVER_CONTACT];
	link = failover_peer_probe(IN(pair, 0)->peer, &now);
	assert_int_not_equal(link, 0);
	assert_int_equal(node_status(IN(pair, 0)).messages_out[FAILOVER_CONTACT], said + 1);
	failover_peer_unreachable(IN(pair, 0)->peer, link + 1, &now);
	assert_true(node_status(IN(pair, 0)).linked);
	failover_peer_unreachable(IN(pair, 0)->peer, link, &now);
	pair_run(pair, 1);
	assert_false(node_status(IN(pair, 0)).linked);
	assert_state(IN(pair, 0), COMMUNICATIONS_INTERRUPTED);
	assert_int_equal(failover_peer_probe(IN(pair, 0)->peer, &now), 0);
	pair_run(pair, 20);
	assert_state(IN(pair, 0), NORMAL);
}

static void auto_partner_down(void **state)
{
	struct pair *pair = *state;

	IN(pair, 0)->relation.auto_partner_down = 30;
	pair_become_normal(pair);
	node_kill(IN(pair, 1), false);
	pair_run(pair, 29);
	assert_state(IN(pair, 0), COMMUNICATIONS_INTERRUPTED);
	assert_in_range(node_status(IN(pair, 0)).alone_at, node_now(IN(pair, 0)).wall,
			node_now(IN(pair, 0)).wall + 2);
	pair_run(pair, 2);
	assert_state(IN(pair, 0), PARTNER_DOWN);
}

/* A partner whose handshake is refused lives: taking over from it would be two servers for one pool. */
static void no_partner_down_while_it_is_heard(void **state)
{
	struct pair *pair = *state;

	IN(pair, 0)->relation.auto_partner_down = 30;
	pair_become_normal(pair);
	node_kill(IN(pair, 1), false);
	IN(pair, 1)->ahead = 1000 * (int64_t)SECOND;
	node_start(IN(pair, 1));
	pair_run(pair, 300);
	assert_state(IN(pair, 0), COMMUNICATIONS_INTERRUPTED);
	node_kill(IN(pair, 1), false);
	pair_run(pair, 40);
	assert_state(IN(pair, 0), PARTNER_DOWN);
}

static void planned_stop(void **state)
{
	struct pair *pair = *state;
	struct failover_now now;

	pair_become_normal(pair);
	pair_run(pair, 100);
	trace_clear(IN(pair, 1));
	now = node_now(IN(pair, 1));
	IN(pair, 1)->hold_silence = true;
	failover_peer_stop(IN(pair, 1)->peer, &now);
	assert_false(failover_peer_stopped(IN(pair, 1)->peer));
	pair_run(pair, 1);
	/* What the kernel promises until it is silent is told before the last word is decided. */
	assert_trace(IN(pair, 1), "silence ");
	assert_true(failover_peer_reads(IN(pair, 1)->peer));
	IN(pair, 1)->hold_silence = false;
	pair_run(pair, 1);
	assert_order(IN(pair, 1), "silence ", "silent ");
	assert_order(IN(pair, 1), "silent ", "keep(shutdown)");
	assert_order(IN(pair, 1), "keep(shutdown)", "send(STATE shutdown)");
	assert_order(IN(pair, 1), "send(STATE shutdown)", "close ");
	assert_true(failover_peer_stopped(IN(pair, 1)->peer));
	assert_state(IN(pair, 0), PARTNER_DOWN);
	node_kill(IN(pair, 1), false);
	pair_run(pair, 30);
	/* It said goodbye and was understood: nothing can be lost, nothing is waited for. */
	node_start(IN(pair, 1));
	pair_run(pair, 10);
	assert_state(IN(pair, 1), NORMAL);
	assert_state(IN(pair, 0), NORMAL);
}

static void planned_stop_without_a_partner(void **state)
{
	struct pair *pair = *state;
	struct failover_now now;

	pair_become_normal(pair);
	node_kill(IN(pair, 1), false);
	pair_run(pair, 5);
	now = node_now(IN(pair, 0));
	trace_clear(IN(pair, 0));
	failover_peer_stop(IN(pair, 0)->peer, &now);
	pair_run(pair, 1);
	assert_true(failover_peer_stopped(IN(pair, 0)->peer));
	assert_trace(IN(pair, 0), "silence ");
	assert_state(IN(pair, 0), COMMUNICATIONS_INTERRUPTED);
	pair_run(pair, 30);
	assert_no_trace(IN(pair, 0), "connect ");
}

static void stop_does_not_say_what_did_not_arrive(void **state)
{
	struct pair *pair = *state;
	struct failover_now now;

	pair_become_normal(pair);
	now = node_now(IN(pair, 0));
	IN(pair, 0)->full = true; /* nothing leaves any more */
	node_grant(IN(pair, 0));
	pair_run(pair, 0);
	assert_true(node_status(IN(pair, 0)).updates.owed > 0);
	trace_clear(IN(pair, 0));
	failover_peer_stop(IN(pair, 0)->peer, &now);
	pair_run(pair, 9);
	assert_false(failover_peer_stopped(IN(pair, 0)->peer));
	pair_run(pair, 2);
	assert_true(failover_peer_stopped(IN(pair, 0)->peer));
	assert_no_trace(IN(pair, 0), "send(STATE shutdown)");
	assert_state(IN(pair, 1), COMMUNICATIONS_INTERRUPTED);
}

static void both_served_alone(void **state)
{
	struct pair *pair = *state;
	const char *why = NULL;

	pair_become_normal(pair);
	pair->cut = true;
	pair_run(pair, 30);
	for (unsigned n = 0; n < 2; n++) {
		struct failover_now now = node_now(IN(pair, n));

		assert_state(IN(pair, n), COMMUNICATIONS_INTERRUPTED);
		assert_int_equal(failover_peer_partner_down(IN(pair, n)->peer, false, &now, &why),
				 0);
	}
	pair_run(pair, 1);
	pair->cut = false;
	trace_clear(IN(pair, 0));
	trace_clear(IN(pair, 1));
	pair_run(pair, 30);
	assert_trace(IN(pair, 0), "send(STATE potential-conflict)");
	assert_trace(IN(pair, 0), "send(STATE conflict-done)");
	assert_order(IN(pair, 1), "silence ", "send(STATE potential-conflict)");
	assert_state(IN(pair, 0), NORMAL);
	assert_state(IN(pair, 1), NORMAL);
}

/* A handshake under way may be with whoever was the partner before: it comes to nothing. */
static void changed_address_ends_handshakes(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 0);
	struct conf_relation other = IN(pair, 1)->relation;
	struct failover_peer_options options = IN(pair, 1)->options;
	struct failover_now now;

	node_start(IN(pair, 1));
	script_connect(&script);
	pair_run(pair, 1);
	assert_false(script_closed(&script));
	other.peer_address++;
	options.conf = &other;
	now = node_now(IN(pair, 1));
	failover_peer_reconfigure(IN(pair, 1)->peer, &options, &now);
	assert_true(script_closed(&script));
}

/* Another role: what is free for whom is the other way round. */
static void changed_role_is_silent(void **state)
{
	struct pair *pair = *state;
	struct conf_relation other;
	struct failover_peer_options options = IN(pair, 0)->options;
	struct failover_now now;

	pair_become_normal(pair);
	other = IN(pair, 0)->relation;
	other.primary = false;
	options.conf = &other;
	now = node_now(IN(pair, 0));
	failover_peer_reconfigure(IN(pair, 0)->peer, &options, &now);
	pair_run(pair, 1);
	assert_state(IN(pair, 0), RECOVER);
	assert_false(node_status(IN(pair, 0)).serves);
}

/* The same over a restart: the state was kept in the other role. */
static void changed_role_over_a_restart(void **state)
{
	struct pair *pair = *state;

	pair_become_normal(pair);
	node_kill(IN(pair, 1), false);
	node_kill(IN(pair, 0), false);
	IN(pair, 0)->relation.primary = false;
	node_start(IN(pair, 0));
	pair_run(pair, 30);
	assert_state(IN(pair, 0), RECOVER);
	assert_false(node_status(IN(pair, 0)).serves);
	assert_non_null(strstr(IN(pair, 0)->log, "was the primary"));
}

/* What answers nothing that was asked ends no recovery. */
static void upddone_of_another_request(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 0);
	struct failover_message connect = script_handshake(FAILOVER_CONNECT);
	struct failover_message down = script_state(FAILOVER_PARTNER_DOWN, 0);
	struct failover_message done = {.type = FAILOVER_UPDDONE};
	uint32_t asked;

	node_start(IN(pair, 1));
	script_accept(&script);
	script_say(&script, &connect);
	script_say(&script, &down);
	script_expect(&script, FAILOVER_UPDREQALL);
	asked = script.message.xid;
	done.xid = asked + 1;
	script_say(&script, &done);
	assert_state(IN(pair, 1), RECOVER);
	done.xid = asked;
	script_say(&script, &done);
	assert_state(IN(pair, 1), RECOVER_WAIT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, pair_setup, pair_teardown)
	const struct CMUnitTest tests[] = {
		TEST(first_contact_of_a_new_pair),
		TEST(two_empty_stores_stay_silent),
		TEST(killed_and_back),
		TEST(alone_after_a_start),
		TEST(since_survives_a_restart),
		TEST(lost_store_waits_for_mclt),
		TEST(init_of_a_known_pair),
		TEST(wait_doubts_a_clock_that_nobody_watched),
		TEST(wait_is_of_time_that_passes),
		TEST(swapped_store),
		TEST(swapped_store_recovers_once),
		TEST(partner_down_by_a_person),
		TEST(unreachable_partner),
		TEST(auto_partner_down),
		TEST(no_partner_down_while_it_is_heard),
		TEST(planned_stop),
		TEST(planned_stop_without_a_partner),
		TEST(stop_does_not_say_what_did_not_arrive),
		TEST(both_served_alone),
		TEST(changed_address_ends_handshakes),
		TEST(changed_role_is_silent),
		TEST(changed_role_over_a_restart),
		TEST(upddone_of_another_request),
	};

	return cmocka_run_group_tests(tests, thread_setup, thread_teardown);
}
