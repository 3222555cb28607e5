/* SPDX-License-Identifier: GPL-2.0-only */
/* TCP without TLS: connections, bytes each way, ends and their reasons. */
#include "pair.h"
#include "segments.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static int option_of(struct net_stream *stream, int level, int option)
{
	socklen_t length = sizeof(int);
	int value = 0;

	assert_int_equal(getsockopt(pair_fd(stream), level, option, &value, &length), 0);
	return value;
}

static void both_ways(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair);
	pair_meet(&pair);
	assert_int_equal(pair.seen, LOOPBACK(2)); /* the address that was told to connect from */
	pair_send(&pair.client, "ab", 2);
	pair_send(&pair.client, "c", 1);
	pair_send(&pair.server, "xyz", 3);
	pair_until(&pair, pair.server.received == 3 && pair.client.received == 3);
	assert_memory_equal(pair.server.bytes, "abc", 3);
	assert_memory_equal(pair.client.bytes, "xyz", 3);
	assert_true(option_of(pair.client.stream, IPPROTO_TCP, TCP_NODELAY));
	assert_true(option_of(pair.server.stream, IPPROTO_TCP, TCP_NODELAY));
	assert_true(option_of(pair.client.stream, SOL_SOCKET, SO_KEEPALIVE));
	assert_true(option_of(pair.server.stream, SOL_SOCKET, SO_KEEPALIVE));
	pair_drop(&pair.client);
	pair_until(&pair, pair.server.closed);
	pair_why(&pair.server, "the partner closed the connection");
	pair_close(&pair);
	assert_int_equal(pair.client.closed, 0);
}

static void stranger_refused(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair);
	pair.permitted = LOOPBACK(9);
	pair_connect(&pair);
	pair_until(&pair, pair.client.closed);
	assert_int_equal(pair.seen, LOOPBACK(2));
	assert_int_equal(pair.server.opened, 0);
	assert_int_equal(net_listener_refused(pair.listener), 1);
	pair_close(&pair);
}

static void nobody_listens(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair);
	pair.port = pair_port();
	pair_connect(&pair);
	pair_until(&pair, pair.client.closed);
	pair_why(&pair.client, "cannot connect from 127.0.0.2 to 127.0.0.1 TCP port ");
	pair_why(&pair.client, "connection refused: does the partner run");
	assert_int_equal(pair.client.opened, 0);
	pair_close(&pair);
}

static void foreign_source(void **state)
{
	struct net_stream_verbs verbs;
	struct pair pair;

	(void)state;
	pair_open(&pair);
	pair_connect(&pair);
	verbs = pair.client.stream->verbs;
	pair_drop(&pair.client);
	pair.client.in_call = true;
	assert_int_equal(net_stream_connect(&pair.loop, 0xc0000201, LOOPBACK(1), pair.port, NULL,
					    NULL, &verbs, &pair.client.stream),
			 0);
	pair.client.in_call = false;
	pair_until(&pair, pair.client.closed);
	pair_why(&pair.client, "from 192.0.2.1");
	pair_why(&pair.client, "must be one of this machine");
	pair_close(&pair);
}

/* A listener whose queue is full drops the first segment, as a dead host does. */
static void black_hole(void **state)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	int hole = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fill[4];
	struct pair pair;

	(void)state;
	pair_open(&pair);
	pair.port = pair_port();
	at.sin_port = htons(pair.port);
	at.sin_addr.s_addr = htonl(LOOPBACK(1));
	assert_int_equal(bind(hole, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(hole, 0), 0);
	for (int i = 0; i < 4; i++) {
		fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		connect(fill[i], (struct sockaddr *)&at, sizeof(at));
	}
	pair_connect(&pair);
	assert_int_equal(uv_timer_get_due_in(&pair.client.stream->timer), 10000);
	stream_patience(pair.client.stream, 100);
	pair_until(&pair, pair.client.closed);
	pair_why(&pair.client, "no answer from 127.0.0.1 TCP port ");
	pair_close(&pair);
	for (int i = 0; i < 4; i++)
		close(fill[i]);
	close(hole);
}

static void big_both_ways(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair);
	pair_meet(&pair);
	pair_pump(&pair, 100);
	pair_close(&pair);
}

