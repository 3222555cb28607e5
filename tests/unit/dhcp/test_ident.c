/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/dhcp/payload.h"

#include "dhcp/ident.h"
#include "dhcp/option.h"
#include "xdp/shared/abi.h"

#define SEED 0x0123456789abcdefULL

/*
 * Key and signature of captured renewals under SEED, from a second
 * implementation in another language. Maps that outlive the daemon hold these
 * numbers: whoever changes them raises XDHCP_ABI.
 */
static const struct {
	const char *name;
	uint64_t key, signature;
} known[] = {
	{"dhclient-renew", 0x4d71b5a334f89f94ULL, 0x8fe6999046c0a363ULL},
	{"udhcpc-renew", 0x451b0d93496af9daULL, 0xb3e0bfa6b373ff0eULL},
	{"dhcpcd-renew", 0x67c82f2210d1c67bULL, 0x1804973440fc035fULL},
	{"relayed-networkd-renew", 0x4e49543a56731942ULL, 0x3112ef212ddc1495ULL},
};

static uint64_t payload_signature(struct payload *payload, const uint8_t *roles)
{
	struct dhcp_message message;
	uint64_t signature;

	payload_end(payload);
	assert_int_equal(dhcp_message_parse(payload->bytes, payload->length, &message), 0);
	signature = dhcp_signature(SEED, roles, &message);
	payload_free(payload);
	return signature;
}

static void test_known_numbers(void **state)
{
	uint8_t roles[256];

	(void)state;
	dhcp_option_roles(roles);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct payload payload = payload_load(known[i].name);
		struct dhcp_message message;
		struct dhcp_ident ident;

		assert_int_equal(dhcp_message_parse(payload.bytes, payload.length, &message), 0);
		assert_true(dhcp_ident_of(&message, &ident));
		assert_true(dhcp_ident_key(SEED, ident.bytes, ident.length) == known[i].key);
		assert_true(dhcp_signature(SEED, roles, &message) == known[i].signature);
		payload_free(&payload);
	}
}

static void test_ident_bytes(void **state)
{
	struct dhcp_message message = {.htype = 6, .hlen = 3, .chaddr = {1, 2, 3, 4}};
	struct dhcp_ident ident;

	(void)state;
	assert_true(dhcp_ident_of(&message, &ident));
	assert_true(dhcp_ident_equal(&ident, (const uint8_t *)"\x00\x06\x01\x02\x03", 5));
	assert_false(dhcp_ident_equal(&ident, (const uint8_t *)"\x00\x06\x01\x02\x03", 4));
	assert_false(dhcp_ident_equal(&ident, (const uint8_t *)"\x00\x06\x01\x02\x04", 5));
	message.options[61] = (struct dhcp_option){(const uint8_t *)"\x01zz", 3};
	assert_true(dhcp_ident_of(&message, &ident));
	assert_true(dhcp_ident_equal(&ident, (const uint8_t *)"\x3d\x01zz", 4));
}

/* A message that the parser would refuse gives no identity, above all no cut one. */
static void test_no_ident(void **state)
{
	static const uint8_t data[300];
	struct dhcp_message message = {.htype = 1};
	struct dhcp_ident ident = {.length = 99};

	(void)state;
	assert_false(dhcp_ident_of(&message, &ident));
	message.hlen = 17;
	assert_false(dhcp_ident_of(&message, &ident));
	message.hlen = 6;
	message.options[61] = (struct dhcp_option){data, 256};
	assert_false(dhcp_ident_of(&message, &ident));
	message.options[61].length = 0;
	assert_false(dhcp_ident_of(&message, &ident));
	assert_int_equal(ident.length, 99);
	message.options[61].length = 255;
	assert_true(dhcp_ident_of(&message, &ident));
	assert_int_equal(ident.length, DHCP_IDENT_MAX);
}

/* The same bytes in the two roles are two clients; so are hardware types and lengths. */
static void test_keys_differ(void **state)
{
	static const struct {
		const char *bytes;
		uint16_t length;
	} idents[] = {
		{"\x3d\x01\x02\x03\x04\x05\x06\x07", 8}, {"\x00\x01\x02\x03\x04\x05\x06\x07", 8},
		{"\x00\x06\x02\x03\x04\x05\x06\x07", 8}, {"\x00\x01\x02\x03\x04\x05\x06\x08", 8},
		{"\x00\x01\x02\x03\x04\x05\x06\x00", 8}, {"\x00\x01\x02\x03\x04\x05\x06\x00", 7},
		{"\x3d\x01\x02\x03\x04\x05\x06\x00", 8}, {"\x3d\x01\x02\x03\x04\x05\x06\x00", 7},
	};
	size_t count = sizeof(idents) / sizeof(idents[0]);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		uint64_t key =
			dhcp_ident_key(SEED, (const uint8_t *)idents[i].bytes, idents[i].length);

		assert_true(key != 0);
		for (size_t j = 0; j < i; j++)
			assert_true(key != dhcp_ident_key(SEED, (const uint8_t *)idents[j].bytes,
							  idents[j].length));
		assert_true(key != dhcp_ident_key(SEED + 1, (const uint8_t *)idents[i].bytes,
						  idents[i].length));
	}
}

