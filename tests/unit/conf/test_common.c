/* SPDX-License-Identifier: GPL-2.0-only */
/* What two servers of a relationship must have in common: equal where it means the same, and which line is not. */
#include "fixture.h"

#define PEER "failover peer \"a\" { "
#define ENDS "address 192.0.2.1; peer address 192.0.2.2; "
#define ROLE "primary; mclt 60; split 128; "
#define NAMES "failover peer \"a\"; "

static const char base[] = PEER ENDS ROLE
	"load balance max seconds 3; }\n"
	"default-lease-time 600;\n"
	"option domain-name \"example.org\";\n"
	"shared-network x {\n"
	"  subnet 10.0.0.0 netmask 255.255.255.0 { option routers 10.0.0.1;\n"
	"    pool { " NAMES "range 10.0.0.10 10.0.0.99; } }\n"
	"  subnet 10.0.1.0 netmask 255.255.255.0 { option routers 10.0.1.1; }\n"
	"  pool { " NAMES "range 10.0.1.10 10.0.1.99; allow known-clients; }\n"
	"}\n"
	"subnet 10.0.2.0 netmask 255.255.255.0 {\n"
	"  pool { " NAMES "range 10.0.2.10 10.0.2.99; range 10.0.2.200; }\n"
	"  pool { " NAMES "range 10.0.2.110 10.0.2.119; filename \"x\"; }\n"
	"  pool { range 10.0.2.130 10.0.2.139; }\n"
	"}\n"
	"subnet 10.9.0.0 netmask 255.255.255.0 { range 10.9.0.10 10.9.0.99; }\n"
	"host h { hardware ethernet 02:00:00:00:00:01; fixed-address 10.0.0.5, 10.9.0.5; }\n"
	"host i { hardware ethernet 02:00:00:00:00:02; fixed-address 10.9.0.6; }\n";

static char *text_of(const char *text)
{
	struct conf *conf = accepted(text);
	char *common = conf_common_text(conf, conf_relation_named(conf, "a"));

	assert_non_null(common);
	conf_free(conf);
	return common;
}

static void test_whole_text(void **state)
{
	char *text = text_of(base);

	(void)state;
	assert_string_equal(text,
			    "!host 02:00:00:00:00:01: fixed-address 10.0.0.5\n"
			    "!pool 10.0.0.0/24: range 10.0.0.10 10.0.0.99\n"
			    "!pool 10.0.1.0/24: range 10.0.1.10 10.0.1.99\n"
			    "!pool 10.0.2.0/24 (2): range 10.0.2.110 10.0.2.119\n"
			    "!pool 10.0.2.0/24: range 10.0.2.10 10.0.2.99\n"
			    "!pool 10.0.2.0/24: range 10.0.2.200 10.0.2.200\n"
			    "all pools: default-lease-time 600\n"
			    "all pools: max-lease-time 86400\n"
			    "all pools: min-lease-time 0\n"
			    "all pools: option domain-name \"example.org\"\n"
			    "failover: auto-partner-down 0\n"
			    "failover: load balance max seconds 3\n"
			    "failover: max-balance 3600\n"
			    "failover: max-lease-misbalance 15\n"
			    "failover: max-lease-ownership 10\n"
			    "failover: max-response-delay 20\n"
			    "failover: max-unacked-updates 100\n"
			    "failover: min-balance 60\n"
			    "pool 10.0.0.0/24: option routers 10.0.0.1\n"
			    "pool 10.0.1.0/24: allow known-clients\n"
			    "pool 10.0.1.0/24: option routers 10.0.1.1\n"
			    "pool 10.0.2.0/24 (2): filename \"x\"\n"
			    "primary failover: hba ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:"
			    "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00\n"
			    "primary failover: mclt 60\n"
			    "server: abandon-lease-time 86400\n"
			    "server: check-secs-byte-order off\n"
			    "server: server-id-check off\n"
			    "shared-network 10.0.0.0/24: subnet 10.0.1.0/24\n");
	free(text);
}

