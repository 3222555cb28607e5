/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A long answer: made on the worker (fill), sent, made … until the source is
 * at its end, then the reply. Between two chunks the client waits for its
 * turn behind all others, and its own reading is what brings it there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/private.h"

static void on_chunk_sent(uv_write_t *write, int status);

static void stream_end(struct ctl_call *call)
{
	struct ctl_source source = call->source;

	call->streaming = false;
	free(call->chunk);
	call->chunk = NULL;
	source.finish(source.context, call);
	source.free(source.context);
}

static void stream_wait(struct ctl_call *call)
{
	cds_list_add_tail(&call->waiting, &call->server->waiting);
	ctl_stream_next(call->server);
}

static void chunk_send(struct ctl_call *call)
{
	uv_buf_t buffer = uv_buf_init(call->chunk, (unsigned)call->chunk_length);

	call->write.data = call;
	if (uv_write(&call->write, (uv_stream_t *)&call->pipe, &buffer, 1, on_chunk_sent) < 0)
		ctl_client_close(call);
}

/* What comes after a chunk that the client has taken, or that was empty. */
static void stream_continue(struct ctl_call *call)
{
	call->active = uv_now(call->server->loop);
	if (call->chunk_end)
		stream_end(call);
	else
		stream_wait(call);
}

static void on_chunk_sent(uv_write_t *write, int status)
{
	struct ctl_call *call = write->data;

	if (call->closing)
		return;
	if (status < 0)
		ctl_client_close(call);
	else
		stream_continue(call);
}

static void chunk_make(uv_work_t *work)
{
	struct ctl_call *call = work->data;

	call->chunk_length =
		call->source.fill(call->source.context, call->chunk, CTL_CHUNK, &call->chunk_end);
}

static void on_chunk_made(uv_work_t *work, int status)
{
	struct ctl_call *call = work->data;
	struct ctl_server *server = call->server;

	(void)status;
	server->working = call->working = false;
	call->active = uv_now(server->loop);
	if (!call->closing && call->chunk_length)
		chunk_send(call);
	else if (!call->closing)
		stream_continue(call);
	if (!server->closing)
		ctl_stream_next(server);
	ctl_client_release(call);
}

void ctl_stream_next(struct ctl_server *server)
{
	struct ctl_call *call;

	if (server->working || cds_list_empty(&server->waiting))
		return;
	call = cds_list_first_entry(&server->waiting, struct ctl_call, waiting);
	cds_list_del_init(&call->waiting);
	call->work.data = call;
	if (uv_queue_work(server->loop, &call->work, chunk_make, on_chunk_made) < 0) {
		ctl_client_close(call);
		return;
	}
	server->working = call->working = true;
}

void ctl_stream_cancel(struct ctl_call *call)
{
	cds_list_del_init(&call->waiting);
	/* Where it runs already, on_chunk_made() finds the client closing. */
	if (call->working)
		uv_cancel((uv_req_t *)&call->work);
}

void ctl_call_stream(struct ctl_call *call, const struct ctl_source *source)
{
	call->chunk = malloc(CTL_CHUNK);
	if (!call->chunk) {
		source->free(source->context);
		ctl_call_reply(call, CTL_NO_MEMORY, NULL, NULL);
		return;
	}
	call->source = *source;
	call->streaming = true;
	call->chunk_end = false;
	stream_wait(call);
}
