/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/dhcp/payload.h"

static void assert_option(const struct dhcp_message *message, uint8_t code, const char *data,
			  size_t length)
{
	const struct dhcp_option *option = dhcp_message_option(message, code);

	assert_non_null(option);
	assert_int_equal(option->length, length);
	assert_memory_equal(option->data, data, length);
}

/* What real clients sent, and what a dissector reads in it. */
static const struct {
	const char *name;
	uint8_t type;
	uint32_t ciaddr, giaddr, requested, server_id;
	uint8_t client_id, parameters, agent; /* lengths; 0: absent */
} captured[] = {
	{"dhclient-discover", 1, 0, 0, 0, 0, 0, 13, 0},
	{"dhclient-select", 3, 0, 0, 0xc0a83264, 0xc0a83201, 0, 13, 0},
	{"dhclient-renew", 3, 0xc0a83264, 0, 0, 0, 0, 13, 0},
	{"dhclient-release", 7, 0xc0a83264, 0, 0, 0xc0a83201, 0, 0, 0},
	{"dhclient-reboot", 3, 0, 0, 0x0a630005, 0, 0, 13, 0},
	{"dhclient-decline", 4, 0, 0, 0xc0a83267, 0xc0a83201, 0, 0, 0},
	{"udhcpc-discover", 1, 0, 0, 0, 0, 7, 7, 0},
	{"udhcpc-select", 3, 0, 0, 0xc0a83264, 0xc0a83201, 7, 7, 0},
	{"udhcpc-renew", 3, 0xc0a83264, 0, 0, 0, 7, 7, 0},
	{"udhcpc-release", 7, 0xc0a83264, 0, 0, 0xc0a83201, 7, 0, 0},
	{"udhcpc-decline", 4, 0, 0, 0xc0a83264, 0xc0a83201, 7, 0, 0},
	{"dhcpcd-discover", 1, 0, 0, 0, 0, 19, 13, 0},
	{"dhcpcd-select", 3, 0, 0, 0xc0a83265, 0xc0a83201, 19, 13, 0},
	{"dhcpcd-renew", 3, 0xc0a83265, 0, 0, 0, 19, 13, 0},
	{"dhcpcd-inform", 8, 0xc0a83232, 0, 0, 0, 19, 11, 0},
	{"networkd-discover", 1, 0, 0, 0, 0, 19, 9, 0},
	{"networkd-select", 3, 0, 0, 0xc0a83266, 0xc0a83201, 19, 9, 0},
	{"networkd-renew", 3, 0xc0a83266, 0, 0, 0, 19, 9, 0},
	{"networkd-release", 7, 0xc0a83266, 0, 0, 0, 19, 0, 0},
	{"relayed-dhclient-discover", 1, 0, 0xc0a83c01, 0, 0, 0, 13, 4},
	{"relayed-dhclient-renew", 3, 0xc0a83c64, 0xc0a83c01, 0, 0, 0, 13, 4},
	{"relayed-udhcpc-select", 3, 0, 0xc0a83c01, 0xc0a83c64, 0xc0000202, 7, 7, 4},
	{"relayed-udhcpc-renew", 3, 0xc0a83c64, 0xc0a83c01, 0, 0, 7, 7, 4},
	{"relayed-dhcpcd-renew", 3, 0xc0a83c65, 0xc0a83c01, 0, 0, 19, 13, 4},
	{"relayed-networkd-renew", 3, 0xc0a83c66, 0xc0a83c01, 0, 0, 19, 9, 4},
	{"relayed-agent-ids", 3, 0x0a010021, 0x0a000001, 0, 0, 7, 8, 26},
};

static size_t option_length(const struct dhcp_message *message, uint8_t code)
{
	const struct dhcp_option *option = dhcp_message_option(message, code);

	return option ? option->length : 0;
}

static uint32_t option_u32(const struct dhcp_message *message, uint8_t code)
{
	uint32_t value = 0;

	dhcp_message_u32(message, code, &value);
	return value;
}

