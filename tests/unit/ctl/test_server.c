/* SPDX-License-Identifier: GPL-2.0-only */
/* Many clients, slow clients, clients that go; and the socket's place in the file system. */
#include "fixture.h"

#include <sys/ioctl.h>
#include <sys/stat.h>

#define LEASES 60000 /* many times what a socket and a chunk hold */

static void clients_bounded(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *clients[CTL_CLIENTS];
	int ends[2];

	(void)state;
	for (size_t i = 0; i < CTL_CLIENTS; i++)
		clients[i] = client_open(fixture);
	assert_int_equal(ctl_server_clients(fixture->server), CTL_CLIENTS);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(ctl_server_adopt(fixture->server, ends[1]), -EBUSY);
	close(ends[0]);
	close(ends[1]);
	for (size_t i = 0; i < CTL_CLIENTS; i++)
		assert_int_equal(client_ask(clients[i], "{\"command\":\"check\"}\n"), CTL_HEALTHY);
	/* A place that becomes free is given again. */
	client_shut(clients[7]);
	loop_turn_for(fixture, 5);
	assert_int_equal(ctl_server_clients(fixture->server), CTL_CLIENTS - 1);
	clients[7] = client_open(fixture);
	assert_int_equal(client_ask(clients[7], "{\"command\":\"check\"}\n"), CTL_HEALTHY);
	for (size_t i = 0; i < CTL_CLIENTS; i++)
		client_shut(clients[i]);
	fixture_shut(fixture);
}

static void idle_closed(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 1);
	struct client *silent = client_open(fixture), *busy = client_open(fixture);

	(void)state;
	for (int i = 0; i < 10; i++) {
		loop_turn_for(fixture, 200);
		assert_int_equal(client_ask(busy, "{\"command\":\"check\"}\n"), CTL_HEALTHY);
	}
	assert_null(client_line(silent));
	assert_int_equal(ctl_server_clients(fixture->server), 1);
	client_shut(silent);
	client_shut(busy);
	fixture_shut(fixture);
}

static int unread(const struct client *client)
{
	int bytes = 0;

	assert_int_equal(ioctl(client->fd, FIONREAD, &bytes), 0);
	return bytes;
}

/*
 * It asks for everything and reads nothing: what is made for it stays within
 * the socket's buffer and a chunk, others are served, it is closed in the end.
 */
static void slow_reader(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 2);
	struct client *slow = client_open(fixture), *other = client_open(fixture);
	int held;

	(void)state;
	leases_add(fixture, LEASES);
	client_send(slow, "{\"command\":\"leases\"}\n");
	loop_turn_for(fixture, 300);
	held = unread(slow);
	assert_true(held > 0 && held < 1 << 20);
	loop_turn_for(fixture, 200);
	assert_int_equal(unread(slow), held);
	assert_int_equal(client_ask(other, "{\"command\":\"status\"}\n"), CTL_STATUS);
	assert_int_equal(client_ask(other, "{\"command\":\"leases\",\"ip\":\"10.0.0.1\"}\n"),
			 CTL_LEASES);
	for (int i = 0; i < 5; i++) {
		loop_turn_for(fixture, 500);
		assert_int_equal(client_ask(other, "{\"command\":\"status\"}\n"), CTL_STATUS);
	}
	assert_int_equal(ctl_server_clients(fixture->server), 1);
	client_shut(slow);
	client_shut(other);
	fixture_shut(fixture);
}

/* Reading on after a pause brings all the rest. */
static void pausing_reader(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);
	json_t *reply;
	size_t lines;

	(void)state;
	leases_add(fixture, LEASES);
	client_send(client, "{\"command\":\"leases\"}\n");
	loop_turn_for(fixture, 200);
	reply = client_reply(client, &lines);
	assert_int_equal(lines, LEASES);
	assert_int_equal(json_integer_value(json_object_get(reply, "count")), LEASES);
	json_decref(reply);
	client_shut(client);
	fixture_shut(fixture);
}

