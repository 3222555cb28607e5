/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
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

static unsigned primary_buckets(const uint8_t hba[32])
{
	unsigned count = 0;

	for (unsigned bucket = 0; bucket < 256; bucket++)
		count += failover_hash_primary(hba, (uint8_t)bucket);
	return count;
}

/* `split n` of dhcpd.conf: the lowest n buckets, byte and bit order as dhcpd has them. */
static void test_split(void **state)
{
	uint8_t hba[32];

	(void)state;
	for (unsigned n = 0; n <= 256; n++) {
		memset(hba, 0x5a, sizeof(hba));
		failover_hash_split(n, hba);
		assert_int_equal(primary_buckets(hba), n);
		assert_true(n == 0 || failover_hash_primary(hba, (uint8_t)(n - 1)));
		assert_true(n == 256 || !failover_hash_primary(hba, (uint8_t)n));
	}
	failover_hash_split(3, hba);
	assert_int_equal(hba[0], 0x07);
	failover_hash_split(128, hba);
	assert_int_equal(hba[15], 0xff);
	assert_int_equal(hba[16], 0x00);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buckets_are_dhcpds),
		cmocka_unit_test(test_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