static void test_captured_clients(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(captured) / sizeof(captured[0]); i++) {
		struct payload payload = payload_load(captured[i].name);
		struct dhcp_message message;

		assert_int_equal(dhcp_message_parse(payload.bytes, payload.length, &message), 0);
		assert_int_equal(message.type, captured[i].type);
		assert_int_equal(message.ciaddr, captured[i].ciaddr);
		assert_int_equal(message.giaddr, captured[i].giaddr);
		assert_int_equal(option_u32(&message, 50), captured[i].requested);
		assert_int_equal(option_u32(&message, 54), captured[i].server_id);
		assert_int_equal(option_length(&message, 61), captured[i].client_id);
		assert_int_equal(option_length(&message, 55), captured[i].parameters);
		assert_int_equal(option_length(&message, 82), captured[i].agent);
		assert_int_equal(message.joined_length, 0);
		payload_free(&payload);
	}
}

/* Every field of the fixed part has a value of its own here: catches any two that are mixed up. */
static void test_fixed_fields(void **state)
{
	struct payload payload = payload_of_type(DHCP_REQUEST);
	struct dhcp_message message;

	(void)state;
	payload_end(&payload);
	payload.bytes[3] = 4;
	for (int i = 8; i < 44; i++)
		payload.bytes[i] = (uint8_t)(0x80 + i);
	memset(&message, 0xee, sizeof(message));
	assert_int_equal(dhcp_message_parse(payload.bytes, payload.length, &message), 0);
	assert_int_equal(message.op, 1);
	assert_int_equal(message.htype, 1);
	assert_int_equal(message.hlen, 6);
	assert_int_equal(message.hops, 4);
	assert_int_equal(message.xid, 0xa1a2a3a4U);
	assert_int_equal(message.secs, 0x8889);
	assert_int_equal(message.flags, 0x8a8b);
	assert_int_equal(message.ciaddr, 0x8c8d8e8fU);
	assert_int_equal(message.yiaddr, 0x90919293U);
	assert_int_equal(message.siaddr, 0x94959697U);
	assert_int_equal(message.giaddr, 0x98999a9bU);
	assert_memory_equal(message.chaddr, payload.bytes + 28, 16);
	assert_null(dhcp_message_option(&message, 55));
	payload_free(&payload);
}

/* Each cut of a real message is refused, and no cut is read past its end. */
static void test_every_cut_is_refused(void **state)
{
	struct payload whole = payload_load("relayed-agent-ids");
	struct dhcp_message message;
	size_t end = whole.length;

	(void)state;
	while (whole.bytes[end - 1] != DHCP_OPT_END)
		end--;
	for (size_t length = 0; length < end; length++) {
		struct payload cut = {0};
		enum dhcp_refusal refusal;

		payload_append(&cut, whole.bytes, length);
		refusal = dhcp_message_parse(cut.bytes, length, &message);
		if (length < DHCP_FIXED_LEN)
			assert_int_equal(refusal, DHCP_REFUSE_SHORT);
		else
			assert_true(refusal == DHCP_REFUSE_NO_END ||
				    refusal == DHCP_REFUSE_OPTION_LENGTH);
		payload_free(&cut);
	}
	payload_free(&whole);
}

/* One byte of the fixed part changed at a time. */
static void test_fixed_part_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		enum dhcp_refusal refusal;
	} rows[] = {
		{0, 2, DHCP_REFUSE_OP},		 {0, 0, DHCP_REFUSE_OP},
		{2, 17, DHCP_REFUSE_HLEN},	 {2, 255, DHCP_REFUSE_HLEN},
		{2, 0, DHCP_REFUSE_NO_CLIENT},	 {2, 16, DHCP_REFUSE_NONE},
		{236, 98, DHCP_REFUSE_COOKIE},	 {239, 98, DHCP_REFUSE_COOKIE},
		{242, 0, DHCP_REFUSE_NO_TYPE},	 {242, 9, DHCP_REFUSE_NO_TYPE},
		{242, 255, DHCP_REFUSE_NO_TYPE}, {242, 8, DHCP_REFUSE_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct payload payload = payload_of_type(DHCP_DISCOVER);

		payload.bytes[rows[i].at] = rows[i].value;
		payload_expect(&payload, rows[i].refusal);
	}
}