/* Identities of every length in memory of just that length: what lies behind is neither read nor counted. */
static void test_key_of_exact_bytes(void **state)
{
	uint8_t loose[DHCP_IDENT_MAX + 8];

	(void)state;
	for (uint16_t length = 0; length <= DHCP_IDENT_MAX; length++) {
		struct payload exact = {0};

		memset(loose, 0xee, sizeof(loose));
		memset(loose, DHCP_OPT_CLIENT_ID, length);
		payload_append(&exact, loose, length);
		assert_true(dhcp_ident_key(SEED, exact.bytes, length) ==
			    dhcp_ident_key(SEED, loose, length));
		payload_free(&exact);
	}
}

static void test_signature_sees(void **state)
{
	static const struct {
		uint8_t code, length;
		const char *data;
	} seen[] = {
		{51, 4, "\0\0\1\0"}, {51, 4, "\0\0\2\0"}, {55, 2, "\1\3"},
		{55, 2, "\3\1"},     {55, 3, "\1\3\6"},	  {55, 0, ""},
		{57, 2, "\2\1"},     {57, 2, "\5\1"},	  {61, 2, "\1\1"},
	};
	size_t count = sizeof(seen) / sizeof(seen[0]);
	struct payload plain = payload_of_type(DHCP_REQUEST);
	struct payload moved = payload_of_type(DHCP_REQUEST);
	uint64_t signatures[10];
	uint8_t roles[256];

	(void)state;
	dhcp_option_roles(roles);
	signatures[count] = payload_signature(&plain, roles);
	for (size_t i = 0; i < count; i++) {
		struct payload payload = payload_of_type(DHCP_REQUEST);

		payload_option(&payload, seen[i].code, seen[i].data, seen[i].length);
		signatures[i] = payload_signature(&payload, roles);
		assert_true(signatures[i] != signatures[count]);
		for (size_t j = 0; j < i; j++)
			assert_true(signatures[i] != signatures[j]);
	}
	/* The same identifier from other hardware may be another host of the configuration. */
	payload_option(&moved, 61, "\1\1", 2);
	moved.bytes[28] ^= 1;
	assert_true(payload_signature(&moved, roles) != signatures[count - 1]);
}

/* What the reply does not depend on: values of 50, 53, 54, 61, 82, names and classes, the order of all. */
static void test_signature_overlooks(void **state)
{
	struct payload one = payload_of_type(DHCP_DISCOVER);
	struct payload other = payload_begin();
	uint8_t roles[256];

	(void)state;
	dhcp_option_roles(roles);
	payload_option(&one, 55, "\1\3", 2);
	payload_option(&one, 57, "\5\1", 2);
	payload_option(&one, 61, "\1\1", 2);
	payload_option(&other, 82, "\1\1x", 3);
	payload_option(&other, 61, "\1\2\3", 3);
	payload_option(&other, 60, "class", 5);
	payload_option(&other, 57, "\5\1", 2);
	payload_option(&other, 50, "\1\2\3\4", 4);
	payload_option(&other, 12, "name", 4);
	payload_option(&other, 54, "\1\2\3\4", 4);
	payload_option(&other, 55, "\1\3", 2);
	payload_option(&other, 53, "\3", 1);
	assert_true(payload_signature(&one, roles) == payload_signature(&other, roles));
}

/* Configuration may track more, and then values of any length count to the last byte that is hashed. */
static void test_signature_of_added_roles(void **state)
{
	uint8_t roles[256], data[255] = {0};
	uint64_t before = 0;

	(void)state;
	dhcp_option_roles(roles);
	roles[60] = XDHCP_ROLE_TRACK;
	for (int i = 0; i < 255; i++) {
		struct payload payload = payload_of_type(DHCP_REQUEST);
		uint64_t signature;

		data[i] = 1;
		payload_option(&payload, 60, data, 255);
		signature = payload_signature(&payload, roles);
		assert_true(signature != before);
		before = signature;
	}
}

/* A joined option longer than what is hashed is read no further than it lies. */
static void test_signature_of_joined(void **state)
{
	struct payload payload = payload_of_type(DHCP_REQUEST);
	uint8_t roles[256], data[255] = {0};

	(void)state;
	dhcp_option_roles(roles);
	payload_option(&payload, 55, data, 255);
	payload_option(&payload, 55, data, 255);
	assert_true(payload_signature(&payload, roles) != 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_numbers),
		cmocka_unit_test(test_ident_bytes),
		cmocka_unit_test(test_no_ident),
		cmocka_unit_test(test_keys_differ),
		cmocka_unit_test(test_key_of_exact_bytes),
		cmocka_unit_test(test_signature_sees),
		cmocka_unit_test(test_signature_overlooks),
		cmocka_unit_test(test_signature_of_added_roles),
		cmocka_unit_test(test_signature_of_joined),
	};

	return cmocka_run_group_tests_name("dhcp/ident", tests, NULL, NULL);
}
