/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections: the handshake, timers, duplicates, malformed messages. */
#include "peer_fixture.h"

#define PRIMARY(pair) (&(pair)->nodes[0])
#define SECONDARY(pair) (&(pair)->nodes[1])

static bool has(const struct script *script, enum failover_option option)
{
	return failover_has(&script->message, option);
}

/* What dhcpd's secondary needs, with dhcpd's values. */
static void connect_is_as_dhcpd_sends_it(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 1);
	struct failover_message *message = &script.message;

	node_start(PRIMARY(pair));
	script_accept(&script);
	script_expect(&script, FAILOVER_CONNECT);
	assert_true(message->xid != 0);
	assert_int_equal(message->time, WALL + 1000);
	assert_memory_equal(message->relationship.data, "pair", 4);
	assert_int_equal(message->relationship.length, 4);
	assert_int_equal(message->max_unacked, 10);
	assert_int_equal(message->receive_timer, 20);
	assert_int_equal(message->protocol_version, 1);
	assert_true(has(&script, FAILOVER_TLS_REQUEST));
	assert_int_equal(message->tls_request, 0);
	assert_int_equal(message->mclt, MCLT);
	assert_memory_equal(message->hash_buckets, PRIMARY(pair)->relation.hba, 32);
	assert_memory_equal(message->vendor_class.data, "xdhcp-1.0", 9);
}

static void connectack_and_state_follow_at_once(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 0);
	struct failover_message connect = script_handshake(FAILOVER_CONNECT);

	node_start(SECONDARY(pair));
	script_accept(&script);
	assert_false(script_hear(&script)); /* the secondary waits */
	connect.mclt = 77;
	script_say(&script, &connect);
	assert_true(script_hear(&script));
	assert_int_equal(script.message.type, FAILOVER_CONNECTACK);
	assert_int_equal(script.message.xid, connect.xid);
	assert_false(has(&script, FAILOVER_REJECT_REASON));
	assert_true(has(&script, FAILOVER_TLS_REPLY));
	assert_true(node_status(SECONDARY(pair)).linked);
	assert_true(node_status(SECONDARY(pair)).isc);
	assert_int_equal(node_status(SECONDARY(pair)).mclt, 77);
	/* The MCLT outlives the daemon. */
	node_kill(SECONDARY(pair), false);
	node_start(SECONDARY(pair));
	assert_int_equal(node_status(SECONDARY(pair)).mclt, 77);
}

static void too_short_a_delay_is_not_announced(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 1);

	PRIMARY(pair)->relation.max_response_delay = 1;
	node_start(PRIMARY(pair));
	script_accept(&script);
	script_expect(&script, FAILOVER_CONNECT);
	assert_int_equal(script.message.receive_timer, 3);
}

static void first_message_must_come(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 1);

	node_start(PRIMARY(pair));
	script_accept(&script);
	pair_run(pair, 14.5);
	assert_false(script_closed(&script));
	pair_run(pair, 1);
	assert_true(script_closed(&script));
	pair_run(pair, 4);
	assert_int_equal(node_status(PRIMARY(pair)).connections, 1);
	pair_run(pair, 1); /* 5 s after the end */
	assert_int_equal(node_status(PRIMARY(pair)).connections, 2);
}

static void connects_again_for_ever(void **state)
{
	struct pair *pair = *state;

	node_start(PRIMARY(pair));
	pair_run(pair, 3600);
	/* Each refused at once, the next 5 s later. */
	assert_in_range(node_status(PRIMARY(pair)).next_connect, WALL + 1000 + 3600,
			WALL + 1000 + 3605);
	assert_in_range(PRIMARY(pair)->trace_length / strlen("connect "), 720, 725);
	assert_in_range(strlen(PRIMARY(pair)->log), 1, 8000);
}