/* As somebody else would have written it, with other pools beside. */
static void test_same_meaning(void **state)
{
	char *mine = text_of(base);
	char *other = text_of(
		"# note\n"
		"server-identifier 192.0.2.2;\n"
		"host other { hardware ethernet 2:0:0:0:0:1; fixed-address 10.0.0.5; }\n"
		"option domain-name \"wrong\"; option domain-name example.org;\n"
		"failover peer a { primary; peer address 192.0.2.1; address 192.0.2.2;\n"
		"  port 648; mclt 60; load balance max seconds 3; max-response-delay 20;\n"
		"  hba ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:0:0:0:0:0:0:0:0:\n"
		"    0:0:0:0:0:0:0:0; }\n"
		"failover peer \"0\" { secondary; peer address 192.0.2.9; address 192.0.2.2; }\n"
		"group { max-lease-time 86400; default-lease-time 0x258;\n"
		"subnet 10.0.2.0 netmask 255.255.255.0 { option subnet-mask 255.255.255.0;\n"
		"  pool { " NAMES "range 10.0.2.200; range 10.0.2.99 10.0.2.10; }\n"
		"  pool { failover peer \"0\"; range 10.0.2.140 10.0.2.149; }\n"
		"  pool { " NAMES "range 10.0.2.115 10.0.2.119; range 10.0.2.110 10.0.2.114;\n"
		"    filename \"x\"; deny dynamic bootp clients; allow all clients; }\n"
		"} }\n"
		"shared-network y { default-lease-time 600; ping-check off;\n"
		"  pool { " NAMES "range 10.0.1.10 10.0.1.99; allow known clients; }\n"
		"  subnet 10.0.1.0 netmask 255.255.255.0 { option routers 10.0.1.1; }\n"
		"  subnet 10.0.0.0 netmask 255.255.255.0 { pool { " NAMES
		"range 10.0.0.10 10.0.0.99; option routers 10.0.0.1; } }\n"
		"}\n");

	(void)state;
	assert_string_equal(mine, other);
	free(other);
	free(mine);
}

/* What the secondary has is what the primary has, apart from what only that one says. */
static void test_roles(void **state)
{
	char secondary[2048], *mine = text_of(base), *theirs, *line;
	const char *role = strstr(base, ROLE);

	(void)state;
	snprintf(secondary, sizeof(secondary), "%.*ssecondary; %s", (int)(role - base), base,
		 role + strlen(ROLE));
	theirs = text_of(secondary);
	while ((line = strstr(mine, "primary "))) {
		char *next = strchr(line, '\n') + 1;

		assert_true(line == mine || line[-1] == '\n');
		memmove(line, next, strlen(next) + 1);
	}
	assert_string_equal(mine, theirs);
	free(mine);
	free(theirs);
}

/* Lines of one text that the other has not. */
static void list_missing(const char *text, const char *other, char *list, size_t size)
{
	size_t length = 0;

	*list = 0;
	while (*text) {
		size_t line = strcspn(text, "\n") + 1;
		const char *at = other;

		while (*at && strncmp(at, text, line) != 0)
			at += strcspn(at, "\n") + 1;
		if (!*at)
			length += (size_t)snprintf(list + length, size - length, "%.*s", (int)line,
						   text);
		assert_true(length < size);
		text += line;
	}
}

static size_t count_lines(const char *text, const char *start)
{
	size_t count = 0;

	for (; *text; text += strcspn(text, "\n") + 1)
		count += !strncmp(text, start, strlen(start));
	return count;
}

static void assert_difference(const char *from, const char *to, const char *gone, const char *come)
{
	const char *at = strstr(base, from);
	char text[2048], list[1024], *before = text_of(base), *after;

	assert_non_null(at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - base), base, to, at + strlen(from));
	after = text_of(text);
	list_missing(before, after, list, sizeof(list));
	if (strcmp(list, gone) != 0)
		fail_msg("`%s` → `%s`: gone is\n%s", from, to, list);
	list_missing(after, before, list, sizeof(list));
	if (strcmp(list, come) != 0)
		fail_msg("`%s` → `%s`: come is\n%s", from, to, list);
	free(before);
	free(after);
}

