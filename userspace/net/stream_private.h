/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stream from the inside: stream.c has its life and what comes in,
 * stream_send.c what goes out, stream_listen.c where accepted ones come from.
 *
 * Whatever ends a stream goes through stream_end(), once; the caller hears of it
 * when libuv has closed the last handle, so never from inside of a call, and the
 * memory lives until then.
 */
#ifndef XDHCP_NET_STREAM_PRIVATE_H
#define XDHCP_NET_STREAM_PRIVATE_H

#include "net/stream.h"
#include "net/tls.h"

#define STREAM_INPUT (64U << 10) /* bytes that one read takes at most */
#define STREAM_RECORD (17U << 10) /* what TLS may have kept of an unfinished record before */
#define STREAM_QUEUE_MOST (16 * NET_STREAM_QUEUE) /* who makes more wait is closed */
#define STREAM_ANSWERS_MOST (64U << 10) /* of TLS's own, that wait for the socket */
#define STREAM_HALF_OPEN 16 /* a listener's, TLS under way */

#define STREAM_PATIENCE_CONNECT 10000 /* ms: for a connection, and for TLS on it */
#define STREAM_PATIENCE_CLOSE 1000 /* for what is queued, and for the partner's end */

enum stream_state {
	STREAM_CONNECTING,
	STREAM_SHAKING, /* TLS hands */
	STREAM_OPEN,
	STREAM_CLOSING, /* the caller has closed it: sends what waits, reads to nobody */
	STREAM_ENDED, /* its handles are being closed */
};

struct stream_queue {
	uint8_t *bytes;
	size_t start, end, size; /* what waits lies from start to end */
};

struct net_stream {
	uv_tcp_t tcp;
	uv_timer_t timer;
	uv_idle_t turn; /* active while something is to be sent at the end of the turn */
	unsigned handles; /* of these three, not closed yet */
	uv_connect_t connect;
	uv_write_t write;
	uv_shutdown_t shutdown;

	enum stream_state state;
	bool gone; /* the caller has closed it, and hears nothing more */
	bool paused;
	bool heard; /* a first byte has come */
	bool writing; /* `flight` is libuv's */
	bool full; /* writable was false since the last `drained` */
	bool shutting, shut, partner_done; /* of CLOSING: FIN asked for, sent, received */

	struct net_stream_verbs verbs;
	struct tls_session *tls; /* NULL: plain */
	struct net_listener *listener; /* where it counts as half-open; or NULL */
	uint32_t local, remote;
	uint16_t port;

	struct stream_queue pending, flight;
	uint8_t *input;
	char why[320];
};

/* Without handles yet; NULL without memory. */
struct net_stream *stream_new(void);
void stream_free(struct net_stream *stream);
void stream_begin(struct net_stream *stream, uv_loop_t *loop);
/* There is a connection. */
void stream_connected(struct net_stream *stream);
__attribute__((format(printf, 2, 3))) void stream_end(struct net_stream *stream, const char *format,
						      ...);
/* TLS has said no: the partner is told, if that can be done at once. */
void stream_end_tls(struct net_stream *stream);
/* Until something happens that stops the clock; tests make it shorter. */
void stream_patience(struct net_stream *stream, uint64_t ms);

/* Has the loop look at what there is to do when this turn is over. */
void stream_arm(struct net_stream *stream);
/* What TLS has decrypted, unless the stream is paused. */
void stream_deliver(struct net_stream *stream);
void stream_flush(struct net_stream *stream);

/* It is half-open no longer. */
void stream_listener_leave(struct net_stream *stream);

#endif
