/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes of records and headers. */
#include "fixture.h"

static struct lease_record *full_record(void)
{
	struct lease_record *record = lease_record_new("id", 2, "agent", 5, "name", 4);

	record->address = 0x0a000001;
	record->state = LEASE_BACKUP;
	record->flags = 3;
	record->relation = 4;
	record->starts = 5;
	record->ends = -6;
	record->horizon = LEASE_HORIZON_NEVER;
	record->cltt = 8;
	record->potential = 9;
	record->acknowledged = 10;
	record->received = 11;
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
	assert_int_equal(header.version, 1);
	assert_int_equal(header.length, size - STORE_RECORD_HEADER);
	assert_true(store_record_check(77, &header, bytes));
	assert_false(store_record_check(78, &header, bytes));
	assert_int_equal(store_lease_decode(bytes + STORE_RECORD_HEADER, header.length, &again), 0);
	assert_int_equal(lease_record_size(again), lease_record_size(record));
	assert_memory_equal((uint8_t *)again + sizeof(struct rcu_head),
			    (uint8_t *)record + sizeof(struct rcu_head),
			    lease_record_size(record) - sizeof(struct rcu_head));
	lease_record_free(record);
	lease_record_free(again);
}

/* The layout that format.h promises, byte for byte. */
static void test_lease_layout(void **state)
{
	static const uint8_t expected[] = {0x0a, 0,    0,    1,	   LEASE_BACKUP,
					   3,	 0,    4,    0,	   0,
					   0,	 0,    0,    0,	   0,
					   5,	 0xff, 0xff, 0xff, 0xff,
					   0xff, 0xff, 0xff, 0xfa, 0x7f,
					   0xff, 0xff, 0xff, 0xff, 0xff,
					   0xff, 0xff, 0,    0,	   0,
					   0,	 0,    0,    0,	   8,
					   0,	 0,    0,    0,	   0,
					   0,	 0,    9,    0,	   0,
					   0,	 0,    0,    0,	   0,
					   10,	 0,    0,    0,	   0,
					   0,	 0,    0,    11,   1,
					   6,	 'a',  'b',  'c',  'd',
					   'e',	 'f',  0,    2,	   'i',
					   'd',	 0,    5,    'a',  'g',
					   'e',	 'n',  't',  0,	   4,
					   'n',	 'a',  'm',  'e'};
	struct lease_record *record = full_record();
	uint8_t bytes[256];

	(void)state;
	assert_int_equal(store_lease_size(record), STORE_RECORD_HEADER + sizeof(expected));
	store_lease_encode(0, record, bytes, store_lease_size(record));
	assert_memory_equal(bytes + STORE_RECORD_HEADER, expected, sizeof(expected));
	lease_record_free(record);
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
		assert_int_equal(store_lease_decode(payload, cut, &again), -EBADMSG);
	assert_int_equal(store_lease_decode(payload, length + 1, &again), -EBADMSG);
	payload[4] = 0;
	assert_int_equal(store_lease_decode(payload, length, &again), -EBADMSG);
	payload[4] = 8;
	assert_int_equal(store_lease_decode(payload, length, &again), -EBADMSG);
	payload[4] = LEASE_FREE;
	payload[65] = 17;
	assert_int_equal(store_lease_decode(payload, length, &again), -EBADMSG);
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
		cmocka_unit_test(test_lease_refused),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_seal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
