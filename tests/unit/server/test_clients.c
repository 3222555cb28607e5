// SPDX-License-Identifier: GPL-2.0-only
/*
 * What dhclient, udhcpc, dhcpcd and networkd really sent, and what ISC dhcpd
 * 4.4.3 answered: the whole life of each client, in order, against one lease
 * table. A line of the files in tests/data is
 *
 *   CLIENT SOURCE DESTINATION REQUEST (- | DESTINATION PORT REPLY)
 *
 * with payloads in hexadecimal and "(n)" for n zero bytes. Our reply is
 * dhcpd's but for what we do better on purpose: option 61 is echoed (RFC
 * 6842), secs is 0 (RFC 2131 table 3), a NAK names its reason.
 */
#include "fixture.h"

#define LINE_MAX_LENGTH 8192

struct exchange {
	char client[16];
	char source[16], destination[16];
	uint8_t request[2048];
	size_t request_length;
	bool answered;
	char reply_destination[16];
	unsigned reply_port;
	uint8_t reply[2048];
	size_t reply_length;
};

static size_t payload_read(const char *text, uint8_t *bytes, size_t size)
{
	size_t length = 0;

	while (*text) {
		unsigned byte;
		int used;

		if (*text == '(') {
			unsigned zeroes = strtoul(text + 1, NULL, 10);

			assert_true(length + zeroes <= size);
			memset(bytes + length, 0, zeroes);
			length += zeroes;
			text = strchr(text, ')') + 1;
			continue;
		}
		assert_int_equal(sscanf(text, "%2x%n", &byte, &used), 1);
		assert_true(used == 2 && length < size);
		bytes[length++] = byte;
		text += 2;
	}
	return length;
}

static bool exchange_read(FILE *file, struct exchange *exchange)
{
	static char line[LINE_MAX_LENGTH], request[LINE_MAX_LENGTH], reply[LINE_MAX_LENGTH];
	int fields;

	if (!fgets(line, sizeof(line), file))
		return false;
	fields = sscanf(line, "%15s %15s %15s %s %15s %u %s", exchange->client, exchange->source,
			exchange->destination, request, exchange->reply_destination,
			&exchange->reply_port, reply);
	assert_true(fields == 5 || fields == 7);
	exchange->answered = fields == 7;
	exchange->request_length =
		payload_read(request, exchange->request, sizeof(exchange->request));
	if (exchange->answered)
		exchange->reply_length =
			payload_read(reply, exchange->reply, sizeof(exchange->reply));
	return true;
}

/* The client takes dhcpd's offer, so that is the address that is held. */
static void hold(struct fixture *fixture, const struct server_request *request,
		 const struct exchange *exchange)
{
	struct wire_bootp fixed;
	struct lease *lease;

	memcpy(&fixed, exchange->reply, sizeof(fixed));
	lease = lease_table_find(fixture->table, ntohl(fixed.yiaddr));
	assert_non_null(lease);
	assert_int_equal(lease_pool_offer(fixture->table, lease, &request->ident,
					  request->now + SERVER_OFFER_HOLD),
			 0);
}

/* The daemon's part: what a verdict makes true. */
static void carry_out(struct fixture *fixture, const struct server_request *request,
		      const struct server_verdict *verdict, const struct exchange *exchange)
{
	int64_t promise;

	switch (verdict->action) {
	case SERVER_OFFER:
		hold(fixture, request, exchange);
		break;
	case SERVER_GRANT:
		fixture->group = lease_commit_grant(
			fixture->commit, verdict->lease,
			server_record_of(request, verdict, request->now + 1000), NULL);
		break;
	case SERVER_RELEASE:
		lease_commit_revoke(fixture->commit, verdict->lease, LEASE_RELEASED, request->now,
				    0, &promise);
		break;
	case SERVER_DECLINE:
		lease_commit_revoke(fixture->commit, verdict->lease, LEASE_ABANDONED, request->now,
				    request->now + fixture->conf->abandon_lease_time, &promise);
		break;
	default:
		break;
	}
	lease_commit_durable(fixture->commit, fixture->group);
}

static size_t options_without(uint8_t *to, const uint8_t *at, const uint8_t *end, uint8_t code)
{
	size_t length = 0;

	while (at < end && *at != DHCP_OPT_END) {
		assert_true(*at != DHCP_OPT_PAD);
		if (*at != code) {
			memcpy(to + length, at, 2 + at[1]);
			length += 2 + at[1];
		}
		at += 2 + at[1];
	}
	return length;
}

