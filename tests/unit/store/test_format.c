/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes of records and headers. */
#include "fixture.h"

static struct lease_record *full_record(void)
{
	struct lease_record *record = lease_record_new("id", 2, "agent", 5, "name", 4);

	record->address = 0x0a000001;
	record->state = LEASE_BACKUP;
	record->flags = 3;
	record->relation = 0x0102;
	record->starts = 5;
	record->ends = -6;
	record->horizon = LEASE_HORIZON_NEVER;
	record->cltt = 8;
	record->potential = 9;
	record->acknowledged = 10;
	record->received = 11;
	record->known = 12;
	record->htype = 1;
	record->hlen = 6;
	memcpy(record->chaddr, "abcdef", 6);
	return record;
}

static void test_lease_there_and_back(void **state)
{
	struct lease_record *record = full_record(), *again;
	size_t size = store_lease_size(record);
	uint8_t bytes[256];
	struct store_record header;

	(void)state;
	assert_true(size <= sizeof(bytes));
	store_lease_encode(77, record, bytes, size);
	assert_true(store_record_decode(bytes, &header));
	assert_int_equal(header.type, STORE_LEASE);
	assert_int_equal(header.version, STORE_LEASE_VERSION);
	assert_true(store_record_known(&header));
	assert_int_equal(header.length, size - STORE_RECORD_HEADER);
	assert_true(store_record_check(77, &header, bytes));
	assert_false(store_record_check(78, &header, bytes));
	assert_int_equal(store_lease_decode(header.version, bytes + STORE_RECORD_HEADER,
					    header.length, &again),
			 0);
	assert_int_equal(lease_record_size(again), lease_record_size(record));
	assert_memory_equal(again, record, lease_record_size(record));
	lease_record_free(record);
	lease_record_free(again);
}

/* The layout that format.h promises, byte for byte. */
static void test_lease_layout(void **state)
{
	static const char expected[] = "\x0a\0\0\1"
				       "\7"
				       "\3"
				       "\1\2" /* BACKUP */
				       "\0\0\0\0\0\0\0\5"
				       "\xff\xff\xff\xff\xff\xff\xff\xfa"
				       "\x7f\xff\xff\xff\xff\xff\xff\xff"
				       "\0\0\0\0\0\0\0\x08"
				       "\0\0\0\0\0\0\0\x09"
				       "\0\0\0\0\0\0\0\x0a"
				       "\0\0\0\0\0\0\0\x0b"
				       "\0\0\0\0\0\0\0\x0c"
				       "\1"
				       "\6"
				       "abcdef"
				       "\0\2"
				       "id"
				       "\0\5"
				       "agent"
				       "\0\4"
				       "name";
	size_t length = sizeof(expected) - 1;
	struct lease_record *record = full_record();
	uint8_t bytes[256];

	(void)state;
	assert_int_equal(store_lease_size(record), STORE_RECORD_HEADER + length);
	store_lease_encode(0, record, bytes, store_lease_size(record));
	assert_memory_equal(bytes + STORE_RECORD_HEADER, expected, length);
	lease_record_free(record);
}

/* As the releases before failover wrote it: no T, and a relationship by a number of that time. */
static void test_lease_of_version_1(void **state)
{
	static const char payload[] = "\x0a\0\0\1"
				      "\2"
				      "\3"
				      "\0\4"
				      "\0\0\0\0\0\0\0\5"
				      "\0\0\0\0\0\0\0\6"
				      "\0\0\0\0\0\0\0\7"
				      "\0\0\0\0\0\0\0\x08"
				      "\0\0\0\0\0\0\0\x09"
				      "\0\0\0\0\0\0\0\x0a"
				      "\0\0\0\0\0\0\0\x0b"
				      "\1"
				      "\6"
				      "abcdef"
				      "\0\2"
				      "id"
				      "\0\0"
				      "\0\4"
				      "name";
	size_t length = sizeof(payload) - 1;
	struct lease_record *record = NULL;

	(void)state;
	assert_int_equal(store_lease_decode(2, (const uint8_t *)payload, length, &record),
			 -EBADMSG);
	assert_int_equal(store_lease_decode(1, (const uint8_t *)payload, length, &record), 0);
	assert_int_equal(record->address, 0x0a000001);
	assert_int_equal(record->state, LEASE_ACTIVE);
	assert_int_equal(record->flags, 3);
	assert_int_equal(record->relation, 0);
	assert_int_equal(record->starts, 5);
	assert_int_equal(record->received, 11);
	assert_int_equal(record->known, 0);
	assert_memory_equal(record->chaddr, "abcdef", 6);
	assert_memory_equal(lease_record_hostname(record), "name", 4);
	lease_record_free(record);
}

