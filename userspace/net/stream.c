/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/stream_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/text.h"

#define KEEPALIVE 60 /* seconds of silence; the failover protocol notices earlier, where it runs */

struct net_stream *stream_new(void)
{
	return calloc(1, sizeof(struct net_stream));
}

void stream_free(struct net_stream *stream)
{
	free(stream->pending.bytes);
	free(stream->flight.bytes);
	free(stream->input);
	tls_session_free(stream->tls);
	free(stream);
}

void stream_begin(struct net_stream *stream, uv_loop_t *loop)
{
	uv_tcp_init(loop, &stream->tcp);
	uv_timer_init(loop, &stream->timer);
	uv_idle_init(loop, &stream->turn);
	stream->tcp.data = stream->timer.data = stream->turn.data = stream;
	stream->connect.data = stream->write.data = stream->shutdown.data = stream;
	stream->handles = 3;
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct net_stream *stream = handle->data;

	if (--stream->handles)
		return;
	if (!stream->gone && stream->verbs.closed)
		stream->verbs.closed(stream->verbs.context, stream, stream->why);
	stream_free(stream);
}

void stream_end(struct net_stream *stream, const char *format, ...)
{
	struct base_text text = base_text_of(stream->why, sizeof(stream->why));
	va_list list;

	if (stream->state == STREAM_ENDED)
		return;
	stream->state = STREAM_ENDED;
	va_start(list, format);
	base_text_append_list(&text, format, list);
	va_end(list);
	stream_listener_leave(stream);
	uv_close((uv_handle_t *)&stream->tcp, on_handle_closed);
	uv_close((uv_handle_t *)&stream->timer, on_handle_closed);
	uv_close((uv_handle_t *)&stream->turn, on_handle_closed);
}

void stream_end_tls(struct net_stream *stream)
{
	const uint8_t *bytes;
	uv_buf_t buffer;
	size_t length;

	if (stream->state == STREAM_ENDED)
		return;
	length = tls_session_output(stream->tls, &bytes);
	buffer = uv_buf_init((char *)bytes, (unsigned)length);
	if (length && !stream->writing)
		uv_try_write((uv_stream_t *)&stream->tcp, &buffer, 1);
	stream_end(stream, "%s", tls_session_why(stream->tls));
}

static void handshake_late(struct net_stream *stream)
{
	tls_session_late(stream->tls);
	stream_end_tls(stream);
}

static void on_timer(uv_timer_t *timer)
{
	struct net_stream *stream = timer->data;
	char address[BASE_IPV4_TEXT];

	if (stream->state == STREAM_CONNECTING)
		stream_end(stream,
			   "no answer from %s TCP port %u: is that host up, and do firewalls let "
			   "the port through?",
			   base_ipv4_format(stream->remote, address), stream->port);
	else if (stream->state == STREAM_CLOSING)
		stream_end(stream, "closed");
	else
		handshake_late(stream);
}

void stream_patience(struct net_stream *stream, uint64_t ms)
{
	uv_update_time(stream->timer.loop); /* this turn may have been long */
	uv_timer_start(&stream->timer, on_timer, ms, 0);
}

static void on_read(uv_stream_t *tcp, ssize_t length, const uv_buf_t *buffer);

static void on_alloc(uv_handle_t *tcp, size_t suggested, uv_buf_t *ret_buffer)
{
	struct net_stream *stream = tcp->data;

	(void)suggested;
	if (!stream->input)
		stream->input = malloc(STREAM_INPUT + STREAM_RECORD);
	/* An empty buffer is UV_ENOBUFS for on_read(). */
	*ret_buffer = uv_buf_init((char *)stream->input, stream->input ? STREAM_INPUT : 0);
}

static void reading_start(struct net_stream *stream)
{
	int code = uv_read_start((uv_stream_t *)&stream->tcp, on_alloc, on_read);

	if (code < 0 && code != UV_EALREADY)
		stream_end(stream, "cannot receive: %s", uv_strerror(code));
}

static void reading_set(struct net_stream *stream)
{
	if (stream->paused)
		uv_read_stop((uv_stream_t *)&stream->tcp);
	else
		reading_start(stream);
}

static void stream_opened(struct net_stream *stream)
{
	stream->state = STREAM_OPEN;
	uv_timer_stop(&stream->timer);
	stream_listener_leave(stream);
	stream->verbs.opened(stream->verbs.context, stream);
	if (stream->state != STREAM_OPEN)
		return;
	reading_set(stream);
	stream_arm(stream);
}

void stream_connected(struct net_stream *stream)
{
	uv_tcp_nodelay(&stream->tcp, 1);
	uv_tcp_keepalive(&stream->tcp, 1, KEEPALIVE);
	if (!stream->tls) {
		stream_opened(stream);
		return;
	}
	stream->state = STREAM_SHAKING;
	stream_patience(stream, STREAM_PATIENCE_CONNECT);
	reading_start(stream);
	stream_arm(stream);
}

static void plain_bring(struct net_stream *stream, size_t length)
{
	if (!stream->heard &&
	    (*stream->input == TLS_RECORD_ALERT || *stream->input == TLS_RECORD_HANDSHAKE)) {
		stream_end(stream, "the partner speaks TLS, and none is configured here: give both "
				   "servers certificates or a key, or neither");
		return;
	}
	stream->heard = true;
	stream->verbs.bytes(stream->verbs.context, stream, stream->input, length);
}