/* Reads and forgets what is there; true: the connection's answer has ended. */
static bool client_drain(struct client *client, size_t *total)
{
	ssize_t got;

	while ((got = recv(client->fd, client->bytes, LINE_SIZE - 1, 0)) > 0) {
		*total += (size_t)got;
		client->bytes[got] = '\0';
		if (strstr(client->bytes, "\"code\":"))
			return true;
	}
	return false;
}

/* Each takes its turn: when the first is done, none is far behind. */
static void turns_taken(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *clients[4];
	size_t totals[4] = {0}, most = 0;
	bool done = false;

	(void)state;
	leases_add(fixture, LEASES);
	for (size_t i = 0; i < 4; i++) {
		clients[i] = client_open(fixture);
		client_send(clients[i], "{\"command\":\"leases\"}\n");
	}
	for (int turn = 0; !done; turn++) {
		assert_true(turn < 4 * PATIENCE * 10);
		loop_turn(fixture);
		usleep(100);
		for (size_t i = 0; i < 4; i++)
			done |= client_drain(clients[i], &totals[i]);
	}
	for (size_t i = 0; i < 4; i++)
		most = totals[i] > most ? totals[i] : most;
	for (size_t i = 0; i < 4; i++) {
		assert_true(totals[i] + 4 * 65536 > most);
		client_shut(clients[i]);
	}
	fixture_shut(fixture);
}

/* Clients that go while a chunk is made or sent, or before their turn. */
static void reader_vanishes(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *stays = client_open(fixture);

	(void)state;
	leases_add(fixture, LEASES);
	for (int i = 0; i < 60; i++) {
		struct client *goes[4];

		for (size_t j = 0; j < 4; j++) {
			goes[j] = client_open(fixture);
			client_send(goes[j], "{\"command\":\"leases\"}\n");
		}
		for (int j = 0; j < i; j++)
			loop_turn(fixture);
		for (size_t j = 0; j < 4; j++)
			client_shut(goes[j]);
		/* That they are gone is seen when they are served next. */
		for (int j = 0; j < PATIENCE && ctl_server_clients(fixture->server) > 1; j++)
			loop_turn_for(fixture, 1);
		assert_int_equal(ctl_server_clients(fixture->server), 1);
	}
	assert_int_equal(client_ask(stays, "{\"command\":\"status\"}\n"), CTL_STATUS);
	client_shut(stays);
	fixture_shut(fixture);
}

/* The server ends in the middle of it all: nothing is left behind, nothing is used after. */
static void server_vanishes(void **state)
{
	(void)state;
	for (int i = 0; i < 40; i++) {
		struct fixture *fixture = fixture_open(NULL, 0);
		struct client *clients[4];

		leases_add(fixture, 2000);
		for (size_t j = 0; j < 4; j++) {
			clients[j] = client_open(fixture);
			client_send(clients[j], j ? "{\"command\":\"leases\"}\n" : "{\"comm");
		}
		for (int j = 0; j < i; j++)
			loop_turn(fixture);
		fixture_shut(fixture);
		for (size_t j = 0; j < 4; j++)
			client_shut(clients[j]);
	}
}

static char directory[32], path[64];

static int directory_make(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/xdhcp-test-XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/run/ctl.sock", directory);
	return 0;
}

static int directory_remove(void **state)
{
	char run[128];

	(void)state;
	snprintf(run, sizeof(run), "%s/run", directory);
	unlink(path);
	rmdir(run);
	return rmdir(directory);
}

static void socket_served(void **state)
{
	struct fixture *fixture = fixture_open(path, 0);
	struct client *clients[CTL_CLIENTS], *late;
	struct stat there;

	(void)state;
	assert_int_equal(stat(path, &there), 0);
	assert_true(S_ISSOCK(there.st_mode));
	assert_int_equal(there.st_mode & 07777, 0660);
	for (size_t i = 0; i < CTL_CLIENTS; i++) {
		clients[i] = client_connect(fixture, path);
		assert_int_equal(client_ask(clients[i], "{\"command\":\"check\"}\n"), CTL_HEALTHY);
	}
	late = client_connect(fixture, path);
	assert_int_equal(client_ask(late, ""), CTL_TOO_MANY_CLIENTS);
	assert_null(client_line(late));
	client_shut(late);
	for (size_t i = 0; i < CTL_CLIENTS; i++)
		client_shut(clients[i]);
	fixture_shut(fixture);
	assert_int_equal(stat(path, &there), -1);
}

