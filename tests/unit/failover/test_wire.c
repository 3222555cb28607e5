/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes ↔ messages. tests/data/failover_*.txt is what two dhcpd 4.4.3 said to
 * each other: a message a line, its type's word and its bytes in hex.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "failover/state.h"
#include "failover/wire.h"

#define BIT(option) (1U << FAILOVER_##option)

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

static struct failover_message decoded(const uint8_t *bytes, size_t length)
{
	struct failover_message message;
	const char *why = NULL;

	if (failover_wire_decode(bytes, length, &message, &why))
		fail_msg("refused: %s", why);
	return message;
}

/* What came is what is sent again, byte by byte. */
static void again(const struct failover_message *message, const uint8_t *bytes, size_t length)
{
	uint8_t other[FAILOVER_MESSAGE_MAX];

	assert_int_equal(failover_wire_encode(message, other, sizeof(other)), length);
	assert_memory_equal(other, bytes, length);
}

/* Returns the options and, by type, the messages that were seen. */
static uint32_t replay(const char *path, unsigned types[256], unsigned states[256])
{
	char line[2 * FAILOVER_MESSAGE_MAX + 32], word[16];
	FILE *file = fopen(path, "r");
	uint8_t bytes[FAILOVER_MESSAGE_MAX];
	uint32_t options = 0;
	int used;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		struct failover_message message;
		size_t length;

		assert_int_equal(sscanf(line, "%15s %n", word, &used), 1);
		length = unhex(line + used, bytes, sizeof(bytes));
		assert_int_equal(failover_wire_length(bytes, length), length);
		message = decoded(bytes, length);
		assert_string_equal(failover_type_word(message.type), word);
		again(&message, bytes, length);
		options |= message.present;
		types[message.type]++;
		if (failover_has(&message, FAILOVER_SERVER_STATE))
			states[message.server_state]++;
	}
	fclose(file);
	return options;
}

/* The order of the options and each value's form are dhcpd's. */
static void test_what_dhcpd_says(void **state)
{
	static const char *const paths[] = {
		"tests/data/failover_lifecycle.txt",
		"tests/data/failover_recovery.txt",
		"tests/data/failover_conflict.txt",
		"tests/data/failover_poolreq.txt",
	};
	static const uint8_t states_heard[] = {
		FAILOVER_NORMAL,       FAILOVER_COMMUNICATIONS_INTERRUPTED,
		FAILOVER_PARTNER_DOWN, FAILOVER_POTENTIAL_CONFLICT,
		FAILOVER_RECOVER,      FAILOVER_SHUTDOWN,
		FAILOVER_RECOVER_DONE, FAILOVER_CONFLICT_DONE,
		FAILOVER_RECOVER_WAIT,
	};
	unsigned types[256] = {0}, states[256] = {0};
	uint32_t options = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		options |= replay(paths[i], types, states);
	for (unsigned type = FAILOVER_POOLREQ; type < FAILOVER_DISCONNECT; type++)
		assert_true(types[type] > 0);
	for (size_t i = 0; i < sizeof(states_heard); i++)
		assert_true(states[states_heard[i]] > 0);
	/* All that dhcpd sends but IP-flags, which those pools had no use for. */
	assert_int_equal(options, 0x1ffde87e);
}

