/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reply frame → verdict. Reading is one step: whatever is wrong with the frame
 * by itself. Judging is another: whether it answers what this client asked.
 * Both return the first thing that is wrong, or CAUSE_NONE.
 */
#ifndef BLAST_CHECK_H
#define BLAST_CHECK_H

#include "bench/blast/blast.h"

#define CAUSES(X) \
	X(NONE, "none", "nothing is wrong") \
	X(FRAME, "frame", "frame shorter than its headers say, or tagged") \
	X(IP_HEADER, "ip-header", "IP version, options, fragment bits or TTL 0") \
	X(IP_CHECKSUM, "ip-checksum", "IPv4 header checksum") \
	X(UDP_LENGTH, "udp-length", "UDP length disagrees with the IP length") \
	X(UDP_CHECKSUM, "udp-checksum", "UDP checksum") \
	X(SHORT, "short", "BOOTP message below 300 bytes (RFC 1542 section 2.1)") \
	X(LONG, "long", "datagram longer than the client takes (option 57, else 576)") \
	X(HEADER, "bootp-header", \
	  "op, htype, hlen, hops, secs, flags or cookie (RFC 2131 table 3)") \
	X(OPTIONS, "options", "option area: overrun, no END, length or repetition") \
	X(PADDING, "padding", "bytes behind END that are not zero") \
	X(ADDRESSING, "addressing", \
	  "MAC address, IP address or port where the client does not listen") \
	X(XID, "xid", "transaction that this client never began") \
	X(CHADDR, "chaddr", "another client's hardware address") \
	X(TYPE, "type", "message type that does not answer the request") \
	X(YIADDR, "yiaddr", "address other than offered, held or asked for") \
	X(CIADDR, "ciaddr", "ciaddr other than the client's") \
	X(GIADDR, "giaddr", "giaddr other than the request's") \
	X(SERVER_ID, "server-id", "server identifier missing or other than selected") \
	X(LEASE_TIME, "lease-time", "lease time missing, zero or other than --lease") \
	X(TIMES, "t1-t2", "not T1 < T2 < lease time") \
	X(CLIENT_ID, "client-id", "option 61 not echoed (RFC 6842)") \
	X(AGENT, "agent", "option 82 not echoed byte for byte as the last option (RFC 3046)") \
	X(CONTENT, "content", "configuration other than in this client's earlier ACK") \
	X(NAK, "nak", "NAK for a lease that has not expired") \
	X(DUPLICATE, "duplicate", "more replies of one server than requests") \
	X(SHARED, "shared", "address that another client of ours holds")

enum cause {
#define CAUSE_ENUM(name, word, text) CAUSE_##name,
	CAUSES(CAUSE_ENUM)
#undef CAUSE_ENUM
		CAUSE_COUNT,
	CAUSE_FOREIGN = CAUSE_COUNT, /* not a reply, or none for us: no failure */
};

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

/* `finished`: the frame's UDP checksum is what will be on the wire. */
enum cause reply_read(const uint8_t *frame, size_t length, bool finished, struct reply *ret);
/* Of what judging finds: a client would take the reply all the same, and so do ours, counting it. */
bool cause_harmless(enum cause cause);
enum cause reply_judge(const struct reply *reply, const struct expectation *expected);

#endif