static void contact_every_third_and_silence_ends_it(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 1);
	struct failover_message ack = script_handshake(FAILOVER_CONNECTACK);
	struct failover_message contact = {.type = FAILOVER_CONTACT};
	struct failover_message says = script_state(FAILOVER_RECOVER, 0);

	node_start(PRIMARY(pair));
	script_accept(&script);
	script_expect(&script, FAILOVER_CONNECT);
	ack.xid = script.message.xid;
	ack.receive_timer = 8; /* CONTACT each 2 s */
	script_say(&script, &ack);
	script_say(&script, &says);
	while (script_hear(&script))
		;
	pair_run(pair, 1.9);
	assert_false(script_hear(&script));
	pair_run(pair, 0.2);
	assert_true(script_hear(&script));
	assert_int_equal(script.message.type, FAILOVER_CONTACT);
	pair_run(pair, 17);
	script_say(&script, &contact);
	pair_run(pair, 19.5);
	assert_false(script_closed(&script));
	pair_run(pair, 1);
	assert_true(script_closed(&script));
	assert_non_null(strstr(node_status(PRIMARY(pair)).refused, "nothing heard"));
}

static void a_delay_of_nothing_is_a_second(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 1);
	struct failover_message ack = script_handshake(FAILOVER_CONNECTACK);
	unsigned contacts = 0;

	node_start(PRIMARY(pair));
	script_accept(&script);
	script_expect(&script, FAILOVER_CONNECT);
	ack.xid = script.message.xid;
	script_drop(&ack, FAILOVER_RECEIVE_TIMER);
	script_drop(&ack, FAILOVER_MAX_UNACKED);
	script_say(&script, &ack);
	pair_run(pair, 10);
	while (script_hear(&script))
		contacts += script.message.type == FAILOVER_CONTACT;
	assert_in_range(contacts, 9, 11);
	assert_non_null(strstr(PRIMARY(pair)->log, "takes no updates"));
}

/* Both connect in the same moment; one connection is left. */
static void two_connections_at_one_time(void **state)
{
	struct pair *pair = *state;

	node_start(PRIMARY(pair));
	node_start(SECONDARY(pair));
	pair_run(pair, 30);
	assert_int_equal(node_status(PRIMARY(pair)).connections, 2);
	assert_true(node_status(PRIMARY(pair)).linked && node_status(SECONDARY(pair)).linked);
	assert_int_equal(node_status(PRIMARY(pair)).last_reject, 0);
	assert_string_equal(node_status(PRIMARY(pair)).refused, "");
	assert_null(strstr(SECONDARY(pair)->log, "started anew"));
	for (unsigned i = 0, open = 0; i < pair->wire_count; i++) {
		open += pair->wires[i].ends[0].open;
		assert_in_range(open, 0, 1);
	}
}

static void crashed_xdhcp_is_back_at_once(void **state)
{
	struct pair *pair = *state;

	pair_become_normal(pair);
	node_kill(SECONDARY(pair), true);
	pair_run(pair, 2);
	assert_true(node_status(PRIMARY(pair)).linked); /* nobody told it */
	node_start(SECONDARY(pair));
	pair_run(pair, 6);
	assert_state(PRIMARY(pair), NORMAL);
	assert_state(SECONDARY(pair), NORMAL);
	assert_non_null(strstr(PRIMARY(pair)->log, "was started anew"));
	node_kill(PRIMARY(pair), true);
	node_start(PRIMARY(pair));
	pair_run(pair, 6);
	assert_state(PRIMARY(pair), NORMAL);
	assert_state(SECONDARY(pair), NORMAL);
}

static void link_up(struct script *script, const struct failover_message *ack)
{
	struct failover_message message = *ack;

	script_accept(script);
	script_expect(script, FAILOVER_CONNECT);
	message.xid = script->message.xid;
	script_say(script, &message);
}

