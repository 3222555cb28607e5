/* SPDX-License-Identifier: GPL-2.0-only */
/* `failover peer`: each statement, each default, each refusal. */
#include "fixture.h"

#define POOL(third, name) \
	"subnet 10.0." third ".0 netmask 255.255.255.0 {\n" \
	"pool { failover peer \"" name "\"; range 10.0." third ".10 10.0." third ".99; } }\n"
#define ENDS "address 192.0.2.1; peer address 192.0.2.2; "
#define PRIMARY ENDS "primary; mclt 60; split 128; "

/* With these statements, between braces, and a pool that names it. */
static struct conf *with(const char *statements)
{
	char text[1024];

	snprintf(text, sizeof(text), "failover peer \"a\" {\n%s\n}\n" POOL("0", "a"), statements);
	return accepted(text);
}

static void refused_with(const char *statements, unsigned line, unsigned column, const char *words)
{
	char text[1024];

	snprintf(text, sizeof(text), "failover peer \"a\" {\n%s\n}\n" POOL("0", "a"), statements);
	refused(text, line, column, words);
}

static void test_defaults(void **state)
{
	struct conf *conf = with(PRIMARY);
	const struct conf_relation *relation = conf->relations[0];

	(void)state;
	assert_int_equal(conf->relation_count, 1);
	assert_string_equal(relation->name, "a");
	assert_int_equal(relation->number, 1);
	assert_true(relation->primary);
	assert_int_equal(relation->address, IP(192, 0, 2, 1));
	assert_int_equal(relation->peer_address, IP(192, 0, 2, 2));
	assert_int_equal(relation->port, 647);
	assert_int_equal(relation->peer_port, 647);
	assert_int_equal(relation->mclt, 60);
	assert_int_equal(relation->max_response_delay, 20);
	assert_int_equal(relation->max_unacked_updates, 100);
	assert_int_equal(relation->load_balance_max_seconds, 0);
	assert_int_equal(relation->auto_partner_down, 0);
	assert_int_equal(relation->max_lease_misbalance, 15);
	assert_int_equal(relation->max_lease_ownership, 10);
	assert_int_equal(relation->min_balance, 60);
	assert_int_equal(relation->max_balance, 3600);
	conf_free(conf);
}

static void test_every_statement(void **state)
{
	struct conf *conf = with(
		"secondary; address 192.0.2.1; port 1647; peer address 192.0.2.2; peer port 2647;\n"
		"max-response-delay 30; max-unacked-updates 10; load balance max seconds 3;\n"
		"auto-partner-down 300; max-lease-misbalance 20; max-lease-ownership 5;\n"
		"min-balance 30; max-balance 1800;");
	const struct conf_relation *relation = conf->relations[0];

	(void)state;
	assert_false(relation->primary);
	assert_int_equal(relation->port, 1647);
	assert_int_equal(relation->peer_port, 2647);
	assert_int_equal(relation->max_response_delay, 30);
	assert_int_equal(relation->max_unacked_updates, 10);
	assert_int_equal(relation->load_balance_max_seconds, 3);
	assert_int_equal(relation->auto_partner_down, 300);
	assert_int_equal(relation->max_lease_misbalance, 20);
	assert_int_equal(relation->max_lease_ownership, 5);
	assert_int_equal(relation->min_balance, 30);
	assert_int_equal(relation->max_balance, 1800);
	conf_free(conf);
}

/* dhcpd takes zero for "as if nothing were said". */
static void test_zero_is_the_default(void **state)
{
	struct conf *conf =
		with(PRIMARY "port 0; peer port 0; max-response-delay 0; max-unacked-updates 0;\n"
			     "max-lease-misbalance 0; max-lease-ownership 0; min-balance 0;\n"
			     "max-balance 0; auto-partner-down 0; load balance max seconds 0;");
	struct conf *unsaid = with(PRIMARY);

	(void)state;
	assert_memory_equal(conf->digest, unsaid->digest, sizeof(conf->digest));
	assert_int_equal(conf->relations[0]->port, 647);
	conf_free(conf);
	conf_free(unsaid);
}

