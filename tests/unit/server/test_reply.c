// SPDX-License-Identifier: GPL-2.0-only
#include "fixture.h"

static const char *const conf_text =
	"authoritative;\n"
	"default-lease-time 600; max-lease-time 7200;\n"
	"option domain-name-servers 9.9.9.9;\n"
	"subnet 10.1.0.0 netmask 255.255.255.0 {\n"
	"  range 10.1.0.10 10.1.0.20;\n"
	"  option routers 10.1.0.1;\n"
	"  next-server 10.1.0.3; filename \"boot\"; server-name \"tftp\";\n"
	"}\n"
	"subnet 10.2.0.0 netmask 255.255.255.0 {\n"
	"  range 10.2.0.10 10.2.0.20;\n"
	"}\n"
	"host fixed { hardware ethernet 02:00:00:00:00:07; fixed-address 10.1.0.100; }\n";

struct answered {
	struct asked asked;
	struct server_verdict verdict;
	struct server_reply reply;
	struct xdhcp_tail tail;
	bool stampable;
	char codes[1024];
};

static void answer(struct fixture *fixture, const struct ask *ask, struct answered *ret_answered)
{
	struct answered *answered = ret_answered;

	ask_write(&answered->asked, ask);
	answered->verdict = fixture_decide(fixture, &answered->asked);
	memset(&answered->reply, 0xa5, sizeof(answered->reply));
	server_reply_build(&answered->asked.request, &answered->verdict, &answered->reply,
			   &answered->tail, &answered->stampable);
	if (answered->reply.length)
		codes_of(answered->reply.bytes + DHCP_FIXED_LEN,
			 answered->reply.bytes + answered->reply.length, answered->codes,
			 sizeof(answered->codes));
}

/* Client 1 has 10.1.0.11 and 10.2.0.11 with and without an identifier. */
static void bind_clients(struct fixture *fixture)
{
	struct asked client;

	ask_write(&client, &(struct ask){.type = DHCP_DISCOVER, .client = 1});
	fixture_record(fixture, &client, "10.1.0.11", LEASE_ACTIVE);
	fixture_record(fixture, &client, "10.2.0.11", LEASE_ACTIVE);
	ask_write(&client,
		  &(struct ask){.type = DHCP_DISCOVER, .client = 1, .identifier = "client-x"});
	fixture_record(fixture, &client, "10.1.0.12", LEASE_ACTIVE);
	fixture_record(fixture, &client, "10.2.0.12", LEASE_ACTIVE);
}

static int setup(void **state)
{
	struct fixture *fixture = malloc(sizeof(*fixture));

	fixture_open(fixture, conf_text);
	bind_clients(fixture);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	fixture_shut(*state);
	free(*state);
	return 0;
}

/* Every byte of an ACK. */
static void the_whole_ack(void **state)
{
	static const uint8_t options[] = {
		53, 1, 5, 54, 4,    10,	  1,   0,   1,	 51,  4,   0,	0,   0x02, 0x58, /* 600 */
		58, 4, 0, 0,  0x01, 0x2c, /* 300 */
		59, 4, 0, 0,  0x02, 0x0d, /* 525 */
		6,  4, 9, 9,  9,    9,	  1,   4,   255, 255, 255, 0,	3,   4,	   10,
		1,  0, 1, 61, 8,    'c',  'l', 'i', 'e', 'n', 't', '-', 'x', 255};
	struct answered answered;
	struct wire_bootp fixed = {
		.op = DHCP_OP_REPLY,
		.htype = 1,
		.hlen = 6,
		.xid = htonl(0x12345678),
		.flags = htons(0x8000),
		.ciaddr = htonl(ip("10.1.0.12")),
		.yiaddr = htonl(ip("10.1.0.12")),
		.siaddr = htonl(ip("10.1.0.3")),
		.chaddr = {2, 0, 0, 0, 0, 1},
		.sname = "tftp",
		.file = "boot",
		.cookie = htonl(DHCP_COOKIE),
	};

	answer(*state,
	       &(struct ask){.type = DHCP_REQUEST,
			     .client = 1,
			     .flags = 0x8000,
			     .ciaddr = "10.1.0.12",
			     .destination = "10.1.0.1",
			     .identifier = "client-x",
			     .parameters = "\x06\x01\x03"},
	       &answered);
	assert_int_equal(answered.verdict.action, SERVER_GRANT);
	assert_memory_equal(answered.reply.bytes, &fixed, sizeof(fixed));
	assert_memory_equal(answered.reply.bytes + DHCP_FIXED_LEN, options, sizeof(options));
	assert_int_equal(answered.reply.length, DHCP_REPLY_MIN);
	assert_true(answered.stampable);
}