static int second_open(const char *at, const char *group, struct ctl_error *ret_error)
{
	struct ctl_options options = {.path = at, .group = group};
	struct ctl_verbs verbs = {0};
	struct ctl_server *server = NULL;
	uv_loop_t loop;
	int code;

	assert_int_equal(uv_loop_init(&loop), 0);
	code = ctl_server_open(&loop, &options, &verbs, &server, ret_error);
	if (!code)
		ctl_server_close(server, NULL, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	return code;
}

static void socket_taken(void **state)
{
	struct fixture *fixture = fixture_open(path, 0);
	struct ctl_error error = {""};
	struct client *client;

	(void)state;
	assert_int_equal(second_open(path, NULL, &error), -EADDRINUSE);
	assert_non_null(strstr(error.text, "a running process answers on it"));
	client = client_connect(fixture, path);
	assert_int_equal(client_ask(client, "{\"command\":\"check\"}\n"), CTL_HEALTHY);
	client_shut(client);
	fixture_shut(fixture);
}

/* As a daemon killed with -9 leaves it. */
static void socket_stale(void **state)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct ctl_error error = {""};
	char run[128];

	(void)state;
	snprintf(run, sizeof(run), "%s/run", directory);
	assert_int_equal(mkdir(run, 0755), 0);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	close(fd);
	assert_int_equal(access(path, F_OK), 0);
	if (second_open(path, NULL, &error))
		fail_msg("%s", error.text);
	assert_int_equal(access(path, F_OK), -1);
}

static void path_refused(void **state)
{
	struct ctl_error error = {""};
	char longer[256], run[128];
	int fd;

	(void)state;
	snprintf(run, sizeof(run), "%s/run", directory);
	assert_int_equal(mkdir(run, 0755), 0);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	close(fd);
	assert_int_equal(second_open(path, NULL, &error), -EEXIST);
	assert_int_equal(access(path, F_OK), 0);
	unlink(path);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[0] = '/';
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(second_open(longer, NULL, &error), -ENAMETOOLONG);
	assert_int_equal(second_open(path, "no such group", &error), -EINVAL);
	assert_non_null(strstr(error.text, "no such group"));
	assert_int_equal(access(path, F_OK), -1);
	snprintf(longer, sizeof(longer), "%s/run/deeper/still/ctl.sock", directory);
	assert_int_equal(second_open(longer, NULL, &error), -ENOENT);
}

/* What another process put in its place meanwhile is not ours to remove. */
static void socket_replaced(void **state)
{
	struct fixture *fixture = fixture_open(path, 0);
	int fd;

	(void)state;
	unlink(path);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	close(fd);
	fixture_shut(fixture);
	assert_int_equal(access(path, F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_bounded),
		cmocka_unit_test(idle_closed),
		cmocka_unit_test(slow_reader),
		cmocka_unit_test(pausing_reader),
		cmocka_unit_test(turns_taken),
		cmocka_unit_test(reader_vanishes),
		cmocka_unit_test(server_vanishes),
		cmocka_unit_test_setup_teardown(socket_served, directory_make, directory_remove),
		cmocka_unit_test_setup_teardown(socket_taken, directory_make, directory_remove),
		cmocka_unit_test_setup_teardown(socket_stale, directory_make, directory_remove),
		cmocka_unit_test_setup_teardown(path_refused, directory_make, directory_remove),
		cmocka_unit_test_setup_teardown(socket_replaced, directory_make, directory_remove),
	};

	return cmocka_run_group_tests(tests, reader_enter, reader_leave);
}