/* A renewal as dhcpd tells it: each byte by hand. */
static void test_a_bndupd_by_hand(void **state)
{
	static const char hex[] = "0044030c 6b02bb60 0000004f 00020004 0a09006d 00030001 02"
				  "00050007 0102aa00000001 000d0004 6b02bb9c 00120004 6b02bdd6"
				  "00190004 6b02bb60 00060004 6b02bb60";
	static const uint8_t hardware[] = {1, 2, 0xaa, 0, 0, 0, 1};
	uint8_t bytes[FAILOVER_MESSAGE_MAX];
	size_t length = unhex(hex, bytes, sizeof(bytes));
	struct failover_message message = decoded(bytes, length);

	(void)state;
	assert_int_equal(length, 68);
	assert_int_equal(message.type, FAILOVER_BNDUPD);
	assert_int_equal(message.time, 0x6b02bb60);
	assert_int_equal(message.xid, 0x4f);
	assert_int_equal(message.address, 0x0a09006d);
	assert_int_equal(message.status, 2);
	assert_int_equal(message.hardware.length, sizeof(hardware));
	assert_memory_equal(message.hardware.data, hardware, sizeof(hardware));
	assert_int_equal(message.lease_expiration, 0x6b02bb9c);
	assert_int_equal(message.potential_expiration, 0x6b02bdd6);
	assert_int_equal(message.start_of_state, 0x6b02bb60);
	assert_int_equal(message.cltt, 0x6b02bb60);
	assert_int_equal(message.present, BIT(ASSIGNED_ADDRESS) | BIT(BINDING_STATUS) |
						  BIT(CLIENT_HARDWARE) | BIT(LEASE_EXPIRATION) |
						  BIT(POTENTIAL_EXPIRATION) | BIT(START_OF_STATE) |
						  BIT(CLTT));
	again(&message, bytes, length);
}

/* A message of a type with these options, in hex; returns its length. */
static size_t compose(uint8_t type, const char *hex, uint8_t bytes[FAILOVER_MESSAGE_MAX])
{
	size_t length = FAILOVER_HEADER;

	memcpy(bytes, "\0\0\0\x0c\x6b\x02\xbb\x60\0\0\0\x4f", FAILOVER_HEADER);
	length += unhex(hex, bytes + length, FAILOVER_MESSAGE_MAX - length);
	bytes[0] = (uint8_t)(length >> 8);
	bytes[1] = (uint8_t)length;
	bytes[2] = type;
	return length;
}

static void refused(const uint8_t *bytes, size_t length, const char *reason)
{
	struct failover_message message, untouched;
	const char *why = NULL;

	memset(&message, 0xee, sizeof(message));
	memset(&untouched, 0xee, sizeof(untouched));
	assert_int_equal(failover_wire_decode(bytes, length, &message, &why), -EBADMSG);
	assert_string_equal(why, reason);
	assert_memory_equal(&message, &untouched, sizeof(message));
}

