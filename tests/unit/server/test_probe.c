// SPDX-License-Identifier: GPL-2.0-only
/* The self-test's questions are such as clients ask, and no byte that matters is wrong unseen. */
#include "fixture.h"

#include "dhcp/frame.h"
#include "server/probe.h"

#define XID 0x12345678U

static const struct server_probe probe = {{2, 0, 0, 0, 0, 9}, {0, 1, 2, 3, 4, 5, 6, 7, 8}};

static const char *const conf_text =
	"authoritative; default-lease-time 600; max-lease-time 7200;\n"
	"option domain-name-servers 9.9.9.9; option domain-name \"x\";\n"
	"subnet 10.1.0.0 netmask 255.255.255.0 { range 10.1.0.10; option routers 10.1.0.1; }\n";

/* What the slow path answers to a payload; `bytes` stay where the request borrows them from. */
static struct server_verdict decide(struct fixture *fixture, const uint8_t *bytes, size_t length,
				    struct server_reply *ret_reply)
{
	struct server_request request;
	struct server_verdict verdict;
	struct xdhcp_tail tail;
	bool stampable;

	assert_int_equal(server_request_parse(bytes, length, &request), DHCP_REFUSE_NONE);
	request.source = request.message.giaddr;
	request.destination = request.message.giaddr ? ip("10.1.0.1") : 0xffffffffU;
	request.link_address = ip("10.1.0.1");
	request.ifindex = 1;
	request.to_us = request.message.giaddr;
	request.stale = false;
	request.now = NOW;
	verdict = server_decide(fixture->conf, fixture->table, NULL, &request);
	server_reply_build(&request, &verdict, ret_reply, &tail, &stampable);
	return verdict;
}

static struct server_probe_offer offer_of(uint32_t giaddr)
{
	return (struct server_probe_offer){
		.xid = XID,
		.giaddr = giaddr,
		.address = ip("10.1.0.10"),
		.server_id = ip("10.1.0.1"),
		.lease_time = 600,
		.t1 = 300,
		.t2 = 525,
	};
}

static void expect_wrong(const char *wrong, const char *name, size_t at)
{
	if (!wrong)
		fail_msg("byte %zu: nothing wrong", at);
	if (name && strcmp(wrong, name) != 0)
		fail_msg("byte %zu: %s, not %s", at, wrong, name);
}

/* Bytes that an OFFER may have otherwise: hops, siaddr, sname and file, and what the client asked for. */
static bool is_free(const struct server_reply *reply, size_t at)
{
	size_t options = DHCP_FIXED_LEN + TAIL_HEAD_LEN, echo = options;

	while (reply->bytes[echo] != DHCP_OPT_CLIENT_ID)
		echo += 2U + reply->bytes[echo + 1];
	return at == 3 || (at >= 20 && at < 24) || (at >= 44 && at < 236) ||
	       (at >= options && at < echo);
}

static void offered(struct fixture *fixture, uint32_t giaddr)
{
	struct server_probe_offer expected = offer_of(giaddr);
	uint8_t request[SERVER_PROBE_MAX];
	struct server_reply reply;
	size_t length = server_probe_discover(&probe, XID, giaddr, request);
	struct server_verdict verdict = decide(fixture, request, length, &reply);

	assert_int_equal(verdict.action, SERVER_OFFER);
	assert_null(server_probe_offer_wrong(&probe, &expected, reply.bytes, reply.length));
	for (size_t at = 0; at < reply.length; at++) {
		bool may_differ = is_free(&reply, at);

		reply.bytes[at] ^= 1;
		if (!may_differ)
			expect_wrong(server_probe_offer_wrong(&probe, &expected, reply.bytes,
							      reply.length),
				     NULL, at);
		reply.bytes[at] ^= 1;
	}
	for (length = 0; length < DHCP_REPLY_MIN; length++)
		assert_non_null(server_probe_offer_wrong(&probe, &expected, reply.bytes, length));
}

static void test_offer(void **state)
{
	struct fixture *fixture = *state;

	offered(fixture, 0);
	offered(fixture, ip("10.1.0.254"));
}

