/* SPDX-License-Identifier: GPL-2.0-only */
/* What is told of a server with two relationships, neither of whose partners is there, and whom a word is for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <urcu.h>

#include "daemon/pair.h"
#include "daemon/pair_control.h"
#include "sys/files.h"

#define SECOND INT64_C(1000000000)

static const char text[] =
	"failover peer \"a\" { primary; address 10.0.0.1; peer address 10.0.0.2;\n"
	"  mclt 60; split 128; max-response-delay 10; max-unacked-updates 10; }\n"
	"failover peer \"b\" { secondary; address 10.0.0.1; peer address 10.0.0.3;\n"
	"  max-response-delay 10; max-unacked-updates 10; }\n"
	"subnet 10.0.0.0 netmask 255.255.0.0 {\n"
	"  pool { failover peer \"a\"; range 10.0.1.0 10.0.1.9; }\n"
	"  pool { failover peer \"b\"; range 10.0.2.0 10.0.2.19; }\n"
	"  pool { range 10.0.3.0 10.0.3.9; } }\n";

struct house {
	struct daemon daemon;
	struct ctl_verbs verbs;
	struct pair pairs[2];
	uint64_t kept;
	char directory[40];
};

static int load(void *context, const char *name, char **ret_text, size_t *ret_length)
{
	(void)name;
	*ret_text = strdup(context);
	*ret_length = strlen(context);
	return 0;
}

static void verb_connect(void *context)
{
	(void)context;
}

static void verb_send(void *context, uint32_t link, const void *bytes, size_t length)
{
	(void)context, (void)link, (void)bytes, (void)length;
}

static bool verb_writable(void *context, uint32_t link)
{
	(void)context, (void)link;
	return true;
}

static void verb_close(void *context, uint32_t link)
{
	(void)context, (void)link;
}

static uint64_t verb_keep(void *context, const void *bytes, size_t length)
{
	(void)bytes, (void)length;
	return ++((struct house *)context)->kept;
}

static void verb_nothing(void *context)
{
	(void)context;
}

static void verb_log(void *context, enum failover_level level, const char *line)
{
	(void)context, (void)level, (void)line;
}

static void pair_open(struct house *house, size_t number)
{
	static const uint8_t store[16] = "a store's name";
	struct pair *pair = &house->pairs[number];
	struct failover_peer_options options = {
		.conf = house->daemon.conf->relations[number],
		.store = store,
		.software = "xdhcp-test",
		.strict = -1,
		.seed = number + 1,
		.table = house->daemon.table,
		.commit = house->daemon.commit,
	};
	struct failover_peer_verbs verbs = {
		.context = house,
		.connect = verb_connect,
		.send = verb_send,
		.writable = verb_writable,
		.close = verb_close,
		.keep = verb_keep,
		.silence = verb_nothing,
		.changed = verb_nothing,
		.log = verb_log,
	};

	pair->daemon = &house->daemon;
	pair->conf = options.conf;
	pair->common = conf_common_text(house->daemon.conf, pair->conf);
	options.common = pair->common;
	assert_int_equal(failover_peer_new(&options, &verbs, NULL, 0, &pair->peer), 0);
}

static struct house *house_open(size_t pairs)
{
	static const uint8_t seed[16] = "pair control";
	static const struct lease_verbs verbs;
	static const struct store_visitors visitors;
	struct house *house = calloc(1, sizeof(*house));
	struct daemon *daemon = &house->daemon;
	struct conf_error error;
	struct store_error store_error;

	assert_int_equal(conf_load("conf", load, (void *)(uintptr_t)text, &daemon->conf, &error),
			 0);
	assert_int_equal(lease_table_new(daemon->conf, seed, &daemon->table), 0);
	assert_int_equal(lease_commit_new(daemon->table, &verbs, &daemon->commit), 0);
	strcpy(house->directory, "/tmp/xdhcp-pair-control-XXXXXX");
	assert_non_null(mkdtemp(house->directory));
	assert_int_equal(store_open_on(sys_files_system(), house->directory, &visitors,
				       &daemon->restored, &daemon->store, &store_error),
			 0);
	daemon->phase = DAEMON_SERVING;
	daemon->pairs = house->pairs;
	daemon->pair_count = pairs;
	for (size_t i = 0; i < pairs; i++)
		pair_open(house, i);
	house->verbs.context = daemon;
	pair_control_verbs(&house->verbs);
	return house;
}

static void house_shut(struct house *house)
{
	char command[64];

	for (size_t i = 0; i < house->daemon.pair_count; i++) {
		failover_peer_free(house->pairs[i].peer);
		free(house->pairs[i].common);
	}
	lease_commit_free(house->daemon.commit);
	lease_table_free(house->daemon.table);
	store_close(house->daemon.store);
	conf_free(house->daemon.conf);
	snprintf(command, sizeof(command), "rm -r %s", house->directory);
	assert_int_equal(system(command), 0);
	free(house);
}

/* All started so many seconds ago; what they do is on disk, and the kernel silent, at once where `settled`. */
static void pairs_begin(struct house *house, int64_t ago, bool settled)
{
	struct failover_now now = pair_now(), then = now;

	then.wall -= ago;
	then.wall_ns -= ago * SECOND;
	then.monotonic -= (uint64_t)(ago * SECOND);
	for (size_t i = 0; i < house->daemon.pair_count; i++) {
		struct failover_peer *peer = house->pairs[i].peer;

		failover_peer_start(peer, &then);
		for (int turns = 0; turns < 4 && settled; turns++) {
			failover_peer_turn(peer, &now);
			failover_peer_silent(peer, &now);
			failover_peer_durable(peer, house->kept, &now);
		}
	}
}

