/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"

static void test_appends(void **state)
{
	char bytes[16];
	struct base_text text;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	text = base_text_of(bytes, sizeof(bytes));
	assert_string_equal(bytes, "");
	base_text_append(&text, "%s:%d", "file", 12);
	base_text_append_bytes(&text, ":3 and more", 2);
	assert_string_equal(bytes, "file:12:3");
	assert_int_equal(text.length, 9);
	assert_false(text.truncated);
}

/* Catches an off-by-one at the NUL: 7 characters fit into 8, 8 do not. */
static void test_the_last_byte(void **state)
{
	char bytes[9] = {[8] = 'x'};
	struct base_text text = base_text_of(bytes, 8);

	(void)state;
	base_text_append(&text, "%s", "1234567");
	assert_false(text.truncated);
	assert_string_equal(bytes, "1234567");
	base_text_append(&text, "%s", "8");
	assert_true(text.truncated);
	assert_string_equal(bytes, "1234567");
	text = base_text_of(bytes, 8);
	base_text_append_bytes(&text, "1234567", 7);
	assert_false(text.truncated);
	base_text_append_bytes(&text, "8", 1);
	assert_true(text.truncated);
	assert_int_equal(text.length, 7);
	assert_int_equal(bytes[8], 'x');
}

/* Catches text that goes on behind a cut, as if nothing were missing. */
static void test_truncation_is_sticky(void **state)
{
	char bytes[8];
	struct base_text text = base_text_of(bytes, sizeof(bytes));

	(void)state;
	base_text_append(&text, "%s", "123456789");
	assert_true(text.truncated);
	text.length = 3;
	base_text_append(&text, "x");
	base_text_append_bytes(&text, "x", 1);
	assert_string_equal(bytes, "1234567");
}

static void test_hex(void **state)
{
	char text[9];

	(void)state;
	assert_string_equal(base_hex_format((const uint8_t[]){0x00, 0x0f, 0xab, 0xff}, 4, text),
			    "000fabff");
	assert_string_equal(base_hex_format(NULL, 0, text), "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_appends),
		cmocka_unit_test(test_the_last_byte),
		cmocka_unit_test(test_truncation_is_sticky),
		cmocka_unit_test(test_hex),
	};

	return cmocka_run_group_tests_name("base/text", tests, NULL, NULL);
}
