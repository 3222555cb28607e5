/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Connections are taken by accept4(), not by libuv, so that who may not connect
 * costs a descriptor for a moment and nothing else, and a flood of them leaves
 * the loop its other work.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "net/holder.h"
#include "net/stream_private.h"

#define BACKLOG 64
#define ACCEPT_BATCH 16 /* connections a turn */
#define REST 1000 /* ms without accepting, when descriptors or memory are used up */

struct net_listener {
	uv_loop_t *loop;
	uv_poll_t poll;
	uv_timer_t rest;
	unsigned handles; /* not closed yet */
	bool closed;
	int fd;
	struct net_listener_verbs verbs;
	unsigned half_open;
	uint64_t refused;
};

static void on_readable(uv_poll_t *poll, int status, int events);

static void listener_free(struct net_listener *listener)
{
	if (listener->closed && !listener->handles && !listener->half_open)
		free(listener);
}

void stream_listener_leave(struct net_stream *stream)
{
	struct net_listener *listener = stream->listener;

	if (!listener)
		return;
	stream->listener = NULL;
	listener->half_open--;
	listener_free(listener);
}

static void on_rested(uv_timer_t *timer)
{
	struct net_listener *listener = timer->data;

	uv_poll_start(&listener->poll, UV_READABLE, on_readable);
}

/* Judged by the caller, who has the stream from then on. */
static struct net_stream *stream_accept(struct net_listener *listener, uint32_t remote)
{
	struct net_stream *stream;
	struct net_tls *tls = NULL;
	const char *name = NULL;

	if (listener->half_open >= STREAM_HALF_OPEN)
		return NULL;
	stream = stream_new();
	if (!stream)
		return NULL;
	stream->remote = remote;
	if (!listener->verbs.accept(listener->verbs.context, remote, stream, &stream->verbs, &tls,
				    &name)) {
		stream_free(stream);
		return NULL;
	}
	stream_begin(stream, listener->loop);
	if (!tls)
		return stream;
	stream->tls = tls_session_new(tls, true, remote, name);
	if (!stream->tls)
		stream_end(stream, "no memory for TLS");
	return stream;
}

static void connection_take(struct net_listener *listener, int fd, uint32_t remote)
{
	struct net_stream *stream = stream_accept(listener, remote);
	int code;

	if (!stream) {
		listener->refused++;
		close(fd);
		return;
	}
	code = stream->state == STREAM_ENDED ? UV_ECANCELED : uv_tcp_open(&stream->tcp, fd);
	if (code < 0) {
		close(fd);
		stream_end(stream, "cannot accept the connection: %s", uv_strerror(code));
		return;
	}
	stream->listener = listener;
	listener->half_open++;
	stream_connected(stream);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct net_listener *listener = poll->data;

	(void)status;
	(void)events;
	for (int i = 0; i < ACCEPT_BATCH && !listener->closed; i++) {
		struct sockaddr_in from;
		socklen_t length = sizeof(from);
		int fd = accept4(listener->fd, (struct sockaddr *)&from, &length,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			connection_take(listener, fd, ntohl(from.sin_addr.s_addr));
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			   errno == ENOMEM) {
			uv_poll_stop(poll);
			uv_timer_start(&listener->rest, on_rested, REST, 0);
			return;
		} else if (errno == EAGAIN) {
			return;
		}
	}
}

static int listen_refused(const struct sockaddr_in *at, int code, struct net_error *ret_error)
{
	char holder[128], address[BASE_IPV4_TEXT];
	unsigned port = ntohs(at->sin_port);

	base_ipv4_format(ntohl(at->sin_addr.s_addr), address);
	switch (code) {
	case -EADDRINUSE:
		if (!net_holder_find("tcp", (uint16_t)port, holder, sizeof(holder)))
			strcpy(holder, "another process");
		return net_error_say(ret_error, code,
				     "cannot listen on %s TCP port %u: %s has it: stop that, or "
				     "choose another port (`ss -ltnp` as root shows it)",
				     address, port, holder);
	case -EACCES:
		return net_error_say(ret_error, code,
				     "cannot listen on %s TCP port %u: root or "
				     "CAP_NET_BIND_SERVICE is needed",
				     address, port);
	}
	return net_error_say(ret_error, code, "cannot listen on %s TCP port %u: %s", address, port,
			     strerror(-code));
}

/*
 * The socket, or a negative errno and *ret_error. SO_REUSEADDR: connections of the run before are no
 * obstacle. IP_FREEBIND: neither is an address that comes later, or goes and comes again.
 */
static int socket_listen(uint32_t address, uint16_t port, struct net_error *ret_error)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(address),
		.sin_port = htons(port),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int code, on = 1;

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on)) == 0 &&
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	code = -errno;
	if (fd >= 0)
		close(fd);
	return listen_refused(&at, code, ret_error);
}

int net_listener_open(uv_loop_t *loop, uint32_t address, uint16_t port,
		      const struct net_listener_verbs *verbs, struct net_listener **ret_listener,
		      struct net_error *ret_error)
{
	struct net_listener *listener = calloc(1, sizeof(*listener));
	int code;

	if (!listener)
		return net_error_say(ret_error, -ENOMEM, "no memory for a listener");
	listener->loop = loop;
	listener->verbs = *verbs;
	code = listener->fd = socket_listen(address, port, ret_error);
	if (code < 0)
		goto out;
	code = uv_poll_init(loop, &listener->poll, listener->fd);
	if (code < 0) {
		close(listener->fd);
		net_error_say(ret_error, code, "cannot wait for connections: %s",
			      uv_strerror(code));
		goto out;
	}
	uv_timer_init(loop, &listener->rest);
	listener->poll.data = listener->rest.data = listener;
	listener->handles = 2;
	uv_poll_start(&listener->poll, UV_READABLE, on_readable);
	*ret_listener = listener;
	return 0;
out:
	free(listener);
	return code;
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct net_listener *listener = handle->data;

	listener->handles--;
	listener_free(listener);
}

void net_listener_close(struct net_listener *listener)
{
	listener->closed = true;
	uv_close((uv_handle_t *)&listener->poll, on_handle_closed);
	uv_close((uv_handle_t *)&listener->rest, on_handle_closed);
	close(listener->fd);
}

uint64_t net_listener_refused(const struct net_listener *listener)
{
	return listener->refused;
}
