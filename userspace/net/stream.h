/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TCP for failover: who listens, who connects, bytes each way, TLS around them
 * where it is configured. On libuv's loop; loop thread. Knows no failover:
 * whoever connects is judged by its address alone.
 *
 * A stream calls back from the loop, never from inside of a call; after close,
 * or after `closed` was called, no more. TCP_NODELAY and keepalive are on.
 *
 * TLS is 1.3 from the first byte on, both sides authenticated: certificates
 * that a configured authority signed and that name the partner's address or its
 * relationship, or one pre-shared key. A partner that speaks plainly where TLS is
 * wanted, or TLS where it is not, is told from its first byte and closed with a
 * reason that says so.
 */
#ifndef XDHCP_NET_STREAM_H
#define XDHCP_NET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "net/error.h"

/* How much may wait for the socket before `writable` is false. */
#define NET_STREAM_QUEUE (1U << 20)

struct net_tls; /* certificates and keys, read once; may be shared by many */
struct net_tls_options {
	const char *certificate, *key, *authority; /* PEM files; or */
	const char *psk_file; /* "identity:hex" in one line, mode without group and others */
};
int net_tls_new(const struct net_tls_options *options, struct net_tls **ret_tls,
		struct net_error *ret_error);
/* Streams that use it keep it until they end. */
void net_tls_free(struct net_tls *tls);
/* When its own certificate expires, Unix time; 0: a pre-shared key does not. */
int64_t net_tls_expires(const struct net_tls *tls);

struct net_stream;
struct net_stream_verbs {
	void *context;
	/* Connected, TLS done: bytes may go both ways. */
	void (*opened)(void *context, struct net_stream *stream);
	/* Bytes came. */
	void (*bytes)(void *context, struct net_stream *stream, const uint8_t *bytes,
		      size_t length);
	/* After `writable` was false: less than NET_STREAM_QUEUE waits again. May be NULL. */
	void (*drained)(void *context, struct net_stream *stream);
	/* It is over, or never began; why is one line. The stream is freed after the call. */
	void (*closed)(void *context, struct net_stream *stream, const char *why);
};

/*
 * Begins to connect from a local address (0: any) to a remote one; host byte order. Gives up after
 * 10 s, or at once where the local address is on no interface.
 */
int net_stream_connect(uv_loop_t *loop, uint32_t local, uint32_t remote, uint16_t port,
		       struct net_tls *tls, const char *name, const struct net_stream_verbs *verbs,
		       struct net_stream **ret_stream);

struct net_listener;
struct net_listener_verbs {
	void *context;
	/*
	 * Somebody connected from this address: fill in verbs, TLS (NULL: none) and name (that the certificate
	 * must carry), and return true; false: closed at once.
	 */
	bool (*accept)(void *context, uint32_t remote, struct net_stream *stream,
		       struct net_stream_verbs *ret_verbs, struct net_tls **ret_tls,
		       const char **ret_name);
};
/*
 * Listens on an address (0: any; else whenever an interface has it) and port. At most 16 connections
 * are half-open (TLS under way); 10 s each.
 */
int net_listener_open(uv_loop_t *loop, uint32_t address, uint16_t port,
		      const struct net_listener_verbs *verbs, struct net_listener **ret_listener,
		      struct net_error *ret_error);
void net_listener_close(struct net_listener *listener);
/* Connections closed by `accept`, or because too many were half-open. */
uint64_t net_listener_refused(const struct net_listener *listener);

/* Queues bytes; copied. Sent at the end of the loop's turn, in as few segments as may be. */
void net_stream_send(struct net_stream *stream, const void *bytes, size_t length);
bool net_stream_writable(const struct net_stream *stream);
/* Bytes that the partner's system has not acknowledged, those that wait here included. */
size_t net_stream_unacknowledged(const struct net_stream *stream);
/* Stops and resumes reading: what is not read makes the partner wait. */
void net_stream_pause(struct net_stream *stream, bool pause);
/* Sends what is queued (for a second at most), then closes; the stream is gone for the caller now. */
void net_stream_close(struct net_stream *stream);

#endif
