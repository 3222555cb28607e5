/* SPDX-License-Identifier: GPL-2.0-only */
/* Binary searches against plain ones. */
#include "fixture.h"

#define HOLES 64

/* Subnets 10.X.0.0/24 for every third X, each with two ranges and a fixed address. */
static struct conf *load_holes(void)
{
	static char text[HOLES * 512];
	size_t length = 0;

	for (unsigned i = 0; i < HOLES; i++)
		length += (size_t)snprintf(
			text + length, sizeof(text) - length,
			"subnet 10.%u.0.0 netmask 255.255.255.0 { range 10.%u.0.3 10.%u.0.5;\n"
			"  pool { range 10.%u.0.8 10.%u.0.9; } }\n"
			"host h%u { hardware ethernet 02:00:00:00:%02x:00; fixed-address "
			"10.%u.0.7; }\n",
			3 * i, 3 * i, 3 * i, 3 * i, 3 * i, i, 255 - i, 3 * i);
	return accepted(text);
}

static const struct conf_subnet *plain_subnet(const struct conf *conf, uint32_t address)
{
	for (size_t i = 0; i < conf->subnet_count; i++) {
		if ((address & conf->subnets[i]->mask) == conf->subnets[i]->address)
			return conf->subnets[i];
	}
	return NULL;
}

static const struct conf_pool *plain_pool(const struct conf *conf, uint32_t address)
{
	for (size_t i = 0; i < conf->pool_count; i++) {
		for (size_t j = 0; j < conf->pools[i]->range_count; j++) {
			const struct conf_range *range = &conf->pools[i]->ranges[j];

			if (address >= range->first && address <= range->last)
				return conf->pools[i];
		}
	}
	return NULL;
}

static void test_by_address(void **state)
{
	struct conf *conf = load_holes();
	size_t subnets = 0, pools = 0, hosts = 0;

	(void)state;
	assert_int_equal(conf->pool_count, 2 * HOLES);
	for (unsigned x = 0; x < 256; x++) {
		for (unsigned last = 0; last < 256; last += last < 12 ? 1 : 61) {
			uint32_t address = IP(10, x, 0, last);
			const struct conf_host *host = conf_host_by_address(conf, address);

			assert_ptr_equal(conf_subnet_of(conf, address),
					 plain_subnet(conf, address));
			assert_ptr_equal(conf_pool_of(conf, address), plain_pool(conf, address));
			subnets += conf_subnet_of(conf, address) != NULL;
			pools += conf_pool_of(conf, address) != NULL;
			hosts += host != NULL;
			if (host)
				assert_int_equal(host->fixed_addresses[0], address);
		}
	}
	assert_int_equal(pools, 5 * HOLES);
	assert_int_equal(hosts, HOLES);
	assert_int_equal(subnets, 16 * HOLES);
	conf_free(conf);
}

static void test_edges(void **state)
{
	struct conf *conf = load_holes();
	static const uint32_t outside[] = {0, IP(9, 255, 255, 255), IP(10, 0, 1, 0),
					   IP(11, 0, 0, 0), UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < COUNT(outside); i++) {
		assert_null(conf_subnet_of(conf, outside[i]));
		assert_null(conf_pool_of(conf, outside[i]));
		assert_null(conf_host_by_address(conf, outside[i]));
	}
	conf_free(conf);
	conf = accepted("subnet 255.255.255.254 netmask 255.255.255.254 {\n"
			"range 255.255.255.254; }\n"
			"subnet 0.0.0.0 netmask 255.255.255.254 { range 0.0.0.0; range 0.0.0.1; }");
	assert_non_null(conf_subnet_of(conf, UINT32_MAX));
	assert_non_null(conf_pool_of(conf, UINT32_MAX - 1));
	assert_null(conf_pool_of(conf, UINT32_MAX));
	assert_non_null(conf_pool_of(conf, 0));
	assert_null(conf_pool_of(conf, 2));
	conf_free(conf);
}

static void test_by_hardware(void **state)
{
	struct conf *conf = load_holes();
	uint8_t hardware[16] = {2};

	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		const struct conf_host *host;
		char name[16];

		hardware[4] = (uint8_t)i;
		hardware[5] = 0;
		host = conf_host_by_hardware(conf, 1, 6, hardware);
		snprintf(name, sizeof(name), "h%u", 255 - i);
		if (255 - i < HOLES)
			assert_string_equal(host->name, name);
		else
			assert_null(host);
		hardware[5] = 1;
		assert_null(conf_host_by_hardware(conf, 1, 6, hardware));
	}
	hardware[4] = 255;
	hardware[5] = 0;
	assert_non_null(conf_host_by_hardware(conf, 1, 6, hardware));
	assert_null(conf_host_by_hardware(conf, 6, 6, hardware));
	assert_null(conf_host_by_hardware(conf, 1, 5, hardware));
	assert_null(conf_host_by_hardware(conf, 1, 16, hardware));
	conf_free(conf);
}

static void test_without_hosts_and_pools(void **state)
{
	struct conf *conf = accepted("subnet 10.0.0.0 netmask 255.255.255.0 { }");
	const uint8_t hardware[16] = {0};

	(void)state;
	assert_null(conf_pool_of(conf, IP(10, 0, 0, 1)));
	assert_null(conf_host_by_address(conf, IP(10, 0, 0, 1)));
	assert_null(conf_host_by_hardware(conf, 1, 6, hardware));
	conf_free(conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_address),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_by_hardware),
		cmocka_unit_test(test_without_hosts_and_pools),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