/* dhcpd cannot be told from itself: the old connection has to fall silent. */
static void crashed_dhcpd_waits_for_the_timer(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 1);
	struct failover_message ack = script_handshake(FAILOVER_CONNECTACK);
	struct wire *old;

	node_start(PRIMARY(pair));
	link_up(&script, &ack);
	assert_true(node_status(PRIMARY(pair)).linked);
	pair_run(pair, 10);
	old = script.wire;
	while (script_hear(&script))
		;
	script_connect(&script);
	script_expect(&script, FAILOVER_CONNECT); /* on each connection */
	ack.xid = script.message.xid;
	ack.time = 0;
	script_say(&script, &ack);
	script_expect(&script, FAILOVER_DISCONNECT);
	assert_int_equal(script.message.reject, FAILOVER_REJECT_DUPLICATE_CONNECTION);
	script.wire = old;
	script_expect(&script, FAILOVER_CONTACT); /* does the old one live? */
	assert_true(node_status(PRIMARY(pair)).linked);
	assert_int_equal(node_status(PRIMARY(pair)).last_reject, 0);
	pair_run(pair, 11);
	assert_false(node_status(PRIMARY(pair)).linked);
	script_connect(&script);
	script_expect(&script, FAILOVER_CONNECT);
	ack.xid = script.message.xid;
	ack.time = 0;
	script_say(&script, &ack);
	assert_true(node_status(PRIMARY(pair)).linked);
}

/* The partner has a connection that we lost: it asks there now, and soon has none. */
static void refused_as_a_duplicate_asks_again_soon(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 1);
	struct failover_message ack = script_handshake(FAILOVER_CONNECTACK);

	ack.reject = FAILOVER_REJECT_DUPLICATE_CONNECTION;
	ack.present |= 1U << FAILOVER_REJECT_REASON;
	node_start(PRIMARY(pair));
	link_up(&script, &ack);
	assert_true(script_closed(&script));
	pair_run(pair, 1.1);
	ack = script_handshake(FAILOVER_CONNECTACK);
	link_up(&script, &ack);
	assert_true(node_status(PRIMARY(pair)).linked);
}

/* Its address has gone to another machine: what is on the way comes there. */
static void nothing_can_come_any_more(void **state)
{
	struct pair *pair = *state;
	struct failover_now now;

	pair_become_normal(pair);
	now = node_now(PRIMARY(pair));
	failover_peer_cut_off(PRIMARY(pair)->peer, "our address is gone", &now);
	pair_run(pair, 0);
	assert_state(PRIMARY(pair), COMMUNICATIONS_INTERRUPTED);
	assert_non_null(strstr(PRIMARY(pair)->log, "our address is gone"));
	failover_peer_cut_off(PRIMARY(pair)->peer, "still", &now);
	assert_null(strstr(PRIMARY(pair)->log, "still"));
}

static void half_open_connections_are_bounded(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 1);

	pair->cut = true;
	node_start(PRIMARY(pair));
	pair_run(pair, 0);
	pair->cut = false;
	for (unsigned i = 0; i < 4; i++)
		script_connect(&script);
	assert_false(failover_peer_accepts(PRIMARY(pair)->peer));
	pair_run(pair, 16);
	assert_true(failover_peer_accepts(PRIMARY(pair)->peer));
	for (unsigned i = 0; i < 16; i++) {
		script_connect(&script);
		script_hang_up(&script);
	}
	assert_false(failover_peer_accepts(PRIMARY(pair)->peer));
	pair_run(pair, 10);
	assert_true(failover_peer_accepts(PRIMARY(pair)->peer));
}

static void nothing_before_the_handshake(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 1);
	struct failover_message down = script_state(FAILOVER_SHUTDOWN, 0);

	node_start(PRIMARY(pair));
	script_accept(&script);
	script_say(&script, &down);
	assert_true(script_closed(&script));
	assert_int_equal(node_status(PRIMARY(pair)).kept.partner, FAILOVER_UNKNOWN);
	assert_non_null(strstr(node_status(PRIMARY(pair)).refused, "before the handshake"));
}

