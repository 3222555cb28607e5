/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cursor.h"

/* Catches swapped bytes and a step of the wrong width. */
static void test_reads_big_endian(void **state)
{
	static const uint8_t bytes[] = {0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0xf8,
					0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff};
	struct base_cursor cursor = base_cursor_of(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(base_cursor_u8(&cursor), 0x81);
	assert_int_equal(base_cursor_be16(&cursor), 0x8283);
	assert_int_equal(base_cursor_be32(&cursor), 0x84858687U);
	assert_true(base_cursor_be64(&cursor) == 0xf8f9fafbfcfdfeffULL);
	assert_int_equal(base_cursor_remaining(&cursor), 0);
	assert_true(base_cursor_ok(&cursor));
}

/* Catches a cursor that recovers: after a short read nothing may be read, although bytes are left. */
static void test_error_is_sticky(void **state)
{
	static const uint8_t bytes[] = {1, 2, 3};
	struct base_cursor cursor = base_cursor_of(bytes, sizeof(bytes));
	uint8_t copy = 0xee;

	(void)state;
	assert_int_equal(base_cursor_be32(&cursor), 0);
	assert_false(base_cursor_ok(&cursor));
	assert_int_equal(base_cursor_remaining(&cursor), 0);
	assert_int_equal(base_cursor_u8(&cursor), 0);
	assert_null(base_cursor_bytes(&cursor, 0));
	base_cursor_copy(&cursor, &copy, 1);
	assert_int_equal(copy, 0xee);
}

/* Catches an overflow of position plus length. */
static void test_huge_length_fails(void **state)
{
	static const uint8_t bytes[] = {1, 2, 3};
	struct base_cursor cursor = base_cursor_of(bytes, sizeof(bytes));

	(void)state;
	base_cursor_skip(&cursor, 2);
	assert_null(base_cursor_bytes(&cursor, SIZE_MAX - 1));
	assert_false(base_cursor_ok(&cursor));
}

/* Catches off-by-one at the end, and a zero-length borrow that looks like an error. */
static void test_borrows_to_the_end(void **state)
{
	static const uint8_t bytes[] = {1, 2, 3};
	struct base_cursor cursor = base_cursor_of(bytes, sizeof(bytes));

	(void)state;
	assert_ptr_equal(base_cursor_bytes(&cursor, 3), bytes);
	assert_ptr_equal(base_cursor_bytes(&cursor, 0), bytes + 3);
	assert_true(base_cursor_ok(&cursor));
	base_cursor_skip(&cursor, 1);
	assert_false(base_cursor_ok(&cursor));
}

static void test_no_bytes_at_all(void **state)
{
	struct base_cursor cursor = base_cursor_of(NULL, 0);

	(void)state;
	assert_int_equal(base_cursor_remaining(&cursor), 0);
	assert_int_equal(base_cursor_u8(&cursor), 0);
	assert_false(base_cursor_ok(&cursor));
}

static void test_writes_what_is_read_back(void **state)
{
	uint8_t bytes[18];
	struct base_writer writer = base_writer_of(bytes, sizeof(bytes));
	struct base_cursor cursor = base_cursor_of(bytes, sizeof(bytes));

	(void)state;
	base_writer_u8(&writer, 0x81);
	base_writer_be16(&writer, 0x9293);
	base_writer_be32(&writer, 0xa4a5a6a7U);
	base_writer_be64(&writer, 0xb8b9babbbcbdbebfULL);
	base_writer_bytes(&writer, "\xc1", 1);
	memset(bytes + 16, 0xee, 2);
	base_writer_zero(&writer, 2);
	assert_true(base_writer_ok(&writer));
	assert_int_equal(writer.length, sizeof(bytes));
	assert_int_equal(base_cursor_u8(&cursor), 0x81);
	assert_int_equal(base_cursor_be16(&cursor), 0x9293);
	assert_int_equal(base_cursor_be32(&cursor), 0xa4a5a6a7U);
	assert_true(base_cursor_be64(&cursor) == 0xb8b9babbbcbdbebfULL);
	assert_int_equal(base_cursor_u8(&cursor), 0xc1);
	assert_int_equal(base_cursor_be16(&cursor), 0);
}

/* Catches half-written fields, and smaller ones that slip in behind one that did not fit. */
static void test_full_is_sticky(void **state)
{
	uint8_t bytes[4] = {0xee, 0xee, 0xee, 0xee};
	struct base_writer writer = base_writer_of(bytes, 3);

	(void)state;
	base_writer_u8(&writer, 1);
	base_writer_be32(&writer, 0);
	base_writer_u8(&writer, 2);
	assert_false(base_writer_ok(&writer));
	assert_int_equal(writer.length, 1);
	assert_memory_equal(bytes, "\x01\xee\xee\xee", 4);
	assert_null(base_writer_room(&writer, 0));
}

static void test_huge_room_is_refused(void **state)
{
	uint8_t bytes[4];
	struct base_writer writer = base_writer_of(bytes, sizeof(bytes));

	(void)state;
	base_writer_u8(&writer, 1);
	assert_null(base_writer_room(&writer, SIZE_MAX));
	assert_false(base_writer_ok(&writer));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_big_endian),
		cmocka_unit_test(test_error_is_sticky),
		cmocka_unit_test(test_huge_length_fails),
		cmocka_unit_test(test_borrows_to_the_end),
		cmocka_unit_test(test_no_bytes_at_all),
		cmocka_unit_test(test_writes_what_is_read_back),
		cmocka_unit_test(test_full_is_sticky),
		cmocka_unit_test(test_huge_room_is_refused),
	};

	return cmocka_run_group_tests_name("base/cursor", tests, NULL, NULL);
}
