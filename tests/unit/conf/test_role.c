/* SPDX-License-Identifier: GPL-2.0-only */
/* One text for both servers: which declaration of a failover peer holds, and what is refused. */
#include "fixture.h"

#define ONE "address 192.0.2.1; peer address 192.0.2.2; "
#define TWO "address 192.0.2.2; peer address 192.0.2.1; "
#define FIRST(name) "failover peer \"" name "\" { primary; mclt 60; split 128; " ONE "}\n"
#define SECOND(name) "failover peer \"" name "\" { secondary; " TWO "}\n"
#define POOL(third, name) \
	"subnet 10.0." third ".0 netmask 255.255.255.0 {\n" \
	"pool { failover peer \"" name "\"; range 10.0." third ".10 10.0." third ".99; } }\n"
#define BOTH FIRST("a") SECOND("a") POOL("0", "a")

static const struct conf_terms primary = {.role = CONF_ROLE_PRIMARY};
static const struct conf_terms secondary = {.role = CONF_ROLE_SECONDARY};

static struct conf *taken(const struct conf_terms *terms, const char *text)
{
	struct file files[] = {{"test.conf", text}, {NULL, NULL}};
	struct conf_error error;
	struct conf *conf = NULL;

	if (conf_load_by(terms, "test.conf", fixture_load, files, &conf, &error))
		fail_msg("%u:%u: %s in\n%s", error.line, error.column, error.text, text);
	return conf;
}

static void refused_by(const struct conf_terms *terms, const char *text, unsigned line,
		       const char *words)
{
	struct file files[] = {{"test.conf", text}, {NULL, NULL}};
	struct conf_error error;
	struct conf *conf = NULL;

	if (conf_load_by(terms, "test.conf", fixture_load, files, &conf, &error) != -EINVAL)
		fail_msg("accepted, but should be refused: %s", text);
	if (error.line != line || !strstr(error.text, words))
		fail_msg("expected %u: … %s …, got %u: %s", line, words, error.line, error.text);
}

static void check_relation(const struct conf *conf, size_t index, bool is_primary, bool chosen)
{
	const struct conf_relation *relation = conf->relations[index];

	assert_int_equal(relation->primary, is_primary);
	assert_int_equal(relation->chosen, chosen);
	assert_int_equal(relation->address, is_primary ? IP(192, 0, 2, 1) : IP(192, 0, 2, 2));
	assert_int_equal(relation->peer_address, is_primary ? IP(192, 0, 2, 2) : IP(192, 0, 2, 1));
	assert_int_equal(relation->mclt, is_primary ? 60 : 0);
}

