/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>
#include <cmocka.h>

#include "base/address.h"

static const struct {
	const char *text;
	uint32_t address;
} quads[] = {
	{"0.0.0.0", 0},
	{"255.255.255.255", 0xffffffffU},
	{"192.0.2.1", 0xc0000201U},
	{"10.100.99.9", 0x0a646309U},
};

static void test_ipv4_both_ways(void **state)
{
	char text[BASE_IPV4_TEXT];
	uint32_t address;

	(void)state;
	for (size_t i = 0; i < sizeof(quads) / sizeof(quads[0]); i++) {
		assert_string_equal(base_ipv4_format(quads[i].address, text), quads[i].text);
		assert_int_equal(base_ipv4_parse(quads[i].text, strlen(quads[i].text), &address),
				 0);
		assert_int_equal(address, quads[i].address);
	}
}

/* What inet_aton() would take, or a careless parser: all of it refused, the result untouched. */
static void test_ipv4_refused(void **state)
{
	static const char *const texts[] = {
		"",	      "1",	  "1.2.3",    "1.2.3.4.5", "1.2.3.256",
		"256.2.3.4",  "1.2.3.04", "01.2.3.4", "1..3.4",	   ".1.2.3",
		"1.2.3.",     "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4",  "1.2.3.0x4",
		"1.2.3.1000", "1,2,3,4",  "a.b.c.d",  "1.2.3.4\n", "1.2.3.+4",
	};
	uint32_t address = 0xeeeeeeeeU;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(base_ipv4_parse(texts[i], strlen(texts[i]), &address), -EINVAL);
	assert_int_equal(address, 0xeeeeeeeeU);
}

/* Catches a parser that looks for a NUL instead of minding the length. */
static void test_ipv4_length_rules(void **state)
{
	uint32_t address;

	(void)state;
	assert_int_equal(base_ipv4_parse("10.0.0.123", 8, &address), 0);
	assert_int_equal(address, 0x0a000001U);
	assert_int_equal(base_ipv4_parse("10.0.0.1", 7, &address), -EINVAL);
}

static void test_hardware_both_ways(void **state)
{
	static const uint8_t long_one[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
					     0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
	static const char *const text = "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff";
	uint8_t bytes[BASE_HARDWARE_MAX];
	char formatted[BASE_HARDWARE_TEXT];
	size_t length;

	(void)state;
	assert_string_equal(base_hardware_format(long_one, 16, formatted), text);
	assert_int_equal(base_hardware_parse(text, strlen(text), bytes, &length), 0);
	assert_int_equal(length, 16);
	assert_memory_equal(bytes, long_one, 16);
	assert_string_equal(base_hardware_format(long_one, 0, formatted), "");
}

/* dhcpd.conf takes single digits and capitals. */
static void test_hardware_short_digits(void **state)
{
	uint8_t bytes[BASE_HARDWARE_MAX];
	size_t length;

	(void)state;
	assert_int_equal(base_hardware_parse("8:0:2b:4C:39:f", 14, bytes, &length), 0);
	assert_int_equal(length, 6);
	assert_memory_equal(bytes, "\x08\x00\x2b\x4c\x39\x0f", 6);
}

static void test_hardware_refused(void **state)
{
	static const char *const texts[] = {
		"",
		":",
		"aa:",
		":aa",
		"aa::bb",
		"aaa",
		"aa:bbb",
		"ag",
		"aa-bb",
		"aa bb",
		"aa:bb ",
		"00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00",
		"00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:",
	};
	uint8_t bytes[BASE_HARDWARE_MAX] = {0xee};
	size_t length = 99;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(base_hardware_parse(texts[i], strlen(texts[i]), bytes, &length),
				 -EINVAL);
	assert_int_equal(length, 99);
	assert_int_equal(bytes[0], 0xee);
}

/* Catches a shift by 32, which the processor would take modulo 32. */
static void test_masks(void **state)
{
	(void)state;
	assert_int_equal(base_ipv4_mask(0), 0);
	assert_int_equal(base_ipv4_mask(1), 0x80000000U);
	assert_int_equal(base_ipv4_mask(24), 0xffffff00U);
	assert_int_equal(base_ipv4_mask(32), 0xffffffffU);
	assert_int_equal(base_ipv4_mask(33), 0xffffffffU);
	for (unsigned prefix = 0; prefix <= 32; prefix++)
		assert_int_equal(base_ipv4_prefix(base_ipv4_mask(prefix)), prefix);
	assert_int_equal(base_ipv4_prefix(0xff00ff00U), -EINVAL);
	assert_int_equal(base_ipv4_prefix(0x00ffffffU), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipv4_both_ways),
		cmocka_unit_test(test_ipv4_refused),
		cmocka_unit_test(test_ipv4_length_rules),
		cmocka_unit_test(test_hardware_both_ways),
		cmocka_unit_test(test_hardware_short_digits),
		cmocka_unit_test(test_hardware_refused),
		cmocka_unit_test(test_masks),
	};

	return cmocka_run_group_tests_name("base/address", tests, NULL, NULL);
}
