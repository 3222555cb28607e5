/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two buffers: what is sent gathers in `pending`; at the end of the loop's turn,
 * when nothing is on its way, it becomes `flight`, which is one write. The idle
 * handle makes the end of the turn come without waiting.
 */
#include "net/stream_private.h"

#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define TLS_SLICE (256U << 10)

static size_t queue_length(const struct stream_queue *queue)
{
	return queue->end - queue->start;
}

static bool queue_append(struct stream_queue *queue, const void *bytes, size_t length)
{
	size_t size = queue->size ? queue->size : 4096;
	uint8_t *grown;

	if (queue->start && queue->end + length > queue->size) {
		memmove(queue->bytes, queue->bytes + queue->start, queue_length(queue));
		queue->end -= queue->start;
		queue->start = 0;
	}
	while (size < queue->end + length)
		size *= 2;
	if (size != queue->size) {
		grown = realloc(queue->bytes, size);
		if (!grown)
			return false;
		queue->bytes = grown;
		queue->size = size;
	}
	memcpy(queue->bytes + queue->end, bytes, length);
	queue->end += length;
	return true;
}

/* Its memory is kept for the next time, unless it is large. */
static void queue_empty(struct stream_queue *queue)
{
	queue->start = queue->end = 0;
	if (queue->size <= NET_STREAM_QUEUE)
		return;
	free(queue->bytes);
	*queue = (struct stream_queue){0};
}

static size_t waiting(const struct net_stream *stream)
{
	return queue_length(&stream->pending) +
	       uv_stream_get_write_queue_size((const uv_stream_t *)&stream->tcp);
}

bool net_stream_writable(const struct net_stream *stream)
{
	return waiting(stream) < NET_STREAM_QUEUE;
}

size_t net_stream_unacknowledged(const struct net_stream *stream)
{
	uv_os_fd_t fd;
	int queued = 0;

	if (uv_fileno((const uv_handle_t *)&stream->tcp, &fd) || ioctl(fd, SIOCOUTQ, &queued) < 0)
		queued = 1; /* a socket that is gone acknowledges nothing */
	return waiting(stream) + (size_t)queued;
}

void net_stream_send(struct net_stream *stream, const void *bytes, size_t length)
{
	if (stream->state > STREAM_OPEN || !length)
		return;
	if (length > STREAM_QUEUE_MOST || waiting(stream) > STREAM_QUEUE_MOST - length) {
		stream_end(stream, "the partner does not take what is sent: more than %u MiB wait",
			   STREAM_QUEUE_MOST >> 20);
		return;
	}
	if (!queue_append(&stream->pending, bytes, length)) {
		stream_end(stream, "no memory for what is to be sent");
		return;
	}
	stream->full |= !net_stream_writable(stream);
	stream_arm(stream);
}

static void on_turn(uv_idle_t *turn)
{
	struct net_stream *stream = turn->data;

	uv_idle_stop(turn);
	if (stream->tls)
		stream_deliver(stream);
	stream_flush(stream);
}

void stream_arm(struct net_stream *stream)
{
	if (stream->state != STREAM_CONNECTING && stream->state != STREAM_ENDED)
		uv_idle_start(&stream->turn, on_turn);
}

static void on_shutdown(uv_shutdown_t *shutdown, int status)
{
	struct net_stream *stream = shutdown->data;

	stream->shut = true;
	if (status < 0 || stream->partner_done)
		stream_end(stream, "closed");
}

static void shutdown_start(struct net_stream *stream)
{
	if (stream->shutting)
		return;
	stream->shutting = true;
	if (uv_shutdown(&stream->shutdown, (uv_stream_t *)&stream->tcp, on_shutdown) < 0)
		stream_end(stream, "closed");
}

static void on_written(uv_write_t *write, int status)
{
	struct net_stream *stream = write->data;

	stream->writing = false;
	queue_empty(&stream->flight);
	if (stream->state == STREAM_ENDED)
		return;
	if (status < 0) {
		stream_end(stream, "cannot send: %s", uv_strerror(status));
		return;
	}
	stream_flush(stream);
	if (stream->state != STREAM_OPEN || !stream->full || !net_stream_writable(stream))
		return;
	stream->full = false;
	if (stream->verbs.drained)
		stream->verbs.drained(stream->verbs.context, stream);
}

/* Encrypted in slices, so that what waits is not there twice. */
static void flight_encrypt(struct net_stream *stream)
{
	struct stream_queue *pending = &stream->pending;
	size_t length = queue_length(pending) < TLS_SLICE ? queue_length(pending) : TLS_SLICE;
	const uint8_t *bytes;

	if (length && stream->state != STREAM_SHAKING) {
		if (tls_session_write(stream->tls, pending->bytes + pending->start, length) < 0) {
			stream_end_tls(stream);
			return;
		}
		pending->start += length;
		if (!queue_length(pending))
			queue_empty(pending);
	}
	if (stream->state == STREAM_CLOSING && !queue_length(pending))
		tls_session_shut(stream->tls);
	length = tls_session_output(stream->tls, &bytes);
	if (length && !queue_append(&stream->flight, bytes, length))
		stream_end(stream, "no memory for what is to be sent");
	tls_session_output_taken(stream->tls);
}

static void flight_fill(struct net_stream *stream)
{
	struct stream_queue empty = stream->flight;

	if (stream->tls) {
		flight_encrypt(stream);
		return;
	}
	stream->flight = stream->pending;
	stream->pending = empty;
}

void stream_flush(struct net_stream *stream)
{
	uv_buf_t buffer;
	int code;

	if (stream->writing || stream->state == STREAM_ENDED)
		return;
	flight_fill(stream);
	if (stream->state == STREAM_ENDED)
		return;
	if (!queue_length(&stream->flight)) {
		if (stream->state == STREAM_CLOSING)
			shutdown_start(stream);
		return;
	}
	stream->writing = true;
	buffer = uv_buf_init((char *)stream->flight.bytes, (unsigned)stream->flight.end);
	code = uv_write(&stream->write, (uv_stream_t *)&stream->tcp, &buffer, 1, on_written);
	if (code < 0) {
		stream->writing = false;
		stream_end(stream, "cannot send: %s", uv_strerror(code));
	}
}