/* What the program does with a tail gives the bytes that the slow path sent. */
static void the_tail_makes_the_same_ack(void **state)
{
	uint8_t options[DHCP_REPLY_MIN - DHCP_FIXED_LEN] = {0};
	struct answered answered;
	const struct xdhcp_tail *tail = &answered.tail;

	answer(*state,
	       &(struct ask){.type = DHCP_REQUEST,
			     .client = 1,
			     .ciaddr = "10.2.0.12",
			     .giaddr = "10.2.0.1",
			     .destination = "10.1.0.1",
			     .identifier = "client-x",
			     .agent = "\x01\x02xy"},
	       &answered);
	memcpy(options, tail->options, tail->length);
	memcpy(options + TAIL_LEASE_TIME_AT, "\0\0\x02\x58", 4);
	memcpy(options + TAIL_T1_AT, "\0\0\x01\x2c", 4);
	memcpy(options + TAIL_T2_AT, "\0\0\x02\x0d", 4);
	memcpy(options + tail->length,
	       "\x3d\x08"
	       "client-x"
	       "\x52\x04\x01\x02xy\xff",
	       17);
	assert_int_equal(answered.reply.length, DHCP_REPLY_MIN);
	assert_memory_equal(answered.reply.bytes + DHCP_FIXED_LEN, options, sizeof(options));
	assert_int_equal(tail->limit, 548);
	assert_int_equal(tail->siaddr, 0);
	assert_int_equal(tail->named, 0);
}

static void short_replies_are_padded(void **state)
{
	struct answered answered;
	size_t end;

	answer(*state, &(struct ask){.type = DHCP_DISCOVER, .client = 9, .parameters = "\x01"},
	       &answered);
	assert_string_equal(answered.codes, "53 54 51 58 59 1 end");
	assert_int_equal(answered.reply.length, DHCP_REPLY_MIN);
	end = DHCP_FIXED_LEN + TAIL_HEAD_LEN + 6;
	assert_int_equal(answered.reply.bytes[end], DHCP_OPT_END);
	while (++end < DHCP_REPLY_MIN)
		assert_int_equal(answered.reply.bytes[end], 0);
}

static void the_fixed_part_of_an_offer(void **state)
{
	struct answered answered;
	struct wire_bootp fixed;

	answer(*state,
	       &(struct ask){.type = DHCP_DISCOVER,
			     .client = 9,
			     .requested = "10.2.0.15",
			     .ciaddr = "10.1.0.60",
			     .giaddr = "10.2.0.1"},
	       &answered);
	memcpy(&fixed, answered.reply.bytes, sizeof(fixed));
	assert_int_equal(fixed.hops, 0);
	assert_int_equal(fixed.secs, 0);
	assert_int_equal(fixed.ciaddr, 0);
	assert_int_equal(fixed.yiaddr, htonl(ip("10.2.0.15")));
	assert_int_equal(fixed.giaddr, htonl(ip("10.2.0.1")));
	assert_int_equal(fixed.siaddr, 0);
	assert_int_equal(answered.reply.bytes[DHCP_FIXED_LEN + TAIL_TYPE_AT], DHCP_OFFER);
	assert_false(answered.stampable);
}

