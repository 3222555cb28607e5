/* SPDX-License-Identifier: GPL-2.0-only */
/* Same meaning, same digest, same numbers; another meaning, another digest. */
#include "fixture.h"

static const char base[] =
	"failover peer \"a\" { primary; address 192.0.2.1; peer address 192.0.2.2; mclt 60;\n"
	"  split 128; }\n"
	"default-lease-time 600;\n"
	"option domain-name \"example.org\";\n"
	"option routers 10.0.0.1;\n"
	"shared-network a {\n"
	"  subnet 10.0.0.0 netmask 255.255.255.0 { range 10.0.0.10 10.0.0.20; }\n"
	"  subnet 10.0.1.0 netmask 255.255.255.0 { pool { max-lease-time 60; range 10.0.1.9; } }\n"
	"}\n"
	"subnet 10.0.2.0 netmask 255.255.255.0 { filename \"x\"; }\n"
	"subnet 10.0.3.0 netmask 255.255.255.0 { pool { failover peer \"a\"; range 10.0.3.9;\n"
	"  allow known-clients; } pool { range 10.0.3.10; } }\n"
	"group { server-name \"s\";\n"
	"  host h { hardware ethernet 02:00:00:00:00:01; fixed-address 10.0.0.5, 10.0.1.5; }\n"
	"  host i { hardware ethernet 02:00:00:00:00:02; }\n"
	"}\n";

static void assert_digest(const char *text, bool same)
{
	struct conf *a = accepted(base), *b = accepted(text);

	if (!memcmp(a->digest, b->digest, sizeof(a->digest)) != same)
		fail_msg("digests %s for\n%s", same ? "differ" : "are the same", text);
	for (size_t i = 0; same && i < a->network_count; i++)
		assert_string_equal(a->networks[i]->name, b->networks[i]->name);
	for (size_t i = 0; same && i < a->pool_count; i++)
		assert_int_equal(a->pools[i]->ranges[0].first, b->pools[i]->ranges[0].first);
	conf_free(a);
	conf_free(b);
}

static void test_same_meaning(void **state)
{
	(void)state;
	assert_digest(base, true);
	/* Another order, other white space, notes, braces that say nothing, superseded values, idle ones. */
	assert_digest(
		"failover peer a { mclt 60; split 128; address 192.0.2.1; peer address 192.0.2.2;\n"
		"  port 647; min-balance 60; max-response-delay 0; }\n"
		"# note\n"
		"group { group { host i{hardware ethernet 2:0:0:0:0:2;} server-name \"s\";\n"
		"host h { hardware ethernet 2:0:0:0:0:1; fixed-address 10.0.0.5 , 10.0.1.5; }}}\n"
		"subnet 10.0.2.0 netmask 255.255.255.0 { filename \"y\"; filename \"x\"; }\n"
		"subnet 10.0.3.0 netmask 255.255.255.0 { allow unknown-clients; pool { range "
		"10.0.3.10;\n"
		"  allow all clients; } pool { range 10.0.3.9; failover peer \"a\";\n"
		"  allow known clients; deny dynamic bootp clients; } }\n"
		"shared-network a { option routers 10.0.0.9; option routers 10.0.0.1;\n"
		"  group { }\n"
		"  subnet 10.0.1.0 netmask 255.255.255.0 { pool { range 10.0.1.9;\n"
		"    max-lease-time 60; } }\n"
		"  subnet 10.0.0.0 netmask 255.255.255.0 { range 10.0.0.16 10.0.0.20;\n"
		"    range 10.0.0.10 10.0.0.15; }\n"
		"}\n"
		"ping-check off; abandon-lease-time 86400; check-secs-byte-order off; option "
		"routers 10.0.0.1;\n"
		"option domain-name \"example\\x2eorg\"; default-lease-time 0x258;\n",
		false);
	assert_digest(
		"failover peer a { mclt 60; split 128; address 192.0.2.1; peer address 192.0.2.2;\n"
		"  port 647; min-balance 60; max-response-delay 0; }\n"
		"# note\n"
		"group { group { host i{hardware ethernet 2:0:0:0:0:2;}\n"
		"host h { hardware ethernet 2:0:0:0:0:1; fixed-address 10.0.0.5 , 10.0.1.5; }}\n"
		"server-name \"s\"; }\n"
		"subnet 10.0.2.0 netmask 255.255.255.0 { filename \"y\"; filename \"x\"; }\n"
		"subnet 10.0.3.0 netmask 255.255.255.0 { allow unknown-clients; pool { range "
		"10.0.3.10;\n"
		"  allow all clients; } pool { range 10.0.3.9; failover peer \"a\";\n"
		"  allow known clients; deny dynamic bootp clients; } }\n"
		"shared-network a {\n"
		"  group { }\n"
		"  subnet 10.0.1.0 netmask 255.255.255.0 { pool { range 10.0.1.9;\n"
		"    max-lease-time 60; } }\n"
		"  subnet 10.0.0.0 netmask 255.255.255.0 { range 10.0.0.16 10.0.0.20;\n"
		"    range 10.0.0.10 10.0.0.15; }\n"
		"}\n"
		"ping-check off; abandon-lease-time 86400; check-secs-byte-order off; option "
		"routers 10.0.0.1;\n"
		"option domain-name \"example\\x2eorg\"; default-lease-time 0x258;\n",
		true);
}

