/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A whole session with dhcpd, whose words are those that a real one said to a
 * real one (tests/data/failover_session.txt), in either role: we stand in the
 * other one's place. Answers carry our xids; all else is byte by byte as it was.
 */
#include "peer_fixture.h"

#define SESSION "tests/data/failover_session.txt"
#define FIRST 0x0a010000U
#define ADDRESSES 32
#define BEGAN 0x6b02c802LL /* the first message's time */

struct session {
	struct script script;
	struct node *node; /* ours */
	uint32_t connect, request; /* xids of ours that dhcpd is to answer */
	uint32_t updates[1024]; /* of its BNDUPDs that are not answered */
	unsigned update_count, accepted, refused, poolresps, updates_heard, done, given;
	uint8_t states[64]; /* that we said, in order; STARTUP's bit as 0x80 */
	unsigned state_count;
};

static size_t unhex(const char *hex, uint8_t *bytes, size_t size)
{
	size_t length = 0;
	unsigned value;
	int used;

	while (sscanf(hex, " %2x%n", &value, &used) == 1) {
		assert_true(length < size);
		bytes[length++] = (uint8_t)value;
		hex += used;
	}
	return length;
}

static void patch_xid(uint8_t *bytes, uint32_t xid)
{
	for (unsigned i = 0; i < 4; i++)
		bytes[8 + i] = (uint8_t)(xid >> (24 - 8 * i));
}

/* dhcpd accepts what we tell it, with assigned-IP-address alone. */
static void acknowledge(struct session *session)
{
	struct failover_message ack = {
		.type = FAILOVER_BNDACK,
		.xid = session->script.message.xid,
		.present = 1U << FAILOVER_ASSIGNED_ADDRESS,
		.address = session->script.message.address,
	};

	assert_in_range(ack.address, FIRST, FIRST + ADDRESSES - 1);
	session->updates_heard++;
	script_say(&session->script, &ack);
}

static void answered(struct session *session)
{
	uint32_t xid = session->script.message.xid;
	unsigned i = 0;

	while (i < session->update_count && session->updates[i] != xid)
		i++;
	assert_in_range(i, 0, session->update_count - 1);
	session->updates[i] = session->updates[--session->update_count];
	if (failover_has(&session->script.message, FAILOVER_REJECT_REASON))
		session->refused++;
	else
		session->accepted++;
}

static void hear(struct session *session)
{
	const struct failover_message *message = &session->script.message;

	while (session->script.wire && script_hear(&session->script)) {
		switch (message->type) {
		case FAILOVER_CONNECT:
			session->connect = message->xid;
			break;
		case FAILOVER_UPDREQALL:
			session->request = message->xid;
			break;
		case FAILOVER_BNDUPD:
			acknowledge(session);
			break;
		case FAILOVER_BNDACK:
			answered(session);
			break;
		case FAILOVER_POOLRESP:
			session->poolresps++;
			session->given += message->addresses_transferred;
			break;
		case FAILOVER_UPDDONE:
			session->done++;
			break;
		case FAILOVER_STATE:
			session->states[session->state_count++] =
				message->server_state | (message->server_flags ? 0x80 : 0);
			break;
		}
	}
}

static void say(struct session *session, const char *word, uint8_t *bytes, size_t length)
{
	/* What answers our updates is said when they come. */
	if (!strcmp(word, "BNDACK") || !strcmp(word, "POOLRESP"))
		return;
	if (!strcmp(word, "CONNECTACK"))
		patch_xid(bytes, session->connect);
	if (!strcmp(word, "UPDDONE"))
		patch_xid(bytes, session->request);
	if (!strcmp(word, "BNDUPD"))
		session->updates[session->update_count++] =
			(uint32_t)bytes[8] << 24 | bytes[9] << 16 | bytes[10] << 8 | bytes[11];
	script_bytes(&session->script, bytes, length);
	if (script_closed(&session->script))
		fail_msg("closed after %s: %s", word, node_status(session->node).refused);
	hear(session);
}

/* dhcpd's part; `who`: P or S. */
static void play(struct session *session, char who)
{
	FILE *file = fopen(SESSION, "r");
	char line[2 * FAILOVER_MESSAGE_MAX + 64], word[16], side;
	uint8_t bytes[FAILOVER_MESSAGE_MAX];
	double at, now = 0;
	int used;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lf %c %15s %n", &at, &side, word, &used) != 3 || side != who)
			continue;
		for (; now + 1 < at; now++) {
			pair_run(session->script.pair, 1);
			hear(session);
		}
		pair_run(session->script.pair, at - now);
		now = at;
		say(session, word, bytes, unhex(line + used, bytes, sizeof(bytes)));
	}
	fclose(file);
	pair_run(session->script.pair, 1);
	hear(session);
}