/* Whichever comes first, and wherever the pool stands. */
static void test_chosen(void **state)
{
	static const char *const texts[] = {
		BOTH,
		SECOND("a") FIRST("a") POOL("0", "a"),
		FIRST("a") POOL("0", "a") SECOND("a"),
		SECOND("a") POOL("0", "a") FIRST("a"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct conf *one = taken(&primary, texts[i]), *two = taken(&secondary, texts[i]);

		assert_int_equal(one->relation_count, 1);
		assert_int_equal(two->relation_count, 1);
		check_relation(one, 0, true, true);
		check_relation(two, 0, false, true);
		assert_int_equal(one->pools[0]->relation, 1);
		assert_int_equal(two->pools[0]->relation, 1);
		conf_free(one);
		conf_free(two);
	}
}

/* What a text declares for one role only is that, whatever role the others are chosen by. */
static void test_one_role_is_left_alone(void **state)
{
	const char *mixed = BOTH "failover peer \"b\" { secondary; address 192.0.2.2; peer address "
				 "192.0.2.9; }\n" POOL("1", "b");
	struct conf *conf = taken(&primary, mixed);

	(void)state;
	check_relation(conf, 0, true, true);
	assert_false(conf->relations[1]->primary);
	assert_false(conf->relations[1]->chosen);
	conf_free(conf);
	conf = taken(&primary, FIRST("a") POOL("0", "a"));
	check_relation(conf, 0, true, false);
	conf_free(conf);
	conf_free(taken(&secondary, NET));
}

static void test_refused(void **state)
{
	static const struct conf_terms unsaid;

	(void)state;
	refused_by(&unsaid, BOTH, 2,
		   "failover peer `a` is declared for both roles, here and at test.conf:1: say "
		   "which is this server's by --role primary or --role secondary");
	refused_by(&secondary, NET FIRST("a") POOL("1", "a"), 2,
		   "--role secondary: failover peer `a` is declared as primary only");
	refused_by(&primary, SECOND("a") POOL("0", "a"), 1,
		   "--role primary: failover peer `a` is declared as secondary only");
	refused_by(&primary, FIRST("a") FIRST("a") POOL("0", "a"), 2,
		   "there is a failover peer `a` already, at test.conf:1");
	refused_by(&primary, FIRST("a") SECOND("a") SECOND("a") POOL("0", "a"), 3,
		   "there is a failover peer `a` already, at test.conf:2");
	refused_by(&primary, FIRST("a") SECOND("a") FIRST("a") POOL("0", "a"), 3,
		   "there is a failover peer `a` already, at test.conf:1");
	refused_by(&primary,
		   FIRST("a") "failover peer \"a\" { secondary; " ONE "}\n" POOL("0", "a"), 2,
		   "are not those of the declaration at test.conf:1 the other way round");
	refused_by(&primary,
		   FIRST("a") "failover peer \"a\" { secondary; port 1647; " TWO
			      "}\n" POOL("0", "a"),
		   2, "the other way round, ports included");
}

/* The declaration that does not hold must be right, too: on the other server it does. */
static void test_both_are_read(void **state)
{
	(void)state;
	refused_by(&primary, FIRST("a") "failover peer \"a\" { secondary; split 1; " TWO "}\n", 2,
		   "a secondary learns from the primary");
}

static void test_digest(void **state)
{
	const char *other = FIRST("a") "failover peer \"a\" { secondary; max-balance 900; " TWO
				       "}\n" POOL("0", "a");
	struct conf *one = taken(&primary, BOTH), *two = taken(&secondary, BOTH);
	struct conf *with = taken(&primary, other),
		    *turned = taken(&primary, SECOND("a") FIRST("a") POOL("0", "a"));
	struct conf *alone = taken(&primary, FIRST("a") POOL("0", "a"));

	(void)state;
	assert_memory_equal(one->digest, with->digest, sizeof(one->digest));
	assert_memory_equal(one->digest, turned->digest, sizeof(one->digest));
	assert_memory_not_equal(one->digest, two->digest, sizeof(one->digest));
	/* Of a choice clients are told another server identifier. */
	assert_memory_not_equal(one->digest, alone->digest, sizeof(one->digest));
	conf_free(one);
	conf_free(two);
	conf_free(with);
	conf_free(turned);
	conf_free(alone);
}

/* What the partner is shown is what the declaration alone would say. */
static void test_common_text(void **state)
{
	struct conf *one = taken(&primary, BOTH),
		    *alone = taken(&primary, FIRST("a") POOL("0", "a"));
	char *text = conf_common_text(one, one->relations[0]);
	char *expected = conf_common_text(alone, alone->relations[0]);

	(void)state;
	assert_string_equal(text, expected);
	free(text);
	free(expected);
	conf_free(one);
	conf_free(alone);
}

/* A text that nobody serves by yet is checked by each role in turn. */
static void test_trial(void **state)
{
	static const struct conf_terms trials[] = {
		{.role = CONF_ROLE_PRIMARY, .trial = true},
		{.role = CONF_ROLE_SECONDARY, .trial = true},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		conf_free(taken(&trials[i], BOTH));
		conf_free(taken(&trials[i], FIRST("a") POOL("0", "a")));
	}
}

static void test_cluster(void **state)
{
	static const struct conf_terms cluster = {.cluster = true};
	static const struct conf_terms chosen = {.role = CONF_ROLE_PRIMARY, .cluster = true};
	const char *timed = "failover peer \"a\" { primary; mclt 60; split 128; " ONE
			    "\n auto-partner-down 300; }\n" POOL("0", "a");

	(void)state;
	conf_free(taken(&primary, timed));
	refused_by(&cluster, timed, 2,
		   "under a cluster (--cluster) `auto-partner-down` is refused: a timer knows "
		   "nothing of the partner, the cluster does and says partner-down itself");
	refused_by(&chosen,
		   FIRST("a") "failover peer \"a\" { secondary; " TWO
			      "\n auto-partner-down 300; }\n" POOL("0", "a"),
		   3, "`auto-partner-down` is refused");
	conf_free(taken(&cluster, "failover peer \"a\" { primary; mclt 60; split 128; " ONE
				  "auto-partner-down 0; }\n" POOL("0", "a")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chosen),	cmocka_unit_test(test_one_role_is_left_alone),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_both_are_read),
		cmocka_unit_test(test_digest),	cmocka_unit_test(test_common_text),
		cmocka_unit_test(test_trial),	cmocka_unit_test(test_cluster),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
