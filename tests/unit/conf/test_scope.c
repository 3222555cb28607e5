/* SPDX-License-Identifier: GPL-2.0-only */
/* Declarations and parameters: which struct they become, and who inherits from whom. */
#include "fixture.h"

static void test_lone_subnet(void **state)
{
	struct conf *conf = accepted("subnet 10.1.0.0 netmask 255.255.0.0 {\n"
				     "  range 10.1.0.10 10.1.0.20; range 10.1.1.5;\n"
				     "  max-lease-time 60;\n"
				     "}\n");
	const struct conf_network *network;

	(void)state;
	assert_int_equal(conf->network_count, 1);
	assert_int_equal(conf->subnet_count, 1);
	assert_int_equal(conf->pool_count, 1);
	assert_int_equal(conf->host_count, 0);
	network = conf->networks[0];
	assert_string_equal(network->name, "10.1.0.0/16");
	assert_int_equal(network->number, 1);
	assert_int_equal(network->subnet_count, 1);
	assert_ptr_equal(network->subnets[0], conf->subnets[0]);
	assert_ptr_equal(network->scope, conf->subnets[0]->scope);
	assert_ptr_equal(network->scope->parent, conf->global);
	assert_null(conf->global->parent);
	assert_int_equal(conf->subnets[0]->address, IP(10, 1, 0, 0));
	assert_int_equal(conf->subnets[0]->mask, IP(255, 255, 0, 0));
	assert_ptr_equal(network->pools[0], conf->pools[0]);
	assert_ptr_equal(conf->pools[0]->scope, network->scope);
	assert_ptr_equal(conf->pools[0]->network, network);
	assert_int_equal(conf->pools[0]->number, 0);
	assert_int_equal(conf->pools[0]->relation, 0);
	assert_int_equal(conf->pools[0]->range_count, 2);
	assert_int_equal(conf->pools[0]->ranges[0].first, IP(10, 1, 0, 10));
	assert_int_equal(conf->pools[0]->ranges[0].last, IP(10, 1, 0, 20));
	assert_int_equal(conf->pools[0]->ranges[1].first, IP(10, 1, 1, 5));
	assert_int_equal(conf->pools[0]->ranges[1].last, IP(10, 1, 1, 5));
	conf_free(conf);
}

/* Ranges outside of pool statements: one pool for each subnet and one for the network. */
static void test_shared_network(void **state)
{
	struct conf *conf =
		accepted("shared-network \"two words\" {\n"
			 "  default-lease-time 1;\n"
			 "  range 10.2.0.9;\n"
			 "  subnet 10.1.0.0 netmask 255.255.255.0 {\n"
			 "    default-lease-time 2;\n"
			 "    range 10.1.0.10 10.1.0.19;\n"
			 "    pool { default-lease-time 3; range 10.1.0.30 10.1.0.39; }\n"
			 "    range 10.1.0.20 10.1.0.21;\n"
			 "  }\n"
			 "  subnet 10.2.0.0 netmask 255.255.255.0 { }\n"
			 "  pool { default-lease-time 4; range 10.2.0.1 10.2.0.2;\n"
			 "         range 10.1.0.1 10.1.0.2; }\n"
			 "  range 10.2.0.8;\n"
			 "}\n");
	const struct conf_network *network = conf->networks[0];
	struct conf_pool **pools = conf->pools;

	(void)state;
	assert_string_equal(network->name, "two words");
	assert_int_equal(network->subnet_count, 2);
	assert_int_equal(conf->pool_count, 4);
	assert_int_equal(network->pool_count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(pools[i]->number, i);
		assert_ptr_equal(pools[i]->network, network);
		assert_ptr_equal(pools[i], network->pools[i]);
	}
	/* By first address: the network's pool statement, the subnet's ranges, its pool, the network's ranges. */
	assert_int_equal(pools[0]->scope->default_lease_time, 4);
	assert_ptr_equal(pools[0]->scope->parent, network->scope);
	assert_int_equal(pools[0]->ranges[0].first, IP(10, 1, 0, 1));
	assert_int_equal(pools[0]->ranges[1].first, IP(10, 2, 0, 1));
	assert_ptr_equal(pools[1]->scope, conf->subnets[0]->scope);
	assert_int_equal(pools[1]->scope->default_lease_time, 2);
	assert_ptr_equal(pools[1]->scope->parent, network->scope);
	/* Ranges that touch are one. */
	assert_int_equal(pools[1]->range_count, 1);
	assert_int_equal(pools[1]->ranges[0].last, IP(10, 1, 0, 21));
	assert_int_equal(pools[2]->scope->default_lease_time, 3);
	assert_ptr_equal(pools[2]->scope->parent, conf->subnets[0]->scope);
	assert_ptr_equal(pools[3]->scope, network->scope);
	assert_int_equal(pools[3]->ranges[0].first, IP(10, 2, 0, 8));
	assert_int_equal(pools[3]->ranges[0].last, IP(10, 2, 0, 9));
	conf_free(conf);
}