/* RFC 2131 section 4.3.2: a NAK says next to nothing; through a relay with the broadcast flag. */
static void naks(void **state)
{
	struct answered answered;
	struct wire_bootp fixed;
	const uint8_t *value;
	uint8_t length;

	answer(*state,
	       &(struct ask){.type = DHCP_REQUEST,
			     .client = 9,
			     .requested = "10.9.0.1",
			     .identifier = "client-9",
			     .giaddr = "10.2.0.1",
			     .parameters = "\x01\x03",
			     .agent = "\x01\x02xy"},
	       &answered);
	memcpy(&fixed, answered.reply.bytes, sizeof(fixed));
	assert_int_equal(answered.verdict.action, SERVER_NAK);
	assert_string_equal(answered.codes, "53 54 56 61 82 end");
	assert_int_equal(answered.reply.bytes[DHCP_FIXED_LEN + TAIL_TYPE_AT], DHCP_NAK);
	value = option_in(answered.reply.bytes + DHCP_FIXED_LEN,
			  answered.reply.bytes + answered.reply.length, 56, &length);
	assert_int_equal(length, strlen(SERVER_NAK_NETWORK));
	assert_memory_equal(value, SERVER_NAK_NETWORK, length);
	assert_int_equal(fixed.flags, htons(DHCP_FLAG_BROADCAST));
	assert_int_equal(fixed.giaddr, htonl(ip("10.2.0.1")));
	assert_int_equal(answered.reply.length, DHCP_REPLY_MIN);
	assert_false(answered.stampable);

	answer(*state,
	       &(struct ask){.type = DHCP_REQUEST,
			     .client = 9,
			     .ciaddr = "10.1.0.11",
			     .destination = "10.1.0.1"},
	       &answered);
	memcpy(&fixed, answered.reply.bytes, sizeof(fixed));
	assert_string_equal(answered.codes, "53 54 56 end");
	assert_int_equal(fixed.flags, 0);
	assert_int_equal(fixed.ciaddr, 0);
	assert_int_equal(fixed.yiaddr, 0);
	assert_int_equal(fixed.siaddr, 0);
	assert_int_equal(fixed.file[0], 0);
	assert_int_equal(fixed.sname[0], 0);
}

/* RFC 2131 section 4.3.5. */
static void informs(void **state)
{
	struct answered answered;
	struct wire_bootp fixed;

	answer(*state,
	       &(struct ask){.type = DHCP_INFORM,
			     .client = 9,
			     .ciaddr = "10.1.0.60",
			     .identifier = "client-9",
			     .parameters = "\x33\x3a\x06\x03\x0c"},
	       &answered);
	memcpy(&fixed, answered.reply.bytes, sizeof(fixed));
	assert_string_equal(answered.codes, "53 54 6 3 61 end");
	assert_int_equal(answered.reply.bytes[DHCP_FIXED_LEN + TAIL_TYPE_AT], DHCP_ACK);
	assert_int_equal(fixed.ciaddr, htonl(ip("10.1.0.60")));
	assert_int_equal(fixed.yiaddr, 0);
	assert_int_equal(fixed.siaddr, htonl(ip("10.1.0.3")));
	assert_string_equal((char *)fixed.file, "boot");
	assert_false(answered.stampable);
	answer(*state, &(struct ask){.type = DHCP_INFORM, .client = 9, .ciaddr = "10.2.0.60"},
	       &answered);
	assert_string_equal(answered.codes, "53 54 1 6 end");
}

struct destination_row {
	const char *name;
	struct ask ask;
	const char *destination;
	uint16_t port;
	const char *source;
	enum { BY_ROUTE, BY_CHADDR, BY_BROADCAST } how;
};

