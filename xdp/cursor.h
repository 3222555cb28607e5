/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the frame to what the rest of the program needs of it. Every step that
 * finds something it does not fully understand returns the reason to punt.
 */
#ifndef XDHCP_CURSOR_H
#define XDHCP_CURSOR_H

#include "xdp/maps.h"

#define OK (-1) /* no reason to punt so far */

#define ETHERTYPE_8021Q 0x8100
#define ETHERTYPE_8021AD 0x88a8
#define IPV4_FRAGMENT 0x3fff /* more-fragments and offset */
#define IPV4_DONT_FRAGMENT 0x4000
#define IPV4_BROADCAST 0xffffffffU

struct wire_eth {
	__u8 destination[WIRE_ETH_ALEN];
	__u8 source[WIRE_ETH_ALEN];
	__be16 type;
} __attribute__((packed, aligned(2)));

struct wire_ipv4 {
	__u8 version_ihl;
	__u8 tos;
	__be16 total_length;
	__be16 id;
	__be16 fragment;
	__u8 ttl;
	__u8 protocol;
	__be16 checksum;
	__be32 source;
	__be32 destination;
} __attribute__((packed, aligned(2)));

struct wire_udp {
	__be16 source;
	__be16 destination;
	__be16 length;
	__be16 checksum;
} __attribute__((packed, aligned(2)));

/* All headers of a DHCP frame without a VLAN tag: the option area follows. */
struct wire_frame {
	struct wire_eth eth;
	struct wire_ipv4 ip;
	struct wire_udp udp;
	struct wire_bootp bootp;
} __attribute__((packed, aligned(2)));

#define FRAME_OVERHEAD (WIRE_ETH_HLEN + WIRE_IPV4_HLEN + WIRE_UDP_HLEN)
#define FRAME_FIXED (FRAME_OVERHEAD + DHCP_FIXED_LEN)
_Static_assert(sizeof(struct wire_frame) == FRAME_FIXED, "the headers lie on the wire as declared");

/* The first 44 bytes of a BOOTP message, which a reply repeats in part. */
struct bootp_head {
	__u8 op, htype, hlen, hops;
	__be32 xid;
	__be16 secs, flags;
	__be32 ciaddr, yiaddr, siaddr, giaddr;
	__u8 chaddr[DHCP_CHADDR_LEN];
};

/* A request on its way through the program. Addresses as on the wire. */
struct request {
	__u32 network; /* 0: that of ciaddr; before bootp, so that chaddr is aligned for its hash */
	struct bootp_head bootp;
	__be32 source, destination;
	__u8 mac[WIRE_ETH_ALEN]; /* whom the frame came from */
	__u16 area_length;
	__u32 frame_length;
	struct xdhcp_link link;
	__u64 key;
	__u64 signature;
};
_Static_assert(__builtin_offsetof(struct request, bootp.chaddr) % 8 == 0, "hashed by words");

/*
 * Words of a frame, wherever they lie: BPF on the machines that it is made for
 * reads them in one piece, but clang believes otherwise of a packed struct.
 */
#ifdef __bpf__
typedef __u32 frame_u32;
typedef __u64 frame_u64;
#else
typedef __u32 frame_u32 __attribute__((aligned(1), may_alias));
typedef __u64 frame_u64 __attribute__((aligned(1), may_alias));
#endif

#define HEAD_WORDS (sizeof(struct bootp_head) / 4)

static __always_inline void head_copy(void *to, const void *from)
{
	for (unsigned int i = 0; i < HEAD_WORDS; i++)
		((frame_u32 *)to)[i] = ((const frame_u32 *)from)[i];
}

static __always_inline __u32 checksum_fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* Ones' complement sum of an IPv4 header without options; 0xffff where its checksum holds. */
static __always_inline __u32 ipv4_sum(const struct wire_ipv4 *ip)
{
	const __be16 *words = (const void *)ip;
	__u32 sum = 0;

	for (int i = 0; i < WIRE_IPV4_HLEN / 2; i++)
		sum += words[i];
	return checksum_fold(sum);
}

static __always_inline int mac_equal(const __u8 *a, const __u8 *b)
{
	return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]) | (a[4] ^ b[4]) |
		(a[5] ^ b[5])) == 0;
}

static __always_inline int mac_broadcast(const __u8 *mac)
{
	return (mac[0] & mac[1] & mac[2] & mac[3] & mac[4] & mac[5]) == 0xff;
}

/* Is this frame ours to look at? Ethernet, IPv4 and UDP up to port 67. */
static __always_inline int frame_check(const struct wire_frame *frame, const void *end)
{
	const struct wire_ipv4 *ip = &frame->ip;

	if ((const void *)(ip + 1) > end)
		return XDHCP_COUNT_OTHER;
	if (frame->eth.type != bpf_htons(WIRE_ETHERTYPE_IPV4)) {
		if (frame->eth.type == bpf_htons(ETHERTYPE_8021Q) ||
		    frame->eth.type == bpf_htons(ETHERTYPE_8021AD))
			return XDHCP_PUNT_TAGGED;
		return XDHCP_COUNT_OTHER;
	}
	if (ip->protocol != WIRE_IPPROTO_UDP)
		return XDHCP_COUNT_OTHER;
	if (ip->version_ihl != 0x45)
		return XDHCP_PUNT_IP_OPTIONS;
	if (ip->fragment & bpf_htons(IPV4_FRAGMENT))
		return XDHCP_PUNT_FRAGMENT;
	if ((const void *)(&frame->udp + 1) > end)
		return XDHCP_COUNT_OTHER;
	if (frame->udp.destination != bpf_htons(DHCP_PORT_SERVER))
		return XDHCP_COUNT_OTHER;
	return OK;
}