struct difference {
	const char *from, *to, *gone, *come;
};

static const struct difference differences_of_addresses[] = {
	{"10.0.0.10 10.0.0.99", "10.0.0.10 10.0.0.98",
	 "!pool 10.0.0.0/24: range 10.0.0.10 10.0.0.99\n",
	 "!pool 10.0.0.0/24: range 10.0.0.10 10.0.0.98\n"},
	{"range 10.0.2.200;", "", "!pool 10.0.2.0/24: range 10.0.2.200 10.0.2.200\n", ""},
	/* A pool that takes part on one side only. */
	{NAMES "range 10.0.2.110", "range 10.0.2.110",
	 "!pool 10.0.2.0/24 (2): range 10.0.2.110 10.0.2.119\n"
	 "pool 10.0.2.0/24 (2): filename \"x\"\n",
	 ""},
	{"pool { range 10.0.2.130", "pool { " NAMES "range 10.0.2.130", "",
	 "!pool 10.0.2.0/24 (3): range 10.0.2.130 10.0.2.139\n"},
	/* Pools outside of it do not count. */
	{"10.0.2.130 10.0.2.139", "10.0.2.131", "", ""},
	{"10.9.0.10 10.9.0.99", "10.9.0.11", "", ""},
	{"fixed-address 10.0.0.5", "fixed-address 10.0.0.6",
	 "!host 02:00:00:00:00:01: fixed-address 10.0.0.5\n",
	 "!host 02:00:00:00:00:01: fixed-address 10.0.0.6\n"},
	{"10.0.0.5, 10.9.0.5", "10.0.0.5, 10.0.1.5",
	 "!host 02:00:00:00:00:01: fixed-address 10.0.0.5\n",
	 "!host 02:00:00:00:00:01: fixed-address 10.0.0.5, 10.0.1.5\n"},
	{"fixed-address 10.9.0.6", "fixed-address 10.9.0.7", "", ""},
	{NULL, NULL, NULL, NULL},
};

static const struct difference differences_of_scopes[] = {
	/* What is said further out is one line, what one pool says is one more. */
	{"default-lease-time 600", "default-lease-time 900", "all pools: default-lease-time 600\n",
	 "all pools: default-lease-time 900\n"},
	{"range 10.0.1.10", "default-lease-time 300; range 10.0.1.10", "",
	 "pool 10.0.1.0/24: default-lease-time 300\n"},
	{"range 10.0.1.10", "min-lease-time 60; range 10.0.1.10", "",
	 "pool 10.0.1.0/24: min-lease-time 60\n"},
	{"default-lease-time 600", "default-lease-time 600; max-lease-time 7200",
	 "all pools: max-lease-time 86400\n", "all pools: max-lease-time 7200\n"},
	/* A default above the maximum comes to the maximum. */
	{"default-lease-time 600", "default-lease-time 900; max-lease-time 600",
	 "all pools: max-lease-time 86400\n", "all pools: max-lease-time 600\n"},
	{"default-lease-time 600", "default-lease-time 100000",
	 "all pools: default-lease-time 600\nall pools: max-lease-time 86400\n",
	 "all pools: default-lease-time 100000\nall pools: max-lease-time 100000\n"},
	/* And one below the minimum to the minimum. */
	{"default-lease-time 600", "default-lease-time 600; min-lease-time 900",
	 "all pools: default-lease-time 600\nall pools: min-lease-time 0\n",
	 "all pools: default-lease-time 900\nall pools: min-lease-time 900\n"},
	{"example.org", "example.com", "all pools: option domain-name \"example.org\"\n",
	 "all pools: option domain-name \"example.com\"\n"},
	{"option routers 10.0.1.1", "option routers 10.0.1.1, 10.0.1.2",
	 "pool 10.0.1.0/24: option routers 10.0.1.1\n",
	 "pool 10.0.1.0/24: option routers 10.0.1.1, 10.0.1.2\n"},
	{"option routers 10.0.1.1;", "", "pool 10.0.1.0/24: option routers 10.0.1.1\n", ""},
	{"option routers 10.0.0.1;", "option subnet-mask 255.255.0.0;",
	 "pool 10.0.0.0/24: option routers 10.0.0.1\n",
	 "pool 10.0.0.0/24: option subnet-mask 255.255.0.0\n"},
	{"allow known-clients", "deny known-clients", "pool 10.0.1.0/24: allow known-clients\n",
	 "pool 10.0.1.0/24: deny known-clients\n"},
	{"default-lease-time 600;", "default-lease-time 600; deny unknown-clients;", "",
	 "all pools: deny unknown-clients\n"},
	{"filename \"x\"", "filename \"y\"", "pool 10.0.2.0/24 (2): filename \"x\"\n",
	 "pool 10.0.2.0/24 (2): filename \"y\"\n"},
	{"filename \"x\"", "server-name \"x\"", "pool 10.0.2.0/24 (2): filename \"x\"\n",
	 "pool 10.0.2.0/24 (2): server-name \"x\"\n"},
	{"filename \"x\"", "next-server 10.0.0.1", "pool 10.0.2.0/24 (2): filename \"x\"\n",
	 "pool 10.0.2.0/24 (2): next-server 10.0.0.1\n"},
	{"default-lease-time 600;", "default-lease-time 600; authoritative;", "",
	 "all pools: authoritative\n"},
	{NULL, NULL, NULL, NULL},
};