/* A client without hardware address (RFC 4390 over InfiniBand) is known by its identifier. */
static void test_client_id_is_enough(void **state)
{
	struct payload payload = payload_of_type(DHCP_DISCOVER);

	(void)state;
	payload.bytes[2] = 0;
	payload_option(&payload, DHCP_OPT_CLIENT_ID, "\x00x", 2);
	payload_expect(&payload, DHCP_REFUSE_NONE);
}

static void test_no_type(void **state)
{
	struct payload payload = payload_begin();

	(void)state;
	payload_option(&payload, DHCP_OPT_PARAMETER_REQUEST, "\x01", 1);
	payload_expect(&payload, DHCP_REFUSE_NO_TYPE);
}

/* RFC 2132 chapter 9: one byte less and one more than right. */
static void test_wrong_lengths(void **state)
{
	static const struct {
		uint8_t code, length;
	} rights[] = {{50, 4}, {51, 4}, {52, 1}, {54, 4}, {57, 2}};
	static const uint8_t data[] = {1, 1, 1, 1, 1, 1};

	(void)state;
	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
		for (int extra = -1; extra <= 1; extra++) {
			struct payload payload = payload_of_type(DHCP_REQUEST);

			payload.bytes[108] = DHCP_OPT_END;
			payload_option(&payload, rights[i].code, data,
				       (uint8_t)(rights[i].length + extra));
			payload_expect(&payload, extra ? DHCP_REFUSE_BAD_OPTION : DHCP_REFUSE_NONE);
		}
}

static void test_client_id_lengths(void **state)
{
	static const uint8_t data[255] = {1};
	struct payload empty = payload_of_type(DHCP_REQUEST);
	struct payload one = payload_of_type(DHCP_REQUEST);
	struct payload longest = payload_of_type(DHCP_REQUEST);
	struct payload too_long = payload_of_type(DHCP_REQUEST);

	(void)state;
	payload_option(&empty, DHCP_OPT_CLIENT_ID, data, 0);
	payload_expect(&empty, DHCP_REFUSE_BAD_OPTION);
	payload_option(&one, DHCP_OPT_CLIENT_ID, data, 1);
	payload_expect(&one, DHCP_REFUSE_NONE);
	payload_option(&longest, DHCP_OPT_CLIENT_ID, data, 255);
	payload_expect(&longest, DHCP_REFUSE_NONE);
	payload_option(&too_long, DHCP_OPT_CLIENT_ID, data, 255);
	payload_option(&too_long, DHCP_OPT_CLIENT_ID, data, 1);
	payload_expect(&too_long, DHCP_REFUSE_BAD_OPTION);
}

/* A second message type would be joined to two bytes: not the first one, not the last one. */
static void test_two_types_refused(void **state)
{
	struct payload payload = payload_of_type(DHCP_DISCOVER);

	(void)state;
	payload_option(&payload, DHCP_OPT_MESSAGE_TYPE, "\x07", 1);
	payload_expect(&payload, DHCP_REFUSE_BAD_OPTION);
}

/* RFC 3396: parts of one option, with others between them, parts of those too. */
static void test_split_options_are_joined(void **state)
{
	struct payload payload = payload_load("made-split-interleaved");
	struct dhcp_message message;

	(void)state;
	assert_int_equal(dhcp_message_parse(payload.bytes, payload.length, &message), 0);
	assert_option(&message, 12, "abcd", 4);
	assert_option(&message, 55, "\x01\x03", 2);
	payload_free(&payload);
}

/* Catches a join that looks at an option's length instead of its presence. */
static void test_empty_first_part(void **state)
{
	struct payload payload = payload_of_type(DHCP_DISCOVER);
	struct dhcp_message message;

	(void)state;
	payload_option(&payload, 12, "", 0);
	payload_option(&payload, 12, "ab", 2);
	payload_option(&payload, 12, "", 0);
	payload_option(&payload, 60, "", 0);
	payload_end(&payload);
	assert_int_equal(dhcp_message_parse(payload.bytes, payload.length, &message), 0);
	assert_option(&message, 12, "ab", 2);
	assert_option(&message, 60, "", 0);
	payload_free(&payload);
}

