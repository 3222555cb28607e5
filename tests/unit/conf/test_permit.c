/* SPDX-License-Identifier: GPL-2.0-only */
/* Who may be given a pool's addresses. */
#include "fixture.h"

#define BIT(kind) (1 << CONF_PERMIT_##kind)

/* `outside` stands before the subnet, `inside` in its pool. */
static struct conf_permits permits_of(const char *outside, const char *inside)
{
	struct conf_permits permits;
	struct conf *conf;
	char text[512];

	snprintf(text, sizeof(text),
		 "%s\nsubnet 10.0.0.0 netmask 255.255.255.0 { pool { range 10.0.0.5; %s } }",
		 outside, inside);
	conf = accepted(text);
	permits = conf->pools[0]->permits;
	conf_free(conf);
	return permits;
}

/* As lease/ and server/ are told to read it. */
static bool permitted(struct conf_permits permits, bool known)
{
	unsigned holds = BIT(ALL) | (known ? BIT(KNOWN) : BIT(UNKNOWN));

	return !(permits.deny & holds) && (!permits.allows_any || permits.allow & holds);
}

/* Both ways that dhcpd.conf(5) has to say it; then what dhcpd makes of the lists. */
static void test_lists(void **state)
{
	static const struct {
		const char *inside;
		bool known, unknown;
	} rows[] = {
		{"", true, true},
		{"allow known-clients;", true, false},
		{"allow known clients;", true, false},
		{"deny unknown-clients;", true, false},
		{"deny unknown clients;", true, false},
		{"allow unknown-clients;", false, true},
		{"allow unknown clients;", false, true},
		{"deny known-clients;", false, true},
		{"allow all clients;", true, true},
		{"deny all clients;", false, false},
		{"deny dynamic bootp clients;", true, true},
		{"allow dynamic bootp clients;", false, false},
		{"allow known-clients; allow unknown-clients;", true, true},
		{"allow known-clients; allow all clients;", true, true},
		{"allow all clients; deny known-clients;", false, true},
		{"deny known-clients; allow known-clients;", false, false},
		{"deny known-clients; deny unknown-clients;", false, false},
		{"allow known-clients; allow dynamic bootp clients;", true, false},
		{"ALLOW Known-Clients;", true, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conf_permits permits = permits_of("", rows[i].inside);

		if (permitted(permits, true) != rows[i].known ||
		    permitted(permits, false) != rows[i].unknown)
			fail_msg("`%s`: known %d, unknown %d", rows[i].inside,
				 permitted(permits, true), permitted(permits, false));
	}
}

/* In a scope it holds for the pools inside, the innermost saying of it. */
static void test_unknown_clients_of_a_scope(void **state)
{
	static const struct {
		const char *outside, *inside;
		bool unknown;
	} rows[] = {
		{"allow unknown-clients;", "", true},
		{"deny unknown-clients;", "", false},
		{"ignore unknown-clients;", "", false},
		{"boot-unknown-clients off;", "", false},
		{"boot-unknown-clients true;", "", true},
		{"deny unknown-clients; allow unknown-clients;", "", true},
		{"boot-unknown-clients on; deny unknown-clients;", "", false},
		/* Both have a say, as in dhcpd. */
		{"deny unknown-clients;", "allow unknown-clients;", false},
		{"deny unknown-clients;", "boot-unknown-clients on;", true},
		{"allow unknown-clients;", "ignore unknown-clients;", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conf_permits permits = permits_of(rows[i].outside, rows[i].inside);

		if (permitted(permits, false) != rows[i].unknown)
			fail_msg("`%s` `%s`", rows[i].outside, rows[i].inside);
	}
}

/* Also of addresses that stand outside of a pool, and of what groups enclose. */
static void test_unknown_clients_without_a_pool(void **state)
{
	struct conf *conf = accepted(
		"group { deny unknown-clients;\n"
		"subnet 10.0.0.0 netmask 255.255.255.0 { range 10.0.0.5; } }\n"
		"subnet 10.1.0.0 netmask 255.255.255.0 { range 10.1.0.5; }\n"
		"subnet 10.2.0.0 netmask 255.255.255.0 { range 10.2.0.5; deny unknown-clients; }\n"
		"host a { hardware ethernet 02:00:00:00:00:01; deny unknown-clients; }\n");

	(void)state;
	assert_false(permitted(conf->pools[0]->permits, false));
	assert_true(permitted(conf->pools[1]->permits, false));
	assert_false(permitted(conf->pools[2]->permits, false));
	assert_true(permitted(conf->pools[2]->permits, true));
	conf_free(conf);
}

static void test_refused(void **state)
{
	static const struct {
		const char *statement;
		unsigned column;
		const char *words;
	} rows[] = {
		{"allow members of \"x\";", 1, "`allow members` is not supported: classes"},
		{"deny authenticated clients;", 1, "`deny authenticated` is not supported: "},
		{"allow unauthenticated clients;", 1, "is not supported: clients are not"},
		{"allow after 4 2026/01/01 00:00:00;", 1, "open or close at a time"},
		{"allow known;", 12, "expected `clients`, found `;`"},
		{"deny dynamic clients;", 14, "expected `bootp`, found `clients`"},
		{"allow known-clients clients;", 20, "expected `;`"},
		{"allow bootp;", 7, "`bootp` is nothing that `allow` speaks of in a pool"},
		{"allow everybody;", 7, "`everybody` is nothing that `allow` speaks of in a pool"},
		/* dhcpd's lists know no `ignore`; there it is said of the pool's scope. */
		{"ignore known-clients;", 8, "nothing that `ignore` speaks of"},
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(text, sizeof(text),
			 "subnet 10.0.0.0 netmask 255.255.255.0 { pool { range 10.0.0.5;\n%s } }",
			 rows[i].statement);
		refused(text, 2, rows[i].column, rows[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_unknown_clients_of_a_scope),
		cmocka_unit_test(test_unknown_clients_without_a_pool),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