static int64_t number_of(const json_t *object, const char *name)
{
	assert_true(json_is_integer(json_object_get(object, name)));
	return json_integer_value(json_object_get(object, name));
}

static void expect_text(const json_t *object, const char *name, const char *wanted)
{
	assert_string_equal(json_string_value(json_object_get(object, name)), wanted);
}

static void startup_told(void **state)
{
	struct house *house = house_open(2);
	json_t *list, *relation, *pools;

	(void)state;
	pairs_begin(house, 5, false);
	list = house->verbs.failover(&house->daemon);
	assert_int_equal(json_array_size(list), 2);
	relation = json_array_get(list, 1);
	expect_text(relation, "name", "b");
	expect_text(relation, "role", "secondary");
	/* Never "normal" or "recover" to who looks at one word only. */
	expect_text(relation, "state", "startup");
	assert_true(json_is_false(json_object_get(relation, "serves")));
	expect_text(json_object_get(relation, "partner"), "address", "10.0.0.3");
	assert_in_range(number_of(relation, "startup_left"), 7, 10);
	assert_true(json_is_null(json_object_get(relation, "wait_left")));
	assert_true(json_is_null(json_object_get(relation, "skew")));
	pools = json_object_get(relation, "pools");
	assert_int_equal(json_array_size(pools), 1);
	assert_int_equal(number_of(json_array_get(pools, 0), "total"), 20);
	json_decref(list);
	house_shut(house);
}

static void recover_told(void **state)
{
	struct house *house = house_open(2);
	json_t *list, *relation;

	(void)state;
	pairs_begin(house, 20, true);
	list = house->verbs.failover(&house->daemon);
	relation = json_array_get(list, 0);
	expect_text(relation, "state", "recover");
	expect_text(relation, "held", "recover");
	assert_non_null(strstr(json_string_value(json_object_get(relation, "remedy")),
			       "failover partner-down"));
	assert_true(json_is_null(json_object_get(relation, "startup_left")));
	assert_int_equal(number_of(relation, "mclt"), 60);
	assert_true(json_is_null(json_object_get(json_array_get(list, 1), "mclt")));
	json_decref(list);
	house_shut(house);
}

struct findings {
	unsigned codes[8], count;
	char last[1024];
};

static void finding_take(void *context, enum ctl_code code, const char *line)
{
	struct findings *findings = context;

	assert_true(findings->count < 8);
	findings->codes[findings->count++] = code;
	snprintf(findings->last, sizeof(findings->last), "%s", line);
}

