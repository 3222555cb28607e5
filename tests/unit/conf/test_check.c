/* SPDX-License-Identifier: GPL-2.0-only */
/* What must hold across statements, with the places of both sides. */
#include "fixture.h"

#define SUBNET(third, body) "subnet 10.0." third ".0 netmask 255.255.255.0 {\n" body "\n}\n"

static void test_subnets(void **state)
{
	(void)state;
	refused("subnet 10.0.0.0 netmask 255.255.0.0 { }\n"
		"subnet 10.1.0.0 netmask 255.255.0.0 { }\n"
		"  subnet 10.0.128.0 netmask 255.255.255.0 { }\n",
		3, 3, "subnet 10.0.128.0/24 overlaps subnet 10.0.0.0/16 at test.conf:1");
	/* The later one is at fault, whichever is the larger. */
	refused("subnet 10.0.128.0 netmask 255.255.255.0 { }\n"
		"subnet 10.0.0.0 netmask 255.255.0.0 { }\n",
		2, 1, "subnet 10.0.0.0/16 overlaps subnet 10.0.128.0/24 at test.conf:1");
	refused(SUBNET("0", "") SUBNET("0", ""), 4, 1, "overlaps subnet 10.0.0.0/24");
	conf_free(accepted("subnet 10.0.0.0 netmask 255.255.255.128 { }\n"
			   "subnet 10.0.0.128 netmask 255.255.255.128 { }\n"
			   "subnet 255.255.255.0 netmask 255.255.255.0 { }\n"));
}

static void test_ranges_lie_in_their_subnet(void **state)
{
	(void)state;
	refused(SUBNET("0", " range 10.0.1.5;"), 2, 2, "10.0.1.5 is not in subnet 10.0.0.0/24");
	refused(SUBNET("0", " range 10.0.0.5 10.0.1.5;"), 2, 2,
		"10.0.1.5 is not in subnet 10.0.0.0/24");
	refused(SUBNET("0", "") SUBNET("1", "pool {\n  range 10.0.0.5; }"), 6, 3,
		"10.0.0.5 is not in subnet 10.0.1.0/24");
	refused("shared-network a {\n" SUBNET("0", "") SUBNET("1", "") "range 10.0.2.1;\n}", 8, 1,
		"10.0.2.1 is in no subnet of shared-network `a`");
	refused("shared-network a {\n" SUBNET("0", "")
			SUBNET("1", "") "pool { range 10.0.0.9 10.0.1.9; }\n}",
		8, 8, "10.0.1.9 is not in subnet 10.0.0.0/24");
	refused("shared-network a {\n" SUBNET("0", "") "range 10.0.1.9;\n}\n" SUBNET("1", ""), 5, 1,
		"in no subnet of shared-network `a`");
}

static void test_range_ends(void **state)
{
	(void)state;
	refused(SUBNET("0", "range 10.0.0.0 10.0.0.9;"), 2, 1,
		"10.0.0.0 is the network address of subnet 10.0.0.0/24");
	refused(SUBNET("0", "range 10.0.0.9 10.0.0.255;"), 2, 1,
		"10.0.0.255 is the broadcast address of subnet 10.0.0.0/24");
	refused("subnet 10.0.0.0 netmask 255.255.255.252 { range 10.0.0.3; }", 1, 43, "broadcast");
	refused("subnet 255.255.255.254 netmask 255.255.255.254 {\n"
		"range 255.255.255.254 255.255.255.255; }",
		2, 1, "no client can have it");
	refused("subnet 255.255.255.255 netmask 255.255.255.255 { }\n"
		"host a { hardware ethernet 02:00:00:00:00:01; fixed-address 255.255.255.255; }",
		2, 61, "no client can have it");
	conf_free(accepted("subnet 10.0.0.0 netmask 255.255.255.254 { range 10.0.0.0 10.0.0.1; }"));
	conf_free(accepted("subnet 10.0.0.7 netmask 255.255.255.255 { range 10.0.0.7; }"));
	conf_free(accepted(SUBNET("0", "range 10.0.0.1 10.0.0.254;")));
}

/* dhcpd takes a range's ends in either order. */
static void test_reversed_range(void **state)
{
	struct conf *conf = accepted(SUBNET("0", "range 10.0.0.9 10.0.0.5;"));

	(void)state;
	assert_int_equal(conf->pools[0]->ranges[0].first, IP(10, 0, 0, 5));
	assert_int_equal(conf->pools[0]->ranges[0].last, IP(10, 0, 0, 9));
	conf_free(conf);
}

