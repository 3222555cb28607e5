/* SPDX-License-Identifier: GPL-2.0-only */
/* From one process to the next: who asks meanwhile waits, and is answered; nobody is refused. */
#include "fixture.h"

#define CHECK "{\"command\":\"check\"}\n"
#define RESTART "{\"command\":\"restart\"}\n"

static char directory[32], path[64];

static int directory_make(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/xdhcp-test-XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/ctl.sock", directory);
	return 0;
}

static int directory_remove(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(directory);
}

static void last_left(void *context)
{
	*(int *)context += 1;
}

static void test_waits_and_is_answered(void **state)
{
	struct fixture *before = fixture_open(path, 0), *after;
	struct client *served = client_connect(before, path), *waiting, *third;
	int fd, left = 0;

	(void)state;
	assert_int_equal(client_ask(served, CHECK), CTL_HEALTHY);
	fd = ctl_server_hand_over(before->server, last_left, &left);
	assert_true(fd > 2);
	waiting = client_connect(before, path);
	client_send(waiting, CHECK);
	/* Who is here already is answered, and nothing ends before it has gone. */
	assert_int_equal(client_ask(served, CHECK), CTL_HEALTHY);
	assert_int_equal(left, 0);
	client_shut(served);
	loop_turn_for(before, 20);
	assert_int_equal(left, 1);

	after = fixture_open_after(path, 0, fd);
	waiting->fixture = after;
	assert_int_equal(client_ask(waiting, ""), CTL_HEALTHY);
	third = client_connect(after, path);
	assert_int_equal(client_ask(third, CHECK), CTL_HEALTHY);
	client_shut(waiting);
	client_shut(third);
	fixture_shut(before);
	fixture_shut(after);
	assert_int_equal(left, 1);
}

/* A connection that is kept for later does not keep the server. */
static void test_idle_are_sent_away(void **state)
{
	struct fixture *fixture = fixture_open(path, 0);
	struct client *idle = client_connect(fixture, path);
	int fd, left = 0;

	(void)state;
	assert_int_equal(client_ask(idle, CHECK), CTL_HEALTHY);
	fd = ctl_server_hand_over(fixture->server, last_left, &left);
	assert_null(client_line(idle));
	loop_turn_for(fixture, 20);
	assert_int_equal(left, 1);
	client_shut(idle);
	close(fd);
	fixture_shut(fixture);
}

static void test_nobody_here(void **state)
{
	struct fixture *fixture = fixture_open(path, 0);
	int left = 0, fd = ctl_server_hand_over(fixture->server, last_left, &left);

	(void)state;
	for (int i = 0; i < PATIENCE && !left; i++)
		loop_turn_for(fixture, 1);
	assert_int_equal(left, 1);
	close(fd);
	fixture_shut(fixture);
}

/* A descriptor that is something else is closed, and the socket made anew. */
static void test_not_that_socket(void **state)
{
	struct fixture *fixture;
	struct client *client;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	fixture = fixture_open_after(path, 0, ends[0]);
	client = client_connect(fixture, path);
	assert_int_equal(client_ask(client, CHECK), CTL_HEALTHY);
	client_shut(client);
	fixture_shut(fixture);
	close(ends[1]);
}

/* The path of another socket than the one that was left: nobody could ask through that. */
static void test_other_path(void **state)
{
	struct fixture *before = fixture_open(path, 0), *after;
	char other[sizeof(path) + 2];
	struct client *client;
	int fd, left = 0;

	(void)state;
	fd = ctl_server_hand_over(before->server, last_left, &left);
	snprintf(other, sizeof(other), "%s.2", path);
	after = fixture_open_after(other, 0, fd);
	fixture_shut(before);
	assert_int_equal(rename(other, path), 0);
	client = client_connect(after, path);
	assert_int_equal(client_ask(client, CHECK), CTL_HEALTHY);
	client_shut(client);
	fixture_shut(after);
}

static void test_late_answer(void **state)
{
	struct fixture *fixture = fixture_open(path, 0);
	struct client *client = client_connect(fixture, path);
	json_t *reply;

	(void)state;
	client_send(client, RESTART);
	loop_turn_for(fixture, 50);
	assert_non_null(fixture->restart);
	fixture->restart_answer(fixture->restart, CTL_BAD_CONFIGURATION, "dhcpd.conf:1:1: no");
	reply = client_reply(client, NULL);
	assert_int_equal(json_integer_value(json_object_get(reply, "code")), CTL_BAD_CONFIGURATION);
	assert_string_equal(json_string_value(json_object_get(reply, "text")),
			    "dhcpd.conf:1:1: no");
	json_decref(reply);
	/* The connection goes on. */
	assert_int_equal(client_ask(client, CHECK), CTL_HEALTHY);
	client_shut(client);
	fixture_shut(fixture);
}

/* Not ended by the second that idle clients have. */
static void test_held_for_long(void **state)
{
	struct fixture *fixture = fixture_open(path, 1);
	struct client *client = client_connect(fixture, path);

	(void)state;
	client_send(client, RESTART);
	loop_turn_for(fixture, 2500);
	assert_non_null(fixture->restart);
	fixture->restart_answer(fixture->restart, CTL_RESTARTING, NULL);
	assert_int_equal(client_ask(client, ""), CTL_RESTARTING);
	client_shut(client);
	fixture_shut(fixture);
}

/* The client is gone, or the server is closing, when the answer comes. */
static void test_answer_for_nobody(void **state)
{
	struct fixture *fixture = fixture_open(path, 0);
	struct client *gone = client_connect(fixture, path), *here;

	(void)state;
	client_send(gone, RESTART);
	loop_turn_for(fixture, 50);
	client_shut(gone);
	loop_turn_for(fixture, 50);
	fixture->restart_answer(fixture->restart, CTL_RESTARTING, NULL);
	here = client_connect(fixture, path);
	client_send(here, RESTART);
	loop_turn_for(fixture, 50);
	ctl_server_close(fixture->server, fixture_done, fixture);
	loop_turn_for(fixture, 50);
	assert_false(fixture->closed);
	fixture->restart_answer(fixture->restart, CTL_FAILED, NULL);
	loop_turn_for(fixture, 50);
	assert_true(fixture->closed);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	client_shut(here);
	lease_commit_free(fixture->commit);
	lease_table_free(fixture->table);
	free(fixture);
}

#define WITH_PATH(test) cmocka_unit_test_setup_teardown(test, directory_make, directory_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PATH(test_waits_and_is_answered),
		WITH_PATH(test_idle_are_sent_away),
		WITH_PATH(test_nobody_here),
		WITH_PATH(test_not_that_socket),
		WITH_PATH(test_other_path),
		WITH_PATH(test_late_answer),
		WITH_PATH(test_held_for_long),
		WITH_PATH(test_answer_for_nobody),
	};

	return cmocka_run_group_tests(tests, reader_enter, reader_leave);
}