/* dhcpd closes the connection for each of these, or dies of it. */
static void test_malformed(void **state)
{
	static const struct {
		uint8_t type;
		const char *options, *why;
	} cases[] = {
		{FAILOVER_BNDUPD, "00020004 0a000001 00020004 0a000002",
		 "assigned-IP-address comes twice"},
		{FAILOVER_BNDUPD, "00040000 00040001 41", "client-identifier comes twice"},
		{FAILOVER_STATE, "00180001 02 00170001 00 00180001 02", "server-state comes twice"},
		{FAILOVER_BNDUPD, "00020003 0a0000", "assigned-IP-address is not four bytes long"},
		{FAILOVER_BNDUPD, "00020005 0a00000102",
		 "assigned-IP-address is not four bytes long"},
		{FAILOVER_BNDUPD, "00030000", "binding-status is not one byte long"},
		{FAILOVER_BNDUPD, "00030002 0002", "binding-status is not one byte long"},
		{FAILOVER_BNDUPD, "000c0001 02", "IP-flags is not two bytes long"},
		{FAILOVER_CONNECT,
		 "000b001f"
		 "00000000000000000000000000000000000000000000000000000000000000",
		 "hash-bucket-assignment is not 32 bytes long"},
		{FAILOVER_BNDUPD, "00050000", "client-hardware-address is not 1 to 17 bytes long"},
		{FAILOVER_BNDUPD, "00050012 01 0102030405060708090a0b0c0d0e0f1011",
		 "client-hardware-address is not 1 to 17 bytes long"},
		{FAILOVER_CONNECT, "00160003 780067", "relationship-name contains a NUL"},
		{FAILOVER_CONNECTACK, "00150001 08 00100002 6100", "message contains a NUL"},
		{FAILOVER_COMMON, "00100001 00", "message contains a NUL"},
		{FAILOVER_BNDUPD, "00090003 000141", "DDNS is not taken"},
		{FAILOVER_BNDUPD, "00090000", "DDNS is not taken"},
		{FAILOVER_BNDUPD, "00020008 0a000001",
		 "an option goes past the end of the message"},
		{FAILOVER_CONTACT, "000200", "an option goes past the end of the message"},
		{FAILOVER_CONTACT, "0099ffff", "an option goes past the end of the message"},
	};
	uint8_t bytes[FAILOVER_MESSAGE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refused(bytes, compose(cases[i].type, cases[i].options, bytes), cases[i].why);
}

/* The draft's text says 8, which lies inside of its own header; larger ones are for what comes later. */
static void test_payload_offset(void **state)
{
	uint8_t bytes[FAILOVER_MESSAGE_MAX];
	size_t length = compose(FAILOVER_STATE, "deadbeef 00180001 02", bytes);
	struct failover_message message;

	(void)state;
	bytes[3] = 16;
	message = decoded(bytes, length);
	assert_int_equal(message.present, BIT(SERVER_STATE));
	assert_int_equal(message.server_state, FAILOVER_NORMAL);
	bytes[3] = (uint8_t)length;
	message = decoded(bytes, length);
	assert_int_equal(message.present, 0);
	bytes[3] = (uint8_t)(length + 1);
	refused(bytes, length, "the payload offset lies past the end");
	for (uint8_t offset = 0; offset < FAILOVER_HEADER; offset++) {
		bytes[3] = offset;
		refused(bytes, length, "the payload offset lies inside of the header");
	}
}

/* Unknown options, and those of other messages whatever their size, twice even: as if they were not there. */
static void test_what_is_skipped(void **state)
{
	uint8_t bytes[FAILOVER_MESSAGE_MAX];
	struct failover_message message;
	size_t length;

	(void)state;
	length = compose(FAILOVER_BNDACK,
			 "001e0003 010203 001e0000 ffff0001 01 00110002 0101 00110002 0101"
			 "000f0001 01 000f0000 00090000 00070002 0102 00080000 000a0001 05"
			 "00020004 0a000001",
			 bytes);
	message = decoded(bytes, length);
	assert_int_equal(message.present, BIT(ASSIGNED_ADDRESS));
	assert_int_equal(message.address, 0x0a000001);
	length = compose(FAILOVER_UPDREQ, "00020001 0a 00180004 00000000", bytes);
	assert_int_equal(decoded(bytes, length).present, 0);
	/* An empty identifier would be a client of its own; it is none. */
	length = compose(FAILOVER_BNDUPD, "00040000 00030001 00", bytes);
	message = decoded(bytes, length);
	assert_int_equal(message.present, BIT(BINDING_STATUS));
	assert_int_equal(message.status, 0); /* the caller's to judge */
}

/* A type of a later version, or of nobody, is a header: who reads it decides. */
static void test_unknown_types(void **state)
{
	static const uint8_t types[] = {0, 13, 32, 64, 127, 129, 255};
	uint8_t bytes[FAILOVER_MESSAGE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(types); i++) {
		size_t length = compose(types[i], "00020004 0a000001 0003ffff", bytes);
		struct failover_message message = decoded(bytes, length);

		assert_int_equal(message.type, types[i]);
		assert_int_equal(message.xid, 0x4f);
		assert_int_equal(message.present, 0);
		assert_string_equal(failover_type_word(types[i]), "message");
	}
}

/* A message cut short is never taken for a whole one, wherever the cut is. */
static void test_truncation(void **state)
{
	static const char options[] = "00160002 7867 000e0004 0000000a 001c0003 697363 001b0001 00";
	uint8_t bytes[FAILOVER_MESSAGE_MAX];
	size_t length = compose(FAILOVER_CONNECT, options, bytes), whole = 0;

	(void)state;
	for (size_t cut = 0; cut < length; cut++)
		refused(bytes, cut, "the message's length is not that of its header");
	/* The same with a header that agrees: only a cut between two options is a message. */
	for (size_t cut = FAILOVER_HEADER; cut < length; cut++) {
		struct failover_message message;
		const char *why;

		bytes[0] = (uint8_t)(cut >> 8);
		bytes[1] = (uint8_t)cut;
		if (failover_wire_decode(bytes, cut, &message, &why))
			assert_string_equal(why, "an option goes past the end of the message");
		else
			whole++;
	}
	assert_int_equal(whole, 4);
}

static void test_lengths(void **state)
{
	static const struct {
		uint8_t bytes[2];
		int length;
	} cases[] = {
		{{0, 0}, -EBADMSG}, {{0, 11}, -EBADMSG}, {{0, 12}, 12},
		{{8, 0}, 2048},	    {{8, 1}, -EBADMSG},	 {{0xff, 0xff}, -EBADMSG},
	};
	uint8_t bytes[FAILOVER_MESSAGE_MAX + 1] = {0x08, 0x00, FAILOVER_CONTACT, 12};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(failover_wire_length(cases[i].bytes, 2), cases[i].length);
		assert_int_equal(failover_wire_length(cases[i].bytes, 1), 0);
		assert_int_equal(failover_wire_length(cases[i].bytes, 0), 0);
	}
	/* All zero: options with code 0 and no value. */
	assert_int_equal(decoded(bytes, FAILOVER_MESSAGE_MAX).type, FAILOVER_CONTACT);
	bytes[1] = 1;
	refused(bytes, sizeof(bytes), "the message's length is not that of its header");
	bytes[0] = 0;
	bytes[1] = 12;
	refused(bytes, 13, "the message's length is not that of its header");
}