static void a_turn_is_one_write(void **state)
{
	uint8_t update[70] = {0};
	struct pair pair;

	(void)state;
	pair_open(&pair);
	pair_meet(&pair);
	for (int i = 0; i < 500; i++)
		pair_send(&pair.client, update, sizeof(update));
	assert_int_equal(segments_out(pair_fd(pair.client.stream)), 0);
	pair_until(&pair, pair.server.received == 500 * sizeof(update));
	assert_true(segments_out(pair_fd(pair.client.stream)) <= 2);
	pair_close(&pair);
}

static void pause_makes_wait(void **state)
{
	static uint8_t block[1 << 16];
	uint64_t sent = 0;
	struct pair pair;

	(void)state;
	pair_open(&pair);
	pair_meet(&pair);
	net_stream_pause(pair.server.stream, true);
	net_stream_pause(pair.server.stream, true);
	/* The kernel's buffers fill first; then nothing moves any more. */
	for (unsigned quiet = 0; quiet < 300; quiet++) {
		uv_run(&pair.loop, UV_RUN_NOWAIT);
		if (!net_stream_writable(pair.client.stream))
			continue;
		pair_send(&pair.client, block, sizeof(block));
		sent += sizeof(block);
		quiet = 0;
	}
	assert_int_equal(pair.server.received, 0);
	assert_false(net_stream_writable(pair.client.stream));
	pair.client.drained = 0;
	net_stream_pause(pair.server.stream, false);
	pair_until(&pair, pair.server.received == sent && pair.client.drained);
	assert_int_equal(pair.client.drained, 1);
	assert_true(net_stream_writable(pair.client.stream));
	pair_close(&pair);
}

static void pause_at_bytes(struct pair_side *side)
{
	net_stream_pause(side->stream, true);
}

/* One call brings what one read brought; after it, none until resumed. */
static void pause_inside(void **state)
{
	static uint8_t block[1 << 20];
	struct pair pair;

	(void)state;
	pair_open(&pair);
	pair_meet(&pair);
	pair.server.at_bytes = pause_at_bytes;
	pair_send(&pair.client, block, sizeof(block));
	for (unsigned reads = 1; pair.server.received < sizeof(block); reads++) {
		pair_until(&pair, pair.server.reads == reads);
		for (int i = 0; i < 3; i++)
			uv_run(&pair.loop, UV_RUN_NOWAIT);
		assert_int_equal(pair.server.reads, reads);
		net_stream_pause(pair.server.stream, false);
	}
	assert_true(pair.server.reads >= sizeof(block) / STREAM_INPUT);
	pair_close(&pair);
}

static void queue_is_bounded(void **state)
{
	static uint8_t block[1 << 20];
	unsigned sent = 0;
	struct pair pair;

	(void)state;
	pair_open(&pair);
	pair_meet(&pair);
	net_stream_pause(pair.server.stream, true);
	while (!pair.client.closed) {
		assert_true(sent < 64);
		pair_send(&pair.client, block, sizeof(block));
		sent++;
		uv_run(&pair.loop, UV_RUN_NOWAIT);
	}
	assert_true(sent > STREAM_QUEUE_MOST >> 20);
	pair_why(&pair.client, "the partner does not take what is sent: more than 16 MiB wait");
	pair_close(&pair);
}

/* What was sent before close() arrives, though the closing side has left bytes unread. */
static void close_flushes(void **state)
{
	static uint8_t block[8 << 20];
	struct pair pair;

	(void)state;
	pair_open(&pair);
	pair_meet(&pair);
	net_stream_pause(pair.client.stream, true);
	pair_send(&pair.server, block, sizeof(block));
	for (int i = 0; i < 20; i++)
		uv_run(&pair.loop, UV_RUN_NOWAIT);
	block[sizeof(block) - 1] = 1;
	pair_send(&pair.client, block, sizeof(block));
	pair_drop(&pair.client);
	pair_until(&pair, pair.server.closed);
	assert_int_equal(pair.server.received, sizeof(block));
	pair_why(&pair.server, "the partner closed the connection");
	pair_close(&pair);
	assert_int_equal(pair.client.received, 0);
	assert_int_equal(pair.client.closed, 0);
}

static void run_for(struct pair *pair, int64_t ms)
{
	int64_t from = pair_ms();

	while (pair_ms() - from < ms) {
		uv_run(&pair->loop, UV_RUN_NOWAIT);
		usleep(1000);
	}
}

