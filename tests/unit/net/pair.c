/* SPDX-License-Identifier: GPL-2.0-only */
#include "pair.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define KEPT (1 << 20)

static void on_opened(void *context, struct net_stream *stream)
{
	struct pair_side *side = context;

	assert_false(side->in_call);
	assert_ptr_equal(side->stream, stream);
	assert_int_equal(side->opened++, 0);
	if (side->at_open)
		side->at_open(side);
}

static void on_bytes(void *context, struct net_stream *stream, const uint8_t *bytes, size_t length)
{
	struct pair_side *side = context;
	size_t keep = length < KEPT - side->kept ? length : KEPT - side->kept;

	assert_false(side->in_call);
	assert_ptr_equal(side->stream, stream);
	assert_int_equal(side->opened, 1);
	assert_true(length > 0);
	memcpy(side->bytes + side->kept, bytes, keep);
	side->kept += keep;
	for (size_t i = 0, part; side->expect && i < length; i += part) {
		size_t at = (side->received + i) % side->period;

		part = length - i < side->period - at ? length - i : side->period - at;
		assert_memory_equal(bytes + i, side->expect + at, part);
	}
	side->received += length;
	side->reads++;
	if (side->at_bytes)
		side->at_bytes(side);
}

static void on_drained(void *context, struct net_stream *stream)
{
	struct pair_side *side = context;

	assert_false(side->in_call);
	assert_ptr_equal(side->stream, stream);
	assert_true(net_stream_writable(stream));
	side->drained++;
}

static void on_closed(void *context, struct net_stream *stream, const char *why)
{
	struct pair_side *side = context;

	assert_false(side->in_call);
	assert_ptr_equal(side->stream, stream);
	assert_null(strchr(why, '\n'));
	snprintf(side->why, sizeof(side->why), "%s", why);
	side->notified = stream->tls && SSL_get_shutdown(stream->tls->ssl) & SSL_RECEIVED_SHUTDOWN;
	side->closed++;
	side->stream = NULL;
}

static struct net_stream_verbs verbs_of(struct pair_side *side)
{
	return (struct net_stream_verbs){side, on_opened, on_bytes, on_drained, on_closed};
}

static void on_other_opened(void *context, struct net_stream *stream)
{
	(void)context;
	(void)stream;
}

static void on_other_bytes(void *context, struct net_stream *stream, const uint8_t *bytes,
			   size_t length)
{
	(void)context;
	(void)stream;
	(void)bytes;
	(void)length;
}

static void on_other_closed(void *context, struct net_stream *stream, const char *why)
{
	struct pair *pair = context;

	(void)stream;
	(void)why;
	pair->others_closed++;
}

static bool on_accept(void *context, uint32_t remote, struct net_stream *stream,
		      struct net_stream_verbs *ret_verbs, struct net_tls **ret_tls,
		      const char **ret_name)
{
	struct pair *pair = context;

	pair->seen = remote;
	if (pair->permitted && remote != pair->permitted)
		return false;
	pair->accepted++;
	*ret_tls = pair->server_tls;
	*ret_name = pair->server_wants;
	if (pair->server.stream) {
		*ret_verbs = (struct net_stream_verbs){pair, on_other_opened, on_other_bytes, NULL,
						       on_other_closed};
		return true;
	}
	pair->server.stream = stream;
	*ret_verbs = verbs_of(&pair->server);
	return true;
}

static void on_late(uv_timer_t *timer)
{
	struct pair *pair = timer->data;

	pair->late = true;
}

uint16_t pair_port(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t length = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &length), 0);
	close(fd);
	return ntohs(at.sin_port);
}

int pair_raw(const struct pair *pair)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(pair->port)};
	struct timeval patience = {.tv_sec = 5};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(LOOPBACK(1));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void side_prepare(struct pair *pair, struct pair_side *side)
{
	side->pair = pair;
	side->bytes = malloc(KEPT);
	assert_non_null(side->bytes);
}

