/* SPDX-License-Identifier: GPL-2.0-only */
/* What can be wrong with a reply. Read by the in-kernel checker too: includes nothing. */
#ifndef BLAST_CAUSES_H
#define BLAST_CAUSES_H

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

#endif
