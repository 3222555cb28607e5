// SPDX-License-Identifier: GPL-2.0-only
#include "fixture.h"

static const char *const networks_conf =
	"subnet 10.1.0.0 netmask 255.255.255.0 { range 10.1.0.10 10.1.0.20; }\n"
	"subnet 10.2.0.0 netmask 255.255.255.0 { range 10.2.0.10 10.2.0.20; }\n"
	"shared-network both {\n"
	"  subnet 10.3.0.0 netmask 255.255.255.0 { range 10.3.0.10 10.3.0.20; }\n"
	"  subnet 10.4.0.0 netmask 255.255.255.0 { range 10.4.0.10 10.4.0.20; }\n"
	"}\n"
	"subnet 10.5.0.0 netmask 255.255.255.0 { }\n";

#define LINK_SELECTION_10_5 "\x01\x02xy\x05\x04\x0a\x05\x00\x00"
#define LINK_SELECTION_BAD "\x05\x03\x0a\x05\x00"

struct network_row {
	const char *name;
	struct ask ask;
	const char *inside; /* an address of the network that is meant; NULL: none */
};

static const struct network_row network_rows[] = {
	{"the link's", {.type = DHCP_DISCOVER}, "10.1.0.1"},
	{"the link's, another", {.type = DHCP_DISCOVER, .link = "10.4.0.1"}, "10.3.0.1"},
	{"a link without a subnet", {.type = DHCP_DISCOVER, .link = "172.16.0.1"}, NULL},
	{"the relay's", {.type = DHCP_DISCOVER, .giaddr = "10.2.0.1"}, "10.2.0.1"},
	{"the relay's before ciaddr",
	 {.type = DHCP_REQUEST,
	  .giaddr = "10.2.0.1",
	  .ciaddr = "10.3.0.9",
	  .destination = "10.1.0.1"},
	 "10.2.0.1"},
	{"an unknown relay's", {.type = DHCP_DISCOVER, .giaddr = "172.16.0.1"}, NULL},
	{"ciaddr's, unicast",
	 {.type = DHCP_REQUEST, .ciaddr = "10.4.0.9", .destination = "10.1.0.1"},
	 "10.3.0.1"},
	{"an unknown ciaddr's, unicast",
	 {.type = DHCP_REQUEST, .ciaddr = "172.16.0.9", .destination = "10.1.0.1"},
	 NULL},
	{"the link's, broadcast with ciaddr",
	 {.type = DHCP_REQUEST, .ciaddr = "10.4.0.9"},
	 "10.1.0.1"},
	{"subnet selection before giaddr",
	 {.type = DHCP_DISCOVER, .giaddr = "10.2.0.1", .selection = "10.3.0.0"},
	 "10.3.0.1"},
	{"subnet selection of an unknown subnet",
	 {.type = DHCP_DISCOVER, .giaddr = "10.2.0.1", .selection = "172.16.0.0"},
	 NULL},
	{"link selection before all",
	 {.type = DHCP_DISCOVER,
	  .giaddr = "10.2.0.1",
	  .selection = "10.3.0.0",
	  .agent = LINK_SELECTION_10_5,
	  .agent_length = sizeof(LINK_SELECTION_10_5) - 1},
	 "10.5.0.1"},
	{"link selection of a wrong length does not count",
	 {.type = DHCP_DISCOVER,
	  .giaddr = "10.2.0.1",
	  .agent = LINK_SELECTION_BAD,
	  .agent_length = sizeof(LINK_SELECTION_BAD) - 1},
	 "10.2.0.1"},
};

static void network_of(void **state)
{
	struct conf *conf = fixture_conf(networks_conf);
	struct asked asked;

	(void)state;
	for (size_t i = 0; i < sizeof(network_rows) / sizeof(*network_rows); i++) {
		const struct network_row *row = &network_rows[i];
		const struct conf_network *network, *meant = NULL;

		ask_write(&asked, &row->ask);
		network = server_network_of(conf, &asked.request);
		if (row->inside) {
			meant = server_network_of_address(conf, ip(row->inside));
			assert_non_null(meant);
		}
		if (network != meant)
			fail_msg("%s: %s, not %s", row->name, network ? network->name : "none",
				 meant ? meant->name : "none");
	}
	conf_free(conf);
}