static void test_ranges_do_not_overlap(void **state)
{
	(void)state;
	refused(SUBNET("0", "range 10.0.0.5 10.0.0.9;\nrange 10.0.0.9 10.0.0.12;"), 3, 1,
		"this range overlaps the range 10.0.0.5 to 10.0.0.9 at test.conf:2");
	refused(SUBNET("0", "range 10.0.0.7;\npool {\n range 10.0.0.5 10.0.0.9; }"), 4, 2,
		"overlaps the range 10.0.0.7 to 10.0.0.7 at test.conf:2");
	refused(SUBNET("0", "range 10.0.0.7;\nrange 10.0.0.7;"), 3, 1, "overlaps");
	/* Catches a search that compares neighbours only. */
	refused(SUBNET("0", "range 10.0.0.5 10.0.0.90;\nrange 10.0.0.6;\nrange 10.0.0.8;"), 3, 1,
		"overlaps the range 10.0.0.5 to 10.0.0.90");
}

static void test_addresses_are_bounded(void **state)
{
	(void)state;
	conf_free(accepted("subnet 10.0.0.0 netmask 255.0.0.0 { range 10.0.0.1 10.255.255.254; }"));
	refused("subnet 10.0.0.0 netmask 255.0.0.0 { range 10.0.0.1 10.255.255.254; }\n"
		"subnet 11.0.0.0 netmask 255.0.0.0 { range 11.0.0.1 11.0.0.3; }\n",
		2, 37, "more than 16777216 addresses");
	refused("subnet 0.0.0.0 netmask 128.0.0.0 { range 0.0.0.1 127.0.0.1; }", 1, 36,
		"more than 16777216 addresses");
}

#define HOST(name, mac, rest) \
	"host " name " { hardware ethernet 02:00:00:00:00:" mac "; " rest "}\n"

static void test_hosts_are_distinct(void **state)
{
	(void)state;
	refused(NET HOST("a", "01", "") HOST("b", "02", "") HOST("c", "01", ""), 4, 28,
		"02:00:00:00:00:01 is host `a` at test.conf:2 already");
	refused(NET HOST("a", "01", "") HOST("a", "02", ""), 3, 1,
		"there is a host `a` already, at test.conf:2");
	refused(NET HOST("a", "01", "fixed-address 10.0.0.200;")
			HOST("b", "02", "fixed-address 10.0.0.201,10.0.0.200;"),
		3, 72, "10.0.0.200 is fixed for host `a` already, at test.conf:2");
	refused(NET HOST("a", "01", "fixed-address 10.0.0.200, 10.0.0.200;"), 2, 73, "already");
}

static void test_networks_are_distinct(void **state)
{
	(void)state;
	refused("shared-network a {" SUBNET("0", "") "}\nshared-network a {" SUBNET("1", "") "}", 5,
		1, "there is a network `a` already, at test.conf:1");
}

static void test_fixed_addresses(void **state)
{
	(void)state;
	refused(NET HOST("a", "01", "fixed-address 10.0.1.200;"), 2, 61,
		"10.0.1.200 is in no declared subnet");
	refused(NET HOST("a", "01", "fixed-address 10.0.0.50;"), 2, 61,
		"10.0.0.50 is in a dynamic range too");
	refused(NET HOST("a", "01", "fixed-address 10.0.0.255;"), 2, 61, "broadcast address");
	refused(NET HOST("a", "01", "fixed-address 10.0.0.0;"), 2, 61, "network address");
	conf_free(accepted(HOST("a", "01", "fixed-address 10.0.0.254;") NET));
}

static void test_lease_times(void **state)
{
	(void)state;
	refused("max-lease-time 60;\nmin-lease-time 120;\n" NET, 1, 1,
		"min-lease-time 120 exceeds max-lease-time 60");
	refused("min-lease-time 120;\n" SUBNET("0", " max-lease-time 60;"), 3, 2,
		"min-lease-time 120 exceeds max-lease-time 60");
	refused("max-lease-time 60;\n" NET "group {\n min-lease-time 61; }", 4, 2, "exceeds");
	/* What is superseded does not count; default may lie anywhere, it is clamped. */
	conf_free(accepted("max-lease-time 60; max-lease-time 600; min-lease-time 60;\n"
			   "default-lease-time 5;\n" NET));
	conf_free(accepted("min-lease-time 60; max-lease-time 60;\n" NET));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_subnets),
		cmocka_unit_test(test_ranges_lie_in_their_subnet),
		cmocka_unit_test(test_range_ends),
		cmocka_unit_test(test_reversed_range),
		cmocka_unit_test(test_ranges_do_not_overlap),
		cmocka_unit_test(test_addresses_are_bounded),
		cmocka_unit_test(test_hosts_are_distinct),
		cmocka_unit_test(test_networks_are_distinct),
		cmocka_unit_test(test_fixed_addresses),
		cmocka_unit_test(test_lease_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