void pair_open(struct pair *pair)
{
	struct net_listener_verbs verbs = {pair, on_accept};
	struct net_error error = {""};

	signal(SIGPIPE, SIG_IGN);
	memset(pair, 0, sizeof(*pair));
	assert_int_equal(uv_loop_init(&pair->loop), 0);
	uv_timer_init(&pair->loop, &pair->deadline);
	pair->deadline.data = pair;
	uv_timer_start(&pair->deadline, on_late, PAIR_DEADLINE, 0);
	side_prepare(pair, &pair->server);
	side_prepare(pair, &pair->client);
	pair->port = pair_port();
	if (net_listener_open(&pair->loop, LOOPBACK(1), pair->port, &verbs, &pair->listener,
			      &error))
		fail_msg("%s", error.text);
}

void pair_connect(struct pair *pair)
{
	struct net_stream_verbs verbs = verbs_of(&pair->client);

	pair->client.in_call = true;
	assert_int_equal(net_stream_connect(&pair->loop, LOOPBACK(2), LOOPBACK(1), pair->port,
					    pair->client_tls, pair->client_wants, &verbs,
					    &pair->client.stream),
			 0);
	pair->client.in_call = false;
}

void pair_meet(struct pair *pair)
{
	pair_connect(pair);
	pair_until(pair, pair->client.opened && pair->server.opened);
}

void pair_step(struct pair *pair)
{
	uv_run(&pair->loop, UV_RUN_ONCE);
}

void pair_send(struct pair_side *side, const void *bytes, size_t length)
{
	side->in_call = true;
	net_stream_send(side->stream, bytes, length);
	side->in_call = false;
}

void pair_drop(struct pair_side *side)
{
	side->in_call = true;
	net_stream_close(side->stream);
	side->stream = NULL;
}

void pair_why(const struct pair_side *side, const char *part)
{
	assert_int_equal(side->closed, 1);
	if (!strstr(side->why, part))
		fail_msg("\"%s\" does not say \"%s\"", side->why, part);
}

void pair_close(struct pair *pair)
{
	if (pair->server.stream)
		pair_drop(&pair->server);
	if (pair->client.stream)
		pair_drop(&pair->client);
	if (pair->listener)
		net_listener_close(pair->listener);
	uv_unref((uv_handle_t *)&pair->deadline);
	while (uv_loop_alive(&pair->loop) && !pair->late)
		pair_step(pair);
	assert_false(pair->late);
	uv_close((uv_handle_t *)&pair->deadline, NULL);
	uv_run(&pair->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&pair->loop), 0);
	net_tls_free(pair->server_tls);
	net_tls_free(pair->client_tls);
	free(pair->server.bytes);
	free(pair->client.bytes);
}

int64_t pair_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int pair_fd(struct net_stream *stream)
{
	uv_os_fd_t fd = -1;

	assert_int_equal(uv_fileno((uv_handle_t *)&stream->tcp, &fd), 0);
	return fd;
}

void pair_pattern(uint8_t *bytes, size_t length)
{
	uint32_t word = 12345;

	for (size_t i = 0; i < length; i++) {
		word = word * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(word >> 24);
	}
	bytes[0] = 0; /* as the length of a failover message */
}

static void pump(struct pair_side *side, const uint8_t *block, size_t length, uint64_t *left)
{
	while (*left && net_stream_writable(side->stream)) {
		pair_send(side, block, length);
		*left -= length;
	}
}

void pair_pump(struct pair *pair, unsigned mib)
{
	uint64_t all = (uint64_t)mib << 20, from_client = all, from_server = all;
	static uint8_t block[1 << 20];
	int64_t before = pair_ms();

	pair_pattern(block, sizeof(block));
	pair->client.expect = pair->server.expect = block;
	pair->client.period = pair->server.period = sizeof(block);
	while (pair->server.received < all || pair->client.received < all) {
		pump(&pair->client, block, sizeof(block), &from_client);
		pump(&pair->server, block, sizeof(block), &from_server);
		if (pair->late || pair->client.closed || pair->server.closed)
			fail_msg("client: %s; server: %s", pair->client.why, pair->server.why);
		pair_step(pair);
	}
	print_message("# 2 x %u MiB in %lld ms\n", mib, (long long)(pair_ms() - before));
}
