/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections that do not come about: each way to refuse a handshake, and what is told of it. */
#include "peer_fixture.h"

#define PRIMARY(pair) (&(pair)->nodes[0])
#define SECONDARY(pair) (&(pair)->nodes[1])

static const struct refusal {
	const char *what;
	uint8_t reason;
	const char *says; /* in status */
} connect_refusals[] = {
	{"no name", FAILOVER_REJECT_INVALID_PARTNER, "no relationship name"},
	{"another name", FAILOVER_REJECT_INVALID_PARTNER, "\"pair\" here and \"ring\" there"},
	{"clock ahead", FAILOVER_REJECT_TIME_MISMATCH, "62 s ahead of ours"},
	{"clock behind", FAILOVER_REJECT_TIME_MISMATCH, "62 s behind ours"},
	{"no buckets", FAILOVER_REJECT_HASH_BUCKETS, "hash-buckets"},
	{"no MCLT", FAILOVER_REJECT_INVALID_MCLT, "invalid-mclt"},
	{"MCLT 0", FAILOVER_REJECT_INVALID_MCLT, "invalid-mclt"},
	{"version 2", FAILOVER_REJECT_VERSION_MISMATCH, "version 2"},
	{"TLS", FAILOVER_REJECT_TLS_UNCONFIGURED, "TLS"},
};

static void connect_spoil(struct failover_message *message, const char *what)
{
	if (!strcmp(what, "no name"))
		script_drop(message, FAILOVER_RELATIONSHIP_NAME);
	else if (!strcmp(what, "another name"))
		message->relationship.data = (const uint8_t *)"ring";
	else if (!strcmp(what, "clock ahead"))
		message->time += 62;
	else if (!strcmp(what, "clock behind"))
		message->time -= 62;
	else if (!strcmp(what, "no buckets"))
		script_drop(message, FAILOVER_HASH_BUCKETS);
	else if (!strcmp(what, "no MCLT"))
		script_drop(message, FAILOVER_MCLT);
	else if (!strcmp(what, "MCLT 0"))
		message->mclt = 0;
	else if (!strcmp(what, "version 2"))
		message->protocol_version = 2;
	else if (!strcmp(what, "TLS"))
		message->tls_request = 2;
}

static void each_refusal_of_connect(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 0);
	size_t count = sizeof(connect_refusals) / sizeof(connect_refusals[0]);

	node_start(SECONDARY(pair));
	for (size_t i = 0; i < count; i++) {
		const struct refusal *refusal = &connect_refusals[i];
		struct failover_message connect = script_handshake(FAILOVER_CONNECT);
		struct failover_status status;

		script_accept(&script);
		connect.time = (uint32_t)node_now(SECONDARY(pair)).wall;
		connect_spoil(&connect, refusal->what);
		script_say(&script, &connect);
		script_expect(&script, FAILOVER_CONNECTACK);
		assert_int_equal(script.message.reject, refusal->reason);
		assert_int_equal(script.message.xid, connect.xid);
		assert_true(script.message.text.length > 0);
		/* Without the name dhcpd reports another cause. */
		assert_int_equal(script.message.relationship.length, 4);
		assert_true(script_closed(&script));
		status = node_status(SECONDARY(pair));
		assert_int_equal(status.last_reject, refusal->reason);
		if (!strstr(status.refused, refusal->says))
			fail_msg("%s: %s", refusal->what, status.refused);
		assert_int_equal(status.refused_connections, i + 1);
		assert_false(status.linked);
		pair_run(pair, 5.1); /* and it tries again */
	}
}

static const struct refusal connectack_refusals[] = {
	{"no name", FAILOVER_REJECT_INVALID_PARTNER, "no relationship name"},
	{"another name", FAILOVER_REJECT_INVALID_PARTNER, "\"pair\" here and \"ring\" there"},
	{"clock ahead", FAILOVER_REJECT_TIME_MISMATCH, "62 s ahead of ours"},
	{"clock behind", FAILOVER_REJECT_TIME_MISMATCH, "62 s behind ours"},
	{"version 2", FAILOVER_REJECT_VERSION_MISMATCH, "version 2"},
};

static void each_refusal_of_connectack(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 1);
	size_t count = sizeof(connectack_refusals) / sizeof(connectack_refusals[0]);

	node_start(PRIMARY(pair));
	for (size_t i = 0; i < count; i++) {
		const struct refusal *refusal = &connectack_refusals[i];
		struct failover_message ack = script_handshake(FAILOVER_CONNECTACK);

		script_accept(&script);
		script_expect(&script, FAILOVER_CONNECT);
		ack.xid = script.message.xid;
		ack.time = script.message.time;
		connect_spoil(&ack, refusal->what);
		script_say(&script, &ack);
		script_expect(&script, FAILOVER_DISCONNECT);
		assert_int_equal(script.message.reject, refusal->reason);
		assert_true(script_closed(&script));
		if (!strstr(node_status(PRIMARY(pair)).refused, refusal->says))
			fail_msg("%s: %s", refusal->what, node_status(PRIMARY(pair)).refused);
		assert_int_equal(node_status(PRIMARY(pair)).last_reject, refusal->reason);
		pair_run(pair, 5.1);
	}
}