static void malformed_message_ends_it_and_changes_nothing(void **state)
{
	static const struct {
		const char *what;
		uint8_t bytes[32];
		size_t length;
	} wrong[] = {
		{"shorter than a header", {0, 11, 11, 12}, 11},
		{"longer than there is", {8, 1, 11, 12}, 12},
		{"payload offset 8", {0, 12, 11, 8}, 12},
		{"an option twice",
		 {0, 22, 10, 12, 0, 0, 0, 0, 0, 0, 0, 1, 0, 24, 0, 1, 4, 0, 24, 0, 1, 4},
		 22},
		{"an option past the end",
		 {0, 17, 10, 12, 0, 0, 0, 0, 0, 0, 0, 1, 0, 24, 0, 9, 4},
		 17},
		{"STATE without a state", {0, 12, 10, 12, 0, 0, 0, 0, 0, 0, 0, 1}, 12},
		{"a second handshake", {0, 12, 5, 12, 0, 0, 0, 0, 0, 0, 0, 1}, 12},
	};
	struct pair *pair = *state;
	struct script script = script_of(pair, 1);
	struct failover_message ack = script_handshake(FAILOVER_CONNECTACK);

	node_start(PRIMARY(pair));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		uint8_t kept;

		link_up(&script, &ack);
		kept = node_status(PRIMARY(pair)).kept.partner;
		script_bytes(&script, wrong[i].bytes, wrong[i].length);
		if (!script_closed(&script))
			fail_msg("%s: still open", wrong[i].what);
		assert_non_null(strstr(node_status(PRIMARY(pair)).refused, "malformed"));
		assert_int_equal(node_status(PRIMARY(pair)).malformed, i + 1);
		assert_int_equal(node_status(PRIMARY(pair)).kept.partner, kept);
		pair_run(pair, 6);
	}
}

static void byte_by_byte_is_the_same(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 0);
	struct failover_message connect = script_handshake(FAILOVER_CONNECT);
	struct failover_message says = script_state(FAILOVER_RECOVER, FAILOVER_FLAG_STARTUP);
	uint8_t bytes[2 * FAILOVER_MESSAGE_MAX];
	size_t length;

	node_start(SECONDARY(pair));
	script_accept(&script);
	connect.time = says.time = (uint32_t)node_now(SECONDARY(pair)).wall;
	connect.xid = 1;
	length = failover_wire_encode(&connect, bytes, sizeof(bytes));
	length += failover_wire_encode(&says, bytes + length, sizeof(bytes) - length);
	for (size_t i = 0; i < length; i++)
		script_bytes(&script, bytes + i, 1);
	assert_true(node_status(SECONDARY(pair)).linked);
	assert_int_equal(node_status(SECONDARY(pair)).kept.partner, FAILOVER_RECOVER);
}

/* What comes behind a STATE in the same segment waits until the transition is done. */
static void what_follows_a_transition_waits(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 0);
	struct failover_message connect = script_handshake(FAILOVER_CONNECT);
	struct failover_message says[2] = {script_state(FAILOVER_RECOVER, 0),
					   script_state(FAILOVER_RECOVER_DONE, 0)};
	uint8_t bytes[2 * FAILOVER_MESSAGE_MAX];
	size_t length;

	node_start(SECONDARY(pair));
	script_accept(&script);
	script_say(&script, &connect);
	says[0].time = says[1].time = connect.time;
	length = failover_wire_encode(&says[0], bytes, sizeof(bytes));
	length += failover_wire_encode(&says[1], bytes + length, sizeof(bytes) - length);
	SECONDARY(pair)->hold_disk = true;
	script_bytes(&script, bytes, length);
	assert_int_equal(node_status(SECONDARY(pair)).kept.partner, FAILOVER_UNKNOWN);
	SECONDARY(pair)->hold_disk = false;
	pair_run(pair, 0);
	assert_int_equal(node_status(SECONDARY(pair)).kept.partner, FAILOVER_RECOVER_DONE);
}

static void unknown_state_is_ignored(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 1);
	struct failover_message ack = script_handshake(FAILOVER_CONNECTACK);
	struct failover_message odd = script_state(99, 0);

	node_start(PRIMARY(pair));
	link_up(&script, &ack);
	script_say(&script, &odd);
	assert_false(script_closed(&script));
	assert_int_equal(node_status(PRIMARY(pair)).kept.partner, FAILOVER_UNKNOWN);
	assert_non_null(strstr(PRIMARY(pair)->log, "99"));
}

