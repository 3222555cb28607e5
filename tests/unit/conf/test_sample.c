/* SPDX-License-Identifier: GPL-2.0-only */
/* Configurations as people have them, whole: what works for dhcpd works here, or is refused by name. */
#include "fixture.h"

/* An access network: a shared network behind relays, static routes, a device with a fixed address. */
static const char access_network[] =
	"# Subscribers of one head end\n"
	"authoritative;\n"
	"ddns-update-style none;\n"
	"log-facility local7;\n"
	"ping-check off;\n"
	"one-lease-per-client off;\n"
	"deny bootp;\n"
	"\n"
	"option rfc3442-classless-static-routes code 121 = array of unsigned integer 8;\n"
	"option ms-classless-static-routes code 249 = array of unsigned integer 8;\n"
	"\n"
	"default-lease-time 3600;\n"
	"max-lease-time 7200;\n"
	"min-lease-time 600;\n"
	"option domain-name-servers 198.51.100.53, 203.0.113.53;\n"
	"option domain-search \"example.net\", \"access.example.net\";\n"
	"\n"
	"shared-network headend-7 {\n"
	"\tsubnet 100.64.0.0 netmask 255.255.128.0 {\n"
	"\t\toption routers 100.64.0.1;\n"
	"\t\toption broadcast-address 100.64.127.255;\n"
	"\t\tpool { range 100.64.0.16 100.64.127.254; }\n"
	"\t}\n"
	"\tsubnet 100.64.128.0 netmask 255.255.128.0 {\n"
	"\t\toption routers 100.64.128.1;\n"
	"\t\toption rfc3442-classless-static-routes 0, 100,64,128,1, 10, 100,64, 100,64,128,1;\n"
	"\t\toption ms-classless-static-routes 0, 100,64,128,1, 10, 100,64, 100,64,128,1;\n"
	"\t\tpool {\n"
	"\t\t\tdefault-lease-time 1800;\n"
	"\t\t\trange 100.64.128.16 100.64.191.255;\n"
	"\t\t\trange 100.64.192.0 100.64.255.254;\n"
	"\t\t}\n"
	"\t}\n"
	"}\n"
	"\n"
	"# Management, addresses by hand\n"
	"subnet 10.255.0.0 netmask 255.255.255.0 {\n"
	"\tnot authoritative;\n"
	"\toption routers 10.255.0.254;\n"
	"}\n"
	"host probe-1 {\n"
	"\thardware ethernet 02:00:5e:00:00:11;\n"
	"\tfixed-address 10.255.0.11;\n"
	"\toption host-name \"probe-1\";\n"
	"}\n";

static void test_access_network(void **state)
{
	struct conf *conf = accepted(access_network);
	const struct conf_subnet *second = conf_subnet_of(conf, IP(100, 64, 200, 1));
	const struct conf_pool *pool = conf_pool_of(conf, IP(100, 64, 200, 1));
	const struct conf_option *routes = option_of(second->scope, 121);

	(void)state;
	assert_int_equal(conf->network_count, 2);
	assert_string_equal(conf->networks[0]->name, "10.255.0.0/24");
	assert_string_equal(conf->networks[1]->name, "headend-7");
	assert_int_equal(pool->range_count, 1);
	assert_int_equal(pool->scope->default_lease_time, 1800);
	assert_ptr_equal(pool->network, second->network);
	assert_non_null(routes);
	assert_int_equal(routes->length, 12);
	assert_memory_equal(routes->data, "\0\x64\x40\x80\1\x0a\x64\x40\x64\x40\x80\1", 12);
	assert_memory_equal(option_of(conf->global, 119)->data, "\7example\3net\0\6access\xc0\0",
			    22);
	assert_string_equal(conf_host_by_address(conf, IP(10, 255, 0, 11))->name, "probe-1");
	conf_free(conf);
}