/* A partner that is slow to read gets everything all the same, though we have given up waiting, and though it talks on meanwhile. */
static void close_outlives_patience(void **state)
{
	static uint8_t block[1 << 20];
	struct pair pair;
	int room = 2 << 20;

	(void)state;
	pair_open(&pair);
	pair_meet(&pair);
	assert_int_equal(uv_send_buffer_size((uv_handle_t *)&pair.client.stream->tcp, &room), 0);
	net_stream_pause(pair.client.stream, true);
	net_stream_pause(pair.server.stream, true);
	pair_send(&pair.server, block, sizeof(block));
	run_for(&pair, 20);
	pair_send(&pair.client, block, sizeof(block));
	pair_drop(&pair.client);
	run_for(&pair, 100);
	pair_send(&pair.server, block, 1000);
	run_for(&pair, 1200);
	assert_int_equal(pair.server.received, 0);
	net_stream_pause(pair.server.stream, false);
	pair_until(&pair, pair.server.closed);
	assert_int_equal(pair.server.received, sizeof(block));
	pair_why(&pair.server, "the partner closed the connection");
	pair_close(&pair);
}

/* The partner says that it is done before we are. */
static void close_after_partner(void **state)
{
	static uint8_t block[8 << 20];
	uint64_t received = 0;
	struct pair pair;
	ssize_t length;
	int fd;

	(void)state;
	pair_open(&pair);
	fd = pair_raw(&pair);
	pair_until(&pair, pair.server.opened);
	pair_send(&pair.server, block, sizeof(block));
	pair_drop(&pair.server);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	run_for(&pair, 20);
	do {
		length = recv(fd, block, 1 << 16, MSG_DONTWAIT);
		if (length > 0)
			received += (uint64_t)length;
		uv_run(&pair.loop, UV_RUN_NOWAIT);
	} while (length && !pair.late);
	assert_int_equal(received, sizeof(block));
	close(fd);
	pair_close(&pair);
}

/* Connections that are open count as half-open no longer. */
static void many_at_once(void **state)
{
	struct pair pair;
	int fds[40];

	(void)state;
	pair_open(&pair);
	for (int i = 0; i < 40; i++)
		fds[i] = pair_raw(&pair);
	pair_until(&pair, pair.accepted == 40);
	assert_int_equal(net_listener_refused(pair.listener), 0);
	for (int i = 0; i < 40; i++)
		close(fds[i]);
	pair_until(&pair, pair.others_closed == 39);
	pair_close(&pair);
}

static void close_waits_a_second(void **state)
{
	static uint8_t block[8 << 20];
	struct pair pair;
	int64_t before;
	int fd;

	(void)state;
	pair_open(&pair);
	fd = pair_raw(&pair);
	pair_until(&pair, pair.server.opened);
	pair_send(&pair.server, block, sizeof(block));
	before = pair_ms();
	pair_close(&pair); /* its loop ends only when the stream has */
	assert_in_range(pair_ms() - before, 900, 10000);
	close(fd);
}

static void drop_at_call(struct pair_side *side)
{
	net_stream_close(side->stream);
	side->stream = NULL;
}

static void close_inside(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair);
	pair.client.at_open = drop_at_call;
	pair_connect(&pair);
	pair_until(&pair, pair.server.closed);
	assert_int_equal(pair.client.opened, 1);
	pair_close(&pair);

	pair_open(&pair);
	pair_meet(&pair);
	pair.server.at_bytes = drop_at_call;
	pair_send(&pair.client, "\0", 1);
	pair_until(&pair, pair.client.closed);
	assert_int_equal(pair.server.reads, 1);
	pair_close(&pair);
	assert_int_equal(pair.server.closed, 0);
}

static void close_while_connecting(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair);
	pair_connect(&pair);
	pair_send(&pair.client, "early", 5);
	pair_drop(&pair.client);
	pair_close(&pair);
	assert_int_equal(pair.client.opened, 0);
	assert_int_equal(pair.client.closed, 0);
}

static void reset_by_partner(void **state)
{
	struct linger linger = {.l_onoff = 1};
	struct pair pair;
	int fd;

	(void)state;
	pair_open(&pair);
	fd = pair_raw(&pair);
	pair_until(&pair, pair.server.opened);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
	pair_until(&pair, pair.server.closed);
	pair_why(&pair.server, "connection reset by peer");
	pair_close(&pair);
}