/* Each replaces one thing in the text, and means something else. */
static const char *const changes[][2] = {
	{"default-lease-time 600", "default-lease-time 601"},
	{"default-lease-time 600", "max-lease-time 600"},
	{"default-lease-time 600", "min-lease-time 6"},
	{"default-lease-time 600;", "default-lease-time 600; authoritative;"},
	{"default-lease-time 600;", "default-lease-time 600; not authoritative;"},
	{"default-lease-time 600;", "default-lease-time 600; next-server 10.0.0.1;"},
	{"default-lease-time 600;", "default-lease-time 600; server-identifier 10.0.0.1;"},
	{"example.org", "example.com"},
	{"option domain-name", "option nis-domain"},
	{"option routers 10.0.0.1;", ""},
	{"option routers 10.0.0.1;", "option routers 10.0.0.1, 10.0.0.2;"},
	{"shared-network a", "shared-network b"},
	{"netmask 255.255.255.0 { filename", "netmask 255.255.255.128 { filename"},
	{"10.0.0.10 10.0.0.20", "10.0.0.10 10.0.0.21"},
	{"10.0.0.10 10.0.0.20", "10.0.0.11 10.0.0.20"},
	{"max-lease-time 60; range", "range"},
	{"pool { max-lease-time 60; range 10.0.1.9; }", "max-lease-time 60; range 10.0.1.9;"},
	{"filename \"x\"", "filename \"y\""},
	{"filename \"x\"", "server-name \"x\""},
	{"server-name \"s\";", ""},
	{"00:01; fixed", "00:03; fixed"},
	{"10.0.0.5, 10.0.1.5", "10.0.1.5, 10.0.0.5"},
	{"10.0.0.5, 10.0.1.5", "10.0.0.5"},
	{"host i { hardware ethernet 02:00:00:00:00:02; }", ""},
	{"host i {", "host i { filename \"x\";"},
	{"host h", "host g"},
	{"default-lease-time 600;", "default-lease-time 600; abandon-lease-time 60;"},
	{"default-lease-time 600;", "default-lease-time 600; check-secs-byte-order on;"},
	{"default-lease-time 600;", "default-lease-time 600; server-id-check on;"},
	{"default-lease-time 600;", "default-lease-time 600; deny unknown-clients;"},
	{"allow known-clients", "allow unknown-clients"},
	{"allow known-clients", "deny known-clients"},
	{"allow known-clients;", ""},
	{"{ range 10.0.3.10", "{ failover peer \"a\"; range 10.0.3.10"},
	{"address 192.0.2.1", "address 192.0.2.3"},
	{"peer address 192.0.2.2", "peer address 192.0.2.3"},
	{"mclt 60", "mclt 61"},
	{"mclt 60;", "mclt 60; port 648;"},
	{"mclt 60;", "mclt 60; peer port 648;"},
	{"mclt 60;", "mclt 60; max-response-delay 21;"},
	{"mclt 60;", "mclt 60; max-unacked-updates 101;"},
	{"mclt 60;", "mclt 60; load balance max seconds 1;"},
	{"mclt 60;", "mclt 60; auto-partner-down 1;"},
	{"mclt 60;", "mclt 60; max-lease-misbalance 16;"},
	{"mclt 60;", "mclt 60; max-lease-ownership 11;"},
	{"mclt 60;", "mclt 60; min-balance 61;"},
	{"mclt 60;", "mclt 60; max-balance 3601;"},
	{"split 128", "split 129"},
};

static void test_other_meaning(void **state)
{
	char text[4096];

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		const char *at = strstr(base, changes[i][0]);

		assert_non_null(at);
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - base), base, changes[i][1],
			 at + strlen(changes[i][0]));
		assert_digest(text, false);
	}
}

/* The name and the role too; a secondary has no buckets of its own to say. */
static void test_failover_peers(void **state)
{
	static const char text[] =
		"failover peer \"%s\" { address 192.0.2.1; peer address 192.0.2.2; %s }\n"
		"subnet 10.0.0.0 netmask 255.255.255.0 { pool { failover peer \"%s\";\n"
		"range 10.0.0.9; } }\n";
	static const char *const rows[][2] = {
		{"a", "primary; mclt 1; split 0;"},
		{"a", "secondary;"},
		{"b", "secondary;"},
	};
	struct conf *confs[COUNT(rows)];
	char bytes[512];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(bytes, sizeof(bytes), text, rows[i][0], rows[i][1], rows[i][0]);
		confs[i] = accepted(bytes);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(confs[i]->digest, confs[j]->digest, 32);
	}
	for (size_t i = 0; i < COUNT(rows); i++)
		conf_free(confs[i]);
}

/* The bytes themselves: stored maps and journals outlive the program that wrote them. */
static void test_known_value(void **state)
{
	static const char known[] =
		"e166f7081ad993abbd8eefd225da6597d5c2f6eca66bd1332552c40c56cbe7fa";
	struct conf *conf = accepted("subnet 10.0.0.0 netmask 255.255.255.0 { range 10.0.0.1; }");
	char text[65] = "";

	(void)state;
	for (size_t i = 0; i < 32; i++)
		snprintf(text + 2 * i, 3, "%02x", conf->digest[i]);
	assert_string_equal(text, known);
	conf_free(conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_meaning),
		cmocka_unit_test(test_other_meaning),
		cmocka_unit_test(test_failover_peers),
		cmocka_unit_test(test_known_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
