/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/crc32c.h"

typedef uint32_t (*crc_function)(uint32_t, const void *, size_t);

static const crc_function functions[] = {base_crc32c, base_crc32c_portable};

/* RFC 3720 appendix B.4, and the check value of the CRC catalogues. */
static void test_published_values(void **state)
{
	uint8_t bytes[32];

	(void)state;
	for (size_t f = 0; f < 2; f++) {
		assert_int_equal(functions[f](0, "123456789", 9), 0xe3069283U);
		assert_int_equal(functions[f](0, memset(bytes, 0, 32), 32), 0x8a9136aaU);
		assert_int_equal(functions[f](0, memset(bytes, 0xff, 32), 32), 0x62a8ab43U);
		for (int i = 0; i < 32; i++)
			bytes[i] = (uint8_t)i;
		assert_int_equal(functions[f](0, bytes, 32), 0x46dd794eU);
		for (int i = 0; i < 32; i++)
			bytes[i] = (uint8_t)(31 - i);
		assert_int_equal(functions[f](0, bytes, 32), 0x113fdb5cU);
		assert_int_equal(functions[f](0, bytes, 0), 0);
	}
}

/* Bit by bit, as the definition says: catches a wrong number in any of the eight tables. */
static uint32_t crc_plain(uint32_t crc, const uint8_t *at, size_t length)
{
	crc = ~crc;
	while (length--) {
		crc ^= *at++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78U : 0);
	}
	return ~crc;
}

static void test_every_length_and_alignment(void **state)
{
	uint8_t bytes[300];
	uint32_t random = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		random = random * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(random >> 24);
	}
	for (size_t start = 0; start < 8; start++)
		for (size_t length = 0; start + length <= sizeof(bytes); length++) {
			uint32_t plain = crc_plain(7, bytes + start, length);

			assert_int_equal(base_crc32c(7, bytes + start, length), plain);
			assert_int_equal(base_crc32c_portable(7, bytes + start, length), plain);
		}
}

/* Catches a missing inversion between pieces. */
static void test_goes_on(void **state)
{
	(void)state;
	for (size_t f = 0; f < 2; f++)
		for (size_t cut = 0; cut <= 9; cut++) {
			uint32_t crc = functions[f](0, "123456789", cut);

			assert_int_equal(functions[f](crc, "123456789" + cut, 9 - cut),
					 0xe3069283U);
		}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_values),
		cmocka_unit_test(test_every_length_and_alignment),
		cmocka_unit_test(test_goes_on),
	};

	return cmocka_run_group_tests_name("base/crc32c", tests, NULL, NULL);
}