/* Each thing that is expected is looked at. */
static void test_offer_expected(void **state)
{
	struct fixture *fixture = *state;
	struct server_probe_offer others[7] = {offer_of(0), offer_of(0), offer_of(0), offer_of(0),
					       offer_of(0), offer_of(0), offer_of(0)};
	static const char *const names[] = {"xid",	  "giaddr", "yiaddr", "server identifier",
					    "lease time", "T1",	    "T2"};
	struct server_probe stranger = probe;
	uint8_t request[SERVER_PROBE_MAX];
	struct server_reply reply;

	decide(fixture, request, server_probe_discover(&probe, XID, 0, request), &reply);
	others[0].xid++;
	others[1].giaddr++;
	others[2].address++;
	others[3].server_id++;
	others[4].lease_time++;
	others[5].t1++;
	others[6].t2++;
	for (size_t i = 0; i < 7; i++)
		expect_wrong(
			server_probe_offer_wrong(&probe, &others[i], reply.bytes, reply.length),
			names[i], i);
	stranger.identifier[16]++;
	others[0] = offer_of(0);
	expect_wrong(server_probe_offer_wrong(&stranger, &others[0], reply.bytes, reply.length),
		     "client identifier", 0);
}

/* A frame as the kernel sends it: wherever it differs, it is named. */
static void test_frame(void **state)
{
	uint8_t payload[SERVER_PROBE_MAX], expected[1024], frame[1024];
	const struct dhcp_frame parts = {
		.destination_mac = {2},
		.source_mac = {4},
		.source = ip("10.1.0.1"),
		.destination = 0xffffffffU,
		.source_port = 67,
		.destination_port = 68,
		.payload = payload,
		.length = server_probe_renewal(&probe, XID, 0xffffffffU, payload),
	};
	size_t length = dhcp_frame_write(&parts, expected, sizeof(expected));

	(void)state;
	memcpy(frame, expected, length);
	assert_null(server_probe_frame_wrong(expected, length, frame, length));
	assert_null(server_probe_sums_wrong(frame, length));
	assert_non_null(server_probe_frame_wrong(expected, length, frame, length - 1));
	assert_non_null(server_probe_sums_wrong(frame, length - 1));
	for (size_t at = 0; at < length; at++) {
		frame[at] ^= 1;
		expect_wrong(server_probe_frame_wrong(expected, length, frame, length), NULL, at);
		if (at >= WIRE_ETH_HLEN)
			expect_wrong(server_probe_sums_wrong(frame, length), NULL, at);
		frame[at] ^= 1;
	}
}

static void test_frame_names(void **state)
{
	static const struct {
		size_t at;
		const char *name;
	} rows[] = {
		{13, "Ethernet header"},
		{14, "IPv4 header"},
		{33, "IPv4 header"},
		{34, "UDP ports or length"},
		{46, "xid"},
		{58, "yiaddr"},
		{70, "chaddr"},
		{282, "message type"},
		{285, "server identifier"},
		{293, "lease time"},
		{305, "T1 or T2"},
		{309, "options behind T2"},
	};
	uint8_t expected[400] = {0}, frame[400];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memcpy(frame, expected, sizeof(frame));
		frame[rows[i].at] ^= 1;
		frame[40] ^= 1; /* a sum that follows from it is not what is told */
		expect_wrong(
			server_probe_frame_wrong(expected, sizeof(expected), frame, sizeof(frame)),
			rows[i].name, rows[i].at);
	}
	memcpy(frame, expected, sizeof(frame));
	frame[41] = 1;
	expect_wrong(server_probe_frame_wrong(expected, sizeof(expected), frame, sizeof(frame)),
		     "UDP checksum", 41);
}

static int setup(void **state)
{
	struct fixture *fixture = malloc(sizeof(*fixture));

	fixture_open(fixture, conf_text);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	fixture_shut(*state);
	free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_offer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_offer_expected, setup, teardown),
		cmocka_unit_test(test_frame),
		cmocka_unit_test(test_frame_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
