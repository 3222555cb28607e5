/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A control server with clients on socket pairs, all in one thread: the loop
 * is turned while a client waits for its line. The verbs are a daemon's that
 * has one /16 of addresses.
 */
#ifndef XDHCP_TESTS_CTL_FIXTURE_H
#define XDHCP_TESTS_CTL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <urcu.h>

#include "ctl/server.h"
#include "lease/commit.h"

#define FIRST 0x0a000000U /* 10.0.0.0/16 */
#define PATIENCE 5000 /* ms until a test gives up */
#define LINE_SIZE (1 << 20)

struct fixture {
	uv_loop_t loop;
	struct ctl_server *server;
	bool closed;
	/* of the daemon */
	struct conf_range range;
	struct conf_pool pool, *pools[1];
	struct conf_network network, *networks[1];
	struct conf_scope scope;
	struct conf conf;
	struct lease_table *table;
	struct lease_commit *commit;
	int stopped, reload_result;
	enum ctl_code finding; /* of check; 0: none */
	enum ctl_code failover_finding, failover_result;
	int failover_said; /* operator's words that came */
	bool fenced;
	char relation[64]; /* "-": none was named */
	struct ctl_call *restart; /* waits for an answer; NULL: none */
	void (*restart_answer)(struct ctl_call *call, enum ctl_code code, const char *text);
};

struct client {
	struct fixture *fixture;
	int fd;
	size_t length;
	char bytes[LINE_SIZE];
	char line[LINE_SIZE];
};

static inline json_t *fixture_status(void *context)
{
	(void)context;
	return json_pack("{s:s}", "phase", "serving");
}

static inline void fixture_counters(void *context, ctl_counter_visitor visit, void *visitor)
{
	(void)context;
	visit(visitor, &(struct ctl_counter){"net", "received", "datagrams", UINT64_C(1) << 40});
}

static inline bool fixture_kernel(void *context, struct xdhcp_counters *ret_sum)
{
	(void)context;
	memset(ret_sum, 0, sizeof(*ret_sum));
	ret_sum->count[XDHCP_PUNT_LIMIT] = 17;
	return true;
}

static inline int fixture_reload(void *context, char *text, size_t size)
{
	struct fixture *fixture = context;

	if (fixture->reload_result)
		snprintf(text, size, "dhcpd.conf:3:1: what is \"fo\xffo\"?");
	return fixture->reload_result;
}

static inline void fixture_stop(void *context)
{
	((struct fixture *)context)->stopped++;
}

static inline void fixture_restart(void *context,
				   void (*answer)(struct ctl_call *call, enum ctl_code code,
						  const char *text),
				   struct ctl_call *call)
{
	struct fixture *fixture = context;

	fixture->restart = call;
	fixture->restart_answer = answer;
}

static inline void fixture_check(void *context, ctl_finding_visitor visit, void *visitor)
{
	struct fixture *fixture = context;

	if (fixture->finding)
		visit(visitor, fixture->finding, "eth7 is down");
}

static inline json_t *fixture_failover(void *context)
{
	(void)context;
	return json_pack("[{s:s}]", "name", "pair");
}

static inline bool fixture_self_test(void *context, ctl_finding_visitor visit, void *visitor)
{
	struct fixture *fixture = context;

	fixture_check(context, visit, visitor);
	return !fixture->stopped;
}

static inline void fixture_failover_check(void *context, ctl_finding_visitor visit, void *visitor)
{
	struct fixture *fixture = context;

	if (fixture->failover_finding)
		visit(visitor, fixture->failover_finding, "pair: range: ours 1, theirs 2");
}

static inline enum ctl_code fixture_said(struct fixture *fixture, const char *relation, char *text,
					 size_t size)
{
	fixture->failover_said++;
	snprintf(fixture->relation, sizeof(fixture->relation), "%s", relation ? relation : "-");
	snprintf(text, size, "pair: as you say");
	return fixture->failover_result;
}

static inline enum ctl_code fixture_partner_down(void *context, const char *relation, bool fenced,
						 char *text, size_t size)
{
	((struct fixture *)context)->fenced = fenced;
	return fixture_said(context, relation, text, size);
}