/* It is the primary unless it says otherwise; what comes later supersedes. */
static void test_roles(void **state)
{
	static const struct {
		const char *statements;
		bool primary;
	} rows[] = {
		{ENDS "mclt 60; split 128;", true},
		{PRIMARY, true},
		{ENDS "secondary;", false},
		{ENDS "secondary; primary; mclt 60; split 0;", true},
		{ENDS "primary; secondary;", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conf *conf = with(rows[i].statements);

		if (conf->relations[0]->primary != rows[i].primary)
			fail_msg("%s", rows[i].statements);
		conf_free(conf);
	}
}

/* A secondary's file may have it, as dhcpd's may; the primary's word counts. */
static void test_mclt_of_a_secondary(void **state)
{
	struct conf *conf = with(ENDS "secondary; mclt 1800;");

	(void)state;
	assert_int_equal(conf->relations[0]->mclt, 0);
	conf_free(conf);
}

static void assert_hba(const char *statements, const uint8_t hba[32])
{
	char text[512];
	struct conf *conf;

	snprintf(text, sizeof(text), ENDS "primary; mclt 60; %s", statements);
	conf = with(text);
	assert_memory_equal(conf->relations[0]->hba, hba, 32);
	conf_free(conf);
}

/* Bit (b & 7) of byte b >> 3, set: the primary's. */
static void test_buckets(void **state)
{
	const uint8_t none[32] = {0}, three[32] = {7}, nine[32] = {0xff, 1};
	uint8_t half[32] = {0}, all[32], given[32];

	(void)state;
	memset(half, 0xff, 16);
	memset(all, 0xff, 32);
	for (size_t i = 0; i < 32; i++)
		given[i] = (uint8_t)(i * 8);
	assert_hba("split 0;", none);
	assert_hba("split 3;", three);
	assert_hba("split 9;", nine);
	assert_hba("split 128;", half);
	assert_hba("split 256;", all);
	assert_hba("hba 00:08:10:18:20:28:30:38:40:48:50:58:60:68:70:78:\n"
		   "80:88:90:98:a0:A8:b0:b8:c0:c8:d0:d8:e0:e8:f0:f8;",
		   given);
	assert_hba("hba 0:8:10:18:20:28:30:38:40:48:50:58:60:68:70:78:"
		   "80:88:90:98:a0:a8:b0:b8:c0:c8:d0:d8:e0:e8:f0:f8;",
		   given);
	/* Of two, the later one. */
	assert_hba("hba 00:08:10:18:20:28:30:38:40:48:50:58:60:68:70:78:"
		   "80:88:90:98:a0:a8:b0:b8:c0:c8:d0:d8:e0:e8:f0:f8; split 128;",
		   half);
	assert_hba("split 128; hba 00:08:10:18:20:28:30:38:40:48:50:58:60:68:70:78:"
		   "80:88:90:98:a0:a8:b0:b8:c0:c8:d0:d8:e0:e8:f0:f8;",
		   given);
}

static void test_malformed_buckets(void **state)
{
	static const char *const wrong[] = {
		"1:2:3",
		"00:08:10:18:20:28:30:38:40:48:50:58:60:68:70:78:"
		"80:88:90:98:a0:a8:b0:b8:c0:c8:d0:d8:e0:e8:f0:f8:00",
		"00:08:10:18:20:28:30:38:40:48:50:58:60:68:70:78:"
		"80:88:90:98:a0:a8:b0:b8:c0:c8:d0:d8:e0:e8:f0:f8:",
		"00:08:10:18:20:28:30:38:40:48:50:58:60:68:70:78 "
		"80:88:90:98:a0:a8:b0:b8:c0:c8:d0:d8:e0:e8:f0:f8",
		"00:08:10:18:20:28:30:38:40:48:50:58:60:68:70:78:"
		"80:88:90:98:a0:a8:b0:b8:c0:c8:d0:d8:e0:e8:f0:fg",
		"000:8:10:18:20:28:30:38:40:48:50:58:60:68:70:78:"
		"80:88:90:98:a0:a8:b0:b8:c0:c8:d0:d8:e0:e8:f0:f8",
		"\"00:08\"",
		"",
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		snprintf(text, sizeof(text), PRIMARY "\nhba %s;", wrong[i]);
		refused_with(text, 3, 5, "expected 32 bytes in hexadecimal");
	}
}

static void test_values(void **state)
{
	static const struct {
		const char *statement;
		unsigned column;
		const char *words;
	} rows[] = {
		{"split 257;", 7, "`257` is not between 0 and 256"},
		{"split half;", 7, "expected a number, found `half`"},
		{"port 65536;", 6, "not between 0 and 65535"},
		{"peer port -1;", 11, "not between 0 and 65535"},
		{"max-lease-misbalance 101;", 22, "not between 0 and 100"},
		{"max-lease-ownership 101;", 21, "not between 0 and 100"},
		{"mclt 2147483648;", 6, "not between 0 and 2147483647"},
		{"mclt \"60\";", 6, "expected a number, found a string"},
		/* dhcpd would read ten, or zero. */
		{"mclt 010;", 6, "a decimal number without leading zeros, found `010`"},
		{"min-balance 0x10;", 13, "a decimal number without leading zeros"},
		{"max-response-delay 1;", 20, "a dhcpd as partner sends CONTACT"},
		{"max-response-delay 2;", 20, "write 3 or more, or leave it out (20)"},
		{"load balance max secs 3;", 18, "expected `seconds` behind `load balance max`"},
		{"load max seconds 3;", 6, "expected `balance` behind `load`"},
		{"load balance seconds 3;", 14, "expected `max` behind `load balance`"},
		{"address dhcp-1.example.org;", 9, "names are not looked up"},
		{"peer address dhcp-2;", 14, "expected an IPv4 address such as 192.0.2.1"},
		{"address 0.0.0.0;", 9, "0.0.0.0 is no address of a server"},
		{"peer address 224.0.0.1;", 14, "224.0.0.1 is no address of a server"},
		{"peer address 255.255.255.255;", 14, "no address of a server"},
		{"peer mclt 60;", 6, "expected `address` or `port` behind `peer`, found `mclt`"},
		{"max-unacked-update 10;", 1, "did you mean `max-unacked-updates`?"},
		{"secondry;", 1, "did you mean `secondary`?"},
		{"option routers 10.0.0.1;", 1, "`option` is no statement of a failover peer"},
		{"mclt 60", 8, "expected `;`"},
		{"auto-partner-down;", 18, "expected a number"},
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(text, sizeof(text), PRIMARY "\n%s", rows[i].statement);
		refused_with(text, 3, rows[i].column, rows[i].words);
	}
	conf_free(with(PRIMARY "max-response-delay 3;"));
}

static void test_what_must_be_said(void **state)
{
	(void)state;
	refused_with("primary; mclt 60; split 128; address 192.0.2.1;", 1, 1,
		     "failover peer `a` does not say where the partner is; write `peer address");
	refused_with("primary; mclt 60; split 128; peer address 192.0.2.1;", 1, 1,
		     "write `address ADDRESS;`, the same as the partner's `peer address`");
	refused_with(ENDS "primary; mclt 60;", 1, 1, "write `split 128;` for half of them");
	refused_with(ENDS "primary; split 128;", 1, 1, "write `mclt 1800;`, for example");
	refused_with(ENDS "primary; split 128; mclt 0;", 1, 1, "write `mclt 1800;`");
	refused_with(ENDS "secondary;\n split 128;", 3, 2, "leave `split` and `hba` out");
	refused_with(ENDS "split 128;\nsecondary;", 2, 44, "a secondary learns from the primary");
	refused_with("primary; mclt 60; split 128; address 192.0.2.1; peer address 192.0.2.1;", 1,
		     1, "are both 192.0.2.1 port 647; one of the two is the other server");
	conf_free(with("primary; mclt 60; split 128; address 192.0.2.1; port 1647;\n"
		       "peer address 192.0.2.1; peer port 2647;"));
}

static void test_declarations(void **state)
{
	(void)state;
	refused("failover peer \"a\" { " PRIMARY " }\nfailover peer \"a\" { " PRIMARY
		" }\n" POOL("0", "a"),
		2, 1, "there is a failover peer `a` already, at test.conf:1");
	refused("failover peer \"a\" { " PRIMARY " }\n" NET, 1, 1,
		"no pool names failover peer `a`; write `failover peer \"a\";` in each `pool`");
	refused("failover peer \"a\";\n" NET, 1, 1, "named in each `pool` that takes part");
	refused("failover peer \"a\" state { my state normal; }\n" NET, 1, 1, "dhcpd.leases");
	refused("failover \"a\" { }", 1, 10, "expected `peer` behind `failover`, found a string");
	refused("failover peer { }", 1, 15, "expected the name of the failover peer");
	refused("failover peer \"\" { }", 1, 15, "between 1 and 255 characters");
	refused("failover peer \"a\" primary;", 1, 18, "expected `{` behind the failover peer's");
	refused("failover peer \"a\" { " PRIMARY, 1, 92, "expected `}`");
	refused("group { failover peer \"a\" { " PRIMARY "} }\n" POOL("0", "a"), 1, 9,
		"declared outside of all braces");
}

static void test_places(void **state)
{
	static const char *const around[][2] = {
		{"subnet 10.0.0.0 netmask 255.255.255.0 {\n", "range 10.0.0.9; }"},
		{"shared-network x {\n",
		 "subnet 10.0.0.0 netmask 255.255.255.0 { pool { range 10.0.0.9; } } }"},
		{"group {\n", "}"},
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < COUNT(around); i++) {
		snprintf(text, sizeof(text),
			 "failover peer \"a\" { " PRIMARY "}\n%s  failover peer \"a\"; %s\n",
			 around[i][0], around[i][1]);
		refused(text, 3, 3,
			"put each `range` that takes part into a `pool { failover peer");
	}
	refused("host h {\nfailover peer \"a\"; }", 2, 1, "cannot stand here");
	refused("subnet 10.0.0.0 netmask 255.255.255.0 { pool {\nfailover peer \"a\" { } } }", 2, 1,
		"declared outside of all braces, and named in each pool");
}

static void test_references(void **state)
{
	(void)state;
	refused("failover peer \"a\" { " PRIMARY "}\n" POOL("0", "A"), 3, 22,
		"no failover peer `A` is declared up to here; declare it above");
	/* dhcpd, too, reads from top to bottom. */
	refused(POOL("0", "a") "failover peer \"a\" { " PRIMARY "}\n", 2, 22,
		"no failover peer `a` is declared up to here");
	refused("failover peer a { " PRIMARY "}\nsubnet 10.0.0.0 netmask 255.255.255.0 {\n"
		"pool { failover peer a; range 10.0.0.9; } }",
		3, 22, "the failover peer's name in double quotes, found `a`");
	refused("failover peer \"a\" { " PRIMARY "}\nsubnet 10.0.0.0 netmask 255.255.255.0 {\n"
		"pool { failover peer \"a\"; range dynamic-bootp 10.0.0.9; } }",
		3, 33, "BOOTP clients are not served");
	refused("failover peer \"a\" { " PRIMARY "}\nsubnet 10.0.0.0 netmask 255.255.255.0 {\n"
		"pool { failover peer \"a\" range 10.0.0.9; } }",
		3, 25, "expected `;`");
	refused("subnet 10.0.0.0 netmask 255.255.255.0 { pool {\nno failover peer; } }", 2, 1,
		"`no` is not supported: a pool that names no failover peer has none");
}

#define OTHER "address 192.0.2.1; primary; mclt 60; split 128; "

/* By name, whatever the order; pools may name different ones, one, or none. */
#define TAGGED(name, octet) \
	"failover peer \"" name "\" { " PRIMARY_AT(octet) "}\n" POOL(#octet, name)
#define PRIMARY_AT(octet) \
	"address 192.0.2.1; peer address 198.51.100." #octet "; primary; mclt 60; split 128; "

static uint16_t tag(const struct conf *conf, const char *name)
{
	return conf_relation_named(conf, name)->tag;
}

/* What is kept goes by the name, whatever number it has. */
static void test_tags(void **state)
{
	struct conf *alone = accepted(TAGGED("north", 1));
	struct conf *both = accepted(TAGGED("north", 1) TAGGED("east", 2));

	(void)state;
	assert_int_equal(conf_relation_named(alone, "north")->number, 1);
	assert_int_equal(conf_relation_named(both, "north")->number, 2);
	assert_int_not_equal(tag(alone, "north"), 0);
	assert_int_equal(tag(alone, "north"), tag(both, "north"));
	assert_int_not_equal(tag(both, "north"), tag(both, "east"));
	conf_free(alone);
	conf_free(both);
}

/* Two names whose sums are the same. */
static void test_tags_are_told_apart(void **state)
{
	struct conf *one = accepted(TAGGED("peer999", 1)), *other = accepted(TAGGED("peer2244", 1));
	struct conf *both = accepted(TAGGED("peer999", 1) TAGGED("peer2244", 2));

	(void)state;
	assert_int_equal(tag(one, "peer999"), tag(other, "peer2244"));
	assert_int_not_equal(tag(both, "peer999"), tag(both, "peer2244"));
	conf_free(one);
	conf_free(other);
	conf_free(both);
}

static void test_numbers(void **state)
{
	struct conf *conf = accepted(
		"failover peer \"zeta\" { " OTHER "peer address 192.0.2.9; }\n"
		"failover peer alpha { " OTHER "peer address 192.0.2.7; }\n"
		"failover peer \"mid\" { " OTHER
		"peer address 192.0.2.8; }\n" POOL("0", "zeta") POOL("1", "alpha") POOL("2", "mid")
			POOL("3",
			     "alpha") "subnet 10.0.4.0 netmask 255.255.255.0 { range 10.0.4.9;\n"
				      "pool { range 10.0.4.20; }\n"
				      "pool { failover peer \"mid\"; failover peer \"zeta\";\n"
				      "range 10.0.4.30; } }\n");
	static const uint8_t relations[] = {3, 1, 2, 1, 0, 0, 3};

	(void)state;
	assert_int_equal(conf->relation_count, 3);
	assert_string_equal(conf->relations[0]->name, "alpha");
	assert_string_equal(conf->relations[1]->name, "mid");
	assert_string_equal(conf->relations[2]->name, "zeta");
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(conf->relations[i]->number, i + 1);
		assert_ptr_equal(conf_relation_named(conf, conf->relations[i]->name),
				 conf->relations[i]);
	}
	assert_null(conf_relation_named(conf, "Alpha"));
	assert_int_equal(conf->pool_count, COUNT(relations));
	for (size_t i = 0; i < COUNT(relations); i++)
		assert_int_equal(conf->pools[i]->relation, relations[i]);
	conf_free(conf);
}

/* Whose connection is it that comes in from 192.0.2.2? */
static void test_partners_are_told_apart(void **state)
{
	(void)state;
	refused("failover peer \"a\" { " PRIMARY "}\nfailover peer \"b\" { " ENDS
		"secondary; }\n" POOL("0", "a") POOL("1", "b"),
		2, 1, "`b` and `a`, at test.conf:1, wait on the same port for the same partner");
	conf_free(accepted("failover peer \"a\" { " PRIMARY "}\nfailover peer \"b\" { " ENDS
			   "secondary; port 648; peer port 648; }\n" POOL("0", "a")
				   POOL("1", "b")));
}

static void test_most(void **state)
{
	enum { MOST = 255 };
	size_t size = (size_t)(MOST + 1) * 400, length = 0;
	char *text = malloc(size);
	struct conf *conf;

	(void)state;
	assert_non_null(text);
	for (unsigned i = 0; i < MOST; i++)
		length += (size_t)snprintf(
			text + length, size - length,
			"failover peer \"p%u\" { " OTHER "peer address 198.51.100.%u; }\n"
			"subnet 10.0.%u.0 netmask 255.255.255.0 { pool { failover peer \"p%u\";\n"
			"range 10.0.%u.9; } }\n",
			i, i, i, i, i);
	conf = accepted(text);
	assert_int_equal(conf->relations[MOST - 1]->number, MOST);
	conf_free(conf);
	snprintf(text + length, size - length, " failover peer \"more\" { " PRIMARY "}\n");
	refused(text, 3 * MOST + 1, 2, "more than 255 failover peers");
	free(text);
}

static void test_globals(void **state)
{
	struct conf *conf = accepted(NET);

	(void)state;
	assert_int_equal(conf->abandon_lease_time, 86400);
	assert_false(conf->check_secs_byte_order);
	assert_false(conf->server_id_check);
	conf_free(conf);
	conf = accepted("abandon-lease-time 3600; check-secs-byte-order on;\n"
			"server-id-check true;\n" NET);
	assert_int_equal(conf->abandon_lease_time, 3600);
	assert_true(conf->check_secs_byte_order);
	assert_true(conf->server_id_check);
	conf_free(conf);
	refused("abandon-lease-time -1;", 1, 20, "not between 0 and 2147483647");
	refused("abandon-lease-time 60", 1, 22, "expected `;`");
	refused("check-secs-byte-order maybe;", 1, 23, "expected `true`");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_every_statement),
		cmocka_unit_test(test_zero_is_the_default),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_mclt_of_a_secondary),
		cmocka_unit_test(test_buckets),
		cmocka_unit_test(test_malformed_buckets),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_what_must_be_said),
		cmocka_unit_test(test_declarations),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_tags_are_told_apart),
		cmocka_unit_test(test_partners_are_told_apart),
		cmocka_unit_test(test_most),
		cmocka_unit_test(test_globals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
