/* SPDX-License-Identifier: GPL-2.0-only */
/* Two ends of a stream in one loop, on the loopback interface; what each heard. */
#ifndef XDHCP_TESTS_NET_PAIR_H
#define XDHCP_TESTS_NET_PAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/stream_private.h"

#define LOOPBACK(last) (0x7f000000U | (last))
#define PAIR_DEADLINE 60000 /* ms; a test that is right needs a fraction */

struct pair_side {
	struct net_stream *stream; /* NULL: not yet, or gone */
	bool in_call; /* a call into net/ is under way: nothing may call back */
	unsigned opened, closed, drained, reads;
	uint8_t *bytes; /* the first of what came */
	size_t kept;
	const uint8_t *expect; /* what must come, again and again; or NULL */
	size_t period;
	uint64_t received;
	char why[400];
	bool notified; /* by TLS, that the partner closes */
	/* What it does when called: NULL for nothing. */
	void (*at_open)(struct pair_side *side);
	void (*at_bytes)(struct pair_side *side);
	struct pair *pair;
};

struct pair {
	uv_loop_t loop;
	uv_timer_t deadline;
	bool late;
	uint16_t port;
	struct net_listener *listener;
	struct pair_side server, client;
	struct net_tls *server_tls, *client_tls;
	const char *server_wants, *client_wants; /* names */
	uint32_t permitted; /* address that may connect; 0: any */
	uint32_t seen; /* that tried last */
	unsigned accepted, others_closed; /* others: accepted while there was a server already */
};

/* Listens on 127.0.0.1. */
void pair_open(struct pair *pair);
/* Client from 127.0.0.2 to the listener. */
void pair_connect(struct pair *pair);
/* Both are open. */
void pair_meet(struct pair *pair);
/* Closes what is left, and runs the loop until nothing is. */
void pair_close(struct pair *pair);
void pair_step(struct pair *pair);
void pair_send(struct pair_side *side, const void *bytes, size_t length);
void pair_drop(struct pair_side *side);
/* Why it ended must hold this. */
void pair_why(const struct pair_side *side, const char *part);

/* Bytes that depend on their place, so that lost, doubled and swapped ones show. */
void pair_pattern(uint8_t *bytes, size_t length);
/* So many MiB both ways at once, compared, and how long it took said. */
void pair_pump(struct pair *pair, unsigned mib);
int64_t pair_ms(void); /* monotonic */
int pair_fd(struct net_stream *stream);

/* A port that nobody has just now. */
uint16_t pair_port(void);
/* A socket without anything of ours, connected to the port. */
int pair_raw(const struct pair *pair);

#define pair_until(pair, condition) \
	do \
		while (!(condition)) { \
			if ((pair)->late) \
				fail_msg("never: %s (server: %s; client: %s)", #condition, \
					 (pair)->server.why, (pair)->client.why); \
			pair_step(pair); \
		} \
	while (0)

#endif