/* clang-format off */
/* RFC 2131 section 4.1. */
static const struct destination_row destination_rows[] = {
	{"offer, relayed", {.type = DHCP_DISCOVER, .client = 9, .giaddr = "10.2.0.1", .destination = "10.1.0.5"},
	 "10.2.0.1", 67, "10.1.0.5", BY_ROUTE},
	{"offer, relayed, broadcast flag", {.type = DHCP_DISCOVER, .client = 9, .giaddr = "10.2.0.1", .flags = 0x8000},
	 "10.2.0.1", 67, "10.1.0.1", BY_ROUTE},
	{"offer, broadcast flag", {.type = DHCP_DISCOVER, .client = 9, .flags = 0x8000},
	 "255.255.255.255", 68, "10.1.0.1", BY_BROADCAST},
	{"offer, no flag", {.type = DHCP_DISCOVER, .client = 9, .requested = "10.1.0.15"},
	 "10.1.0.15", 68, "10.1.0.1", BY_CHADDR},
	{"offer, no flag, not Ethernet", {.type = DHCP_DISCOVER, .client = 9, .htype = 32, .requested = "10.1.0.15"},
	 "255.255.255.255", 68, "10.1.0.1", BY_BROADCAST},
	{"offer, no flag, other length", {.type = DHCP_DISCOVER, .client = 9, .hlen = 8, .requested = "10.1.0.15"},
	 "255.255.255.255", 68, "10.1.0.1", BY_BROADCAST},
	{"offer, ciaddr where none belongs", {.type = DHCP_DISCOVER, .client = 9, .requested = "10.1.0.15", .ciaddr = "10.1.0.99"},
	 "10.1.0.15", 68, "10.1.0.1", BY_CHADDR},
	{"offer, fixed", {.type = DHCP_DISCOVER, .client = 7},
	 "10.1.0.100", 68, "10.1.0.1", BY_CHADDR},
	{"ack, selecting", {.type = DHCP_REQUEST, .client = 9, .requested = "10.1.0.15", .server_id = "10.1.0.1"},
	 "10.1.0.15", 68, "10.1.0.1", BY_CHADDR},
	{"ack, renewing", {.type = DHCP_REQUEST, .client = 1, .ciaddr = "10.1.0.11", .destination = "10.1.0.5"},
	 "10.1.0.11", 68, "10.1.0.5", BY_ROUTE},
	{"ack, renewing, broadcast flag", {.type = DHCP_REQUEST, .client = 1, .ciaddr = "10.1.0.11", .flags = 0x8000, .destination = "10.1.0.5"},
	 "10.1.0.11", 68, "10.1.0.5", BY_ROUTE},
	{"ack, rebinding", {.type = DHCP_REQUEST, .client = 1, .ciaddr = "10.1.0.11"},
	 "10.1.0.11", 68, "10.1.0.1", BY_ROUTE},
	{"ack, rebinding, without a source", {.type = DHCP_REQUEST, .client = 1, .ciaddr = "10.1.0.11", .source = "0.0.0.0"},
	 "10.1.0.11", 68, "10.1.0.1", BY_CHADDR},
	{"ack, rebinding, relayed", {.type = DHCP_REQUEST, .client = 1, .ciaddr = "10.2.0.11", .giaddr = "10.2.0.1", .destination = "10.1.0.5"},
	 "10.2.0.1", 67, "10.1.0.5", BY_ROUTE},
	{"nak", {.type = DHCP_REQUEST, .client = 9, .ciaddr = "10.1.0.11", .destination = "10.1.0.5"},
	 "255.255.255.255", 68, "10.1.0.5", BY_BROADCAST},
	{"nak, relayed", {.type = DHCP_REQUEST, .client = 9, .requested = "10.1.0.11", .giaddr = "10.2.0.1"},
	 "10.2.0.1", 67, "10.1.0.1", BY_ROUTE},
	{"inform", {.type = DHCP_INFORM, .client = 9, .ciaddr = "10.1.0.60"},
	 "10.1.0.60", 68, "10.1.0.1", BY_ROUTE},
	{"inform, relayed", {.type = DHCP_INFORM, .client = 9, .ciaddr = "10.2.0.60", .giaddr = "10.2.0.1", .destination = "10.1.0.5"},
	 "10.2.0.60", 68, "10.1.0.5", BY_ROUTE},
	{"inform, relayed, no ciaddr", {.type = DHCP_INFORM, .client = 9, .giaddr = "10.2.0.1"},
	 "10.2.0.1", 67, "10.1.0.1", BY_ROUTE},
	{"inform, no ciaddr", {.type = DHCP_INFORM, .client = 9, .source = "10.1.0.60"},
	 "10.1.0.60", 68, "10.1.0.1", BY_ROUTE},
};
/* clang-format on */

static void destinations(void **state)
{
	static const uint8_t all[6] = {255, 255, 255, 255, 255, 255};

	for (size_t i = 0; i < sizeof(destination_rows) / sizeof(*destination_rows); i++) {
		const struct destination_row *row = &destination_rows[i];
		const uint8_t chaddr[6] = {2, 0, 0, 0, 0, row->ask.client};
		struct answered answered;
		const struct server_reply *reply = &answered.reply;

		answer(*state, &row->ask, &answered);
		if (reply->destination != ip(row->destination) ||
		    reply->destination_port != row->port)
			fail_msg("%s: to %08x:%u", row->name, reply->destination,
				 reply->destination_port);
		if (reply->source != ip(row->source))
			fail_msg("%s: from %08x", row->name, reply->source);
		if (reply->by_hardware != (row->how != BY_ROUTE))
			fail_msg("%s: by hardware or not", row->name);
		if (row->how != BY_ROUTE &&
		    memcmp(reply->hardware, row->how == BY_CHADDR ? chaddr : all, 6))
			fail_msg("%s: hardware address", row->name);
		assert_int_equal(reply->ifindex, 7);
	}
}

