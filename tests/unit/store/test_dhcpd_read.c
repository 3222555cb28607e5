/* SPDX-License-Identifier: GPL-2.0-only */
/* dhcpd.leases as dhcpd 4.4 writes it, as older ones wrote it, and as nobody should. */
#include "dhcpd.h"

/* 2026-11-22 10:39:45 UTC */
#define THEN INT64_C(1795343985)

static void test_entry(void **state)
{
	static const char text[] = "# written by a test\n"
				   "authoring-byte-order little-endian;\n"
				   "server-duid \"\\000\\001\\000\\0012\\235,\\246\\002\";\n"
				   "lease 10.9.0.132 {\n"
				   "  starts 0 2026/11/22 10:39:45;\n"
				   "  ends 0 2026/11/22 10:40:45;\n"
				   "  tstp 0 2026/11/22 10:50:15; # a comment; }\n"
				   "  tsfp 0 2026/11/22 10:50:16;\n"
				   "  atsfp 0 2026/11/22 10:50:17;\n"
				   "  cltt 0 2026/11/22 10:39:44;\n"
				   "  binding state active;\n"
				   "  next binding state expired;\n"
				   "  rewind binding state free;\n"
				   "  reserved;\n"
				   "  dynamic-bootp;\n"
				   "  hardware ethernet 02:aa:00:00:00:02;\n"
				   "  uid \"\\001\\\"\\\\ab\";\n"
				   "  client-hostname \"ho-st\";\n"
				   "}\n";
	struct dhcpd_file file = {0};
	const struct dhcpd_lease *lease = &file.lease;

	(void)state;
	assert_int_equal(dhcpd_file_read(&file, text, strlen(text)), 0);
	assert_int_equal(file.leases, 1);
	assert_int_equal(lease->offset, strstr(text, "10.9.0.132") - text);
	assert_int_equal(lease->address, 0x0a090084);
	assert_int_equal(lease->starts, THEN);
	assert_int_equal(lease->ends, THEN + 60);
	assert_int_equal(lease->tstp, THEN + 630);
	assert_int_equal(lease->tsfp, THEN + 631);
	assert_int_equal(lease->atsfp, THEN + 632);
	assert_int_equal(lease->cltt, THEN - 1);
	assert_int_equal(lease->state, LEASE_ACTIVE);
	assert_int_equal(lease->flags, LEASE_RESERVED | LEASE_BOOTP);
	assert_int_equal(lease->htype, 1);
	assert_int_equal(lease->hlen, 6);
	assert_memory_equal(lease->chaddr, "\x02\xaa\0\0\0\x02", 6);
	assert_int_equal(lease->uid.length, 5);
	assert_memory_equal(lease->uid.data, "\1\"\\ab", 5);
	assert_int_equal(lease->hostname.length, 5);
	assert_memory_equal(lease->hostname.data, "ho-st", 5);
	assert_string_equal(file.left_out, "");
}

/* The second entry has nothing of the first. */
static void test_entries_are_apart(void **state)
{
	static const char text[] =
		"lease 10.9.0.1 { ends never; uid 1:2; option agent.circuit-id 1;\n"
		"  client-hostname a; hardware ethernet 1:2; reserved; binding state active; }"
		"lease 10.9.0.2 { }";
	struct dhcpd_lease none = {.offset = sizeof(text) - 1 - strlen("10.9.0.2 { }"),
				   .address = 0x0a090002};
	struct dhcpd_file file = {0};

	(void)state;
	assert_int_equal(dhcpd_file_read(&file, text, sizeof(text) - 1), 0);
	assert_int_equal(file.leases, 2);
	assert_memory_equal(&file.lease, &none, offsetof(struct dhcpd_lease, uid));
	assert_int_equal(file.lease.uid.length, 0);
	assert_int_equal(file.lease.agent.length, 0);
	assert_int_equal(file.lease.hostname.length, 0);
}

