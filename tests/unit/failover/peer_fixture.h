/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two ends of a relationship, joined by byte queues, each with its leases, its
 * journal, its kernel and its clock, all in the test's hand. Node 0 is the
 * primary. An end may be a script instead: the test says its words.
 *
 * What a node does is written down in its trace, in order:
 *
 *   connect  opened  send(STATE normal)  close  silence  keep(normal)  serve(1)
 */
#ifndef XDHCP_TESTS_PEER_FIXTURE_H
#define XDHCP_TESTS_PEER_FIXTURE_H

#include <urcu.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "failover/peer.h"
#include "failover/wire.h"
#include "lease/commit.h"

#define SECOND UINT64_C(1000000000)
#define WALL 1800000000 /* when a test begins */
#define MCLT 600
#define WIRES 64

struct pair;

struct node {
	struct pair *pair;
	struct conf_range range;
	struct conf_pool pool, *pool_list[1];
	struct conf_network network, *network_list[1];
	struct conf_relation relation, *relation_list[1];
	struct conf conf;
	uint8_t store[16];
	struct failover_peer_options options;
	struct lease_policy policies[LEASE_RELATIONS];
	struct lease_table *table;
	struct lease_commit *commit;
	struct failover_peer *peer; /* NULL: not running */
	bool scripted;
	int64_t ahead; /* of this node's clock, ns */

	uint64_t group;
	bool dirty, hold_disk;
	uint8_t kept[256], disk[256];
	size_t kept_length, disk_length;
	bool wants_silence, hold_silence, silent;
	bool wants_connect;
	bool full; /* the sockets take no more */
	bool hangs; /* the daemon stands still: no heartbeat, no turn */
	bool no_heartbeat;
	uint32_t numbers;
	uint64_t wake;
	unsigned turns; /* of the last run() */
	char trace[1 << 16], log[1 << 16];
	size_t trace_length;
};

struct wire {
	struct end {
		struct node *node;
		uint32_t number;
		bool open, ended; /* the other side has closed: tell when all bytes are read */
		uint8_t *bytes; /* on their way to this end */
		size_t length;
	} ends[2];
};

struct pair {
	struct node nodes[2];
	struct wire wires[WIRES];
	unsigned wire_count;
	uint64_t monotonic;
	bool cut; /* nothing comes through, nobody is told */
};

extern const uint8_t hba_half[32]; /* split 128 */

struct node *other_of(struct node *node);
struct wire *wire_new(struct pair *pair, struct node *from, struct node *to);
void end_append(struct end *end, const void *bytes, size_t length);
void end_close(struct end *end, struct end *other);

/* Nothing runs yet. Group setup and teardown register the thread with liburcu. */
int pair_setup(void **state);
int pair_teardown(void **state);
int thread_setup(void **state);
int thread_teardown(void **state);

/* Another range, before the start. */
void node_range(struct node *node, uint32_t first, uint32_t last);
struct failover_now node_now(const struct node *node);
/* Starts with what its disk has; store: lost() before. */
void node_start(struct node *node);
/* Ends the process: the partner sees its connections end; or does not, where the machine died. */
void node_kill(struct node *node, bool machine);
/* Another disk: nothing kept, another identity. */
void node_lose_store(struct node *node, uint8_t identity);
struct failover_status node_status(const struct node *node);
/* Gives its first address to a client; not on disk yet. */
void node_grant(struct node *node);
/* For so many seconds, or until nothing moves any more (0). */
void pair_run(struct pair *pair, double seconds);
/* Both run, are connected, and have come to NORMAL by way of `failover init`. */
void pair_become_normal(struct pair *pair);

/* Is what stands there first before what stands there last? Both must be there. */
void assert_order(const struct node *node, const char *first, const char *last);
void assert_trace(const struct node *node, const char *word);
void assert_no_trace(const struct node *node, const char *word);
void trace_clear(struct node *node);
#define assert_state(node, wanted) \
	assert_string_equal(failover_state_word(node_status(node).kept.state), \
			    failover_state_word(FAILOVER_##wanted))

/* The script's part: node->scripted. It connects, says, hears and hangs up. */
struct script {
	struct pair *pair;
	struct node *node;
	struct wire *wire; /* the newest */
	uint32_t xid, accepted;
	uint8_t last[FAILOVER_MESSAGE_MAX]; /* what `message` points into */
	struct failover_message message;
};
struct script script_of(struct pair *pair, unsigned index);
void script_connect(struct script *script);
/* Takes the connection that the other end made; fails where there is none. */
void script_accept(struct script *script);
void script_say(struct script *script, struct failover_message *message);
void script_bytes(struct script *script, const void *bytes, size_t length);
/* The next message, whatever it is; false: none has come. */
bool script_hear(struct script *script);
/* The next message of this type; others are passed over. Fails where none comes. */
void script_expect(struct script *script, enum failover_type type);
bool script_closed(const struct script *script);
void script_hang_up(struct script *script);
/* A CONNECT or CONNECTACK as dhcpd says it. */
struct failover_message script_handshake(enum failover_type type);
/* Takes an option out of it. */
void script_drop(struct failover_message *message, enum failover_option option);
struct failover_message script_state(enum failover_state state, uint8_t flags);

#endif