/* Lengths and header checksum; the option area's length goes into the request. */
static __always_inline int frame_measure(const struct wire_frame *frame, struct request *request)
{
	__u32 total = bpf_ntohs(frame->ip.total_length);
	__u32 datagram = bpf_ntohs(frame->udp.length);

	if (total + WIRE_ETH_HLEN > request->frame_length || datagram + WIRE_IPV4_HLEN > total ||
	    datagram <= WIRE_UDP_HLEN + DHCP_FIXED_LEN || ipv4_sum(&frame->ip) != 0xffff)
		return XDHCP_PUNT_SHORT;
	if (datagram > WIRE_UDP_HLEN + DHCP_FIXED_LEN + XDHCP_AREA_MAX)
		return XDHCP_PUNT_SIZE;
	request->area_length = datagram - WIRE_UDP_HLEN - DHCP_FIXED_LEN;
	return OK;
}

/*
 * RFC 2131 section 4.3.2: a renewal has ciaddr, and nothing in the fields
 * that only servers fill in. Who sends it: the client itself by unicast from
 * ciaddr, or by broadcast also before it trusts its address, or a relay to
 * one of our addresses.
 */
static __always_inline int header_check(const struct wire_frame *frame,
					const struct request *request)
{
	const struct bootp_head *bootp = &request->bootp;
	int broadcast = request->destination == IPV4_BROADCAST;

	if (bootp->op != DHCP_OP_REQUEST || bootp->hlen > DHCP_CHADDR_LEN || bootp->yiaddr ||
	    bootp->siaddr || frame->bootp.cookie != bpf_htonl(DHCP_COOKIE))
		return XDHCP_PUNT_HEADER;
	if (!bootp->ciaddr)
		return XDHCP_PUNT_TYPE;
	if (bootp->giaddr)
		return broadcast ? XDHCP_PUNT_SOURCE : OK;
	if (frame->udp.source != bpf_htons(DHCP_PORT_CLIENT))
		return XDHCP_PUNT_SOURCE;
	if (request->source != bootp->ciaddr && !(broadcast && !request->source))
		return XDHCP_PUNT_SOURCE;
	/* Without an address it is reached by its hardware address alone, and the slow path broadcasts. */
	if (!request->source && (bootp->htype != 1 || bootp->hlen != WIRE_ETH_ALEN))
		return XDHCP_PUNT_SOURCE;
	return OK;
}

/* A DHCP message's frame: what it says of itself, still to be judged. */
static __always_inline int frame_open(struct xdp_md *ctx, struct request *request)
{
	const void *end = (const void *)(long)ctx->data_end;
	const struct wire_frame *frame = (const void *)(long)ctx->data;
	int reason;

	reason = frame_check(frame, end);
	if (reason != OK)
		return reason;
	if ((const void *)(frame + 1) > end)
		return XDHCP_PUNT_SHORT;
	request->frame_length = end - (const void *)frame;
	head_copy(&request->bootp, &frame->bootp);
	return OK;
}

/* Is it for us, whole, and may it be a renewal? */
static __always_inline int frame_judge(struct xdp_md *ctx, struct request *request)
{
	const void *end = (const void *)(long)ctx->data_end;
	const struct wire_frame *frame = (const void *)(long)ctx->data;
	struct xdhcp_link_key key = {.ifindex = ctx->ingress_ifindex};
	const struct xdhcp_link *link;
	int reason;

	if ((const void *)(frame + 1) > end)
		return XDHCP_PUNT_SHORT;
	link = bpf_map_lookup_elem(&links, &key);
	if (!link)
		return XDHCP_PUNT_NO_LINK;
	request->link = *link;
	if (!mac_equal(frame->eth.destination, link->mac) && !mac_broadcast(frame->eth.destination))
		return XDHCP_PUNT_NOT_OURS;
	request->source = frame->ip.source;
	request->destination = frame->ip.destination;
	if (request->destination != IPV4_BROADCAST &&
	    request->destination != bpf_htonl(link->server_id) &&
	    !bpf_map_lookup_elem(&addresses, &request->destination))
		return XDHCP_PUNT_NOT_OURS;
	reason = frame_measure(frame, request);
	if (reason != OK)
		return reason;
	__builtin_memcpy(request->mac, frame->eth.source, WIRE_ETH_ALEN);
	return header_check(frame, request);
}

/* The whole way from bytes to a request that may be a renewal. */
static __always_inline int frame_read(struct xdp_md *ctx, struct request *request)
{
	int reason = frame_open(ctx, request);

	return reason == OK ? frame_judge(ctx, request) : reason;
}

#endif