static void expect_findings(struct house *house, enum ctl_code code, const char *says)
{
	struct findings findings = {0};

	house->verbs.failover_check(&house->daemon, finding_take, &findings);
	assert_int_equal(findings.count, 2);
	assert_int_equal(findings.codes[0], code);
	assert_int_equal(findings.codes[1], code);
	if (strncmp(findings.last, says, strlen(says)) != 0)
		fail_msg("%s, not %s…", findings.last, says);
}

/* What is over in some seconds, or is wanted, must not make a cluster restart the daemon. */
static void blocking_found(void **state)
{
	struct house *house = house_open(2);

	(void)state;
	pairs_begin(house, 5, false);
	expect_findings(house, CTL_NOTE_FAILOVER, "b: startup");
	house_shut(house);
	house = house_open(2);
	pairs_begin(house, 20, true);
	expect_findings(house, CTL_SICK_FAILOVER, "b: recover: ");
	house->daemon.phase = DAEMON_STOPPING;
	expect_findings(house, CTL_NOTE_FAILOVER, "b: recover, handing over");
	house_shut(house);
}

struct counted {
	unsigned count;
	uint64_t not_normal;
	bool sent, rejected, refused;
};

static void counter_take(void *context, const struct ctl_counter *counter)
{
	struct counted *counted = context;

	assert_string_equal(counter->group, "failover");
	counted->count++;
	if (!strcmp(counter->word, "not-normal"))
		counted->not_normal = counter->value;
	counted->sent |= !strcmp(counter->word, "sent");
	counted->rejected |= !strcmp(counter->word, "rejected-outdated");
	counted->refused |= !strcmp(counter->word, "refused-outdated");
}

static void counters_summed(void **state)
{
	struct house *house = house_open(2);
	struct counted counted = {0};

	(void)state;
	pairs_begin(house, 20, true);
	pair_control_counters(&house->daemon, counter_take, &counted);
	assert_int_equal(counted.not_normal, 2);
	assert_true(counted.sent && counted.rejected && counted.refused);
	house_shut(house);
	house = house_open(0);
	counted.count = 0;
	pair_control_counters(&house->daemon, counter_take, &counted);
	assert_int_equal(counted.count, 0);
	house_shut(house);
}

static void expect_refused(struct house *house, const char *relation, enum ctl_code code,
			   const char *says)
{
	char line[256] = "";

	assert_int_equal(house->verbs.failover_partner_down(&house->daemon, relation, true, line,
							    sizeof(line)),
			 code);
	if (!strstr(line, says))
		fail_msg("%s, not %s", line, says);
	line[0] = '\0';
	assert_int_equal(house->verbs.failover_init(&house->daemon, relation, line, sizeof(line)),
			 code);
	if (!strstr(line, says))
		fail_msg("%s, not %s", line, says);
}

/* A word that could be meant for either is for neither. */
static void relation_needed(void **state)
{
	struct house *house = house_open(2);

	(void)state;
	pairs_begin(house, 5, false);
	expect_refused(house, NULL, CTL_BAD_ARGUMENT, "name one: a, b");
	expect_refused(house, "", CTL_NOT_FOUND, "there is no relationship \"\"; there is a, b");
	expect_refused(house, "c", CTL_NOT_FOUND, "there is no relationship \"c\"; there is a, b");
	/* The first transition waits for the disk. */
	expect_refused(house, "b", CTL_BUSY, "b: a transition is under way");
	house_shut(house);
}

static void none_there(void **state)
{
	struct house *house = house_open(0);
	char line[256];
	json_t *list = house->verbs.failover(&house->daemon);

	(void)state;
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
	expect_refused(house, NULL, CTL_NOT_FOUND, "no \"failover peer\"");
	assert_int_equal(house->verbs.failover_shutdown(&house->daemon, line, sizeof(line)),
			 CTL_NOT_FOUND);
	house_shut(house);
}

static int reader_enter(void **state)
{
	(void)state;
	rcu_register_thread();
	return 0;
}

static int reader_leave(void **state)
{
	(void)state;
	rcu_barrier();
	rcu_unregister_thread();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(startup_told),	   cmocka_unit_test(recover_told),
		cmocka_unit_test(blocking_found),  cmocka_unit_test(counters_summed),
		cmocka_unit_test(relation_needed), cmocka_unit_test(none_there),
	};

	return cmocka_run_group_tests(tests, reader_enter, reader_leave);
}