/* What the partner says against us is for a person to read. */
static void refused_by_the_partner(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 1);
	struct failover_message ack = script_handshake(FAILOVER_CONNECTACK);

	node_start(PRIMARY(pair));
	script_accept(&script);
	script_expect(&script, FAILOVER_CONNECT);
	ack.xid = script.message.xid;
	ack.reject = FAILOVER_REJECT_INVALID_PARTNER;
	ack.text = (struct failover_bytes){(const uint8_t *)"who\nare you", 11};
	ack.present |= 1U << FAILOVER_REJECT_REASON | 1U << FAILOVER_TEXT;
	script_say(&script, &ack);
	assert_true(script_closed(&script));
	assert_false(script_hear(&script)); /* no answer to a refusal */
	assert_int_equal(node_status(PRIMARY(pair)).last_reject, FAILOVER_REJECT_INVALID_PARTNER);
	assert_non_null(strstr(node_status(PRIMARY(pair)).refused, "who?are you"));
	pair_run(pair, 5.1);
	/* In our own words already. */
	script_accept(&script);
	script_expect(&script, FAILOVER_CONNECT);
	ack.xid = script.message.xid;
	ack.reject = FAILOVER_REJECT_TLS_REQUIRED;
	ack.text = (struct failover_bytes){(const uint8_t *)"TLS is required here", 20};
	script_say(&script, &ack);
	assert_string_equal(node_status(PRIMARY(pair)).refused,
			    "refused by the partner: tls-required: TLS is required here");
}

static void both_are_primary(void **state)
{
	struct pair *pair = *state;

	SECONDARY(pair)->relation.primary = true;
	SECONDARY(pair)->relation.mclt = MCLT;
	node_start(PRIMARY(pair));
	node_start(SECONDARY(pair));
	pair_run(pair, 30);
	assert_false(node_status(PRIMARY(pair)).linked || node_status(SECONDARY(pair)).linked);
	assert_non_null(strstr(PRIMARY(pair)->log, "both servers are configured as the primary"));
}

static void both_are_secondary(void **state)
{
	struct pair *pair = *state;

	PRIMARY(pair)->relation.primary = false;
	node_start(PRIMARY(pair));
	node_start(SECONDARY(pair));
	pair_run(pair, 40);
	assert_false(node_status(PRIMARY(pair)).linked || node_status(SECONDARY(pair)).linked);
	assert_non_null(strstr(PRIMARY(pair)->log, "is it configured as the primary?"));
}

/* A disk that was copied: each would take the other for itself. */
static void one_store_twice(void **state)
{
	struct pair *pair = *state;

	memcpy(SECONDARY(pair)->store, PRIMARY(pair)->store, 16);
	node_start(PRIMARY(pair));
	node_start(SECONDARY(pair));
	pair_run(pair, 20);
	assert_false(node_status(PRIMARY(pair)).linked);
	assert_non_null(strstr(SECONDARY(pair)->log, "one is a copy"));
}

static void clocks_of_two_xdhcp_may_differ(void **state)
{
	struct pair *pair = *state;

	SECONDARY(pair)->ahead = 90 * (int64_t)SECOND;
	pair_become_normal(pair);
	assert_true(node_status(PRIMARY(pair)).skew_known);
	assert_true(node_status(PRIMARY(pair)).skew > 89 && node_status(PRIMARY(pair)).skew < 92);
	assert_non_null(strstr(PRIMARY(pair)->log, "90 s ahead of ours"));
	node_kill(SECONDARY(pair), false);
	SECONDARY(pair)->ahead = 602 * (int64_t)SECOND;
	node_start(SECONDARY(pair));
	pair_run(pair, 10);
	assert_false(node_status(PRIMARY(pair)).linked);
	assert_int_equal(node_status(PRIMARY(pair)).last_reject, FAILOVER_REJECT_TIME_MISMATCH);
}

static bool ends_in(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && !strcmp(text + length - tail, end);
}

/* Neither the longest that the system says of a connection nor what a partner says of it is cut. */
static void told_to_its_end(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 1);
	struct failover_message ack = script_handshake(FAILOVER_CONNECTACK);
	struct failover_now now;
	char said[FAILOVER_SAID];

	memset(said, 's', sizeof(said));
	memcpy(said + sizeof(said) - 5, " end", 5);
	node_start(PRIMARY(pair));
	script_accept(&script);
	script_expect(&script, FAILOVER_CONNECT);
	ack.xid = script.message.xid;
	ack.reject = FAILOVER_REJECT_INVALID_PARTNER;
	ack.text = (struct failover_bytes){(const uint8_t *)said, sizeof(said) - 1};
	ack.present |= 1U << FAILOVER_REJECT_REASON | 1U << FAILOVER_TEXT;
	script_say(&script, &ack);
	assert_true(ends_in(node_status(PRIMARY(pair)).refused, "s end"));
	assert_non_null(strstr(PRIMARY(pair)->log, "s end"));
	now = node_now(PRIMARY(pair));
	failover_peer_failed(PRIMARY(pair)->peer,
			     "cannot connect from 255.255.255.255 to 255.255.255.255 TCP port "
			     "65535: address not available: the address to connect from must be "
			     "one of this machine",
			     &now);
	assert_true(ends_in(node_status(PRIMARY(pair)).refused, "one of this machine"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, pair_setup, pair_teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_refusal_of_connect),
		TEST(each_refusal_of_connectack),
		TEST(refused_by_the_partner),
		TEST(both_are_primary),
		TEST(both_are_secondary),
		TEST(one_store_twice),
		TEST(clocks_of_two_xdhcp_may_differ),
		TEST(told_to_its_end),
	};

	return cmocka_run_group_tests(tests, thread_setup, thread_teardown);
}