static const uint8_t buckets[FAILOVER_HBA] = {0xff, 0x01};

#define BYTES(text) ((struct failover_bytes){(const uint8_t *)(text), sizeof(text) - 1})

/* Every field set; `present` says which of them are meant. */
static struct failover_message filled(uint8_t type, uint32_t present)
{
	return (struct failover_message){
		.type = type,
		.time = 0x01020304,
		.xid = 0xfffffffe,
		.present = present,
		.addresses_transferred = 7,
		.address = 0xc0000201,
		.status = 4,
		.client_identifier = BYTES("\x01\0bc"),
		.hardware = BYTES("\x20"
				  "123456789abcdef0"),
		.cltt = 0xffffffff,
		.hash_buckets = buckets,
		.ip_flags = FAILOVER_IP_BOOTP | 0x8000,
		.lease_expiration = FAILOVER_NEVER,
		.max_unacked = 10,
		.mclt = 3600,
		.text = BYTES("no"),
		.potential_expiration = 0x80000001,
		.receive_timer = 30,
		.protocol_version = 1,
		.reject = FAILOVER_REJECT_OUTDATED,
		.relationship = BYTES("a b"),
		.server_flags = FAILOVER_FLAG_STARTUP,
		.server_state = FAILOVER_RECOVER_WAIT,
		.start_of_state = 5,
		.tls_reply = 1,
		.tls_request = 2,
		.vendor_class = BYTES("xdhcp-1.0"),
		.vendor_options = BYTES("\0\1\2"),
	};
}