static void test_ack(void **state)
{
	static const char expected[] = "\x0a\0\0\1"
				       "\x80"
				       "\0\0\0\0\0\0\1\2"
				       "\xff\xff\xff\xff\xff\xff\xff\xfe";
	struct store_acknowledgement ack = {0x0a000001, 0x80, 0x102, -2}, again = {0};
	uint8_t bytes[STORE_ACK_RECORD + 1] = {0}, *payload = bytes + STORE_RECORD_HEADER;
	size_t length = STORE_ACK_RECORD - STORE_RECORD_HEADER;
	struct store_record header;

	(void)state;
	store_ack_encode(5, &ack, bytes);
	assert_true(store_record_decode(bytes, &header));
	assert_int_equal(header.type, STORE_ACK);
	assert_int_equal(header.length, length);
	assert_true(store_record_check(5, &header, bytes));
	assert_memory_equal(payload, expected, length);
	assert_int_equal(store_ack_decode(payload, length, &again), 0);
	assert_int_equal(again.address, 0x0a000001);
	assert_int_equal(again.flags, 0x80);
	assert_int_equal(again.acknowledged, 0x102);
	assert_int_equal(again.known, -2);
	for (size_t cut = 0; cut < length; cut++)
		assert_int_equal(store_ack_decode(payload, cut, &again), -EBADMSG);
	assert_int_equal(store_ack_decode(payload, length + 1, &again), -EBADMSG);
}

static void test_note(void **state)
{
	static const char expected[] = "\5"
				       "north"
				       "\0\3"
				       "a\0b";
	size_t size = store_note_size("north", 3), length = size - STORE_RECORD_HEADER;
	uint8_t bytes[64] = {0}, *payload = bytes + STORE_RECORD_HEADER;
	struct store_note_view note = {.length = 0};
	struct store_record header;

	(void)state;
	assert_int_equal(length, sizeof(expected) - 1);
	store_note_encode(5, "north", "a\0b", 3, bytes, size);
	assert_true(store_record_decode(bytes, &header));
	assert_int_equal(header.type, STORE_NOTE);
	assert_true(store_record_check(5, &header, bytes));
	assert_memory_equal(payload, expected, length);
	for (size_t cut = 0; cut < length; cut++)
		assert_int_equal(store_note_decode(payload, cut, &note), -EBADMSG);
	assert_int_equal(store_note_decode(payload, length + 1, &note), -EBADMSG);
	assert_int_equal(store_note_decode(payload, length, &note), 0);
	assert_string_equal(note.name, "north");
	assert_int_equal(note.length, 3);
	assert_memory_equal(note.bytes, "a\0b", 3);
	payload[2] = 0;
	assert_int_equal(store_note_decode(payload, length, &note), -EBADMSG);
}

/* The longest that there may be, and an empty one. */
static void test_note_limits(void **state)
{
	static uint8_t content[STORE_NOTE_MAX + 1], bytes[STORE_NOTE_MAX + 512];
	char name[STORE_NOTE_NAME_MAX + 1] = "";
	struct store_note_view note;
	size_t size;

	(void)state;
	memset(name, 'n', STORE_NOTE_NAME_MAX);
	for (size_t length = 0; length <= STORE_NOTE_MAX; length += STORE_NOTE_MAX) {
		size = store_note_size(name, length);
		store_note_encode(5, name, content, length, bytes, size);
		assert_int_equal(store_note_decode(bytes + STORE_RECORD_HEADER,
						   size - STORE_RECORD_HEADER, &note),
				 0);
		assert_string_equal(note.name, name);
		assert_int_equal(note.length, length);
	}
	size = store_note_size(name, sizeof(content));
	store_note_encode(5, name, content, sizeof(content), bytes, size);
	assert_int_equal(
		store_note_decode(bytes + STORE_RECORD_HEADER, size - STORE_RECORD_HEADER, &note),
		-EBADMSG);
}

