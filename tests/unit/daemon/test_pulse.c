/* SPDX-License-Identifier: GPL-2.0-only */
/* The wall clock is set while leases are out. The clock here is the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <urcu.h>

#include "daemon/daemon.h"
#include "daemon/group.h"
#include "daemon/output.h"
#include "daemon/pulse.h"
#include "daemon/verbs.h"
#include "sys/clock.h"
#include "sys/files.h"

#define WALL 1800000000
#define SECOND 1000000000LL

static struct {
	int64_t wall; /* ns */
	uint64_t coarse;
	bool set;
} clocks;

int64_t sys_clock_wall_ns(void)
{
	return clocks.wall;
}

int64_t sys_clock_wall(void)
{
	return clocks.wall / SECOND;
}

uint64_t sys_clock_coarse(void)
{
	return clocks.coarse;
}

int sys_clock_watch_open(int *ret_fd)
{
	*ret_fd = -1;
	return 0;
}

bool sys_clock_watch_drain(int fd)
{
	bool set = clocks.set;

	(void)fd;
	clocks.set = false;
	return set;
}

struct house {
	struct daemon daemon;
	char directory[32];
};

static int load(void *context, const char *name, char **ret_text, size_t *ret_length)
{
	(void)context;
	(void)name;
	*ret_text = strdup("subnet 10.0.0.0 netmask 255.255.255.0 { range 10.0.0.10 10.0.0.20; }");
	*ret_length = strlen(*ret_text);
	return 0;
}

static int setup(void **state)
{
	static const uint8_t seed[16] = "pulse";
	struct house *house = calloc(1, sizeof(*house));
	struct daemon *daemon = &house->daemon;
	struct lease_verbs verbs = verbs_of(daemon);
	const struct store_visitors visitors = {.context = daemon};
	struct conf_error conf_error;
	struct store_error error;

	clocks.wall = WALL * SECOND;
	clocks.coarse = 1000 * SECOND;
	strcpy(house->directory, "/tmp/xdhcp-pulse-XXXXXX");
	assert_non_null(mkdtemp(house->directory));
	uv_loop_init(&daemon->loop);
	assert_int_equal(conf_load("conf", load, NULL, &daemon->conf, &conf_error), 0);
	assert_int_equal(store_open_on(sys_files_system(), house->directory, &visitors,
				       &daemon->restored, &daemon->store, &error),
			 0);
	assert_int_equal(lease_table_new(daemon->conf, seed, &daemon->table), 0);
	assert_int_equal(lease_commit_new(daemon->table, &verbs, &daemon->commit), 0);
	assert_int_equal(output_new(NULL, &daemon->output), 0);
	assert_int_equal(group_new(daemon, &daemon->group), 0);
	daemon->phase = DAEMON_SERVING;
	daemon->clock_offset = clocks.wall - (int64_t)clocks.coarse;
	*state = house;
	return 0;
}

static int teardown(void **state)
{
	struct house *house = *state;
	struct daemon *daemon = &house->daemon;
	char command[64];

	uv_run(&daemon->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&daemon->loop), 0);
	output_free(daemon->output);
	lease_commit_free(daemon->commit);
	lease_table_free(daemon->table);
	group_free(daemon->group);
	store_close(daemon->store);
	conf_free(daemon->conf);
	snprintf(command, sizeof(command), "rm -r %s", house->directory);
	assert_int_equal(system(command), 0);
	free(house);
	return 0;
}

static struct lease *bound(struct daemon *daemon, int64_t ends)
{
	struct lease *lease = lease_table_find(daemon->table, 0x0a00000a);
	struct lease_record *record = lease_record_new("\0\1client", 8, NULL, 0, NULL, 0);

	record->state = LEASE_ACTIVE;
	record->starts = record->cltt = clocks.wall / SECOND;
	record->ends = record->horizon = ends;
	assert_int_not_equal(lease_commit_grant(daemon->commit, lease, record, NULL), 0);
	return lease;
}

static void leap(int64_t seconds)
{
	clocks.wall += seconds * SECOND;
	clocks.set = true;
}

/* Without a kernel part nobody but the record knows how long the client counts on. */
static void leases_follow_a_leap(void **state)
{
	struct house *house = *state;
	struct daemon *daemon = &house->daemon;
	struct lease *lease = bound(daemon, WALL + 600);

	leap(3600);
	assert_true(pulse_follow_clock(daemon));
	assert_false(pulse_follow_clock(daemon));
	lease_commit_expire(daemon->commit, WALL + 3600 + 599, 1000);
	assert_int_equal(lease_effective(lease)->state, LEASE_ACTIVE);
	assert_in_range(lease_effective(lease)->ends, WALL + 3600 + 600, WALL + 3600 + 602);
	assert_true(lease_effective(lease)->horizon >= lease_effective(lease)->ends);
	lease_commit_expire(daemon->commit, WALL + 3600 + 603, 1000);
	assert_int_equal(lease_effective(lease)->state, LEASE_FREE);
}

/* Held for too long, which does no harm. */
static void leases_outlast_a_step_back(void **state)
{
	struct house *house = *state;
	struct lease *lease = bound(&house->daemon, WALL + 600);

	leap(-3600);
	assert_true(pulse_follow_clock(&house->daemon));
	assert_int_equal(lease_effective(lease)->ends, WALL + 600);
}

/* A reply that was reckoned by the clock before would promise beyond its record. */
static void waiting_replies_are_forgotten(void **state)
{
	static const struct server_reply reply = {.length = 300};
	struct house *house = *state;
	struct daemon *daemon = &house->daemon;
	struct group_statistics statistics;
	struct lease *lease = bound(daemon, WALL + 600);

	group_reply(daemon->group, lease->pending_group, &reply);
	group_statistics(daemon->group, &statistics);
	assert_int_equal(statistics.waiting_replies, 1);
	leap(3600);
	pulse_follow_clock(daemon);
	group_statistics(daemon->group, &statistics);
	assert_int_equal(statistics.waiting_replies, 0);
}

#define with_house(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_house(leases_follow_a_leap),
		with_house(leases_outlast_a_step_back),
		with_house(waiting_replies_are_forgotten),
	};

	rcu_register_thread();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