/* `joined` holds 2048 bytes: a long option fits whole, two that grow in turn do not. */
static void test_joined_room(void **state)
{
	struct payload payload = payload_of_type(DHCP_DISCOVER);
	struct dhcp_message message;
	uint8_t data[255];

	(void)state;
	memset(data, 'a', sizeof(data));
	for (int i = 0; i < 8; i++)
		payload_option(&payload, 43, data, 255);
	payload_option(&payload, 43, data, 8);
	payload_end(&payload);
	assert_int_equal(dhcp_message_parse(payload.bytes, payload.length, &message), 0);
	assert_int_equal(message.options[43].length, 2048);
	payload.bytes[payload.length - 1] = 43;
	payload_append(&payload, "\x01z", 2);
	payload_expect(&payload, DHCP_REFUSE_TOO_MANY);
	payload = payload_load("made-joined-overflow");
	assert_int_equal(dhcp_message_parse(payload.bytes, payload.length, &message),
			 DHCP_REFUSE_TOO_MANY);
	payload_free(&payload);
}

static void test_pads_and_what_follows_end(void **state)
{
	struct payload payload = payload_begin();
	struct dhcp_message message;

	(void)state;
	payload_append(&payload, "\0\0\0\x35\x01\x01\0\0\x37\x01\x06\xff\x37\x01\x03", 15);
	assert_int_equal(dhcp_message_parse(payload.bytes, payload.length, &message), 0);
	assert_option(&message, 55, "\x06", 1);
	assert_null(dhcp_message_option(&message, 0));
	assert_null(dhcp_message_option(&message, 255));
	payload_free(&payload);
}

/* RFC 3396 section 5: options, then file, then sname, and one option may span all three. */
static void test_overload(void **state)
{
	static const struct {
		uint8_t value;
		const char *parameters;
	} rows[] = {{1, "\x01\x02"}, {2, "\x01\x03"}, {3, "\x01\x02\x03"}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct payload payload = payload_of_type(DHCP_DISCOVER);
		struct dhcp_message message;

		payload_option(&payload, DHCP_OPT_OVERLOAD, &rows[i].value, 1);
		payload_option(&payload, 55, "\x01", 1);
		payload_end(&payload);
		memcpy(payload.bytes + 44, "\x37\x01\x03\xff", 4);
		memcpy(payload.bytes + 108, "\x37\x01\x02\xff", 4);
		assert_int_equal(dhcp_message_parse(payload.bytes, payload.length, &message), 0);
		assert_option(&message, 55, rows[i].parameters, strlen(rows[i].parameters));
		payload_free(&payload);
	}
}

/* An option in file that runs into the cookie, a field without END, and values that mean nothing. */
static void test_overload_refused(void **state)
{
	struct payload payload = payload_load("made-overload-cut");
	struct dhcp_message message;

	(void)state;
	assert_int_equal(dhcp_message_parse(payload.bytes, payload.length, &message),
			 DHCP_REFUSE_OPTION_LENGTH);
	payload.bytes[108 + 1] = 126;
	assert_int_equal(dhcp_message_parse(payload.bytes, payload.length, &message),
			 DHCP_REFUSE_NO_END);
	payload_free(&payload);
	for (int value = 0; value < 256; value += value ? 63 : 4) {
		payload = payload_of_type(DHCP_DISCOVER);
		payload_option(&payload, DHCP_OPT_OVERLOAD, &(uint8_t){(uint8_t)value}, 1);
		payload_expect(&payload, DHCP_REFUSE_BAD_OPTION);
	}
}

/* Overload says itself where options are: a second one, in a field that it names, is no news. */
static void test_overload_inside(void **state)
{
	struct payload payload = payload_of_type(DHCP_DISCOVER);

	(void)state;
	payload_option(&payload, DHCP_OPT_OVERLOAD, "\x01", 1);
	memcpy(payload.bytes + 108, "\x34\x01\x02\xff", 4);
	payload_expect(&payload, DHCP_REFUSE_BAD_OPTION);
}

/* Without overload the names are names, whatever they look like. */
static void test_names_are_not_options(void **state)
{
	struct payload payload = payload_of_type(DHCP_DISCOVER);

	(void)state;
	memset(payload.bytes + 44, 0x37, 192);
	payload_expect(&payload, DHCP_REFUSE_NONE);
}