static struct session session_begin(struct pair *pair, unsigned ours)
{
	struct node *node = &pair->nodes[ours];
	struct session session = {.script = script_of(pair, !ours), .node = node};
	struct failover_now now;
	const char *why;

	for (unsigned n = 0; n < 2; n++)
		pair->nodes[n].ahead = (BEGAN - WALL) * (int64_t)SECOND - (int64_t)pair->monotonic;
	node->options.reference = BEGAN - 1000;
	node->relation.name = "xg";
	node->relation.mclt = ours ? 0 : 20;
	node->relation.max_response_delay = 30;
	node->relation.min_balance = 3;
	node->relation.max_balance = 5;
	node_range(node, FIRST, FIRST + ADDRESSES - 1);
	node_start(node);
	pair_run(pair, 0);
	now = node_now(node);
	assert_int_equal(failover_peer_init(node->peer, &now, &why), 0);
	script_accept(&session.script);
	hear(&session);
	return session;
}

static void expect_states(const struct session *session, const uint8_t *states, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (i >= session->state_count || session->states[i] != states[i])
			fail_msg("state %zu is 0x%02x, not 0x%02x", i,
				 i < session->state_count ? session->states[i] : 0, states[i]);
}

static void secondary_of_dhcpd(void **state)
{
	static const uint8_t states[] = {FAILOVER_RECOVER, FAILOVER_RECOVER_DONE, FAILOVER_NORMAL};
	struct session session = session_begin(*state, 1);
	struct failover_status status;
	struct lease_counts counts;

	play(&session, 'P');
	status = node_status(session.node);
	assert_state(session.node, NORMAL);
	assert_true(status.isc && status.strict && status.balances);
	assert_int_equal(status.mclt, 20);
	assert_string_equal(status.partner_software, "isc-4.4.3-P1");
	expect_states(&session, states, sizeof(states));
	assert_int_equal(status.malformed, 0);
	assert_int_equal(status.updates.counters.received, 103);
	assert_int_equal(session.update_count, 0);
	assert_true(session.accepted > 60);
	assert_in_range(session.done, 1, 2);
	assert_in_range(session.updates_heard, ADDRESSES, 10 * ADDRESSES);
	assert_int_equal(status.updates.in_flight, 0);
	/* What dhcpd gave us is ours to give. */
	lease_table_counts(session.node->table, &counts);
	assert_true(counts.backup > 0);
	assert_int_equal(counts.total, ADDRESSES);
}

static void primary_of_dhcpd(void **state)
{
	static const uint8_t states[] = {FAILOVER_RECOVER, FAILOVER_RECOVER_DONE, FAILOVER_NORMAL};
	struct session session = session_begin(*state, 0);
	struct failover_status status;

	play(&session, 'S');
	status = node_status(session.node);
	assert_state(session.node, NORMAL);
	assert_true(status.isc && status.strict && status.balances);
	expect_states(&session, states, sizeof(states));
	assert_int_equal(status.malformed, 0);
	assert_int_equal(status.updates.counters.received, 66);
	assert_int_equal(session.update_count, 0);
	/* The secondary runs dry and asks. */
	assert_int_equal(session.poolresps, 3);
	assert_true(session.given > 0);
	assert_in_range(session.updates_heard, ADDRESSES, 20 * ADDRESSES);
}

/* Heard again, dhcpd says all that it owes before a lease ends by a word of ours. */
static void dhcpd_speaks_first(void **state)
{
	struct session session = session_begin(*state, 0);
	struct script *script = &session.script;
	struct failover_message ack = script_handshake(FAILOVER_CONNECTACK);
	struct failover_message normal = script_state(FAILOVER_NORMAL, 0);

	play(&session, 'S');
	script_hang_up(script);
	pair_run(*state, 6);
	assert_state(session.node, COMMUNICATIONS_INTERRUPTED);
	script_accept(script);
	script_expect(script, FAILOVER_CONNECT);
	ack.xid = script->message.xid;
	ack.relationship = (struct failover_bytes){(const uint8_t *)"xg", 2};
	script_say(script, &ack);
	script_say(script, &normal);
	assert_state(session.node, NORMAL);
	script_expect(script, FAILOVER_UPDREQ);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, pair_setup, pair_teardown)
	const struct CMUnitTest tests[] = {
		TEST(secondary_of_dhcpd),
		TEST(primary_of_dhcpd),
		TEST(dhcpd_speaks_first),
	};

	return cmocka_run_group_tests(tests, thread_setup, thread_teardown);
}