static const struct difference differences_of_parameters[] = {
	{"load balance max seconds 3", "load balance max seconds 4",
	 "failover: load balance max seconds 3\n", "failover: load balance max seconds 4\n"},
	{"load balance max seconds 3;", "load balance max seconds 3; min-balance 30;",
	 "failover: min-balance 60\n", "failover: min-balance 30\n"},
	{"load balance max seconds 3;", "load balance max seconds 3; max-balance 30;",
	 "failover: max-balance 3600\n", "failover: max-balance 30\n"},
	{"load balance max seconds 3;", "load balance max seconds 3; max-lease-misbalance 20;",
	 "failover: max-lease-misbalance 15\n", "failover: max-lease-misbalance 20\n"},
	{"load balance max seconds 3;", "load balance max seconds 3; max-lease-ownership 20;",
	 "failover: max-lease-ownership 10\n", "failover: max-lease-ownership 20\n"},
	{"load balance max seconds 3;", "load balance max seconds 3; max-response-delay 30;",
	 "failover: max-response-delay 20\n", "failover: max-response-delay 30\n"},
	{"load balance max seconds 3;", "load balance max seconds 3; max-unacked-updates 30;",
	 "failover: max-unacked-updates 100\n", "failover: max-unacked-updates 30\n"},
	{"load balance max seconds 3;", "load balance max seconds 3; auto-partner-down 30;",
	 "failover: auto-partner-down 0\n", "failover: auto-partner-down 30\n"},
	{"mclt 60", "mclt 90", "primary failover: mclt 60\n", "primary failover: mclt 90\n"},
	{"split 128", "split 0",
	 "primary failover: hba ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:"
	 "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00\n",
	 "primary failover: hba 00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
	 "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00\n"},
	{"default-lease-time 600;", "default-lease-time 600; abandon-lease-time 60;",
	 "server: abandon-lease-time 86400\n", "server: abandon-lease-time 60\n"},
	{"default-lease-time 600;", "default-lease-time 600; check-secs-byte-order on;",
	 "server: check-secs-byte-order off\n", "server: check-secs-byte-order on\n"},
	{"default-lease-time 600;", "default-lease-time 600; server-id-check on;",
	 "server: server-id-check off\n", "server: server-id-check on\n"},
	{"subnet 10.0.1.0", "subnet 10.0.4.0 netmask 255.255.255.0 { } subnet 10.0.1.0", "",
	 "shared-network 10.0.0.0/24: subnet 10.0.4.0/24\n"},
	/* Names and the servers' own addresses are each server's own. */
	{"shared-network x", "shared-network other", "", ""},
	{"host h", "host other", "", ""},
	{"default-lease-time 600;", "default-lease-time 600; server-identifier 10.0.0.1;", "", ""},
	{ENDS, "address 192.0.2.7; peer address 192.0.2.8; port 9; ", "", ""},
	{NULL, NULL, NULL, NULL},
};

