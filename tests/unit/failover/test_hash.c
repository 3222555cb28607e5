/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "failover/hash.h"

/* Confirmed with dhcpd 4.4.3, with one bucket at a time. */
static const struct {
	const char *key;
	size_t length;
	uint8_t bucket;
} vectors[] = {
	{"\x02\x00\x00\x00\x00\x01", 6, 133},
	{"\x02\xaa\x00\x00\x00\x01", 6, 204},
	{"\x00\x11\x22\x33\x44\x55", 6, 135},
	{"\xff\xff\xff\xff\xff\xff", 6, 79},
	{"\x01\x02\xaa\x00\x00\x00\x02", 7, 42},
	{"\x01hello", 6, 2},
	{"client-1", 8, 1},
	{"\x00", 1, 175},
	{"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", 16, 155},
};

/* Catches a hash that is ours alone: half of the clients would be served twice, or not at all. */
static void test_buckets_are_dhcpds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		assert_int_equal(failover_hash((const uint8_t *)vectors[i].key, vectors[i].length),
				 vectors[i].bucket);
}

/* Byte and bit order as dhcpd has them: bucket 79 is the last bit of byte 9. */
static void test_bucket_is_primarys(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 256; n++) {
		uint8_t hba[32] = {0};

		hba[n / 8] = (uint8_t)(1U << n % 8);
		for (unsigned bucket = 0; bucket < 256; bucket++)
			assert_int_equal(failover_hash_primary(hba, (uint8_t)bucket), bucket == n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buckets_are_dhcpds),
		cmocka_unit_test(test_bucket_is_primarys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