/* Every place says option 15 but one after the other less, so that each is the innermost once. */
static const char *const layers_conf = "option domain-name \"global\";\n"
				       "option host-name \"global\";\n"
				       "option root-path \"global\";\n"
				       "option merit-dump \"global\";\n"
				       "option nis-domain \"global\";\n"
				       "option netbios-scope \"global\";\n"
				       "next-server 1.1.1.1;\n"
				       "filename \"global\";\n"
				       "shared-network net {\n"
				       "  option domain-name \"net\";\n"
				       "  option host-name \"net\";\n"
				       "  option root-path \"net\";\n"
				       "  option merit-dump \"net\";\n"
				       "  option nis-domain \"net\";\n"
				       "  subnet 10.1.0.0 netmask 255.255.255.0 {\n"
				       "    option domain-name \"subnet\";\n"
				       "    option host-name \"subnet\";\n"
				       "    option root-path \"subnet\";\n"
				       "    option merit-dump \"subnet\";\n"
				       "    filename \"subnet\";\n"
				       "    pool {\n"
				       "      option domain-name \"pool\";\n"
				       "      option host-name \"pool\";\n"
				       "      option root-path \"pool\";\n"
				       "      server-name \"pool\";\n"
				       "      range 10.1.0.10 10.1.0.20;\n"
				       "    }\n"
				       "  }\n"
				       "}\n"
				       "group {\n"
				       "  option domain-name \"group\";\n"
				       "  option host-name \"group\";\n"
				       "  next-server 2.2.2.2;\n"
				       "  host one {\n"
				       "    hardware ethernet 02:00:00:00:00:01;\n"
				       "    option domain-name \"host\";\n"
				       "  }\n"
				       "}\n";

static void assert_option(const struct server_scope *scope, uint8_t code, const char *said)
{
	const struct conf_option *option = server_scope_option(scope, code);

	assert_non_null(option);
	assert_int_equal(option->length, strlen(said));
	assert_memory_equal(option->data, said, strlen(said));
}

static void innermost_says_it(void **state)
{
	static const uint8_t hardware[6] = {2, 0, 0, 0, 0, 1};
	struct conf *conf = fixture_conf(layers_conf);
	const struct conf_host *host = conf_host_by_hardware(conf, 1, 6, hardware);
	struct server_scope scope = server_scope_of(conf, host, ip("10.1.0.15"));

	(void)state;
	assert_non_null(host);
	assert_option(&scope, 15, "host");
	assert_option(&scope, 12, "group");
	assert_option(&scope, 17, "pool");
	assert_option(&scope, 14, "subnet");
	assert_option(&scope, 40, "net");
	assert_option(&scope, 47, "global");
	assert_null(server_scope_option(&scope, 3));
	assert_int_equal(server_scope_next_server(&scope), ip("2.2.2.2"));
	assert_string_equal(server_scope_filename(&scope), "subnet");
	assert_string_equal(server_scope_server_name(&scope), "pool");
	assert_ptr_equal(scope.subnet, conf_subnet_of(conf, ip("10.1.0.15")));

	scope = server_scope_of(conf, NULL, ip("10.1.0.15"));
	assert_option(&scope, 15, "pool");
	assert_int_equal(server_scope_next_server(&scope), ip("1.1.1.1"));
	scope = server_scope_of(conf, NULL, ip("10.1.0.99"));
	assert_option(&scope, 15, "subnet");
	assert_null(server_scope_server_name(&scope));
	scope = server_scope_of(conf, NULL, ip("172.16.0.1"));
	assert_option(&scope, 15, "global");
	assert_null(scope.subnet);
	scope = server_scope_of_network(conf->networks[0]);
	assert_option(&scope, 15, "subnet");
	conf_free(conf);
}

/* A scope that two lineages share is visited once, where the outer lineage has it. */
static void scopes_are_visited_once(void **state)
{
	static const uint8_t hardware[6] = {2, 0, 0, 0, 0, 1};
	struct conf *conf = fixture_conf(layers_conf);
	const struct conf_host *host = conf_host_by_hardware(conf, 1, 6, hardware);
	struct server_scope scope = server_scope_of(conf, host, ip("10.1.0.15"));
	const struct conf_scope *at, *seen[16];
	struct server_scope_walk walk = {0};
	size_t count = 0;

	(void)state;
	while ((at = server_scope_step(&scope, &walk))) {
		for (size_t i = 0; i < count; i++)
			assert_ptr_not_equal(at, seen[i]);
		assert_true(count < 16);
		seen[count++] = at;
	}
	assert_ptr_equal(seen[0], host->scope);
	assert_ptr_equal(seen[count - 1], conf->global);
	assert_int_equal(count, 6); /* host, group, pool, subnet, net, global */
	conf_free(conf);
}

