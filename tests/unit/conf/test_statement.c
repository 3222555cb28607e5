/* SPDX-License-Identifier: GPL-2.0-only */
/* The table row by row: what is accepted where, what is refused and how. */
#include "fixture.h"

#include "conf/parse.h"

/* Catches a statement that is forgotten: dhcpd 4.4's words, from its manual and its sources. */
static const char *const dhcpd_words[] = {
	"abandon-lease-time",
	"adaptive-lease-time-threshold",
	"add",
	"allow",
	"always-broadcast",
	"always-reply-rfc1048",
	"append",
	"authoritative",
	"bind-local-address6",
	"boot-unknown-clients",
	"break",
	"case",
	"check-secs-byte-order",
	"class",
	"db-time-format",
	"ddns-domainname",
	"ddns-dual-stack-mixed-mode",
	"ddns-guard-id-must-match",
	"ddns-hostname",
	"ddns-local-address4",
	"ddns-local-address6",
	"ddns-other-guard-is-dynamic",
	"ddns-rev-domainname",
	"ddns-ttl",
	"ddns-update-style",
	"ddns-updates",
	"default",
	"default-lease-time",
	"define",
	"delayed-ack",
	"deleted",
	"deny",
	"dhcp-cache-threshold",
	"dhcpv6-lease-file-name",
	"dhcpv6-pid-file-name",
	"dhcpv6-set-tee-times",
	"do-forward-updates",
	"do-reverse-updates",
	"dont-use-fsync",
	"dynamic",
	"dynamic-bootp-lease-cutoff",
	"dynamic-bootp-lease-length",
	"echo-client-id",
	"else",
	"elsif",
	"eval",
	"execute",
	"failover",
	"filename",
	"fixed-address",
	"fixed-address6",
	"fixed-prefix6",
	"fqdn-reply",
	"get-lease-hostnames",
	"group",
	"hardware",
	"host",
	"host-identifier",
	"if",
	"ignore",
	"ignore-client-uids",
	"include",
	"infinite-is-reserved",
	"interface",
	"key",
	"ldap-server",
	"lease-file-name",
	"lease-id-format",
	"limit-addrs-per-ia",
	"limit-prefs-per-ia",
	"limited-broadcast-address",
	"local-address",
	"local-address6",
	"local-port",
	"log",
	"log-facility",
	"log-threshold-high",
	"log-threshold-low",
	"match",
	"max-ack-delay",
	"max-lease-time",
	"min-lease-time",
	"min-secs",
	"next-server",
	"no",
	"not",
	"omapi-key",
	"omapi-port",
	"on",
	"one-lease-per-client",
	"option",
	"parse-vendor-option",
	"persist-eui-64-leases",
	"pid-file-name",
	"ping-check",
	"ping-cltt-secs",
	"ping-timeout",
	"ping-timeout-ms",
	"pool",
	"pool6",
	"preferred-lifetime",
	"prefix-length-mode",
	"prefix6",
	"prepend",
	"range",
	"range6",
	"release-on-roam",
	"remote-port",
	"return",
	"send",
	"server-duid",
	"server-id-check",
	"server-identifier",
	"server-name",
	"set",
	"shared-network",
	"site-option-space",
	"spawn",
	"stash-agent-options",
	"static",
	"subclass",
	"subnet",
	"subnet6",
	"supersede",
	"switch",
	"uid",
	"unset",
	"update-conflict-detection",
	"update-optimization",
	"update-static-leases",
	"use-eui-64",
	"use-host-decl-names",
	"use-lease-addr-for-default-route",
	"user-class",
	"vendor-class",
	"vendor-option-space",
	"zone",
};

static const struct conf_statement *row_of(const char *word)
{
	const struct conf_statement *statement;

	for (size_t i = 0; (statement = conf_statement_at(i)); i++) {
		if (!strcmp(statement->word, word))
			return statement;
	}
	return NULL;
}

static void test_every_word_is_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(dhcpd_words); i++) {
		if (!row_of(dhcpd_words[i]))
			fail_msg("%s is not in the table", dhcpd_words[i]);
	}
}

static void test_rows_are_unique(void **state)
{
	const struct conf_statement *statement;

	(void)state;
	for (size_t i = 0; (statement = conf_statement_at(i)); i++) {
		if (row_of(statement->word) != statement)
			fail_msg("%s is there twice", statement->word);
		if (!statement->scopes)
			fail_msg("%s stands nowhere", statement->word);
	}
}

/* Each refused statement is named, at its own place, in any case of letters. */
static void test_refused_by_name(void **state)
{
	const struct conf_statement *statement;
	char text[256], words[96];
	size_t count = 0;

	(void)state;
	for (size_t i = 0; (statement = conf_statement_at(i)); i++) {
		if (statement->parse)
			continue;
		snprintf(text, sizeof(text), NET "\n  %s whatever { stands here", statement->word);
		snprintf(words, sizeof(words), "`%s` is not supported%s", statement->word,
			 statement->hint ? ": " : " yet");
		refused(text, 3, 3, words);
		text[sizeof(NET) + 2] = (char)(text[sizeof(NET) + 2] - 'a' + 'A');
		refused(text, 3, 3, words);
		count++;
	}
	assert_true(count > 70);
	refused("class \"x\" { match if 1; }", 1, 1, "`class` is not supported yet");
	refused("lease-file-name \"/x\";", 1, 1, "-lf DIRECTORY");
	refused("pid-file-name \"/x\";", 1, 1, "-pf FILE");
}