static void test_u32(void **state)
{
	struct payload payload = payload_of_type(DHCP_DISCOVER);
	struct dhcp_message message;
	uint32_t value = 7;

	(void)state;
	payload_option(&payload, DHCP_OPT_LEASE_TIME, "\x81\x02\x03\x84", 4);
	payload_option(&payload, 2, "\x01\x02\x03", 3);
	payload_end(&payload);
	assert_int_equal(dhcp_message_parse(payload.bytes, payload.length, &message), 0);
	assert_false(dhcp_message_u32(&message, 2, &value));
	assert_false(dhcp_message_u32(&message, DHCP_OPT_SERVER_ID, &value));
	assert_int_equal(value, 7);
	assert_true(dhcp_message_u32(&message, DHCP_OPT_LEASE_TIME, &value));
	assert_int_equal(value, 0x81020384U);
	payload_free(&payload);
}

static void test_agent_options(void **state)
{
	static const uint8_t data[] = {1, 2, 'r', 'c', 2, 0, 5, 4, 10, 0, 0, 1, 1, 1, 'x'};
	struct dhcp_option agent = {.data = data, .length = sizeof(data)};
	struct dhcp_option found;

	(void)state;
	found = dhcp_agent_option(agent, DHCP_AGENT_CIRCUIT_ID);
	assert_int_equal(found.length, 2);
	assert_memory_equal(found.data, "rc", 2);
	found = dhcp_agent_option(agent, DHCP_AGENT_REMOTE_ID);
	assert_non_null(found.data);
	assert_int_equal(found.length, 0);
	found = dhcp_agent_option(agent, DHCP_AGENT_LINK_SELECTION);
	assert_memory_equal(found.data, "\x0a\x00\x00\x01", 4);
	assert_null(dhcp_agent_option(agent, DHCP_AGENT_SERVER_ID_OVERRIDE).data);
	assert_null(dhcp_agent_option((struct dhcp_option){0}, 1).data);
}

/* Malformed anywhere is malformed: no part of it is believed. */
static void test_agent_malformed(void **state)
{
	static const uint8_t data[] = {1, 2, 'r', 'c', 2, 1, 'x'};

	(void)state;
	for (uint16_t length = 1; length < sizeof(data); length++) {
		struct payload exact = {0};
		struct dhcp_option agent, found;

		payload_append(&exact, data, length);
		agent = (struct dhcp_option){.data = exact.bytes, .length = length};
		found = dhcp_agent_option(agent, DHCP_AGENT_CIRCUIT_ID);
		assert_true((found.data != NULL) == (length == 4));
		payload_free(&exact);
	}
}

/* Counters are named by these words: each has one, and no two the same. */
static void test_refusal_words(void **state)
{
	(void)state;
	for (int i = 0; i < DHCP_REFUSE_MAX; i++) {
		assert_non_null(dhcp_refusal_word((enum dhcp_refusal)i));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(dhcp_refusal_word((enum dhcp_refusal)i),
						dhcp_refusal_word((enum dhcp_refusal)j));
	}
	assert_string_equal(dhcp_refusal_word(DHCP_REFUSE_NO_END), "no-end");
	assert_string_equal(dhcp_refusal_word(DHCP_REFUSE_MAX), "unknown");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_captured_clients),
		cmocka_unit_test(test_fixed_fields),
		cmocka_unit_test(test_every_cut_is_refused),
		cmocka_unit_test(test_fixed_part_refused),
		cmocka_unit_test(test_client_id_is_enough),
		cmocka_unit_test(test_no_type),
		cmocka_unit_test(test_wrong_lengths),
		cmocka_unit_test(test_client_id_lengths),
		cmocka_unit_test(test_two_types_refused),
		cmocka_unit_test(test_split_options_are_joined),
		cmocka_unit_test(test_empty_first_part),
		cmocka_unit_test(test_joined_room),
		cmocka_unit_test(test_pads_and_what_follows_end),
		cmocka_unit_test(test_overload),
		cmocka_unit_test(test_overload_refused),
		cmocka_unit_test(test_overload_inside),
		cmocka_unit_test(test_names_are_not_options),
		cmocka_unit_test(test_u32),
		cmocka_unit_test(test_agent_options),
		cmocka_unit_test(test_agent_malformed),
		cmocka_unit_test(test_refusal_words),
	};

	return cmocka_run_group_tests_name("dhcp/message", tests, NULL, NULL);
}
