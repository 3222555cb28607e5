/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What must hold at every step, reckoned from what is seen: replies, journal
 * records as they reach the disk, failover messages, and the words of the slots.
 *
 *   check.c        clients: no address valid for two; replies: no promise beyond its limit
 *   check_disk.c   what each node has on stable storage; who owns what is free
 *   check_wire.c   messages between nodes: each says only what is durable, closed and silent
 *   check_end.c    after healing and quiet: both agree
 *
 * How far clocks may be off: oscillators differ by 500 ppm at the most, seconds are
 * rounded. Times here are true time (sim.now) unless the name says whose they are.
 */
#ifndef SIM_CHECK_H
#define SIM_CHECK_H

#include "tests/sim/node.h"
#include "tests/sim/wire.h"

/* Binding states and server states as they are on the wire (draft sections 10 and 12). */
enum check_binding {
	CHECK_NONE, /* no record: as FREE */
	CHECK_FREE,
	CHECK_ACTIVE,
	CHECK_EXPIRED,
	CHECK_RELEASED,
	CHECK_ABANDONED,
	CHECK_RESET,
	CHECK_BACKUP,
};

enum check_state {
	CHECK_UNKNOWN,
	CHECK_STARTUP,
	CHECK_NORMAL,
	CHECK_INTERRUPTED,
	CHECK_PARTNER_DOWN,
	CHECK_CONFLICT,
	CHECK_RECOVER,
	CHECK_PAUSED,
	CHECK_SHUTDOWN,
	CHECK_RECOVER_DONE,
	CHECK_RESOLUTION,
	CHECK_CONFLICT_DONE,
	CHECK_RECOVER_WAIT = 254,
};

/* What a node has on its disk of an address, and what the partner has agreed to. */
struct check_fact {
	uint8_t state; /* enum check_binding */
	uint32_t client; /* + 1; 0: nobody */
	int64_t ends, horizon, potential,
		received; /* by the node's wall clock; the last: the partner's */
	int64_t known; /* K: a potential expiry that the partner acknowledged, or told and is on this disk */
	int64_t told; /* that it told last, and of whom */
	uint32_t told_client;
	uint64_t freed; /* when it was nobody's last, on this disk */
	uint64_t minute; /* in which so many updates of it were sent */
	unsigned updates;
};

/* What is known of a node. */
struct check_node {
	struct check_fact *facts; /* by check_place() */
	int64_t offset; /* of its wall clock, as its daemon knows it */
	uint64_t beat; /* its daemon ran last */
	uint8_t kept; /* own state, as the disk has it */
	uint64_t kept_since;
	uint64_t said_down; /* of its partner, which it has not heard since; 0: not */
	uint8_t announced; /* in its last STATE */
	bool startup; /* with STARTUP's bit */
	bool open; /* the kernel serves, or has, with no grace period since */
	bool lost; /* the disk was, and what the partner has is not back */
	uint64_t lost_since; /* that happened then */
	uint64_t lost_at; /* its daemon started on the empty disk */
	bool asked, updated; /* UPDREQALL was sent since, UPDDONE has come */
	int64_t partner_offset; /* the partner's clock less true time, as of the newest message from it */
	int64_t partner_before; /* what it was, and when that was news: bounds follow with a heartbeat */
	uint64_t partner_news;
	bool heard;
	bool excused; /* the operator said what shortens a wait */
};

extern struct check_node check_nodes[SIM_NODES];

#define CHECK_PLACES (WIRE_LINKS * 65536)

static inline uint32_t check_place(uint32_t address)
{
	return (WIRE_LINK_OF(address) % WIRE_LINKS) << 16 | (address & 0xffff);
}

void check_begin(uint32_t mclt);
uint32_t check_mclt(void);
/* "10.x.y.z"; static. */
const char *check_address(uint32_t address);
const char *check_state_word(uint8_t state);
const char *check_binding_word(uint8_t state);
bool check_state_serves(uint8_t state);
/* Who plays the other role; NULL: nobody. */
struct node *check_partner(const struct node *node);

/* A client has been told that it may use an address for `lease` ns, until then. */
void check_told(uint32_t client, uint32_t address, uint64_t until, uint64_t lease);
void check_given_up(uint32_t client, uint32_t address);

/* A reply leaves a node; the request that it answers was sent at `asked`. */
void check_reply(struct node *node, const struct wire_reply *reply, uint64_t asked, bool kernel);

/* Bytes of a file are on stable storage that were not before. */
void check_synced(struct node *node, const char *name, const uint8_t *bytes, size_t offset,
		  size_t size);
/* A daemon has started: what it read is on stable storage. */
void check_started(struct node *node);
void check_disk_lost(struct node *node);

/* The daemon reads its clocks anew: what it converts from now on is by the present wall clock. */
void check_clock_known(struct node *node);
/* A grace period of program runs begins and ends. */
void check_grace(struct node *node);
/* Its program is detached, or its memory without power. */
void check_kernel_gone(struct node *node);
/* An event of the node's daemon is over. */
void check_beat(struct node *node);
/* May a server go from one state to the other? */
bool check_state_follows(uint8_t before, uint8_t after);

/* One way of a connection. */
struct check_stream;
/* `other`: the way back, where there is one already. */
struct check_stream *check_stream_new(int from, int to, struct check_stream *other);
void check_stream_free(struct check_stream *stream);
void check_stream_sent(struct check_stream *stream, const uint8_t *bytes, size_t length);
void check_stream_received(struct check_stream *stream, const uint8_t *bytes, size_t length);

/* Everything is healed and has been quiet for long enough. */
void check_converged(void);

#endif