static void compare_payload(const struct exchange *exchange, const struct server_verdict *verdict,
			    const struct server_reply *reply)
{
	uint8_t ours[2048], theirs[2048];
	size_t ours_length, theirs_length;
	struct wire_bootp fixed;

	memcpy(&fixed, exchange->reply, sizeof(fixed));
	fixed.secs = 0;
	fixed.hops = 0;
	if (verdict->action == SERVER_NAK && !fixed.giaddr)
		fixed.flags = 0;
	/* which address a new client gets is each server's own affair */
	if (verdict->action == SERVER_OFFER)
		fixed.yiaddr = htonl(verdict->address);
	assert_memory_equal(reply->bytes, &fixed, sizeof(fixed));
	ours_length = options_without(ours, reply->bytes + DHCP_FIXED_LEN,
				      reply->bytes + reply->length, DHCP_OPT_CLIENT_ID);
	theirs_length =
		options_without(theirs, exchange->reply + DHCP_FIXED_LEN,
				exchange->reply + exchange->reply_length, DHCP_OPT_CLIENT_ID);
	if (verdict->action == SERVER_NAK) {
		ours_length = options_without(ours, ours, ours + ours_length, DHCP_OPT_MESSAGE);
		theirs_length =
			options_without(theirs, theirs, theirs + theirs_length, DHCP_OPT_MESSAGE);
	}
	assert_int_equal(ours_length, theirs_length);
	assert_memory_equal(ours, theirs, ours_length);
}

/* RFC 6842: what the client said of itself comes back, and 82 stays the last. */
static void check_echo(const struct server_request *request, const struct server_reply *reply)
{
	const uint8_t *at = reply->bytes + DHCP_FIXED_LEN, *end = reply->bytes + reply->length;
	static const uint8_t codes[] = {DHCP_OPT_CLIENT_ID, DHCP_OPT_AGENT};

	for (size_t i = 0; i < sizeof(codes); i++) {
		const struct dhcp_option *asked = dhcp_message_option(&request->message, codes[i]);
		uint8_t length = 0;
		const uint8_t *echo = option_in(at, end, codes[i], &length);

		assert_int_equal(!!echo, !!asked);
		if (!echo)
			continue;
		assert_int_equal(length, asked->length);
		assert_memory_equal(echo, asked->data, length);
		if (codes[i] == DHCP_OPT_AGENT)
			assert_int_equal(echo[length], DHCP_OPT_END);
	}
}

static void replay_one(struct fixture *fixture, const struct exchange *exchange, const char *link,
		       int64_t now)
{
	static struct server_request request;
	struct server_verdict verdict;
	struct server_reply reply;
	struct xdhcp_tail tail;
	bool stampable;

	assert_int_equal(
		server_request_parse(exchange->request, exchange->request_length, &request),
		DHCP_REFUSE_NONE);
	request.source = ip(exchange->source);
	request.destination = ip(exchange->destination);
	request.to_us = request.destination == ip(link);
	request.link_address = ip(link);
	request.ifindex = 2;
	request.now = now;
	verdict = server_decide(fixture->conf, fixture->table, NULL, &request);
	server_reply_build(&request, &verdict, &reply, &tail, &stampable);
	carry_out(fixture, &request, &verdict, exchange);
	assert_int_equal(!!reply.length, exchange->answered);
	if (!exchange->answered)
		return;
	assert_true(reply.length >= DHCP_REPLY_MIN);
	assert_int_equal(reply.destination_port, exchange->reply_port);
	if (verdict.action != SERVER_OFFER)
		assert_int_equal(reply.destination, ip(exchange->reply_destination));
	compare_payload(exchange, &verdict, &reply);
	check_echo(&request, &reply);
	if (request.message.type == DHCP_REQUEST && verdict.action != SERVER_NAK)
		assert_true(stampable);
}

static size_t replay(const char *path, const char *conf, const char *link)
{
	static struct exchange exchange;
	struct fixture fixture;
	FILE *file = fopen(path, "r");
	size_t count = 0;

	assert_non_null(file);
	fixture_open(&fixture, conf);
	while (exchange_read(file, &exchange)) {
		print_message("%s:%zu: %s\n", path, count + 1, exchange.client);
		replay_one(&fixture, &exchange, link, NOW + 5 * (int64_t)count);
		count++;
	}
	fclose(file);
	fixture_shut(&fixture);
	return count;
}

#define CLIENT_NETWORK(network) \
	"authoritative; default-lease-time 40; max-lease-time 40;\n" \
	"option dhcp-renewal-time 10; option dhcp-rebinding-time 20;\n" \
	"subnet " network ".0 netmask 255.255.255.0 {\n" \
	"  range " network ".100 " network ".199;\n" \
	"  option routers " network ".1;\n" \
	"  option domain-name-servers 192.0.2.53;\n" \
	"  option domain-name \"xg.example\";\n" \
	"  option ntp-servers 192.0.2.123;\n" \
	"}\n"

static void direct(void **state)
{
	(void)state;
	assert_int_equal(replay("tests/data/server_direct.txt", CLIENT_NETWORK("192.168.50"),
				"192.168.50.1"),
			 42);
}

static void relayed(void **state)
{
	(void)state;
	assert_int_equal(
		replay("tests/data/server_relayed.txt",
		       CLIENT_NETWORK("192.168.60") "subnet 192.0.2.0 netmask 255.255.255.0 { }\n",
		       "192.0.2.2"),
		56);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(direct),
		cmocka_unit_test(relayed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
