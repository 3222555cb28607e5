/* SPDX-License-Identifier: GPL-2.0-only */
#include "ctl/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/private.h"

#define BACKLOG 16
#define IDLE_CHECK 500 /* ms */

static void on_connection(uv_stream_t *listener, int status)
{
	struct ctl_server *server = listener->data;
	struct ctl_call *call = status < 0 ? NULL : ctl_client_new(server);

	if (!call)
		return;
	if (uv_accept(listener, (uv_stream_t *)&call->pipe) < 0)
		ctl_client_close(call);
	else
		ctl_client_start(call);
}

int ctl_server_adopt(struct ctl_server *server, int fd)
{
	struct ctl_call *call;
	int code;

	if (server->served >= CTL_CLIENTS)
		return -EBUSY;
	call = ctl_client_new(server);
	if (!call)
		return -ENOMEM;
	code = uv_pipe_open(&call->pipe, fd);
	if (code < 0) {
		ctl_client_close(call);
		return code;
	}
	ctl_client_start(call);
	return 0;
}

size_t ctl_server_clients(const struct ctl_server *server)
{
	return server->served;
}

static void on_timer(uv_timer_t *timer)
{
	struct ctl_server *server = timer->data;
	uint64_t now = uv_now(server->loop);
	struct ctl_call *call, *next;

	cds_list_for_each_entry_safe (call, next, &server->clients, clients) {
		bool parting = server->left && !call->busy && now - call->active >= IDLE_CHECK;

		if (parting || ctl_client_idle(call, now))
			ctl_client_close(call);
	}
	ctl_server_client_gone(server);
}

void ctl_server_client_gone(struct ctl_server *server)
{
	void (*left)(void *context) = server->left;

	if (!left || !cds_list_empty(&server->clients))
		return;
	server->left = NULL;
	left(server->left_context);
}

static void on_handle_closed(uv_handle_t *handle)
{
	ctl_server_release(handle->data);
}

int ctl_server_hand_over(struct ctl_server *server, void (*left)(void *context), void *context)
{
	int fd = fcntl(server->socket.fd, F_DUPFD_CLOEXEC, 3);

	if (fd < 0)
		return -errno;
	server->left = left;
	server->left_context = context;
	uv_close((uv_handle_t *)&server->listener, on_handle_closed);
	return fd;
}

/* The bound socket becomes the listener's. */
static int listen_start(struct ctl_server *server)
{
	int code = uv_pipe_open(&server->listener, server->socket.fd);

	if (code < 0)
		close(server->socket.fd);
	else
		code = uv_listen((uv_stream_t *)&server->listener, BACKLOG, on_connection);
	return code;
}

static struct ctl_server *server_new(uv_loop_t *loop, const struct ctl_options *options,
				     const struct ctl_verbs *verbs)
{
	struct ctl_server *server = calloc(1, sizeof(*server));
	unsigned idle = options->idle_seconds ? options->idle_seconds : CTL_IDLE_SECONDS;

	if (!server)
		return NULL;
	server->loop = loop;
	server->verbs = *verbs;
	server->idle = 1000 * (uint64_t)idle;
	CDS_INIT_LIST_HEAD(&server->clients);
	CDS_INIT_LIST_HEAD(&server->waiting);
	return server;
}

static void handles_start(struct ctl_server *server)
{
	uv_pipe_init(server->loop, &server->listener, 0);
	uv_timer_init(server->loop, &server->timer);
	server->listener.data = server->timer.data = server;
	server->handles = 2;
	uv_timer_start(&server->timer, on_timer, IDLE_CHECK, IDLE_CHECK);
}

int ctl_server_open(uv_loop_t *loop, const struct ctl_options *options,
		    const struct ctl_verbs *verbs, struct ctl_server **ret_server,
		    struct ctl_error *ret_error)
{
	struct ctl_server *server = server_new(loop, options, verbs);
	int code = 0;

	if (!server) {
		snprintf(ret_error->text, sizeof(ret_error->text), "no memory");
		return -ENOMEM;
	}
	if (options->path && ctl_socket_inherit(options->path, options->fd, &server->socket))
		code = ctl_socket_open(options->path, options->group, &server->socket, ret_error);
	if (code < 0) {
		free(server);
		return code;
	}
	/* libuv writes without MSG_NOSIGNAL: a client that goes would end the daemon. */
	signal(SIGPIPE, SIG_IGN);
	handles_start(server);
	code = options->path ? listen_start(server) : 0;
	if (code < 0) {
		snprintf(ret_error->text, sizeof(ret_error->text), "control socket %s: %s",
			 options->path, uv_strerror(code));
		ctl_server_close(server, NULL, NULL);
		return code;
	}
	*ret_server = server;
	return 0;
}

void ctl_server_release(struct ctl_server *server)
{
	if (--server->handles)
		return;
	if (server->done)
		server->done(server->done_context);
	free(server);
}

void ctl_server_close(struct ctl_server *server, void (*done)(void *context), void *context)
{
	struct ctl_call *call, *next;

	server->closing = true;
	server->left = NULL;
	server->done = done;
	server->done_context = context;
	ctl_socket_remove(&server->socket);
	cds_list_for_each_entry_safe (call, next, &server->clients, clients)
		ctl_client_close(call);
	uv_close((uv_handle_t *)&server->timer, on_handle_closed);
	if (!uv_is_closing((uv_handle_t *)&server->listener))
		uv_close((uv_handle_t *)&server->listener, on_handle_closed);
}