/* One call of `bytes` has all of it: what TLS can have in hand fits. */
void stream_deliver(struct net_stream *stream)
{
	ssize_t length = 0;

	if (stream->paused || stream->state != STREAM_OPEN || !stream->input)
		return;
	length = tls_session_read(stream->tls, stream->input, STREAM_INPUT + STREAM_RECORD);
	if (length > 0)
		stream->verbs.bytes(stream->verbs.context, stream, stream->input, (size_t)length);
	else if (length < 0)
		stream_end_tls(stream);
}

static void tls_bring(struct net_stream *stream, size_t length)
{
	const uint8_t *answers;

	stream->heard = true;
	if (tls_session_take(stream->tls, stream->input, length) < 0) {
		stream_end_tls(stream);
		return;
	}
	if (stream->state == STREAM_SHAKING && tls_session_opened(stream->tls))
		stream_opened(stream);
	stream_deliver(stream);
	/* Key updates are answered, RFC 8446 section 4.6.3: no partner needs thousands that wait. */
	if (stream->state == STREAM_OPEN &&
	    tls_session_output(stream->tls, &answers) > STREAM_ANSWERS_MOST)
		stream_end(stream, "the partner makes TLS answer, and does not take the answers");
	stream_arm(stream);
}

/* What comes after the caller has closed is thrown away: with unread bytes the kernel resets the connection, and what was sent last is lost. */
static void closing_read(struct net_stream *stream, ssize_t length)
{
	if (length >= 0)
		return;
	stream->partner_done = true;
	if (length != UV_EOF || stream->shut)
		stream_end(stream, "closed");
}

static void read_ended(struct net_stream *stream, int code)
{
	if (code != UV_EOF && (code != UV_ECONNRESET || stream->state != STREAM_SHAKING))
		stream_end(stream, "cannot receive: %s", uv_strerror(code));
	else if (stream->state == STREAM_OPEN)
		stream_end(stream, "the partner closed the connection");
	else if (stream->heard)
		stream_end(stream, "the partner closed the connection during the TLS handshake: "
				   "see its log");
	else
		stream_end(stream, "the partner closed the connection instead of speaking TLS: is "
				   "TLS configured there?");
}

static void on_read(uv_stream_t *tcp, ssize_t length, const uv_buf_t *buffer)
{
	struct net_stream *stream = tcp->data;

	(void)buffer;
	if (stream->state == STREAM_CLOSING)
		closing_read(stream, length);
	else if (length < 0)
		read_ended(stream, (int)length);
	else if (length > 0 && stream->tls)
		tls_bring(stream, (size_t)length);
	else if (length > 0)
		plain_bring(stream, (size_t)length);
}

static const char *connect_remedy(int code)
{
	switch (code) {
	case UV_ECONNREFUSED:
		return ": does the partner run, and listen there?";
	case UV_EADDRNOTAVAIL:
		return ": the address to connect from must be one of this machine";
	case UV_ENETUNREACH:
	case UV_EHOSTUNREACH:
		return ": is there a route, and is that host up?";
	case UV_EACCES:
	case UV_EPERM:
		return ": a firewall or security policy here forbids it";
	}
	return "";
}

static void connect_failed(struct net_stream *stream, int code)
{
	char from[BASE_IPV4_TEXT], to[BASE_IPV4_TEXT];

	stream_end(stream, "cannot connect from %s to %s TCP port %u: %s%s",
		   stream->local ? base_ipv4_format(stream->local, from) : "any address",
		   base_ipv4_format(stream->remote, to), stream->port, uv_strerror(code),
		   connect_remedy(code));
}

static void on_connected(uv_connect_t *connect, int status)
{
	struct net_stream *stream = connect->data;

	if (stream->state == STREAM_ENDED)
		return;
	if (status < 0)
		connect_failed(stream, status);
	else
		stream_connected(stream);
}

static void connect_start(struct net_stream *stream)
{
	struct sockaddr_in from = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(stream->local),
	};
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(stream->remote),
		.sin_port = htons(stream->port),
	};
	int code = 0;

	if (stream->local)
		code = uv_tcp_bind(&stream->tcp, (const struct sockaddr *)&from, 0);
	if (code == 0)
		code = uv_tcp_connect(&stream->connect, &stream->tcp, (const struct sockaddr *)&to,
				      on_connected);
	if (code < 0)
		connect_failed(stream, code);
	else
		stream_patience(stream, STREAM_PATIENCE_CONNECT);
}

int net_stream_connect(uv_loop_t *loop, uint32_t local, uint32_t remote, uint16_t port,
		       struct net_tls *tls, const char *name, const struct net_stream_verbs *verbs,
		       struct net_stream **ret_stream)
{
	struct net_stream *stream = stream_new();

	if (!stream)
		return -ENOMEM;
	stream->tls = tls ? tls_session_new(tls, false, remote, name) : NULL;
	if (tls && !stream->tls) {
		stream_free(stream);
		return -ENOMEM;
	}
	stream->verbs = *verbs;
	stream->local = local;
	stream->remote = remote;
	stream->port = port;
	stream_begin(stream, loop);
	*ret_stream = stream;
	connect_start(stream);
	return 0;
}

void net_stream_pause(struct net_stream *stream, bool pause)
{
	if (stream->paused == pause)
		return;
	stream->paused = pause;
	if (stream->state != STREAM_OPEN)
		return;
	reading_set(stream);
	stream_arm(stream);
}

void net_stream_close(struct net_stream *stream)
{
	stream->gone = true;
	if (stream->state == STREAM_OPEN) {
		stream->state = STREAM_CLOSING;
		stream_patience(stream, STREAM_PATIENCE_CLOSE);
		reading_start(stream);
		stream_arm(stream);
	} else if (stream->state != STREAM_CLOSING) {
		stream_end(stream, "closed");
	}
}
