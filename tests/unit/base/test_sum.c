/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/sum.h"

static uint16_t sum(const void *bytes, size_t length)
{
	return base_sum_fold(base_sum_add(0, bytes, length));
}

/* RFC 1071 section 3. */
static void test_published(void **state)
{
	static const uint8_t bytes[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

	(void)state;
	assert_int_equal(sum(bytes, 8), 0xddf2);
	assert_int_equal(sum(bytes, 7), 0xddf2 - 0xf7);
	assert_int_equal(sum(bytes, 0), 0);
	assert_int_equal(sum("\xff\xff\xff\xff", 4), 0xffff);
}

/* As section 4.1 has it, two bytes at a time: of every length, from every place. */
static void test_as_by_words(void **state)
{
	uint8_t bytes[80];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(0xff - i * i * 7);
	for (size_t at = 0; at < 8; at++)
		for (size_t length = 0; at + length <= sizeof(bytes); length++) {
			uint64_t words = 0x12345;

			for (size_t i = 0; i < length; i++)
				words += i & 1 ? bytes[at + i] : (uint64_t)bytes[at + i] << 8;
			assert_int_equal(base_sum_fold(base_sum_add(0x12345, bytes + at, length)),
					 base_sum_fold(words));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published),
		cmocka_unit_test(test_as_by_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