static void test_dates(void **state)
{
	static const struct {
		const char *date;
		int64_t time;
	} rows[] = {
		{"0 2026/11/22 10:39:45", THEN},
		{"6 2026/11/22 10:39:45", THEN}, /* whatever the weekday */
		{"0 2026/11/22 10:39:45 3600", THEN + 3600}, /* as dhcpd reckons it */
		{"0 2026/11/22 10:39:45 -3600", THEN - 3600},
		{"never", DHCPD_NEVER},
		{"epoch 1795343985", THEN},
		{"epoch 4294967295", DHCPD_NEVER},
		{"0 2037/12/31 23:59:59", INT64_C(2145916799)},
		{"0 2038/01/01 00:00:00", DHCPD_NEVER},
		{"0 9999/12/31 23:59:59 86400", DHCPD_NEVER},
		{"4 1970/01/01 00:00:01", 1},
		{"2 2028/02/29 00:00:00", INT64_C(1835395200)},
		{"3 2028/03/01 00:00:00", INT64_C(1835481600)},
		{"5 2000/12/31 00:00:00", INT64_C(978220800)},
		{"5 1972/03/01 00:00:60", INT64_C(68256060)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dhcpd_file file = {0};
		char statement[80];

		snprintf(statement, sizeof(statement), "ends %s;", rows[i].date);
		assert_int_equal(dhcpd_file_statements(&file, statement), 0);
		if (file.lease.ends != rows[i].time)
			fail_msg("%s: %lld", rows[i].date, (long long)file.lease.ends);
	}
}

static void test_strings_and_bytes(void **state)
{
	static const struct {
		const char *uid;
		size_t length;
		const char *bytes;
	} rows[] = {
		{"\"\\000\\377\\012\"", 3, "\0\xff\n"},
		{"\"\\0\\01z\"", 3, "\0\1z"}, /* fewer than three digits */
		{"\"\\4\\9\"", 2, "49"}, /* no octal number above \\377 */
		{"\"\\x41\\t\\r\\n\\b\"", 5, "A\t\r\n\b"},
		{"\"a # b; } \\' \\$\"", 12, "a # b; } ' $"},
		{"01:22:5c:61:62", 5, "\1\"\\ab"},
		{"1:0:FF:a", 4, "\1\0\xff\n"},
		{"7", 1, "\7"},
		{"\"\"", 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dhcpd_file file = {0};
		char statement[80];

		snprintf(statement, sizeof(statement), "uid %s;", rows[i].uid);
		assert_int_equal(dhcpd_file_statements(&file, statement), 0);
		assert_int_equal(file.lease.uid.length, rows[i].length);
		assert_memory_equal(file.lease.uid.data, rows[i].bytes, rows[i].length);
	}
}

static void test_hardware(void **state)
{
	static const struct {
		const char *hardware;
		uint8_t type, length;
	} rows[] = {
		{"ethernet 2:aa:0:0:0:2", 1, 6},
		{"token-ring 02:aa", 6, 2},
		{"fddi 02:aa:00", 8, 3},
		{"infiniband", 32, 0},
		{"unknown-19 1", 19, 1},
		{"unknown-0 1:2", 0, 2},
		{"ethernet 1:2:3; hardware fddi 4", 8, 1},
		{"unknown-255 0:1:2:3:4:5:6:7:8:9:a:b:c:d:e:f", 255, 16},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dhcpd_file file = {0};
		char statement[80];

		snprintf(statement, sizeof(statement), "hardware %s;", rows[i].hardware);
		assert_int_equal(dhcpd_file_statements(&file, statement), 0);
		assert_int_equal(file.lease.htype, rows[i].type);
		assert_int_equal(file.lease.hlen, rows[i].length);
		for (size_t j = rows[i].length; j < sizeof(file.lease.chaddr); j++)
			assert_int_equal(file.lease.chaddr[j], 0);
	}
}

static void test_binding_states(void **state)
{
	static const struct {
		const char *statements;
		uint8_t state, flags;
	} rows[] = {
		{"binding state free;", LEASE_FREE, 0},
		{"binding state active;", LEASE_ACTIVE, 0},
		{"binding state expired; next binding state free;", LEASE_EXPIRED, 0},
		{"binding state released;", LEASE_RELEASED, 0},
		{"binding state abandoned;", LEASE_ABANDONED, 0},
		{"binding state reset;", LEASE_RESET, 0},
		{"binding state backup; rewind binding state active;", LEASE_BACKUP, 0},
		{"abandoned;", LEASE_ABANDONED, 0}, /* older than binding states */
		{"binding state reserved;", LEASE_ACTIVE, LEASE_RESERVED}, /* 4.0 */
		{"binding state bootp;", LEASE_ACTIVE, LEASE_BOOTP},
		{"", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dhcpd_file file = {0};

		assert_int_equal(dhcpd_file_statements(&file, rows[i].statements), 0);
		assert_int_equal(file.lease.state, rows[i].state);
		assert_int_equal(file.lease.flags, rows[i].flags);
	}
}

/* Option 82's value, as the relay sent it. */
static void test_agent_options(void **state)
{
	static const char statements[] = "option agent.circuit-id \"c1x\";"
					 "option agent.remote-id 72:0:79;"
					 "option agent.agent-id 192.0.2.7;"
					 "option agent.DOCSIS-device-class 17;"
					 "option agent.link-selection 10.0.0.1;"
					 "option agent.unknown-152 0:a;";
	static const char value[] = "\1\3c1x\2\3r\0y\3\4\xc0\0\2\7\4\4\0\0\0\x11\5\4\n\0\0\1\x98\2"
				    "\0\n";
	struct dhcpd_file file = {0};

	(void)state;
	assert_int_equal(dhcpd_file_statements(&file, statements), 0);
	assert_int_equal(file.lease.agent.length, sizeof(value) - 1);
	assert_memory_equal(file.lease.agent.data, value, sizeof(value) - 1);
}

static void test_relation(void **state)
{
	static const char text[] =
		"failover peer \"hf rel\" state {\n"
		"  my state communications-interrupted at 0 2026/11/22 10:39:45;\n"
		"  partner state normal at 0 2026/11/22 10:39:46;\n"
		"  mclt 60;\n"
		"}\n"
		"  failover peer hfrel state { peer state recover-wait at never; }";
	struct dhcpd_file file = {0};

	(void)state;
	assert_int_equal(dhcpd_file_read(&file, text, (size_t)(strchr(text, '}') + 1 - text)), 0);
	assert_string_equal(file.relation.name, "hf rel");
	assert_string_equal(file.relation.own, "communications-interrupted");
	assert_int_equal(file.relation.own_since, THEN);
	assert_string_equal(file.relation.partner, "normal");
	assert_int_equal(file.relation.partner_since, THEN + 1);
	assert_true(file.relation.has_mclt);
	assert_int_equal(file.relation.mclt, 60);
	assert_false(file.relation.peer_worded);
	assert_int_equal(dhcpd_file_read(&file, text, strlen(text)), 0);
	assert_int_equal(file.relations, 3);
	assert_string_equal(file.relation.name, "hfrel");
	assert_string_equal(file.relation.own, "");
	assert_string_equal(file.relation.partner, "recover-wait");
	assert_true(file.relation.peer_worded);
	assert_false(file.relation.has_mclt);
	assert_int_equal(file.relation.line, 6);
	assert_int_equal(file.relation.column, 12);
}

/* What a lease or OMAPI says beyond leases has no place here, and is told by name. */
static void test_left_out(void **state)
{
	static const char text[] =
		"lease 10.0.0.1 {\n"
		"  set ddns-fwd-name = \"a;}\";\n"
		"  set count = %31;\n"
		"  on expiry or release {\n"
		"    if known { set x = \"1\"; } else { execute (\"a\", \"}\"); }\n"
		"  }\n"
		"  billing class \"gold\";\n"
		"  client-hostname \"after\";\n"
		"}\n"
		"host printer { dynamic; hardware ethernet 1:2:3:4:5:6; }\n"
		"host gone { dynamic; deleted; }\n"
		"group people { dynamic; }\n"
		"class \"a\tb\" { dynamic; }\n"
		"subclass \"gold\" 1:2:3;\n";
	struct dhcpd_file file = {0};

	(void)state;
	assert_int_equal(dhcpd_file_read(&file, text, strlen(text)), 0);
	assert_string_equal(file.left_out,
			    "set ddns-fwd-name@2;set count@3;on expiry@4;billing class@7;"
			    "host printer@10;group people@12;class a?b@13;subclass gold@14;");
	assert_int_equal(file.lease.hostname.length, 5);
}

static const struct {
	const char *text;
	unsigned line, column;
	const char *why;
} refused[] = {
	{"lease 10.0.0.1 {\n  starts 0 2026/11/22 10:39", 2, 23,
	 "dhcpd was stopped while it wrote"},
	{"lease 10.0.0.1 {\n  starts 0 2026/11/22 10:39; }", 2, 23, "as 10:39:45 is expected"},
	{"lease 10.0.0.1 {\n  uid 1:2;\n", 3, 1, "dhcpd was stopped while it wrote"},
	{"lease 10.0.0.1 {\n  uid \"abc\n}\n", 2, 7, "without a closing quote"},
	{"lease 10.0.0.1 { uid \"\\x4\"; }", 1, 22, "escapes nothing"},
	{"lease 10.0.0.1 {\n\xff\n}", 2, 1, "byte 0xff"},
	{"lease 10.0.0.1 { uid 1:2 }", 1, 26, "`;` is expected, not `}`"},
	{"lease 10.0.0.1 { uid 1:2:; }", 1, 22, "hexadecimal bytes"},
	{"lease 10.0.0.1 { uid 1:222; }", 1, 22, "hexadecimal bytes"},
	{"lease 10.0.0.1 { hardware ethernet 1:g; }", 1, 36, "hexadecimal bytes"},
	{"lease 10.0.0.1 { hardware carrier 1; }", 1, 27, "hardware type"},
	{"lease 10.0.0.1 { hardware unknown-256 1; }", 1, 27, "hardware type"},
	{"lease 10.0.0.1 { hardware unknown-1 0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0; }", 1, 37,
	 "up to 16"},
	{"lease 10.0.0.256 { }", 1, 7, "an address is expected"},
	{"lease { interface \"eth0\"; }", 1, 7, "an address is expected, not `{`"},
	{"lease 10.0.0.1 { bindign state free; }", 1, 18, "a statement of a lease"},
	{"lease 10.0.0.1 { binding state fred; }", 1, 32, "a binding state"},
	{"lease 10.0.0.1 { next state free; }", 1, 23, "`binding`"},
	{"lease 10.0.0.1 { starts 0 2026/02/29 00:00:00; }", 1, 27, "no day since 1970"},
	{"lease 10.0.0.1 { starts 0 2026/13/01 00:00:00; }", 1, 27, "no day since 1970"},
	{"lease 10.0.0.1 { starts 0 2026/11/00 00:00:00; }", 1, 27, "no day since 1970"},
	{"lease 10.0.0.1 { starts 0 1969/12/31 00:00:00; }", 1, 27, "no day since 1970"},
	{"lease 10.0.0.1 { starts 0 2026/11 00:00:00; }", 1, 27, "a day as"},
	{"lease 10.0.0.1 { starts 0 2026/11/22 24:00:00; }", 1, 38, "no time of a day"},
	{"lease 10.0.0.1 { starts 4 1970/01/01 00:00:00 -1; }", 1, 49, "before 1970"},
	{"lease 10.0.0.1 { starts 4 1970/01/01 00:00:00 CET; }", 1, 47, "an offset"},
	{"lease 10.0.0.1 { starts 2026/11/22 00:00:00; }", 1, 25, "a number up to 9"},
	{"lease 10.0.0.1 { ends epoch 4294967296; }", 1, 29, "a number"},
	{"lease 10.0.0.1 { option dhcp-lease-time 1; }", 1, 25, "agent.NAME"},
	{"lease 10.0.0.1 { option agent.unknown-0 1; }", 1, 25, "agent.NAME"},
	{"lease 10.0.0.1 { option agent.agent-id 1.2.3; }", 1, 40, "an address"},
	{"lease 10.0.0.1 { set x = 1 }", 1, 28, "`;` is expected"},
	{"lease 10.0.0.1 { on expiry { a;", 2, 1, "`}` is expected"},
	{"failover peer \"a\" state { my state normal; }", 1, 42, "`at`"},
	{"failover peer \"a\" { primary; }", 1, 19, "`state`"},
	{"failover peer \"\" state { }", 1, 15, "the name of a failover peer"},
	{"failover peer \"a\\033[2J\" state { }", 1, 15, "the name of a failover peer"},
	{"failover peer \"a\" state { mclt x; }", 1, 32, "a number"},
	{"failover peer \"a\" state { hba 1; }", 1, 27, "`my`, `partner`"},
	{"ia-na \"\\001\" { }", 1, 1, "DHCPv6"},
	{"\n\n  leash 10.0.0.1 { }", 3, 3, "`lease`, or another"},
	{"host x { dynamic;", 2, 1, "`}` is expected"},
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct dhcpd_file file = {0};
		bool torn = strstr(refused[i].why, "dhcpd was stopped");
		char text[256];
		int length =
			snprintf(text, sizeof(text), "%s%s", refused[i].text, torn ? "" : "\n");

		assert_int_equal(dhcpd_file_read(&file, text, (size_t)length), -EBADMSG);
		if (file.error.line != refused[i].line || file.error.column != refused[i].column ||
		    !strstr(file.error.text, refused[i].why))
			fail_msg("%s\n%u:%u: %s", refused[i].text, file.error.line,
				 file.error.column, file.error.text);
	}
}

/* What is longer than any option or string may be. */
static void test_too_long(void **state)
{
	struct dhcpd_file file = {0};
	char text[8192];

	(void)state;
	snprintf(text, sizeof(text),
		 "lease 10.0.0.1 { uid \"%0255d\"; client-hostname \"%0255d\"; }", 0, 0);
	assert_int_equal(dhcpd_file_read(&file, text, strlen(text)), 0);
	assert_int_equal(file.lease.uid.length, 255);
	assert_int_equal(file.lease.hostname.length, 255);
	snprintf(text, sizeof(text), "lease 10.0.0.1 { uid \"%0256d\"; }", 0);
	assert_int_equal(dhcpd_file_read(&file, text, strlen(text)), -EBADMSG);
	snprintf(text, sizeof(text), "lease 10.0.0.1 { client-hostname \"%0256d\"; }", 0);
	assert_int_equal(dhcpd_file_read(&file, text, strlen(text)), -EBADMSG);
	snprintf(text, sizeof(text), "lease 10.0.0.1 { set x = \"%02048d\"; }", 0);
	assert_int_equal(dhcpd_file_read(&file, text, strlen(text)), 0);
	snprintf(text, sizeof(text), "lease 10.0.0.1 { set x = \"%02049d\"; }", 0);
	assert_int_equal(dhcpd_file_read(&file, text, strlen(text)), -EBADMSG);
	snprintf(text, sizeof(text),
		 "lease 10.0.0.1 { option agent.circuit-id \"%0247d\"; option agent.agent-id "
		 "1.2.3.4; }",
		 0);
	assert_int_equal(dhcpd_file_read(&file, text, strlen(text)), 0);
	assert_int_equal(file.lease.agent.length, 255);
	snprintf(text, sizeof(text),
		 "lease 10.0.0.1 { option agent.circuit-id \"%0248d\"; option agent.agent-id "
		 "1.2.3.4; }",
		 0);
	assert_int_equal(dhcpd_file_read(&file, text, strlen(text)), -EBADMSG);
	assert_non_null(strstr(file.error.text, "option 82"));
}

static void test_visitor_stops(void **state)
{
	static const char *const texts[] = {"lease 1.1.1.1 { }", "host a { }",
					    "failover peer a state { }",
					    "lease 1.1.1.1 { set a = 1; }"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct dhcpd_file file = {.stop = -ENOMEM};

		assert_int_equal(dhcpd_file_read(&file, texts[i], strlen(texts[i])), -ENOMEM);
	}
}

/* What dhcpd 4.4.3 wrote, whole. */
static void test_genuine(void **state)
{
	static const struct {
		const char *name;
		unsigned leases, relations;
		bool secondary;
		const char *own, *partner;
	} rows[] = {
		{"tests/data/dhcpd_primary.leases", 56, 6, false, "normal", "normal"},
		{"tests/data/dhcpd_secondary.leases", 19, 4, true, "normal", "normal"},
		{"tests/data/dhcpd_options.leases", 4, 1, false, "normal",
		 "communications-interrupted"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dhcpd_file file = {0};
		size_t length;
		char *text = dhcpd_file_text(rows[i].name, &length);

		if (dhcpd_file_read(&file, text, length))
			fail_msg("%s:%u: %s", rows[i].name, file.error.line, file.error.text);
		assert_int_equal(file.leases, rows[i].leases);
		assert_int_equal(file.relations, rows[i].relations);
		assert_int_equal(file.relation.has_mclt, rows[i].secondary);
		assert_string_equal(file.relation.name, "interop");
		assert_string_equal(file.relation.own, rows[i].own);
		assert_string_equal(file.relation.partner, rows[i].partner);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entry),	      cmocka_unit_test(test_entries_are_apart),
		cmocka_unit_test(test_dates),	      cmocka_unit_test(test_strings_and_bytes),
		cmocka_unit_test(test_hardware),      cmocka_unit_test(test_binding_states),
		cmocka_unit_test(test_agent_options), cmocka_unit_test(test_relation),
		cmocka_unit_test(test_left_out),      cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_long),      cmocka_unit_test(test_visitor_stops),
		cmocka_unit_test(test_genuine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