static void test_differences(void **state)
{
	const struct difference *differences = *state;

	for (; differences->from; differences++)
		assert_difference(differences->from, differences->to, differences->gone,
				  differences->come);
}

/* A pool whose ranges lie in two subnets gives what each of them says. */
static void test_pool_across_subnets(void **state)
{
	char *text = text_of(PEER ENDS ROLE
			     "}\nshared-network x {\n"
			     "subnet 10.0.0.0 netmask 255.255.255.254 { option routers 1.0.0.1; }\n"
			     "subnet 10.0.0.2 netmask 255.255.255.254 { option routers 1.0.0.2;\n"
			     "  option time-servers 1.0.0.3; }\n"
			     "option time-servers 1.0.0.4;\n"
			     "pool { " NAMES "range 10.0.0.0 10.0.0.1; range 10.0.0.2 10.0.0.3;\n"
			     "  option ntp-servers 1.0.0.5; } }\n");

	(void)state;
	assert_non_null(strstr(text, "!pool 10.0.0.0/31: range 10.0.0.0 10.0.0.1\n"
				     "!pool 10.0.0.2/31: range 10.0.0.2 10.0.0.3\n"));
	assert_non_null(strstr(text, "\nall pools: option ntp-servers 1.0.0.5\n"));
	assert_non_null(strstr(text, "\npool 10.0.0.0/31: option routers 1.0.0.1\n"
				     "pool 10.0.0.0/31: option time-servers 1.0.0.4\n"
				     "pool 10.0.0.2/31: option routers 1.0.0.2\n"
				     "pool 10.0.0.2/31: option time-servers 1.0.0.3\n"));
	free(text);
}

/* What lies elsewhere is left out: of the pool in another subnet's lines, and networks without its pools. */
static void test_only_what_belongs(void **state)
{
	char *text =
		text_of(PEER ENDS ROLE "}\nshared-network x {\n"
				       "subnet 10.0.0.0 netmask 255.255.255.0 { }\n"
				       "subnet 10.0.1.0 netmask 255.255.255.0 { }\n"
				       "pool { " NAMES
				       "range 10.0.0.9; range 10.0.1.9; range 10.0.1.19; } }\n"
				       "shared-network y {\n"
				       "subnet 10.0.2.0 netmask 255.255.255.0 { range 10.0.2.9; }\n"
				       "subnet 10.0.3.0 netmask 255.255.255.0 { } }\n");

	(void)state;
	assert_int_equal(count_lines(text, "!pool "), 3);
	assert_int_equal(count_lines(text, "!pool 10.0.0.0/24: range 10.0.0.9 10.0.0.9"), 1);
	assert_int_equal(count_lines(text, "!pool 10.0.1.0/24: range "), 2);
	assert_int_equal(count_lines(text, "shared-network "), 1);
	free(text);
}

/* A value that most pools have is said once; who has none says so. */
static void test_exceptions(void **state)
{
	static const char subnet[] = "subnet 10.0.%u.0 netmask 255.255.255.0 { %s pool { " NAMES
				     "range 10.0.%u.9; } }\n";
	char text[1024], *common;
	size_t length = (size_t)snprintf(text, sizeof(text), PEER ENDS ROLE "}\n");

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length, subnet, i,
					   i == 1 ? "" : "option log-servers 10.0.0.1;", i);
	common = text_of(text);
	assert_non_null(strstr(common, "\nall pools: option log-servers 10.0.0.1\n"));
	assert_non_null(strstr(common, "\npool 10.0.1.0/24: no option log-servers\n"));
	free(common);
}