/* An office with machines that boot over the network. */
static const char office[] =
	"option domain-name \"office.example.com\";\n"
	"option domain-name-servers 192.168.10.2;\n"
	"option ntp-servers 192.168.10.2, 192.168.10.3;\n"
	"option time-offset -18000;\n"
	"default-lease-time 86400;\n"
	"max-lease-time 604800;\n"
	"allow booting;\n"
	"allow unknown-clients;\n"
	"ddns-updates off;\n"
	"update-static-leases off;\n"
	"use-host-decl-names off;\n"
	"get-lease-hostnames false;\n"
	"always-reply-rfc1048 true;\n"
	"\n"
	"subnet 192.168.10.0 netmask 255.255.255.0 {\n"
	"    range 192.168.10.100 192.168.10.199;\n"
	"    range 192.168.10.210;\n"
	"    option routers 192.168.10.1;\n"
	"    option subnet-mask 255.255.255.0;\n"
	"    option netbios-name-servers 192.168.10.4;\n"
	"    option netbios-node-type 8;\n"
	"    option interface-mtu 1500;\n"
	"    option ip-forwarding off;\n"
	"    option tftp-server-name \"boot.office.example.com\";\n"
	"    option vendor-encapsulated-options 01:04:c0:a8:0a:02:ff;\n"
	"    next-server 192.168.10.2;\n"
	"    filename \"pxelinux.0\";\n"
	"    server-name \"boot\";\n"
	"}\n"
	"\n"
	"group printers {\n"
	"    default-lease-time 31536000;\n"
	"    option host-name \"printer\";\n"
	"    host printer-1 { hardware ethernet 0:11:22:33:44:5; fixed-address 192.168.10.31; }\n"
	"    host printer-2 {\n"
	"        hardware ethernet 00:11:22:33:44:06;\n"
	"        fixed-address 192.168.10.32;\n"
	"        option host-name \"printer-2\";\n"
	"    }\n"
	"}\n";

static void test_office(void **state)
{
	struct conf *conf = accepted(office);
	const struct conf_scope *subnet = conf->subnets[0]->scope;
	const struct conf_host *printer = conf_host_by_address(conf, IP(192, 168, 10, 31));

	(void)state;
	assert_string_equal(subnet->filename, "pxelinux.0");
	assert_int_equal(subnet->next_server, IP(192, 168, 10, 2));
	assert_int_equal(subnet->option_count, 8);
	for (size_t i = 1; i < subnet->option_count; i++)
		assert_true(subnet->options[i - 1].code < subnet->options[i].code);
	assert_int_equal(printer->scope->parent->default_lease_time, 31536000);
	assert_null(option_of(printer->scope, 12));
	assert_memory_equal(option_of(printer->scope->parent, 12)->data, "printer", 7);
	assert_memory_equal(printer->hardware, "\0\x11\x22\x33\x44\5", 6);
	conf_free(conf);
}

/* What such files also hold, and what is said of it. */
static void test_refused_parts(void **state)
{
	static const struct {
		const char *statement, *words;
	} rows[] = {
		{"class \"phones\" { match if substring(option vendor-class-identifier, 0, 5) = "
		 "\"Phone\"; }",
		 "`class` is not supported yet"},
		{"subclass \"phones\" 1:02:00:00:00:00:01;", "`subclass` is not supported yet"},
		{"key k { algorithm hmac-md5; secret \"x\"; };", "`key` is not supported: "},
		{"zone example.org. { primary 127.0.0.1; }", "`zone` is not supported: "},
		{"if option arch = 00:07 { filename \"a.efi\"; } else { filename \"b\"; }",
		 "`if` is not supported yet"},
		{"on commit { set x = 1; }", "`on` is not supported yet"},
		{"set vendor = option vendor-class-identifier;", "`set` is not supported yet"},
		{"execute(\"/bin/true\");", "`execute` is not supported yet"},
		{"log(info, \"hello\");", "`log` is not supported yet"},
		{"omapi-port 7911;", "`omapi-port` is not supported: there is no OMAPI"},
		{"subnet6 2001:db8::/32 { }", "`subnet6` is not supported: DHCPv6 is not served"},
		{"vendor-option-space PXE;", "`vendor-option-space` is not supported yet"},
	};
	char text[4096];
	unsigned line = 1;

	(void)state;
	for (const char *at = office; *at; at++)
		line += *at == '\n';
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(text, sizeof(text), "%s  %s\n", office, rows[i].statement);
		refused(text, line, 3, rows[i].words);
	}
}

/* A large file parses in far less than a restart may take; catches what is quadratic. */
static void test_many_hosts(void **state)
{
	enum { HOSTS = 60000 };
	size_t size = (size_t)HOSTS * 100 + 200, length;
	char *text = malloc(size);
	struct conf *conf;

	(void)state;
	assert_non_null(text);
	length = (size_t)snprintf(text, size, "subnet 10.0.0.0 netmask 255.0.0.0 { }\n");
	for (unsigned i = 0; i < HOSTS; i++)
		length += (size_t)snprintf(text + length, size - length,
					   "host h%u { hardware ethernet 02:00:00:00:%x:%x; "
					   "fixed-address 10.1.%u.%u; }\n",
					   i, i >> 8, i & 255, i >> 8, i & 255);
	conf = accepted(text);
	assert_int_equal(conf->host_count, HOSTS);
	assert_string_equal(conf_host_by_address(conf, IP(10, 1, 100, 7))->name, "h25607");
	conf_free(conf);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_access_network),
		cmocka_unit_test(test_office),
		cmocka_unit_test(test_refused_parts),
		cmocka_unit_test(test_many_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