static void fixed_addresses(void **state)
{
	static const uint8_t hardware[6] = {2, 0, 0, 0, 0, 1};
	struct conf *conf = fixture_conf("subnet 10.1.0.0 netmask 255.255.255.0 { }\n"
					 "host one { hardware ethernet 02:00:00:00:00:01;\n"
					 "           fixed-address 10.1.0.30, 10.1.0.31; }\n");
	const struct conf_host *host = conf_host_by_hardware(conf, 1, 6, hardware);

	(void)state;
	assert_true(server_host_fixes(host, ip("10.1.0.30")));
	assert_true(server_host_fixes(host, ip("10.1.0.31")));
	assert_false(server_host_fixes(host, ip("10.1.0.32")));
	conf_free(conf);
}

struct time_row {
	const char *conf;
	uint32_t asked; /* 0: not */
	uint32_t given;
};

static const struct time_row time_rows[] = {
	{"", 0, 43200},
	{"", 60, 60},
	{"", 100000, 86400},
	{"", 0xffffffff, 86400},
	{"default-lease-time 600;", 0, 600},
	{"default-lease-time 600;", 601, 601},
	{"default-lease-time 600; max-lease-time 7200;", 9000, 7200},
	{"default-lease-time 9000; max-lease-time 7200;", 0, 7200},
	{"default-lease-time 100000;", 0, 100000},
	{"default-lease-time 100000;", 200000, 100000},
	{"min-lease-time 300;", 60, 300},
	{"default-lease-time 100; min-lease-time 300;", 0, 300},
	{"max-lease-time 7200; min-lease-time 300;", 0xffffffff, 7200},
	{"max-lease-time 2147483647;", 0xffffffff, 2147483647},
};

static void lease_times(void **state)
{
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(time_rows) / sizeof(*time_rows); i++) {
		const struct time_row *row = &time_rows[i];
		struct server_scope scope;
		struct conf *conf;
		uint32_t given;

		snprintf(text, sizeof(text), "%s\nsubnet 10.1.0.0 netmask 255.255.255.0 { }\n",
			 row->conf);
		conf = fixture_conf(text);
		scope = server_scope_of(conf, NULL, ip("10.1.0.5"));
		given = server_scope_lease_time(&scope, row->asked, row->asked);
		if (given != row->given)
			fail_msg("\"%s\", %u asked: %u, not %u", row->conf, row->asked, given,
				 row->given);
		assert_int_equal(server_scope_lease_time(&scope, true, 0),
				 server_scope_lease_time(&scope, false, 0));
		conf_free(conf);
	}
}

static void statements(void **state)
{
	struct conf *conf = fixture_conf("authoritative;\n"
					 "server-identifier 10.9.9.9;\n"
					 "subnet 10.1.0.0 netmask 255.255.255.0 {\n"
					 "  not authoritative;\n"
					 "  next-server 10.1.0.3;\n"
					 "  option dhcp-renewal-time 77;\n"
					 "}\n"
					 "subnet 10.2.0.0 netmask 255.255.255.0 { }\n");
	struct server_scope first = server_scope_of(conf, NULL, ip("10.1.0.5"));
	struct server_scope second = server_scope_of(conf, NULL, ip("10.2.0.5"));

	(void)state;
	assert_false(server_scope_authoritative(&first));
	assert_true(server_scope_authoritative(&second));
	assert_int_equal(server_scope_next_server(&first), ip("10.1.0.3"));
	assert_int_equal(server_scope_next_server(&second), 0);
	assert_int_equal(server_scope_server_identifier(&second), ip("10.9.9.9"));
	assert_int_equal(server_scope_option_u32(&first, 58), 77);
	assert_int_equal(server_scope_option_u32(&second, 58), 0);
	conf_free(conf);
	conf = fixture_conf("subnet 10.1.0.0 netmask 255.255.255.0 { }\n");
	first = server_scope_of(conf, NULL, ip("10.1.0.5"));
	assert_false(server_scope_authoritative(&first));
	assert_int_equal(server_scope_server_identifier(&first), 0);
	assert_null(server_scope_filename(&first));
	assert_null(server_scope_server_name(&first));
	conf_free(conf);
}

static void no_client_no_request(void **state)
{
	struct asked asked;

	(void)state;
	ask_write(&asked, &(struct ask){.type = DHCP_DISCOVER});
	asked.bytes[2] = 0; /* hlen */
	assert_int_equal(server_request_parse(asked.bytes, asked.length, &asked.request),
			 DHCP_REFUSE_NO_CLIENT);
	asked.bytes[0] = DHCP_OP_REPLY;
	assert_int_equal(server_request_parse(asked.bytes, asked.length, &asked.request),
			 DHCP_REFUSE_OP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(network_of),
		cmocka_unit_test(innermost_says_it),
		cmocka_unit_test(scopes_are_visited_once),
		cmocka_unit_test(fixed_addresses),
		cmocka_unit_test(lease_times),
		cmocka_unit_test(statements),
		cmocka_unit_test(no_client_no_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
