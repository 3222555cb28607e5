/* SPDX-License-Identifier: GPL-2.0-only */
/* Which statement differs, and what each side says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failover/compare.h"

struct found {
	size_t count, length;
	char text[1 << 16]; /* a line each */
};

static void found_add(void *context, bool grave, const char *text)
{
	struct found *found = context;

	found->count++;
	found->length +=
		(size_t)snprintf(found->text + found->length, sizeof(found->text) - found->length,
				 "%s%s\n", grave ? "grave: " : "", text);
	assert_true(found->length < sizeof(found->text));
}

static void expect(const char *ours, const char *theirs, const char *wanted)
{
	struct found found = {0};
	size_t count = failover_compare(ours, theirs, found_add, &found);

	assert_string_equal(found.text, wanted);
	assert_int_equal(count, found.count);
}

static const char ours[] = "!host 02:00:00:00:00:01: fixed-address 10.0.0.5\n"
			   "!pool 10.0.0.0/24: range 10.0.0.10 10.0.0.99\n"
			   "all pools: default-lease-time 600\n"
			   "all pools: option domain-name \"example.org\"\n"
			   "failover: load balance max seconds 3\n"
			   "pool 10.0.1.0/24: allow known-clients\n"
			   "server: server-id-check off\n";

static void same_silent(void **state)
{
	(void)state;
	expect(ours, ours, "");
	expect("", "", "");
}

/* The operator reads the statement once, and both values. */
static void values_named(void **state)
{
	(void)state;
	expect(ours,
	       "!host 02:00:00:00:00:01: fixed-address 10.0.0.6\n"
	       "!pool 10.0.0.0/24: range 10.0.0.10 10.0.0.98\n"
	       "all pools: default-lease-time 900\n"
	       "all pools: option domain-name \"example.com\"\n"
	       "failover: load balance max seconds 5\n"
	       "pool 10.0.1.0/24: allow known-clients\n"
	       "server: server-id-check on\n",
	       "grave: host 02:00:00:00:00:01: fixed-address: ours 10.0.0.5, theirs 10.0.0.6\n"
	       "grave: pool 10.0.0.0/24: range: ours 10.0.0.10 10.0.0.99, theirs 10.0.0.10 "
	       "10.0.0.98\n"
	       "all pools: default-lease-time: ours 600, theirs 900\n"
	       "all pools: option domain-name: ours \"example.org\", theirs \"example.com\"\n"
	       "failover: load balance max seconds: ours 3, theirs 5\n"
	       "server: server-id-check: ours off, theirs on\n");
}

/* What one side has alone takes nothing of its neighbours with it, first, last or between. */
static void lone_lines_named(void **state)
{
	(void)state;
	expect(ours,
	       "!pool 10.0.0.0/24: range 10.0.0.10 10.0.0.99\n"
	       "all pools: default-lease-time 600\n"
	       "all pools: option routers 10.0.0.1\n"
	       "failover: load balance max seconds 3\n"
	       "pool 10.0.1.0/24: deny unknown-clients\n"
	       "server: server-id-check off\n"
	       "shared-network 10.0.0.0/24: subnet 10.0.1.0/24\n",
	       "grave: host 02:00:00:00:00:01: fixed-address: ours 10.0.0.5, theirs does not say "
	       "it\n"
	       "all pools: option domain-name: ours \"example.org\", theirs does not say it\n"
	       "all pools: option routers: ours does not say it, theirs 10.0.0.1\n"
	       "pool 10.0.1.0/24: allow known-clients: ours says it, theirs does not say it\n"
	       "pool 10.0.1.0/24: deny unknown-clients: ours does not say it, theirs says it\n"
	       "shared-network 10.0.0.0/24: subnet 10.0.1.0/24: ours does not say it, theirs says "
	       "it\n");
	expect("", "a: b 1\n", "a: b: ours does not say it, theirs 1\n");
	expect("a: b 1\n", "", "a: b: ours 1, theirs does not say it\n");
}

/* One range of many is other: the rest is not called different because of it. */
static void ranges_matched(void **state)
{
	(void)state;
	expect("!pool a: range 1 2\n!pool a: range 3 4\n!pool a: range 5 6\n!pool b: range 7 7\n",
	       "!pool a: range 3 4\n!pool a: range 5 6\n!pool b: range 7 7\n",
	       "grave: pool a: range: ours 1 2, theirs does not say it\n");
	expect("!pool a: range 1 2\n!pool a: range 3 4\n!pool a: range 5 6\n",
	       "!pool a: range 1 2\n!pool a: range 3 5\n!pool a: range 5 6\n",
	       "grave: pool a: range: ours 3 4, theirs 3 5\n");
}

static void primary_skipped(void **state)
{
	(void)state;
	expect("a: b 1\nprimary failover: mclt 60\nserver: c 2\n", "a: b 1\nserver: c 2\n", "");
	expect("a: b 1\nserver: c 2\n", "a: b 1\nprimary failover: mclt 60\nserver: c 2\n", "");
	/* Two primaries: what they say can be compared. */
	expect("primary failover: mclt 60\n", "primary failover: mclt 30\n",
	       "primary failover: mclt: ours 60, theirs 30\n");
}

/* A stranger's text may be anything. */
static void garbage_survived(void **state)
{
	static const char *const texts[] = {
		"\n\n\n",     ":", ": ",     "no end",	     "x: option",
		"x: option ", "!", "!\n!\n", "b\na\nb\na\n",
	};
	struct found found = {0};
	char *many = malloc(70 * 1000 + 1), *at = many;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		failover_compare(ours, texts[i], found_add, &found);
		failover_compare(texts[i], ours, found_add, &found);
	}
	/* More lines of one statement than are put side by side; longer than a text may become. */
	for (unsigned i = 0; i < 1000; i++)
		at += sprintf(at, "!pool a: range %u\n", 1000 + i);
	memset(at, 'x', 2000);
	at[2000] = '\0';
	found = (struct found){0};
	assert_int_equal(failover_compare(many, "", found_add, &found), 1001);
	free(many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_silent),	    cmocka_unit_test(values_named),
		cmocka_unit_test(lone_lines_named), cmocka_unit_test(ranges_matched),
		cmocka_unit_test(primary_skipped),  cmocka_unit_test(garbage_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