/* A partner that cannot be satisfied fills no disk with its complaints. */
static void log_is_bounded(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 0);
	unsigned lines = 0;
	char name[8];

	node_start(SECONDARY(pair));
	trace_clear(SECONDARY(pair));
	for (unsigned i = 0; i < 500; i++) {
		struct failover_message connect = script_handshake(FAILOVER_CONNECT);

		while (!failover_peer_accepts(SECONDARY(pair)->peer))
			pair_run(pair, 1);
		script_connect(&script);
		snprintf(name, sizeof(name), "p%03u", i);
		connect.relationship.data = (const uint8_t *)name;
		script_say(&script, &connect);
		assert_true(script_closed(&script));
	}
	for (const char *at = SECONDARY(pair)->log; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(node_status(SECONDARY(pair)).refused_connections, 500);
	/* 500 refusals take 310 s: 30 lines, and one more each 2 s, and as many that say so. */
	assert_in_range(lines, 30, 400);
	assert_non_null(strstr(SECONDARY(pair)->log, "left out"));
}

static void same_refusal_once_a_minute(void **state)
{
	struct pair *pair = *state;
	unsigned lines = 0;

	memcpy(SECONDARY(pair)->store, PRIMARY(pair)->store, 16);
	node_start(PRIMARY(pair));
	node_start(SECONDARY(pair));
	pair_run(pair, 300);
	for (const char *at = SECONDARY(pair)->log; (at = strstr(at, "one is a copy")); at++)
		lines++;
	assert_in_range(lines, 5, 6);
}

/* The partner's daemon hangs behind a socket that still says CONTACT. */
static void acknowledgements_must_come(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 1);
	struct failover_message ack = script_handshake(FAILOVER_CONNECTACK);
	struct failover_message says = script_state(FAILOVER_RECOVER, 0);
	struct failover_message all = {.type = FAILOVER_UPDREQALL};
	unsigned seconds = 0;

	node_start(PRIMARY(pair));
	link_up(&script, &ack);
	script_say(&script, &says);
	script_say(&script, &all);
	script_expect(&script, FAILOVER_BNDUPD);
	while (!script_closed(&script) && seconds < 200) {
		struct failover_message contact = {.type = FAILOVER_CONTACT};

		pair_run(pair, 1);
		seconds++;
		if (!script_closed(&script))
			script_say(&script, &contact);
	}
	/* Three times the partner's 30 s. */
	assert_in_range(seconds, 89, 93);
	assert_non_null(strstr(node_status(PRIMARY(pair)).refused, "acknowledged none of 10"));
}

/* What we answer may not pile up before a partner that reads nothing. */
static void partner_must_read(void **state)
{
	struct pair *pair = *state;

	pair_become_normal(pair);
	PRIMARY(pair)->full = true;
	pair_run(pair, 19);
	assert_true(node_status(PRIMARY(pair)).linked);
	PRIMARY(pair)->full = false;
	pair_run(pair, 1);
	PRIMARY(pair)->full = true;
	pair_run(pair, 19);
	assert_true(node_status(PRIMARY(pair)).linked);
	trace_clear(PRIMARY(pair));
	pair_run(pair, 2);
	assert_non_null(strstr(PRIMARY(pair)->log, "has taken nothing"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, pair_setup, pair_teardown)
	const struct CMUnitTest tests[] = {
		TEST(connect_is_as_dhcpd_sends_it),
		TEST(connectack_and_state_follow_at_once),
		TEST(too_short_a_delay_is_not_announced),
		TEST(first_message_must_come),
		TEST(connects_again_for_ever),
		TEST(contact_every_third_and_silence_ends_it),
		TEST(a_delay_of_nothing_is_a_second),
		TEST(two_connections_at_one_time),
		TEST(crashed_xdhcp_is_back_at_once),
		TEST(crashed_dhcpd_waits_for_the_timer),
		TEST(refused_as_a_duplicate_asks_again_soon),
		TEST(nothing_can_come_any_more),
		TEST(half_open_connections_are_bounded),
		TEST(nothing_before_the_handshake),
		TEST(malformed_message_ends_it_and_changes_nothing),
		TEST(byte_by_byte_is_the_same),
		TEST(what_follows_a_transition_waits),
		TEST(unknown_state_is_ignored),
		TEST(log_is_bounded),
		TEST(same_refusal_once_a_minute),
		TEST(acknowledgements_must_come),
		TEST(partner_must_read),
	};

	return cmocka_run_group_tests(tests, thread_setup, thread_teardown);
}
