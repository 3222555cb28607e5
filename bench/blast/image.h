/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the in-kernel generator and checker share with userspace: clients,
 * request templates, and images of the replies that they compare with.
 *
 * A client differs from the others of its sort (kind, and the way to the
 * server) in its MAC address, its IP address and its circuit's number; so a
 * request is its sort's template with these patched in, and so is a reply,
 * apart from the times, which are judged as numbers.
 */
#ifndef BLAST_IMAGE_H
#define BLAST_IMAGE_H

#include <linux/types.h>

#include "bench/blast/causes.h"

#define IMAGE_BYTES 640
#define IMAGE_WORDS_AT 26 /* source and destination address: the checksum begins here */
#define SORTS_MAX 32
#define SERIAL_SHIFT 20 /* xid: serial number and index in the map of clients */

/* How requests of a sort go: the client's own frames, routed by the relay, or relayed. */
enum sort_way { WAY_DIRECT, WAY_ROUTED, WAY_RELAYED, WAY_COUNT };

struct blast_client {
	__u8 mac[6];
	__u8 sort;
	__u8 reserved;
	__be32 address;
	__be32 circuit;
	__u16 ip_checksum; /* finished, as it lies in the frame */
	__u16 udp_sum; /* ones' complement sum of what the checksum covers, xid apart; host order */
	__u32 xid; /* of the request under way, host order */
	__u32 answered; /* the last that was answered */
	__u32 reserved2; /* the map lays elements out in multiples of 8 bytes */
};

_Static_assert(sizeof(struct blast_client) == 32, "as the map lays them out");

struct blast_sort {
	__u16 way;
	__u16 length; /* of the request's frame */
	__u16 mac_at; /* in the request: the MAC address in option 61, 0: none */
	__u16 circuit_at; /* and the circuit's number in option 82 */
	__u16 reply_length;
	__u16 reply_mac_at;
	__u16 reply_circuit_at;
	__u16 lease_at, t1_at, t2_at; /* values in the reply, 0: not there */
	__u16 has_ciaddr;
	__u16 reserved;
	__u32 lease; /* the most that a reply may give, host order */
	__u8 request[IMAGE_BYTES];
	__u8 reply[IMAGE_BYTES];
	__u8 mask[IMAGE_BYTES]; /* 0xff: compared */
};

/* Set before loading. */
struct blast_setup {
	__u32 interface;
	__u32 full_every;
	__u32 frame_size; /* of the frame that the test gives, longer than any request */
	__u16 echoed; /* requests come back as they are */
	__u16 sparse; /* what full_every does not name is hardly looked at */
	__u64 interval; /* ns × 1024 between requests of one CPU; 0: as fast as it goes */
};

/* One for each CPU that generates. */
struct blast_walk {
	__u32 first, end; /* its clients */
	__u32 next;
	__u32 serial;
	__u64 left; /* requests that may still be sent */
	__u64 due; /* ns × 1024, where there is an interval */
	__u64 sent;
	__u64 skipped; /* requests given up because we came too late */
	__u64 unanswered; /* requests whose client came round again before its reply */
	__u64 stuck; /* frames that could not be written */
};

/* One for each CPU that replies come in on. */
struct blast_verdicts {
	__u64 replies;
	__u64 correct;
	__u64 compared; /* in full */
	__u64 late;
	__u64 unfinished; /* UDP checksum left to the hardware: from a local socket */
	__u64 passed; /* no replies to us: left to the stack */
	__u64 failures[CAUSE_COUNT];
};

#endif
