/* SPDX-License-Identifier: GPL-2.0-only */
/* Same meaning, same digest, same numbers; another meaning, another digest. */
#include "fixture.h"

static const char base[] =
	"default-lease-time 600;\n"
	"option domain-name \"example.org\";\n"
	"option routers 10.0.0.1;\n"
	"shared-network a {\n"
	"  subnet 10.0.0.0 netmask 255.255.255.0 { range 10.0.0.10 10.0.0.20; }\n"
	"  subnet 10.0.1.0 netmask 255.255.255.0 { pool { max-lease-time 60; range 10.0.1.9; } }\n"
	"}\n"
	"subnet 10.0.2.0 netmask 255.255.255.0 { filename \"x\"; }\n"
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
		"# note\n"
		"group { group { host i{hardware ethernet 2:0:0:0:0:2;} server-name \"s\";\n"
		"host h { hardware ethernet 2:0:0:0:0:1; fixed-address 10.0.0.5 , 10.0.1.5; }}}\n"
		"subnet 10.0.2.0 netmask 255.255.255.0 { filename \"y\"; filename \"x\"; }\n"
		"shared-network a { option routers 10.0.0.9; option routers 10.0.0.1;\n"
		"  group { }\n"
		"  subnet 10.0.1.0 netmask 255.255.255.0 { pool { range 10.0.1.9;\n"
		"    max-lease-time 60; } }\n"
		"  subnet 10.0.0.0 netmask 255.255.255.0 { range 10.0.0.16 10.0.0.20;\n"
		"    range 10.0.0.10 10.0.0.15; }\n"
		"}\n"
		"ping-check off; option routers 10.0.0.1;\n"
		"option domain-name \"example\\x2eorg\"; default-lease-time 0x258;\n",
		false);
	assert_digest(
		"# note\n"
		"group { group { host i{hardware ethernet 2:0:0:0:0:2;}\n"
		"host h { hardware ethernet 2:0:0:0:0:1; fixed-address 10.0.0.5 , 10.0.1.5; }}\n"
		"server-name \"s\"; }\n"
		"subnet 10.0.2.0 netmask 255.255.255.0 { filename \"y\"; filename \"x\"; }\n"
		"shared-network a {\n"
		"  group { }\n"
		"  subnet 10.0.1.0 netmask 255.255.255.0 { pool { range 10.0.1.9;\n"
		"    max-lease-time 60; } }\n"
		"  subnet 10.0.0.0 netmask 255.255.255.0 { range 10.0.0.16 10.0.0.20;\n"
		"    range 10.0.0.10 10.0.0.15; }\n"
		"}\n"
		"ping-check off; option routers 10.0.0.1;\n"
		"option domain-name \"example\\x2eorg\"; default-lease-time 0x258;\n",
		true);
}

/* Each replaces one thing in the text, and means something else. */
static void test_other_meaning(void **state)
{
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
		{"pool { max-lease-time 60; range 10.0.1.9; }",
		 "max-lease-time 60; range 10.0.1.9;"},
		{"filename \"x\"", "filename \"y\""},
		{"filename \"x\"", "server-name \"x\""},
		{"server-name \"s\";", ""},
		{"00:01; fixed", "00:03; fixed"},
		{"10.0.0.5, 10.0.1.5", "10.0.1.5, 10.0.0.5"},
		{"10.0.0.5, 10.0.1.5", "10.0.0.5"},
		{"host i { hardware ethernet 02:00:00:00:00:02; }", ""},
		{"host i {", "host i { filename \"x\";"},
		{"host h", "host g"},
	};
	char text[2048];

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		const char *at = strstr(base, changes[i][0]);

		assert_non_null(at);
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - base), base, changes[i][1],
			 at + strlen(changes[i][0]));
		assert_digest(text, false);
	}
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
		cmocka_unit_test(test_known_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