static inline enum ctl_code fixture_init(void *context, const char *relation, char *text,
					 size_t size)
{
	return fixture_said(context, relation, text, size);
}

static inline enum ctl_code fixture_shutdown(void *context, char *text, size_t size)
{
	return fixture_said(context, NULL, text, size);
}

static inline struct lease_table *fixture_table(void *context)
{
	return ((struct fixture *)context)->table;
}

static inline void fixture_table_open(struct fixture *fixture)
{
	static const uint8_t seed[16] = "control fixture";
	static const struct lease_verbs verbs;

	fixture->range = (struct conf_range){FIRST, FIRST + 0xffff};
	fixture->pools[0] = &fixture->pool;
	fixture->networks[0] = &fixture->network;
	fixture->pool = (struct conf_pool){.scope = &fixture->scope,
					   .network = &fixture->network,
					   .ranges = &fixture->range,
					   .range_count = 1};
	fixture->network = (struct conf_network){.name = "test",
						 .number = 1,
						 .scope = &fixture->scope,
						 .pools = fixture->pools,
						 .pool_count = 1};
	fixture->conf = (struct conf){.global = &fixture->scope,
				      .networks = fixture->networks,
				      .network_count = 1,
				      .pools = fixture->pools,
				      .pool_count = 1};
	assert_int_equal(lease_table_new(&fixture->conf, seed, &fixture->table), 0);
	assert_int_equal(lease_commit_new(fixture->table, &verbs, &fixture->commit), 0);
}

/* `fd`: what the server before has handed over; 0: nothing. */
static inline struct fixture *fixture_open_after(const char *path, unsigned idle_seconds, int fd)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct ctl_options options = {.path = path, .idle_seconds = idle_seconds, .fd = fd};
	struct ctl_verbs verbs = {
		.context = fixture,
		.status = fixture_status,
		.counters = fixture_counters,
		.kernel = fixture_kernel,
		.reload = fixture_reload,
		.stop = fixture_stop,
		.restart = fixture_restart,
		.check = fixture_check,
		.self_test = fixture_self_test,
		.table = fixture_table,
		.failover = fixture_failover,
		.failover_check = fixture_failover_check,
		.failover_partner_down = fixture_partner_down,
		.failover_init = fixture_init,
		.failover_shutdown = fixture_shutdown,
	};
	struct ctl_error error = {""};

	fixture_table_open(fixture);
	assert_int_equal(uv_loop_init(&fixture->loop), 0);
	if (ctl_server_open(&fixture->loop, &options, &verbs, &fixture->server, &error))
		fail_msg("%s", error.text);
	return fixture;
}

static inline struct fixture *fixture_open(const char *path, unsigned idle_seconds)
{
	return fixture_open_after(path, idle_seconds, 0);
}

static inline void fixture_done(void *context)
{
	((struct fixture *)context)->closed = true;
}

/* Fails where the server leaves a handle or a request behind. */
static inline void fixture_shut(struct fixture *fixture)
{
	ctl_server_close(fixture->server, fixture_done, fixture);
	for (int i = 0; i < PATIENCE && uv_loop_alive(&fixture->loop); i++) {
		uv_run(&fixture->loop, UV_RUN_NOWAIT);
		usleep(1000);
	}
	assert_true(fixture->closed);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	lease_commit_free(fixture->commit);
	lease_table_free(fixture->table);
	free(fixture);
}

static inline struct client *client_over(struct fixture *fixture, int fd)
{
	struct client *client = malloc(sizeof(*client));

	client->fixture = fixture;
	client->fd = fd;
	client->length = 0;
	return client;
}

static inline struct client *client_open(struct fixture *fixture)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends),
			 0);
	assert_int_equal(ctl_server_adopt(fixture->server, ends[1]), 0);
	return client_over(fixture, ends[0]);
}

/* By the socket's path; answered by whichever server the fixture is of. */
static inline struct client *client_connect(struct fixture *fixture, const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return client_over(fixture, fd);
}

static inline void client_shut(struct client *client)
{
	close(client->fd);
	free(client);
}

static inline void loop_turn(struct fixture *fixture)
{
	uv_run(&fixture->loop, UV_RUN_NOWAIT);
}

