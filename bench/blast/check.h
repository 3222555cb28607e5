/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reply frame → verdict. Reading is one step: whatever is wrong with the frame
 * by itself. Judging is another: whether it answers what this client asked.
 * Both return the first thing that is wrong, or CAUSE_NONE.
 */
#ifndef BLAST_CHECK_H
#define BLAST_CHECK_H

#include "bench/blast/blast.h"
#include "bench/blast/causes.h"

extern const char *const cause_words[CAUSE_COUNT];
extern const char *const cause_texts[CAUSE_COUNT];

/* A reply as read. */
struct reply {
	uint8_t type;
	uint8_t source_mac[6], destination_mac[6];
	uint32_t source, destination;
	uint16_t port;
	uint32_t xid, ciaddr, yiaddr, giaddr;
	uint16_t secs, flags;
	uint64_t chaddr;
	uint32_t server_id, lease, t1, t2;
	bool has_server_id, has_lease, has_t1, has_t2, agent_last;
	const uint8_t *identity, *agent;
	uint8_t identity_length, agent_length;
	uint16_t datagram; /* IP total length */
	uint32_t content; /* hash of all that configures the client, times apart */
};

/* What the client is waiting for. 0 where anything will do. */
struct expectation {
	uint64_t mac;
	uint8_t type; /* OFFER or ACK; NAK also answers a request */
	bool relayed; /* the request came through the relay */
	bool broadcast; /* the client's flag */
	bool lenient; /* what other servers leave out may be missing */
	uint32_t giaddr, ciaddr, address, server_id, lease;
	uint32_t content;
	uint16_t max_size;
	uint8_t link_mac[6]; /* where the frame must go, if not broadcast */
	uint8_t identity[IDENTITY_MAX], agent[AGENT_MAX];
	uint8_t identity_length, agent_length;
};

/*
 * Is the UDP checksum what will be on the wire? One that a socket leaves to the
 * hardware holds the sum of the pseudo-header until then.
 */
bool reply_finished(const uint8_t *frame, size_t length);

/* `finished`: the frame's UDP checksum is what will be on the wire. */
enum cause reply_read(const uint8_t *frame, size_t length, bool finished, struct reply *ret);
/* Of what judging finds: a client would take the reply all the same, and so do ours, counting it. */
bool cause_harmless(enum cause cause);
enum cause reply_judge(const struct reply *reply, const struct expectation *expected);

#endif
