/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/json.h"
#include "ctl/private.h"

struct ctl_call *ctl_client_new(struct ctl_server *server)
{
	struct ctl_call *call = malloc(sizeof(*call));

	if (!call)
		return NULL;
	memset(call, 0, offsetof(struct ctl_call, input));
	if (uv_pipe_init(server->loop, &call->pipe, 0) < 0) {
		free(call);
		return NULL;
	}
	call->pipe.data = call;
	call->server = server;
	call->active = uv_now(server->loop);
	CDS_INIT_LIST_HEAD(&call->waiting);
	cds_list_add_tail(&call->clients, &server->clients);
	server->handles++;
	return call;
}

void ctl_client_release(struct ctl_call *call)
{
	struct ctl_server *server = call->server;

	if (!call->closed || call->working || call->held)
		return;
	if (call->streaming)
		call->source.free(call->source.context);
	cds_list_del(&call->clients);
	ctl_server_client_gone(server);
	free(call->chunk);
	free(call->reply);
	free(call);
	ctl_server_release(server);
}

static void on_closed(uv_handle_t *handle)
{
	struct ctl_call *call = handle->data;

	call->closed = true;
	ctl_client_release(call);
}

void ctl_client_close(struct ctl_call *call)
{
	if (call->closing)
		return;
	call->closing = true;
	if (call->served)
		call->server->served--;
	ctl_stream_cancel(call);
	uv_close((uv_handle_t *)&call->pipe, on_closed);
}

/* A chunk on its way is our work, not the client's idleness. */
bool ctl_client_idle(struct ctl_call *call, uint64_t now)
{
	if (call->closing || call->working || call->held || !cds_list_empty(&call->waiting))
		return false;
	return now - call->active >= call->server->idle;
}

const struct ctl_verbs *ctl_call_verbs(const struct ctl_call *call)
{
	return &call->server->verbs;
}

/* A line of the input that ends in front of `end`. */
static void line_serve(struct ctl_call *call, const char *end)
{
	size_t length = (size_t)(end - call->input);
	json_error_t error;
	json_t *request = json_loadb(call->input, length, JSON_REJECT_DUPLICATES, &error);

	call->busy = true;
	call->filled -= length + 1;
	memmove(call->input, end + 1, call->filled);
	if (json_is_object(request))
		ctl_command_run(call, request);
	else
		ctl_call_reply(call, CTL_BAD_JSON, request ? NULL : error.text, NULL);
	json_decref(request);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buffer)
{
	struct ctl_call *call = handle->data;

	(void)suggested;
	*ret_buffer = uv_buf_init(call->input + call->filled,
				  (unsigned)(sizeof(call->input) - call->filled));
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer);

/* The next request where it is complete, else on with reading. */
static void client_next(struct ctl_call *call)
{
	const char *end = memchr(call->input, '\n', call->filled);

	if (call->closing || call->busy)
		return;
	if (end) {
		uv_read_stop((uv_stream_t *)&call->pipe);
		line_serve(call, end);
	} else if (call->filled == sizeof(call->input)) {
		uv_read_stop((uv_stream_t *)&call->pipe);
		call->busy = call->last = true;
		ctl_call_reply(call, CTL_TOO_LONG, NULL, NULL);
	} else {
		int code = uv_read_start((uv_stream_t *)&call->pipe, on_alloc, on_read);

		if (code < 0 && code != UV_EALREADY)
			ctl_client_close(call);
	}
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct ctl_call *call = stream->data;

	(void)buffer;
	if (length < 0) {
		ctl_client_close(call);
		return;
	}
	call->filled += (size_t)length;
	client_next(call);
}

static void on_replied(uv_write_t *write, int status)
{
	struct ctl_call *call = write->data;

	free(call->reply);
	call->reply = NULL;
	if (call->closing)
		return;
	if (status < 0 || call->last) {
		ctl_client_close(call);
		return;
	}
	call->busy = false;
	call->active = uv_now(call->server->loop);
	client_next(call);
}

/* {"code": N, "word": "…", "text": "…", fields …}, a newline behind; NULL without memory. */
static char *reply_line(enum ctl_code code, const char *text, json_t *fields, size_t *ret_length)
{
	const char *says = text ? text : ctl_code_text(code);
	json_t *reply = json_pack("{s:i, s:s, s:o}", "code", (int)code, "word", ctl_code_word(code),
				  "text", ctl_json_text(says, strlen(says)));
	char *line = NULL;
	size_t length;

	if (!reply || (fields && json_object_update_missing(reply, fields) < 0))
		goto out;
	length = json_dumpb(reply, NULL, 0, JSON_COMPACT);
	line = length ? malloc(length + 1) : NULL;
	if (!line)
		goto out;
	json_dumpb(reply, line, length, JSON_COMPACT);
	line[length] = '\n';
	*ret_length = length + 1;
out:
	json_decref(reply);
	json_decref(fields);
	return line;
}

void ctl_call_reply(struct ctl_call *call, enum ctl_code code, const char *text, json_t *fields)
{
	size_t length = 0;
	uv_buf_t buffer;

	call->reply = reply_line(code, text, fields, &length);
	if (!call->reply) {
		ctl_client_close(call);
		return;
	}
	buffer = uv_buf_init(call->reply, (unsigned)length);
	call->write.data = call;
	if (uv_write(&call->write, (uv_stream_t *)&call->pipe, &buffer, 1, on_replied) < 0)
		ctl_client_close(call);
}

void ctl_call_hold(struct ctl_call *call)
{
	call->held = true;
}

void ctl_call_answer(struct ctl_call *call, enum ctl_code code, const char *text)
{
	call->held = false;
	call->active = uv_now(call->server->loop);
	if (call->closing)
		ctl_client_release(call);
	else
		ctl_call_reply(call, code, text, NULL);
}

void ctl_client_start(struct ctl_call *call)
{
	struct ctl_server *server = call->server;

	if (server->served >= CTL_CLIENTS) {
		call->busy = call->last = true;
		ctl_call_reply(call, CTL_TOO_MANY_CLIENTS, NULL, NULL);
		return;
	}
	call->served = true;
	server->served++;
	client_next(call);
}
