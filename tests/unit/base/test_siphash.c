/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/siphash.h"

static const uint8_t key[BASE_SIPHASH_KEY] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
static const uint8_t input[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/* The authors' vectors for SipHash-2-4; 15 bytes is the example of their paper's appendix A. */
static void test_published_vectors(void **state)
{
	(void)state;
	assert_true(base_siphash_rounds(2, 4, key, input, 0) == 0x726fdb47dd0e0e31ULL);
	assert_true(base_siphash_rounds(2, 4, key, input, 1) == 0x74f839c593dc67fdULL);
	assert_true(base_siphash_rounds(2, 4, key, input, 8) == 0x93f5f5799a932462ULL);
	assert_true(base_siphash_rounds(2, 4, key, input, 15) == 0xa129ca6149be45e5ULL);
}

/* Catches swapped rounds in the short form. */
static void test_short_form_is_1_3(void **state)
{
	(void)state;
	assert_true(base_siphash(key, input, 0) == 0xabac0158050fc4dcULL);
	for (size_t length = 0; length <= 16; length++)
		assert_true(base_siphash(key, input, length) ==
			    base_siphash_rounds(1, 3, key, input, length));
}

/* Catches a key half or a last byte that does not count. */
static void test_everything_counts(void **state)
{
	uint64_t hash = base_siphash(key, input, 11);

	(void)state;
	for (size_t i = 0; i < BASE_SIPHASH_KEY; i++) {
		uint8_t other[BASE_SIPHASH_KEY];

		for (size_t j = 0; j < BASE_SIPHASH_KEY; j++)
			other[j] = key[j] ^ (i == j);
		assert_true(base_siphash(other, input, 11) != hash);
	}
	for (size_t i = 0; i < 16; i++) {
		uint8_t other[16];

		for (size_t j = 0; j < 16; j++)
			other[j] = input[j] ^ (i == j);
		assert_true((base_siphash(key, other, 11) != hash) == (i < 11));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_vectors),
		cmocka_unit_test(test_short_form_is_1_3),
		cmocka_unit_test(test_everything_counts),
	};

	return cmocka_run_group_tests_name("base/siphash", tests, NULL, NULL);
}