/* Turns the loop for so many milliseconds. */
static inline void loop_turn_for(struct fixture *fixture, int milliseconds)
{
	for (int i = 0; i < milliseconds; i++) {
		loop_turn(fixture);
		usleep(1000);
	}
}

static inline void client_send_bytes(struct client *client, const char *bytes, size_t length)
{
	for (int i = 0; length && i < PATIENCE; i++) {
		ssize_t put = send(client->fd, bytes, length, MSG_NOSIGNAL);

		/* A server that has heard enough closes. */
		if (put < 0 && errno == EPIPE)
			return;
		if (put > 0) {
			bytes += put;
			length -= (size_t)put;
		}
		loop_turn(client->fixture);
	}
	assert_int_equal(length, 0);
}

static inline void client_send(struct client *client, const char *text)
{
	client_send_bytes(client, text, strlen(text));
}

/* The next line without its newline; NULL: the server closed the connection. */
static inline const char *client_line(struct client *client)
{
	for (int i = 0; i < PATIENCE; i++) {
		char *end = memchr(client->bytes, '\n', client->length);
		ssize_t got;

		if (end) {
			size_t length = (size_t)(end - client->bytes);

			memcpy(client->line, client->bytes, length);
			client->line[length] = '\0';
			client->length -= length + 1;
			memmove(client->bytes, end + 1, client->length);
			return client->line;
		}
		loop_turn(client->fixture);
		got = recv(client->fd, client->bytes + client->length, LINE_SIZE - client->length,
			   0);
		if (!got || (got < 0 && errno == ECONNRESET))
			return NULL;
		if (got > 0)
			client->length += (size_t)got;
		else
			usleep(1000);
	}
	fail_msg("no line within %d ms", PATIENCE);
	return NULL;
}

/* Lines up to the reply with a code; the reply, a new reference. *ret_lines: how many before. */
static inline json_t *client_reply(struct client *client, size_t *ret_lines)
{
	for (size_t lines = 0;; lines++) {
		const char *line = client_line(client);
		json_t *item = line ? json_loads(line, 0, NULL) : NULL;

		assert_non_null(item);
		if (json_object_get(item, "code")) {
			if (ret_lines)
				*ret_lines = lines;
			return item;
		}
		json_decref(item);
	}
}

/* Asks, and returns the code of the reply. */
static inline int client_ask(struct client *client, const char *text)
{
	json_t *reply;
	int code;

	client_send(client, text);
	reply = client_reply(client, NULL);
	code = (int)json_integer_value(json_object_get(reply, "code"));
	assert_string_equal(json_string_value(json_object_get(reply, "word")), ctl_code_word(code));
	json_decref(reply);
	return code;
}

/* An active lease of 10.0.x.y: hardware address 02:00:0a:00:x:y, client identifier "c-N" of text. */
static inline void lease_add(struct fixture *fixture, uint32_t number)
{
	struct lease_record *record;
	char ident[16];
	int length = snprintf(ident, sizeof(ident), "%cc-%u", 61, number);
	uint32_t address = FIRST + number;

	record = lease_record_new(ident, (uint16_t)length, "\1\3abc", 5, "host\nname", 9);
	assert_non_null(record);
	record->address = address;
	record->state = number % 10 == 9 ? LEASE_FREE : LEASE_ACTIVE;
	record->starts = 1800000000;
	record->ends = 1800000600;
	record->horizon = number ? 1800001200 : LEASE_HORIZON_NEVER;
	record->cltt = 1800000000;
	record->htype = 1;
	record->hlen = 6;
	memcpy(record->chaddr,
	       (uint8_t[]){2, 0, address >> 24, address >> 16 & 255, address >> 8 & 255,
			   address & 255},
	       6);
	assert_int_equal(lease_commit_restore(fixture->commit, record), 0);
}

static inline void leases_add(struct fixture *fixture, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		lease_add(fixture, i);
}

static inline int reader_enter(void **state)
{
	(void)state;
	rcu_register_thread();
	return 0;
}

static inline int reader_leave(void **state)
{
	(void)state;
	rcu_barrier();
	rcu_unregister_thread();
	return 0;
}

#endif