/* The partner has gone, and our write finds out before our reading does. */
static void last_words_are_read(void **state)
{
	struct linger linger = {.l_onoff = 1};
	struct pair pair;
	int fd;

	(void)state;
	pair_open(&pair);
	fd = pair_raw(&pair);
	pair_until(&pair, pair.server.opened);
	assert_int_equal(write(fd, "\0bye", 4), 4);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
	pair_send(&pair.server, "hello", 5);
	pair_until(&pair, pair.server.closed);
	assert_int_equal(pair.server.received, 4);
	pair_close(&pair);
}

static void byte_by_byte(void **state)
{
	static const uint8_t said[] = {0x00, 0x0c, 0x0b, 0x16, 0xff};
	struct pair pair;
	int fd, on = 1;

	(void)state;
	pair_open(&pair);
	fd = pair_raw(&pair);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	for (size_t i = 0; i < sizeof(said); i++) {
		assert_int_equal(write(fd, said + i, 1), 1);
		pair_until(&pair, pair.server.received == i + 1);
	}
	assert_memory_equal(pair.server.bytes, said, sizeof(said));
	close(fd);
	pair_close(&pair);
}

static void listen_taken(void **state)
{
	struct net_listener_verbs verbs = {0};
	struct net_listener *second = NULL;
	struct net_error error = {""};
	struct pair pair;
	char pid[32];

	(void)state;
	pair_open(&pair);
	assert_int_equal(
		net_listener_open(&pair.loop, LOOPBACK(1), pair.port, &verbs, &second, &error),
		-EADDRINUSE);
	assert_null(second);
	snprintf(pid, sizeof(pid), "test_stream (pid %d) has it", getpid());
	if (!strstr(error.text, pid))
		fail_msg("%s", error.text);
	pair_close(&pair);
}

/* The address may come when it has listened for long. */
static void listen_before_address(void **state)
{
	struct net_listener_verbs verbs = {0};
	struct net_listener *second = NULL;
	struct net_error error = {""};
	struct pair pair;

	(void)state;
	pair_open(&pair);
	if (net_listener_open(&pair.loop, 0xc0000201, pair.port, &verbs, &second, &error))
		fail_msg("%s", error.text);
	net_listener_close(second);
	pair_close(&pair);
}

/* A server that starts again listens at once, whatever its connections did; those go on. */
static void listen_again(void **state)
{
	struct net_error error = {""};
	struct pair pair;

	(void)state;
	pair_open(&pair);
	pair_meet(&pair);
	net_listener_close(pair.listener);
	pair_send(&pair.server, "\0", 1);
	pair_until(&pair, pair.client.received == 1);
	pair_drop(&pair.server);
	pair_until(&pair, pair.client.closed);
	if (net_listener_open(&pair.loop, LOOPBACK(1), pair.port,
			      &(struct net_listener_verbs){&pair, NULL}, &pair.listener, &error))
		fail_msg("%s", error.text);
	pair_close(&pair);
}

/* Without a descriptor left, connections wait, and the loop does not spin. */
static void descriptors_used_up(void **state)
{
	struct rlimit before, none;
	struct pair pair;
	int64_t from;
	int fd;

	(void)state;
	pair_open(&pair);
	fd = pair_raw(&pair);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)fd + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	pair_step(&pair); /* tries, and rests */
	from = pair_ms();
	pair_step(&pair);
	assert_true(pair_ms() - from > 500);
	assert_int_equal(pair.accepted, 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	pair_until(&pair, pair.server.opened);
	close(fd);
	pair_close(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways),
		cmocka_unit_test(stranger_refused),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(foreign_source),
		cmocka_unit_test(black_hole),
		cmocka_unit_test(big_both_ways),
		cmocka_unit_test(a_turn_is_one_write),
		cmocka_unit_test(pause_makes_wait),
		cmocka_unit_test(pause_inside),
		cmocka_unit_test(queue_is_bounded),
		cmocka_unit_test(close_flushes),
		cmocka_unit_test(close_outlives_patience),
		cmocka_unit_test(close_after_partner),
		cmocka_unit_test(many_at_once),
		cmocka_unit_test(close_waits_a_second),
		cmocka_unit_test(close_inside),
		cmocka_unit_test(close_while_connecting),
		cmocka_unit_test(reset_by_partner),
		cmocka_unit_test(last_words_are_read),
		cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(listen_taken),
		cmocka_unit_test(listen_before_address),
		cmocka_unit_test(listen_again),
		cmocka_unit_test(descriptors_used_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("net/stream", tests, NULL, NULL);
}
