/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wire.h: Ethernet, IPv4, UDP and DHCP as they lie on the wire.
 *
 * Read by the XDP program, by its native build and by userspace; needs
 * nothing but the kernel's fixed-width types. Multi-byte fields are in
 * network byte order and named be where they are read through a struct.
 */
#ifndef XDHCP_SHARED_WIRE_H
#define XDHCP_SHARED_WIRE_H

#include <linux/types.h>

#define WIRE_ETH_ALEN 6
#define WIRE_ETH_HLEN 14
#define WIRE_ETHERTYPE_IPV4 0x0800
#define WIRE_IPV4_HLEN 20
#define WIRE_UDP_HLEN 8
#define WIRE_IPPROTO_UDP 17

#define DHCP_PORT_SERVER 67
#define DHCP_PORT_CLIENT 68

/* RFC 2131 section 2, figure 1: the fixed part, 236 bytes, then the cookie. */
struct wire_bootp {
	__u8 op;
	__u8 htype;
	__u8 hlen;
	__u8 hops;
	__be32 xid;
	__be16 secs;
	__be16 flags;
	__be32 ciaddr;
	__be32 yiaddr;
	__be32 siaddr;
	__be32 giaddr;
	__u8 chaddr[16];
	__u8 sname[64];
	__u8 file[128];
	__be32 cookie;
} __attribute__((packed, aligned(2)));

#define DHCP_OP_REQUEST 1
#define DHCP_OP_REPLY 2
#define DHCP_CHADDR_LEN 16
#define DHCP_SNAME_LEN 64
#define DHCP_FILE_LEN 128
#define DHCP_COOKIE 0x63825363U
#define DHCP_FIXED_LEN 240 /* fixed part and cookie: options start here */
#define DHCP_FLAG_BROADCAST 0x8000

/*
 * RFC 1542 section 2.1: a BOOTP message is at least 300 bytes. RFC 2132
 * section 9.10: a client takes 576 bytes of IP datagram unless it says more.
 */
#define DHCP_REPLY_MIN 300
#define DHCP_DATAGRAM_DEFAULT 576

/* RFC 2132 section 9.6. */
enum dhcp_type {
	DHCP_DISCOVER = 1,
	DHCP_OFFER = 2,
	DHCP_REQUEST = 3,
	DHCP_DECLINE = 4,
	DHCP_ACK = 5,
	DHCP_NAK = 6,
	DHCP_RELEASE = 7,
	DHCP_INFORM = 8,
};

/* The option codes that code speaks of by name; options.def has them all. */
enum dhcp_option_code {
	DHCP_OPT_PAD = 0,
	DHCP_OPT_SUBNET_MASK = 1,
	DHCP_OPT_REQUESTED_ADDRESS = 50,
	DHCP_OPT_LEASE_TIME = 51,
	DHCP_OPT_OVERLOAD = 52,
	DHCP_OPT_MESSAGE_TYPE = 53,
	DHCP_OPT_SERVER_ID = 54,
	DHCP_OPT_PARAMETER_REQUEST = 55,
	DHCP_OPT_MESSAGE = 56,
	DHCP_OPT_MAX_SIZE = 57,
	DHCP_OPT_RENEWAL_TIME = 58,
	DHCP_OPT_REBINDING_TIME = 59,
	DHCP_OPT_CLIENT_ID = 61,
	DHCP_OPT_AGENT = 82,
	DHCP_OPT_SUBNET_SELECTION = 118,
	DHCP_OPT_END = 255,
};

/* Option 82: RFC 3046, RFC 3527 (5), RFC 5107 (11). */
enum dhcp_agent_code {
	DHCP_AGENT_CIRCUIT_ID = 1,
	DHCP_AGENT_REMOTE_ID = 2,
	DHCP_AGENT_LINK_SELECTION = 5,
	DHCP_AGENT_SERVER_ID_OVERRIDE = 11,
};

/*
 * The head of every tail: message type, server identifier, lease time, T1,
 * T2, in this order. The values lie at these offsets of the options part.
 */
#define TAIL_TYPE_AT 2
#define TAIL_SERVER_ID_AT 5
#define TAIL_LEASE_TIME_AT 11
#define TAIL_T1_AT 17
#define TAIL_T2_AT 23
#define TAIL_HEAD_LEN 27

/*
 * T1 and T2 of a lease of `given` seconds. `configured` is what the
 * configuration says, 0 for nothing; a value that does not lie before the end
 * of the time given is no use to a client and gives way to RFC 2131 section
 * 4.4.5's fraction.
 */
static inline __u32 dhcp_t2(__u32 given, __u32 configured)
{
	if (configured && configured < given)
		return configured;
	if (given == 0xffffffffU)
		return given;
	return given - given / 8 - (given % 8 != 0); /* before the end, of the shortest lease too */
}

static inline __u32 dhcp_t1(__u32 given, __u32 configured, __u32 t2)
{
	if (configured && configured < t2)
		return configured;
	if (given == 0xffffffffU)
		return given;
	return given / 2 < t2 ? given / 2 : t2 / 2;
}

#endif