/* RFC 2131 section 4.3.5: the relay of an INFORM without ciaddr cannot unicast. */
static void an_inform_without_address_is_broadcast(void **state)
{
	struct answered answered;

	answer(*state, &(struct ask){.type = DHCP_INFORM, .client = 9, .giaddr = "10.2.0.1"},
	       &answered);
	assert_int_equal(answered.reply.bytes[10], 0x80);
	answer(*state,
	       &(struct ask){.type = DHCP_INFORM,
			     .client = 9,
			     .giaddr = "10.2.0.1",
			     .ciaddr = "10.2.0.60"},
	       &answered);
	assert_int_equal(answered.reply.bytes[10], 0);
}

static void nothing_to_send(void **state)
{
	static const struct ask asks[] = {
		{.type = DHCP_RELEASE, .client = 1, .ciaddr = "10.1.0.11"},
		{.type = DHCP_DECLINE, .client = 1, .requested = "10.1.0.11"},
		{.type = DHCP_REQUEST, .client = 1},
	};
	static const enum server_action actions[] = {SERVER_RELEASE, SERVER_DECLINE, SERVER_IGNORE};
	struct answered answered;

	for (size_t i = 0; i < sizeof(asks) / sizeof(*asks); i++) {
		answer(*state, &asks[i], &answered);
		assert_int_equal(answered.verdict.action, actions[i]);
		assert_int_equal(answered.reply.length, 0);
		assert_false(answered.stampable);
	}
}

/* 61 and 82 stay, and options go: RFC 6842, RFC 3046 section 2.2, RFC 2132 section 9.10. */
static void echoes_come_before_options(void **state)
{
	char identifier[256], agent[256];
	struct answered answered;
	struct ask ask = {.type = DHCP_REQUEST,
			  .client = 9,
			  .requested = "10.1.0.15",
			  .server_id = "10.1.0.1",
			  .parameters = "\x01\x03\x06",
			  .identifier = identifier,
			  .agent = agent,
			  .agent_length = 100};

	memset(identifier, 'i', 255);
	memset(agent, 'a', 255);
	/* 548 - 240 - 27 - 18 - 102 - 1 = 160 */
	ask.identifier_length = 158;
	answer(*state, &ask, &answered);
	assert_string_equal(answered.codes, "53 54 51 58 59 1 3 6 61 82 end");
	assert_int_equal(answered.reply.length, 548);
	assert_true(answered.stampable);
	ask.identifier_length = 159;
	answer(*state, &ask, &answered);
	assert_string_equal(answered.codes, "53 54 51 58 59 1 3 61 82 end");
	assert_int_equal(answered.reply.length, 548 - 5);
	assert_false(answered.stampable);
	ask.identifier_length = ask.agent_length = 255;
	answer(*state, &ask, &answered);
	assert_string_equal(answered.codes, "53 54 51 58 59 61 82 end");
	assert_int_equal(answered.reply.length, DHCP_FIXED_LEN + TAIL_HEAD_LEN + 257 + 257 + 1);
	assert_memory_equal(answered.reply.bytes + answered.reply.length - 256, agent, 255);
	assert_false(answered.stampable);
	ask.max_size = 1500;
	answer(*state, &ask, &answered);
	assert_string_equal(answered.codes, "53 54 51 58 59 1 3 6 61 82 end");
	assert_true(answered.stampable);
}