/* In the words of dhcpd.conf where they can be had. */
static void test_option_values(void **state)
{
	static const struct {
		const char *option, *line;
	} rows[] = {
		{"option routers 10.0.0.1, 10.0.0.2", "option routers 10.0.0.1, 10.0.0.2"},
		{"option static-routes 10.1.0.0 10.0.0.1, 10.2.0.0 10.0.0.1",
		 "option static-routes 10.1.0.0 10.0.0.1, 10.2.0.0 10.0.0.1"},
		{"option time-offset -18000", "option time-offset -18000"},
		{"option interface-mtu 1500", "option interface-mtu 1500"},
		{"option dhcp-renewal-time 4294967295", "option dhcp-renewal-time 4294967295"},
		{"option netbios-node-type 8", "option netbios-node-type 8"},
		{"option ip-forwarding on", "option ip-forwarding true"},
		{"option path-mtu-plateau-table 68, 296", "option path-mtu-plateau-table 68, 296"},
		{"option host-name \"a\\\"b\\\\c\\001\\377\"",
		 "option host-name \"a\\\"b\\\\c\\001\\377\""},
		{"option vendor-encapsulated-options 1:2:a",
		 "option vendor-encapsulated-options 01:02:0a"},
		{"option vendor-encapsulated-options \"abc\"",
		 "option vendor-encapsulated-options 61:62:63"},
		{"option domain-search \"a.example.org\", \"b.example.org\", \"example.org\"",
		 "option domain-search \"a.example.org\", \"b.example.org\", \"example.org\""},
		{"option domain-search \"c.d\", \"b.c.d\", \"a.b.c.d\", \"z\"",
		 "option domain-search \"c.d\", \"b.c.d\", \"a.b.c.d\", \"z\""},
		{"option slp-directory-agent true 10.0.0.1, 10.0.0.2",
		 "option slp-directory-agent true 10.0.0.1, 10.0.0.2"},
		{"option slp-service-scope false \"x\"", "option slp-service-scope false \"x\""},
		{"option mine code 224 = unsigned integer 16; option mine 258",
		 "option unknown-224 01:02"},
		/* What does not look like its option, since it was defined as something else. */
		{"option r code 3 = text; option r \"abc\"", "option routers 61:62:63"},
		{"option s code 13 = string; option s 1:2:3", "option boot-size 01:02:03"},
		{"option f code 19 = unsigned integer 8; option f 2", "option ip-forwarding 02"},
		{"option d code 119 = string; option d c0:00", "option domain-search c0:00"},
		{"option d code 119 = string; option d 01:61:c0", "option domain-search 01:61:c0"},
		{"option d code 119 = string; option d 05:61", "option domain-search 05:61"},
		{"option d code 119 = string; option d c0:09:00", "option domain-search c0:09:00"},
	};
	char text[1024], line[256], *common;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(text, sizeof(text),
			 "%s;\n" PEER ENDS ROLE "}\nsubnet 10.0.0.0 netmask 255.255.255.0 {\n"
			 "pool { " NAMES "range 10.0.0.9; } }\n",
			 rows[i].option);
		snprintf(line, sizeof(line), "\npool 10.0.0.0/24: %s\n", rows[i].line);
		common = text_of(text);
		if (!strstr(common, line))
			fail_msg("%s is not in\n%s", line, common);
		free(common);
	}
}

/* A name of many pointers is longer than any line: it is written as bytes, all of them. */
static void test_longest_option(void **state)
{
	char text[8192], line[4096], *common;
	size_t length, used;

	(void)state;
	length = (size_t)snprintf(text, sizeof(text), "option d code 119 = string; option d 3f");
	used = (size_t)snprintf(line, sizeof(line), "\npool 10.0.0.0/24: option domain-search 3f");
	for (unsigned i = 0; i < 64; i++) {
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s",
					   i < 63 ? ":01" : ":00");
		used += (size_t)snprintf(line + used, sizeof(line) - used, "%s",
					 i < 63 ? ":01" : ":00");
	}
	for (unsigned i = 0; i < 479; i++) {
		length += (size_t)snprintf(text + length, sizeof(text) - length, ":c0:00");
		used += (size_t)snprintf(line + used, sizeof(line) - used, ":c0:00");
	}
	snprintf(text + length, sizeof(text) - length,
		 ";\n" PEER ENDS ROLE "}\nsubnet 10.0.0.0 netmask 255.255.255.0 {\n"
		 "pool { " NAMES "range 10.0.0.9; } }\n");
	snprintf(line + used, sizeof(line) - used, "\n");
	common = text_of(text);
	assert_non_null(strstr(common, line));
	free(common);
}