/* Numbers follow addresses and not the text. */
static void test_numbers(void **state)
{
	struct conf *conf = accepted("subnet 10.3.0.0 netmask 255.255.0.0 { }\n"
				     "shared-network x {\n"
				     "  subnet 10.4.0.0 netmask 255.255.0.0 { }\n"
				     "  subnet 10.1.0.0 netmask 255.255.0.0 { }\n"
				     "}\n"
				     "group { subnet 10.2.0.0 netmask 255.255.0.0 { } }\n");
	static const char *const names[] = {"x", "10.2.0.0/16", "10.3.0.0/16"};

	(void)state;
	assert_int_equal(conf->network_count, 3);
	for (uint32_t i = 0; i < 3; i++) {
		assert_string_equal(conf->networks[i]->name, names[i]);
		assert_int_equal(conf->networks[i]->number, i + 1);
	}
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(conf->subnets[i]->address, IP(10, i + 1, 0, 0));
	assert_ptr_equal(conf->subnets[0]->network, conf->subnets[3]->network);
	conf_free(conf);
}

static void test_parameters(void **state)
{
	struct conf *conf =
		accepted("default-lease-time 600; MIN-Lease-Time 0x3c; max-lease-time 7200;\n"
			 "authoritative;\n"
			 "next-server 10.0.0.2; server-identifier 10.0.0.3;\n"
			 "filename \"pxelinux.0\"; server-name \"boot\";\n"
			 "option domain-name \"a\"; option routers 10.0.0.1;\n"
			 "option domain-name \"b\"; next-server 0.0.0.0;\n" NET);
	const struct conf_scope *global = conf->global, *subnet = conf->subnets[0]->scope;

	(void)state;
	assert_true(global->has_default_lease_time && global->default_lease_time == 600);
	assert_true(global->has_min_lease_time && global->min_lease_time == 60);
	assert_true(global->has_max_lease_time && global->max_lease_time == 7200);
	assert_true(global->has_authoritative && global->authoritative);
	assert_true(global->has_next_server && global->next_server == 0);
	assert_true(global->has_server_identifier);
	assert_int_equal(global->server_identifier, IP(10, 0, 0, 3));
	assert_string_equal(global->filename, "pxelinux.0");
	assert_string_equal(global->server_name, "boot");
	/* The later one of two is what holds, and options are in order of their codes. */
	assert_int_equal(global->option_count, 2);
	assert_int_equal(global->options[0].code, 3);
	assert_int_equal(global->options[1].code, 15);
	assert_memory_equal(global->options[1].data, "b", 1);
	assert_false(subnet->has_default_lease_time || subnet->has_min_lease_time ||
		     subnet->has_max_lease_time || subnet->has_authoritative ||
		     subnet->has_next_server || subnet->has_server_identifier);
	assert_null(subnet->filename);
	assert_null(subnet->server_name);
	assert_int_equal(subnet->option_count, 0);
	conf_free(conf);
}

static void test_authoritative(void **state)
{
	struct conf *conf = accepted(
		"authoritative;\n"
		"subnet 10.0.0.0 netmask 255.255.255.0 { not authoritative; }\n"
		"subnet 10.0.1.0 netmask 255.255.255.0 { not authoritative; authoritative; }\n"
		"subnet 10.0.2.0 netmask 255.255.255.0 { }\n");

	(void)state;
	assert_true(conf->global->authoritative);
	assert_true(conf->subnets[0]->scope->has_authoritative);
	assert_false(conf->subnets[0]->scope->authoritative);
	assert_true(conf->subnets[1]->scope->has_authoritative);
	assert_true(conf->subnets[1]->scope->authoritative);
	assert_false(conf->subnets[2]->scope->has_authoritative);
	conf_free(conf);
	refused("authoritative false;", 1, 14, "expected `;`");
	refused("not so;", 1, 5, "expected `authoritative` behind `not`");
}

static void test_parameter_refusals(void **state)
{
	(void)state;
	refused("default-lease-time 0;", 1, 20, "not between 1 and 2147483647");
	refused("max-lease-time 2147483648;", 1, 16, "not between 1 and 2147483647");
	refused("min-lease-time -5;", 1, 16, "not between");
	refused("default-lease-time infinite;", 1, 20, "without an end are not supported");
	refused("default-lease-time = 60;", 1, 20, "expected a number, found `=`");
	refused("default-lease-time 60 = 5;", 1, 23, "not supported yet");
	refused("next-server boot.example.org;", 1, 13, "names are not looked up");
	refused("server-identifier 0.0.0.0;", 1, 19, "identifies no server");
	refused("filename pxelinux;", 1, 10, "expected a text in double quotes");
	refused("filename \"\";", 1, 10, "has 0 bytes; the field takes 1 to 128");
	refused("filename \"a\\0\";", 1, 10, "a NUL byte");
	refused("server-name "
		"\"0123456789012345678901234567890123456789012345678901234567890123x\";",
		1, 13, "has 65 bytes; the field takes 1 to 64");
	conf_free(accepted(
		"server-name "
		"\"0123456789012345678901234567890123456789012345678901234567890123\";" NET));
}