static void test_known(void **state)
{
	static const struct {
		uint8_t type, version;
		bool known;
	} rows[] = {
		{0, 1, false},
		{STORE_GROUP, 1, true},
		{STORE_GROUP, 0, false},
		{STORE_GROUP, 2, false},
		{STORE_LEASE, 0, false},
		{STORE_LEASE, 1, true},
		{STORE_LEASE, 2, true},
		{STORE_LEASE, 3, false},
		{STORE_ACK, 1, true},
		{STORE_ACK, 2, false},
		{STORE_NOTE, 1, true},
		{STORE_NOTE, 2, false},
		{STORE_NOTE + 1, 1, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct store_record record = {.type = rows[i].type, .version = rows[i].version};

		assert_int_equal(store_record_known(&record), rows[i].known);
	}
}

/* A payload cut or lengthened anywhere is none; so are states and lengths that cannot be. */
static void test_lease_refused(void **state)
{
	struct lease_record *record = full_record(), *again = NULL;
	size_t length = store_lease_size(record) - STORE_RECORD_HEADER;
	uint8_t bytes[256] = {0}, *payload = bytes + STORE_RECORD_HEADER;

	(void)state;
	store_lease_encode(0, record, bytes, store_lease_size(record));
	for (size_t cut = 0; cut < length; cut++)
		assert_int_equal(store_lease_decode(2, payload, cut, &again), -EBADMSG);
	assert_int_equal(store_lease_decode(2, payload, length + 1, &again), -EBADMSG);
	payload[4] = 0;
	assert_int_equal(store_lease_decode(2, payload, length, &again), -EBADMSG);
	payload[4] = 8;
	assert_int_equal(store_lease_decode(2, payload, length, &again), -EBADMSG);
	payload[4] = LEASE_FREE;
	payload[73] = 17;
	assert_int_equal(store_lease_decode(2, payload, length, &again), -EBADMSG);
	assert_null(again);
	lease_record_free(record);
}

static void test_header(void **state)
{
	struct store_header header = {.identity = "identity of 16.", .generation = 3}, again;
	uint8_t bytes[STORE_HEADER];

	(void)state;
	store_header_encode(STORE_JOURNAL, &header, bytes);
	assert_null(store_header_decode(STORE_JOURNAL, bytes, &again));
	assert_memory_equal(again.identity, header.identity, STORE_IDENTITY);
	assert_int_equal(again.generation, 3);
	assert_int_equal(again.seed, header.seed);
	assert_non_null(store_header_decode(STORE_SNAPSHOT, bytes, &again));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] ^= 1;
		assert_non_null(store_header_decode(STORE_JOURNAL, bytes, &again));
		bytes[i] ^= 1;
	}
}

static void test_seal(void **state)
{
	struct lease_record *record = full_record();
	size_t size = store_lease_size(record);
	uint8_t bytes[512];
	struct store_record header;

	(void)state;
	store_lease_encode(1, record, bytes, size);
	store_lease_encode(1, record, bytes + size, size);
	store_records_seal(2, bytes, 2 * size);
	for (int i = 0; i < 2; i++) {
		assert_true(store_record_decode(bytes + i * size, &header));
		assert_true(store_record_check(2, &header, bytes + i * size));
	}
	lease_record_free(record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lease_there_and_back),
		cmocka_unit_test(test_lease_layout),
		cmocka_unit_test(test_lease_of_version_1),
		cmocka_unit_test(test_lease_refused),
		cmocka_unit_test(test_ack),
		cmocka_unit_test(test_note),
		cmocka_unit_test(test_note_limits),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_seal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