/* Option 82 of more than 255 bytes comes back in pieces (RFC 3396), and last. */
static void a_long_echo_is_split(void **state)
{
	char agent[1300];
	struct answered answered;
	struct ask ask = {.type = DHCP_REQUEST,
			  .client = 9,
			  .requested = "10.1.0.15",
			  .server_id = "10.1.0.1",
			  .max_size = 1500,
			  .parameters = "\x01\x03\x06",
			  .agent = agent,
			  .agent_length = 300};

	memset(agent, 'a', sizeof(agent));
	answer(*state, &ask, &answered);
	assert_string_equal(answered.codes, "53 54 51 58 59 1 3 6 82 82 end");
	assert_int_equal(answered.reply.length, DHCP_FIXED_LEN + TAIL_HEAD_LEN + 18 + 300 + 4 + 1);
	/* 1472 - 240 - 27 - 1 = 1204 = 4 * 257 + 176 */
	ask.agent_length = 4 * 255 + 174;
	answer(*state, &ask, &answered);
	assert_string_equal(answered.codes, "53 54 51 58 59 82 82 82 82 82 end");
	assert_int_equal(answered.reply.length, SERVER_REPLY_MAX);
	ask.agent_length++;
	answer(*state, &ask, &answered);
	assert_int_equal(answered.reply.length, 0);
}

/* More than a tail holds: the slow path sends it all the same, the program does not repeat it. */
static void more_than_a_tail(void **state)
{
	char conf[2048], text[256];
	struct fixture fixture;
	struct answered answered;
	struct ask ask = {.type = DHCP_DISCOVER,
			  .client = 9,
			  .max_size = 1500,
			  .parameters = "\x11\x28\x2f\x0e\x01"};

	(void)state;
	memset(text, 'x', sizeof(text));
	snprintf(conf, sizeof(conf),
		 "option root-path \"%.240s\"; option nis-domain \"%.240s\";\n"
		 "option netbios-scope \"%.240s\"; option merit-dump \"%.240s\";\n"
		 "subnet 10.1.0.0 netmask 255.255.255.0 { range 10.1.0.10 10.1.0.20; }\n",
		 text, text, text, text);
	fixture_open(&fixture, conf);
	answer(&fixture, &ask, &answered);
	assert_string_equal(answered.codes, "53 54 51 58 59 17 40 47 14 1 end");
	ask.type = DHCP_REQUEST;
	ask.requested = "10.1.0.10";
	answer(&fixture, &ask, &answered);
	assert_int_equal(answered.verdict.action, SERVER_GRANT);
	assert_string_equal(answered.codes, "53 54 51 58 59 17 40 47 14 1 end");
	assert_memory_equal(answered.reply.bytes + DHCP_FIXED_LEN + TAIL_LEASE_TIME_AT,
			    "\x00\x00\xa8\xc0", 4);
	assert_false(answered.stampable);
	fixture_shut(&fixture);
}

static void stamps(void **state)
{
	static const struct {
		struct ask ask;
		bool stampable;
	} rows[] = {
		{{.type = DHCP_REQUEST, .client = 1, .ciaddr = "10.1.0.11"}, true},
		{{.type = DHCP_REQUEST, .client = 1, .requested = "10.1.0.11"}, true},
		{{.type = DHCP_REQUEST,
		  .client = 1,
		  .requested = "10.1.0.11",
		  .server_id = "10.1.0.1"},
		 true},
		{{.type = DHCP_REQUEST, .client = 7, .requested = "10.1.0.100"}, true},
		{{.type = DHCP_REQUEST,
		  .client = 1,
		  .requested = "10.1.0.11",
		  .selection = "10.1.0.0"},
		 false},
		{{.type = DHCP_DISCOVER, .client = 1}, false},
		{{.type = DHCP_DISCOVER, .client = 7}, false},
		{{.type = DHCP_INFORM, .client = 1, .ciaddr = "10.1.0.11"}, false},
	};
	struct answered answered;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		answer(*state, &rows[i].ask, &answered);
		assert_true(answered.reply.length >= DHCP_REPLY_MIN);
		assert_int_equal(answered.stampable, rows[i].stampable);
	}
}

/* The first ACK is stamped: its tail is that of the renewal. */
static void first_and_later_tails_are_equal(void **state)
{
	struct answered first, later;

	answer(*state,
	       &(struct ask){.type = DHCP_REQUEST,
			     .client = 1,
			     .requested = "10.2.0.12",
			     .server_id = "10.1.0.1",
			     .giaddr = "10.2.0.1",
			     .identifier = "client-x",
			     .agent = "\x01\x02xy"},
	       &first);
	answer(*state,
	       &(struct ask){.type = DHCP_REQUEST,
			     .client = 1,
			     .ciaddr = "10.2.0.12",
			     .destination = "10.1.0.1",
			     .identifier = "client-x"},
	       &later);
	assert_int_equal(first.verdict.action, SERVER_GRANT);
	assert_int_equal(later.verdict.action, SERVER_GRANT);
	assert_memory_equal(&first.tail, &later.tail, sizeof(first.tail));
}