/* Every option that each type may carry, and the order on the wire. */
static void test_all_options_of_each_type(void **state)
{
	static const uint8_t connect[] = {22, 14, 19, 28, 20, 27, 15, 11, 29};
	static const uint8_t connectack[] = {22, 14, 19, 28, 20, 26, 21, 16, 29};
	static const uint8_t bndupd[] = {2, 3, 4, 5, 13, 18, 25, 6, 12};
	static const uint8_t bndack[] = {2, 3, 4, 5, 13, 18, 25, 6, 12, 21, 16};
	static const uint8_t states[] = {24, 23, 25};
	static const uint8_t disconnect[] = {21, 16}, poolresp[] = {1}, common[] = {16};
	static const struct {
		uint8_t type;
		const uint8_t *codes;
		size_t count;
	} cases[] = {
		{FAILOVER_CONNECT, connect, sizeof(connect)},
		{FAILOVER_CONNECTACK, connectack, sizeof(connectack)},
		{FAILOVER_BNDUPD, bndupd, sizeof(bndupd)},
		{FAILOVER_BNDACK, bndack, sizeof(bndack)},
		{FAILOVER_STATE, states, sizeof(states)},
		{FAILOVER_DISCONNECT, disconnect, sizeof(disconnect)},
		{FAILOVER_POOLRESP, poolresp, sizeof(poolresp)},
		{FAILOVER_COMMON, common, sizeof(common)},
		{FAILOVER_POOLREQ, NULL, 0},
		{FAILOVER_UPDREQ, NULL, 0},
		{FAILOVER_UPDREQALL, NULL, 0},
		{FAILOVER_UPDDONE, NULL, 0},
		{FAILOVER_CONTACT, NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct failover_message message = filled(cases[i].type, 0);
		uint8_t bytes[FAILOVER_MESSAGE_MAX];
		size_t length, at = FAILOVER_HEADER;

		for (size_t j = 0; j < cases[i].count; j++)
			message.present |= 1U << cases[i].codes[j];
		length = failover_wire_encode(&message, bytes, sizeof(bytes));
		assert_true(length >= FAILOVER_HEADER);
		for (size_t j = 0; j < cases[i].count; j++) {
			assert_int_equal(bytes[at] << 8 | bytes[at + 1], cases[i].codes[j]);
			at += 4 + (size_t)(bytes[at + 2] << 8 | bytes[at + 3]);
		}
		assert_int_equal(at, length);
		message = decoded(bytes, length);
		assert_int_equal(__builtin_popcount(message.present), cases[i].count);
		again(&message, bytes, length);
		/* Whatever else might be put in does not leave: the partner would not understand it. */
		for (unsigned code = 0; code < 32; code++) {
			message = filled(cases[i].type, decoded(bytes, length).present);
			if (message.present & 1U << code)
				continue;
			message.present |= 1U << code;
			assert_int_equal(failover_wire_encode(&message, bytes, 2048), 0);
			message.present &= ~(1U << code);
			assert_int_equal(failover_wire_encode(&message, bytes, 2048), length);
		}
	}
}

static bool bytes_same(struct failover_bytes one, struct failover_bytes other)
{
	return one.length == other.length && !memcmp(one.data, other.data, one.length);
}

/* Each value lands in its own field. */
static void test_values_of_each_field(void **state)
{
	struct failover_message sent, got;
	uint8_t bytes[FAILOVER_MESSAGE_MAX];
	size_t length;

	(void)state;
	sent = filled(FAILOVER_BNDACK, 0x0025307c);
	length = failover_wire_encode(&sent, bytes, sizeof(bytes));
	got = decoded(bytes, length);
	assert_int_equal(got.present, sent.present);
	assert_int_equal(got.time, sent.time);
	assert_int_equal(got.xid, sent.xid);
	assert_int_equal(got.address, sent.address);
	assert_int_equal(got.status, sent.status);
	assert_true(bytes_same(got.client_identifier, sent.client_identifier));
	assert_true(bytes_same(got.hardware, sent.hardware));
	assert_int_equal(got.cltt, sent.cltt);
	assert_int_equal(got.ip_flags, sent.ip_flags);
	assert_int_equal(got.lease_expiration, sent.lease_expiration);
	assert_true(bytes_same(got.text, sent.text));
	assert_int_equal(got.potential_expiration, sent.potential_expiration);
	assert_int_equal(got.reject, sent.reject);
	sent = filled(FAILOVER_CONNECT, 0x3858c800);
	length = failover_wire_encode(&sent, bytes, sizeof(bytes));
	got = decoded(bytes, length);
	assert_int_equal(got.present, sent.present);
	assert_memory_equal(got.hash_buckets, buckets, sizeof(buckets));
	assert_int_equal(got.max_unacked, sent.max_unacked);
	assert_int_equal(got.mclt, sent.mclt);
	assert_int_equal(got.receive_timer, sent.receive_timer);
	assert_int_equal(got.protocol_version, sent.protocol_version);
	assert_true(bytes_same(got.relationship, sent.relationship));
	assert_int_equal(got.tls_request, sent.tls_request);
	assert_true(bytes_same(got.vendor_class, sent.vendor_class));
	assert_true(bytes_same(got.vendor_options, sent.vendor_options));
}

/* What dhcpd chokes on is not sent. */
static void test_what_is_not_sent(void **state)
{
	uint8_t bytes[FAILOVER_MESSAGE_MAX + 1] = {0}, long_text[FAILOVER_MESSAGE_MAX];
	struct failover_message message;

	(void)state;
	message = filled(FAILOVER_DISCONNECT, BIT(TEXT));
	message.text = BYTES("a\0b");
	assert_int_equal(failover_wire_encode(&message, bytes, sizeof(bytes)), 0);
	message = filled(FAILOVER_CONNECT, BIT(RELATIONSHIP_NAME));
	message.relationship = BYTES("a\0");
	assert_int_equal(failover_wire_encode(&message, bytes, sizeof(bytes)), 0);
	message = filled(FAILOVER_BNDUPD, BIT(CLIENT_HARDWARE));
	message.hardware.length = FAILOVER_HARDWARE_MAX + 1;
	assert_int_equal(failover_wire_encode(&message, bytes, sizeof(bytes)), 0);
	message.hardware.length = 0;
	assert_int_equal(failover_wire_encode(&message, bytes, sizeof(bytes)), 0);
	/* dhcpd's hash cannot take an empty identifier: the lease has none. */
	message = filled(FAILOVER_BNDUPD, BIT(CLIENT_IDENTIFIER) | BIT(ASSIGNED_ADDRESS));
	message.client_identifier.length = 0;
	assert_int_equal(failover_wire_encode(&message, bytes, sizeof(bytes)), 20);
	memset(long_text, 'x', sizeof(long_text));
	message = filled(FAILOVER_COMMON, BIT(TEXT));
	message.text = (struct failover_bytes){long_text, FAILOVER_MESSAGE_MAX - 16};
	assert_int_equal(failover_wire_encode(&message, bytes, sizeof(bytes)), 2048);
	assert_int_equal(failover_wire_length(bytes, 2048), 2048);
	assert_int_equal(failover_wire_encode(&message, bytes, 2047), 0);
	message.text.length++;
	assert_int_equal(failover_wire_encode(&message, bytes, sizeof(bytes)), 0);
	message.text.length = 0;
	assert_int_equal(failover_wire_encode(&message, bytes, 16), 16);
	assert_int_equal(failover_wire_encode(&message, bytes, 11), 0);
	assert_int_equal(failover_wire_encode(&message, bytes, 0), 0);
}

static void test_words_of_reasons(void **state)
{
	(void)state;
	assert_string_equal(failover_reject_word(FAILOVER_REJECT_LESS_CRITICAL), "less-critical");
	assert_string_equal(failover_reject_word(8), "invalid-partner");
	assert_string_equal(failover_reject_word(254), "unknown");
	assert_string_equal(failover_reject_word(0), "unknown");
	assert_string_equal(failover_reject_word(22), "unknown");
	assert_string_equal(failover_reject_text(15), "the binding here is newer");
	assert_string_equal(failover_reject_text(200), "a reason without a name");
	assert_string_equal(failover_type_word(FAILOVER_DISCONNECT), "DISCONNECT");
	assert_string_equal(failover_type_word(FAILOVER_COMMON), "COMMON");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_dhcpd_says),
		cmocka_unit_test(test_a_bndupd_by_hand),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_payload_offset),
		cmocka_unit_test(test_what_is_skipped),
		cmocka_unit_test(test_unknown_types),
		cmocka_unit_test(test_truncation),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_all_options_of_each_type),
		cmocka_unit_test(test_values_of_each_field),
		cmocka_unit_test(test_what_is_not_sent),
		cmocka_unit_test(test_words_of_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