static void test_groups_and_hosts(void **state)
{
	static const uint8_t first[] = {2, 0, 0, 0, 0, 1}, second[] = {2, 0, 0, 0, 0, 2};
	struct conf *conf = accepted(
		NET "group { filename \"outer\";\n"
		    "  group inner { server-name \"inner\";\n"
		    "    host b.example { hardware ethernet 02:0:0:0:0:02;\n"
		    "      fixed-address 10.0.0.201, 10.0.0.200; option host-name \"b\"; } }\n"
		    "  host a { hardware ethernet 02:00:00:00:00:01; }\n"
		    "}\n"
		    "subnet 10.0.1.0 netmask 255.255.255.0 { host c { hardware ethernet "
		    "02:00:00:00:00:03; } }\n");
	const struct conf_host *a = conf_host_by_hardware(conf, 1, 6, first);
	const struct conf_host *b = conf_host_by_hardware(conf, 1, 6, second);

	(void)state;
	assert_int_equal(conf->host_count, 3);
	assert_string_equal(a->name, "a");
	assert_string_equal(b->name, "b.example");
	assert_true(b->has_hardware);
	assert_int_equal(b->htype, 1);
	assert_int_equal(b->hlen, 6);
	assert_memory_equal(b->hardware, second, 6);
	/* The order of the text stays: the first one that fits is given. */
	assert_int_equal(b->fixed_address_count, 2);
	assert_int_equal(b->fixed_addresses[0], IP(10, 0, 0, 201));
	assert_int_equal(b->fixed_addresses[1], IP(10, 0, 0, 200));
	assert_ptr_equal(conf_host_by_address(conf, IP(10, 0, 0, 200)), b);
	assert_string_equal(b->scope->parent->server_name, "inner");
	assert_string_equal(b->scope->parent->parent->filename, "outer");
	assert_ptr_equal(b->scope->parent->parent->parent, conf->global);
	assert_ptr_equal(a->scope->parent, b->scope->parent->parent);
	assert_ptr_equal(conf->hosts[2]->scope->parent, conf->subnets[1]->scope);
	conf_free(conf);
}

static void test_host_refusals(void **state)
{
	(void)state;
	refused("host { }", 1, 6, "expected the name of the host, found `{`");
	refused("\n host a { fixed-address 10.0.0.200; }", 2, 2, "says no `hardware ethernet");
	refused("host a { hardware token-ring 0:1:2:3:4:5; }", 1, 19,
		"`token-ring` is not supported yet");
	refused("host a { hardware ethernet 0:1:2:3:4; }", 1, 28, "expected an Ethernet address");
	refused("host a { hardware ethernet 0:1:2:3:4:5:6; }", 1, 28,
		"expected an Ethernet address");
	refused("host a { hardware ethernet; }", 1, 27, "expected an Ethernet address");
	refused("host a { hardware ethernet 0:1:2:3:4:5;\nhardware ethernet 0:1:2:3:4:6; }", 2, 1,
		"has a hardware address already");
	refused("host a { hardware ethernet 0:1:2:3:4:5; fixed-address 10.0.0.200;\n"
		"fixed-address 10.0.0.201; }",
		2, 1, "has a `fixed-address` already");
	refused("host a { fixed-address a.example.org; }", 1, 24, "names are not looked up");
	refused("host a { option dhcp-client-identifier \"x\"; }", 1, 17, "cannot be configured");
}

static void test_network_refusals(void **state)
{
	(void)state;
	refused("subnet 10.0.0.1 netmask 255.255.255.0 { }", 1, 8, "it begins at 10.0.0.0");
	refused("subnet 10.0.0.0 netmask 255.0.255.0 { }", 1, 25, "not contiguous");
	refused("subnet 0.0.0.0 netmask 0.0.0.0 { }", 1, 24, "is no netmask of a subnet");
	refused("subnet 10.0.0.0/24 { }", 1, 8, "expected an IPv4 address");
	refused("subnet 10.0.0.0 { }", 1, 17, "expected `netmask`");
	refused("subnet 10.0.0.0 netmask 24 { }", 1, 25, "expected an IPv4 address");
	refused("shared-network { }", 1, 16, "expected the name of the shared-network");
	refused("shared-network \"\" { }", 1, 16, "between 1 and 255 characters");
	refused(NET "shared-network a { }", 2, 1, "has no subnet");
	refused("subnet 10.0.0.0 netmask 255.255.255.0 {\n\tpool { }\n}", 2, 2,
		"a pool without addresses");
	refused("subnet 10.0.0.0 netmask 255.255.255.0 {\n\trange dynamic-bootp 10.0.0.5;\n}", 2, 8,
		"BOOTP clients are not served");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lone_subnet),	 cmocka_unit_test(test_shared_network),
		cmocka_unit_test(test_numbers),		 cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_authoritative),	 cmocka_unit_test(test_parameter_refusals),
		cmocka_unit_test(test_groups_and_hosts), cmocka_unit_test(test_host_refusals),
		cmocka_unit_test(test_network_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