static void records(void **state)
{
	struct fixture *fixture = *state;
	struct lease_record *record, *old;
	struct answered answered;
	char hostname[301];

	memset(hostname, 'h', 300);
	hostname[300] = '\0';
	answer(fixture,
	       &(struct ask){.type = DHCP_REQUEST,
			     .client = 9,
			     .requested = "10.1.0.15",
			     .server_id = "10.1.0.1",
			     .identifier = "id",
			     .hostname = hostname,
			     .agent = "\x01\x02xy"},
	       &answered);
	record = server_record_of(&answered.asked.request, &answered.verdict, NOW + 1200);
	assert_non_null(record);
	assert_int_equal(record->address, ip("10.1.0.15"));
	assert_int_equal(record->state, LEASE_ACTIVE);
	assert_int_equal(record->starts, NOW);
	assert_int_equal(record->cltt, NOW);
	assert_int_equal(record->ends, NOW + 1 + 600);
	assert_int_equal(record->horizon, NOW + 1200);
	assert_int_equal(record->htype, 1);
	assert_int_equal(record->hlen, 6);
	assert_memory_equal(record->chaddr, "\x02\0\0\0\0\x09\0\0\0\0\0\0\0\0\0\0", 16);
	assert_int_equal(record->ident_length, 3);
	assert_memory_equal(lease_record_ident(record), "\x3did", 3);
	assert_int_equal(record->agent_length, 4);
	assert_memory_equal(lease_record_agent(record), "\x01\x02xy", 4);
	assert_int_equal(record->hostname_length, 255);
	assert_memory_equal(lease_record_hostname(record), hostname, 255);
	lease_record_free(record);

	/* a renewal keeps the flags and option 82 */
	answer(fixture, &(struct ask){.type = DHCP_REQUEST, .client = 1, .ciaddr = "10.1.0.11"},
	       &answered);
	old = answered.verdict.lease->current;
	old->flags = 14;
	old->horizon = NOW + 5000; /* the program may promise that much until the slot is written */
	record = server_record_of(&answered.asked.request, &answered.verdict, NOW + 1200);
	assert_int_equal(record->horizon, NOW + 5000);
	assert_int_equal(record->flags, 14);
	assert_int_equal(record->agent_length, 7);
	assert_memory_equal(lease_record_agent(record), "circuit", 7);
	assert_int_equal(record->hostname_length, 0);
	lease_record_free(record);
}

/* Nothing of the client before goes over to the next. */
static void records_do_not_mix_clients(void **state)
{
	struct fixture *fixture = *state;
	struct lease_record *record;
	struct answered answered;
	struct asked before;

	ask_write(&before, &(struct ask){.type = DHCP_DISCOVER, .client = 5});
	fixture_record(fixture, &before, "10.1.0.15", LEASE_FREE)->current->potential = 11;
	answer(fixture,
	       &(struct ask){.type = DHCP_REQUEST,
			     .client = 9,
			     .requested = "10.1.0.15",
			     .server_id = "10.1.0.1"},
	       &answered);
	assert_int_equal(answered.verdict.action, SERVER_GRANT);
	record = server_record_of(&answered.asked.request, &answered.verdict, NOW + 1200);
	assert_int_equal(record->potential, 0);
	assert_int_equal(record->agent_length, 0);
	lease_record_free(record);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(the_whole_ack),
		WITH_FIXTURE(the_tail_makes_the_same_ack),
		WITH_FIXTURE(short_replies_are_padded),
		WITH_FIXTURE(the_fixed_part_of_an_offer),
		WITH_FIXTURE(naks),
		WITH_FIXTURE(informs),
		WITH_FIXTURE(destinations),
		WITH_FIXTURE(an_inform_without_address_is_broadcast),
		WITH_FIXTURE(nothing_to_send),
		WITH_FIXTURE(echoes_come_before_options),
		WITH_FIXTURE(a_long_echo_is_split),
		WITH_FIXTURE(more_than_a_tail),
		WITH_FIXTURE(stamps),
		WITH_FIXTURE(first_and_later_tails_are_equal),
		WITH_FIXTURE(records),
		WITH_FIXTURE(records_do_not_mix_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