static char *text_of_hosts(unsigned count, unsigned last)
{
	size_t size = 200 + (size_t)count * 100, length;
	char *text = malloc(size), *common;

	assert_non_null(text);
	length = (size_t)snprintf(text, size,
				  PEER ENDS ROLE "}\nsubnet 10.0.0.0 netmask 255.255.0.0 {\n"
						 "pool { " NAMES "range 10.0.200.9; } }\n");
	for (unsigned i = 1; i <= count; i++)
		length += (size_t)snprintf(text + length, size - length,
					   "host h%u { hardware ethernet 02:00:00:00:%x:%x; "
					   "fixed-address 10.0.%u.%u; }\n",
					   i, i >> 8, i & 255, (i == count ? last : i) >> 8,
					   (i == count ? last : i) & 255);
	common = text_of(text);
	free(text);
	return common;
}

/* The text stays short whatever the number of hosts, and tells them apart all the same. */
static void test_many_hosts(void **state)
{
	char *few = text_of_hosts(256, 256), *many = text_of_hosts(20000, 20000);
	char *same = text_of_hosts(20000, 20000), *other = text_of_hosts(20000, 20001);

	(void)state;
	assert_int_equal(count_lines(few, "!host 02:"), 256);
	assert_int_equal(count_lines(many, "!host 02:"), 0);
	assert_int_equal(count_lines(many, "!hosts: fixed-address of 20000 hosts, SHA-256 "), 1);
	assert_string_equal(many, same);
	assert_string_not_equal(many, other);
	assert_true(strlen(many) < 1200);
	free(few);
	free(many);
	free(same);
	free(other);
}

/* 1,000 pools of a provider fit into what conf.h promises, and take no time. */
static void test_many_pools(void **state)
{
	enum { POOLS = 1000 };
	size_t size = (size_t)POOLS * 200 + 400, length;
	char *text = malloc(size), *common;

	(void)state;
	assert_non_null(text);
	length = (size_t)snprintf(text, size,
				  PEER ENDS ROLE
				  "}\n"
				  "option domain-name-servers 198.51.100.53, 203.0.113.53;\n"
				  "option domain-name \"access.example.net\";\n");
	for (unsigned i = 0; i < POOLS; i++)
		length +=
			(size_t)snprintf(text + length, size - length,
					 "subnet 100.%u.%u.0 netmask 255.255.255.0 {\n"
					 "pool { " NAMES "range 100.%u.%u.10 100.%u.%u.254; } }\n",
					 i / 250, i % 250, i / 250, i % 250, i / 250, i % 250);
	common = text_of(text);
	assert_int_equal(count_lines(common, "!pool "), POOLS);
	assert_int_equal(count_lines(common, "pool "), 0);
	assert_true(strlen(common) < 65536);
	free(common);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_text),
		cmocka_unit_test(test_same_meaning),
		cmocka_unit_test(test_roles),
		cmocka_unit_test_prestate(test_differences, (void *)differences_of_addresses),
		cmocka_unit_test_prestate(test_differences, (void *)differences_of_scopes),
		cmocka_unit_test_prestate(test_differences, (void *)differences_of_parameters),
		cmocka_unit_test(test_pool_across_subnets),
		cmocka_unit_test(test_only_what_belongs),
		cmocka_unit_test(test_exceptions),
		cmocka_unit_test(test_option_values),
		cmocka_unit_test(test_longest_option),
		cmocka_unit_test(test_many_hosts),
		cmocka_unit_test(test_many_pools),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