/* Every value that an idle row names is accepted everywhere, and asks for nothing. */
static void test_idle_values(void **state)
{
	const struct conf_statement *statement;
	char text[512], list[256];
	struct conf *plain = accepted(NET), *conf;

	(void)state;
	for (size_t i = 0; (statement = conf_statement_at(i)); i++) {
		if (!statement->accepts)
			continue;
		snprintf(list, sizeof(list), "%s", statement->accepts);
		for (char *rest, *word = strtok_r(list, " ", &rest); word;
		     word = strtok_r(NULL, " ", &rest)) {
			const char *value = !strcmp(word, "NUMBER") ? "30"
					    : !strcmp(word, "TEXT") ? "\"text\""
								    : word;

			snprintf(text, sizeof(text), "%s %s;\ngroup { %s %s; }\n" NET,
				 statement->word, value, statement->word, value);
			conf = accepted(text);
			assert_memory_equal(conf->digest, plain->digest, sizeof(conf->digest));
			conf_free(conf);
		}
		snprintf(text, sizeof(text), NET "%s nonsense;", statement->word);
		snprintf(list, sizeof(list), "`%s` takes only", statement->word);
		refused(text, 2, (unsigned)strlen(statement->word) + 2, list);
	}
	conf_free(plain);
}

static void test_idle_refusals(void **state)
{
	(void)state;
	refused("ping-check on;", 1, 12, "takes only `off` or `false` here, found `on`: addresses");
	refused("ddns-update-style interim;", 1, 19, "`none` here, found `interim`: dynamic DNS");
	refused("ddns-domainname = \"x\";", 1, 17, "found `=`");
	refused("local-port 6767;", 1, 12, "`67` here");
	refused("min-secs 3;", 1, 10, "`0` here");
	refused("dont-use-fsync true;", 1, 16, "a lease is on disk before");
	refused("echo-client-id off;", 1, 16, "RFC 6842");
	refused("ping-check off", 1, 15, "expected `;`");
	refused("ping-timeout -1;", 1, 14, "a number here");
	refused("log-facility nowhere;", 1, 14, "`local7`");
}

static void test_permits(void **state)
{
	static const char *const fine[] = {
		"allow unknown-clients", "allow booting",	   "deny bootp",
		"ignore bootp",		 "deny dynamic-bootp",	   "ignore dynamic-bootp",
		"allow duplicates",	 "allow declines",	   "allow client-updates",
		"deny client-updates",	 "ignore client-updates",  "deny leasequery",
		"deny unknown-clients",	 "ignore unknown-clients",
	};
	static const char *const wrong[] = {
		"deny booting",	   "ignore booting", "allow bootp",	"allow dynamic-bootp",
		"deny duplicates", "deny declines",  "ignore declines", "allow leasequery",
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(fine); i++) {
		snprintf(text, sizeof(text), "%s;\n" NET, fine[i]);
		conf_free(accepted(text));
	}
	for (size_t i = 0; i < COUNT(wrong); i++) {
		snprintf(text, sizeof(text), "%s;\n" NET, wrong[i]);
		refused(text, 1, 1, wrong[i]);
	}
	refused("allow everything;", 1, 7, "`everything` is nothing that `allow` speaks of");
}

static void test_places(void **state)
{
	(void)state;
	refused("range 10.0.0.1;", 1, 1,
		"`range` cannot stand here; it stands in a "
		"shared-network, in a subnet or in a pool");
	refused("hardware ethernet 0:1:2:3:4:5;", 1, 1, "it stands in a host");
	refused("fixed-address 10.0.0.1;", 1, 1, "it stands in a host");
	refused("pool { }", 1, 1, "it stands in a shared-network or in a subnet");
	refused("group { pool { } }", 1, 9, "cannot stand here");
	refused("host a { authoritative; }", 1, 10, "cannot stand here");
	refused("host a { host b { } }", 1, 10, "cannot stand here");
	refused("host a { group { } }", 1, 10, "cannot stand here");
	refused("host a { subnet 10.0.0.0 netmask 255.0.0.0 { } }", 1, 10, "cannot stand here");
	refused("subnet 10.0.0.0 netmask 255.0.0.0 { shared-network a { } }", 1, 37,
		"cannot stand here");
	refused("subnet 10.0.0.0 netmask 255.0.0.0 {\nsubnet 10.0.0.0 netmask 255.0.0.0 { } }", 2,
		1, "cannot stand here");
	refused("subnet 10.0.0.0 netmask 255.0.0.0 {\ngroup { subnet 10.1.0.0 netmask 255.255.0.0 "
		"{ } } }",
		2, 9, "a subnet inside a subnet");
	refused("subnet 10.0.0.0 netmask 255.0.0.0 { server-id-check on; }", 1, 37,
		"`server-id-check` cannot stand here; it stands outside of all braces");
	refused("shared-network a {\ngroup { shared-network b { } } }", 2, 9,
		"a shared-network inside a shared-network");
}

static void test_suggestions(void **state)
{
	(void)state;
	refused("subnett 10.0.0.0 netmask 255.0.0.0 { }", 1, 1, "did you mean `subnet`?");
	refused("defualt-lease-time 5;", 1, 1, "did you mean `default-lease-time`?");
	refused("authorative;", 1, 1, "did you mean `authoritative`?");
	refused("option router 10.0.0.1;", 1, 8, "did you mean `routers`?");
	refused("option domain-nameserver 10.0.0.1;", 1, 8, "did you mean `domain-name-servers`?");
	/* Nothing is suggested that would be refused next. */
	refused("clas \"x\" { }", 1, 1, "`clas` is no statement of dhcpd.conf");
	refused("foo;", 1, 1, "`foo` is no statement of dhcpd.conf");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_word_is_known),
		cmocka_unit_test(test_rows_are_unique),
		cmocka_unit_test(test_refused_by_name),
		cmocka_unit_test(test_idle_values),
		cmocka_unit_test(test_idle_refusals),
		cmocka_unit_test(test_permits),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_suggestions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
