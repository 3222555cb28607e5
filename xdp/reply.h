/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reply: fixed fields, the tail as rendered, the times patched in, what
 * the client and the relay sent echoed behind (RFC 6842, RFC 3046), sums.
 * Everything of the request that is needed is copied out before the frame is
 * resized; a frame that cannot be resized is still the request.
 */
#ifndef XDHCP_REPLY_H
#define XDHCP_REPLY_H

#include "xdp/lookup.h"
#include "xdp/scan.h"

/* Appends a whole option, code and length too, as it lies in the frame. */
static __always_inline int echo_option(struct xdp_md *ctx, struct xdhcp_scratch *work,
				       enum found_option option, __u32 *length)
{
	__u32 size = (work->found[option].length & 0xff) + 2;
	__u32 to = *length;

	if (to + size >= XDHCP_ECHO_MAX || to > 257)
		return XDHCP_PUNT_SIZE;
	if (bpf_xdp_load_bytes(ctx, FRAME_FIXED + (work->found[option].at & AREA_MASK) - 2,
			       work->echo + to, size))
		return XDHCP_PUNT_SHORT;
	*length = to + size;
	return OK;
}

/*
 * Option 61, then 82, which is last before END; zeros behind, which become
 * the padding. Returns the length, END in it, or less than 0: too large.
 */
VERIFIED_ALONE int echo_build(struct xdp_md *ctx)
{
	__u32 zero = 0, length = 0;
	struct xdhcp_scratch *work = bpf_map_lookup_elem(&scratch, &zero);

	if (!work)
		return -1;
	if (FOUND(work->mask, FOUND_CLIENT_ID) &&
	    echo_option(ctx, work, FOUND_CLIENT_ID, &length) != OK)
		return -1;
	if (FOUND(work->mask, FOUND_AGENT) && echo_option(ctx, work, FOUND_AGENT, &length) != OK)
		return -1;
	if (length >= XDHCP_ECHO_MAX)
		return -1;
	work->echo[length] = DHCP_OPT_END;
	__builtin_memset(work->echo + length + 1, 0, ECHO_SLACK - 16);
	return length + 1;
}

/*
 * Makes the frame `length` bytes long, content undefined: the tail grows or
 * shrinks, else the head grows, by an even number that keeps the headers aligned.
 */
static __always_inline int frame_resize(struct xdp_md *ctx, __u32 from, __u32 length,
					__u32 *ret_grew_head)
{
	int delta = (int)length - (int)from;

	*ret_grew_head = 0;
	if (!delta || !bpf_xdp_adjust_tail(ctx, delta))
		return OK;
	if (delta < 0 || bpf_xdp_adjust_head(ctx, -((delta + 1) & ~1)))
		return XDHCP_PUNT_ROOM;
	if (delta & 1)
		bpf_xdp_adjust_tail(ctx, -1);
	*ret_grew_head = 1;
	return OK;
}

static __always_inline __u32 sum_swap(__u32 sum)
{
	return ((sum & 0xff) << 8) | (sum >> 8);
}

/* A 32-bit value at an odd offset, as it counts in a ones' complement sum. */
static __always_inline __u32 sum_odd(__u32 value)
{
	return sum_swap(checksum_fold((value >> 16) + (value & 0xffff)));
}

static __always_inline __u32 sum_be32(__be32 value)
{
	__u32 host = bpf_ntohl(value);

	return (host >> 16) + (host & 0xffff);
}

struct times {
	__u32 lease, t1, t2;
};

/* A sum of 32-bit words in memory order, folded to 16 bits of that order. */
static __always_inline __u32 checksum_fold64(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	return checksum_fold((__u32)sum);
}

/* Headers and the fixed part; returns the sum of what the UDP checksum covers of them. */
static __always_inline __u32 head_write(struct wire_frame *frame, const struct request *request,
					const struct xdhcp_tail *tail, __u32 datagram)
{
	struct bootp_head head = request->bootp;
	const __be32 *words = (const void *)&head;
	__be32 source = request->destination;
	__be32 destination = head.giaddr ? head.giaddr : head.ciaddr;
	__u16 port = head.giaddr ? DHCP_PORT_SERVER : DHCP_PORT_CLIENT;
	__u64 words_sum = 0;
	__u32 sum;

	if (source == IPV4_BROADCAST)
		source = bpf_htonl(request->link.server_id);
	head.op = DHCP_OP_REPLY;
	head.hops = 0;
	head.secs = 0;
	head.yiaddr = head.ciaddr;
	head.siaddr = tail->siaddr;
	__builtin_memcpy(frame->eth.destination, request->mac, WIRE_ETH_ALEN);
	__builtin_memcpy(frame->eth.source, request->link.mac, WIRE_ETH_ALEN);
	frame->eth.type = bpf_htons(WIRE_ETHERTYPE_IPV4);
	frame->ip = (struct wire_ipv4){
		.version_ihl = 0x45,
		.total_length = bpf_htons(datagram + WIRE_IPV4_HLEN),
		.fragment = bpf_htons(IPV4_DONT_FRAGMENT),
		.ttl = 64,
		.protocol = WIRE_IPPROTO_UDP,
		.source = source,
		.destination = destination,
	};
	frame->ip.checksum = ~ipv4_sum(&frame->ip);
	frame->udp.source = bpf_htons(DHCP_PORT_SERVER);
	frame->udp.destination = bpf_htons(port);
	frame->udp.length = bpf_htons(datagram);
	frame->udp.checksum = 0;
	head_copy(&frame->bootp, &head);
	frame->bootp.cookie = bpf_htonl(DHCP_COOKIE);
	for (unsigned int i = 0; i < HEAD_WORDS; i++)
		words_sum += words[i];
	sum = bpf_ntohs(checksum_fold64(words_sum));
	sum += sum_be32(source) + sum_be32(destination) + WIRE_IPPROTO_UDP + datagram;
	sum += DHCP_PORT_SERVER + port + datagram;
	sum += (DHCP_COOKIE >> 16) + (DHCP_COOKIE & 0xffff);
	return sum;
}

/* sname and file: whatever lay there before must not stay. */
static __always_inline void names_write(struct wire_bootp *bootp, const struct xdhcp_tail *tail)
{
	if (tail->named) {
		__builtin_memcpy(bootp->sname, tail->sname, sizeof(bootp->sname));
		__builtin_memcpy(bootp->file, tail->file, sizeof(bootp->file));
	} else {
		frame_u64 *words = (frame_u64 *)bootp->sname;

		for (int i = 0; i < (DHCP_SNAME_LEN + DHCP_FILE_LEN) / 8; i++)
			words[i] = 0;
	}
}

/* Tail, times, echoes and padding, behind the fixed part. */
static __always_inline int options_write(struct xdp_md *ctx, const struct xdhcp_tail *tail,
					 const struct xdhcp_scratch *work,
					 const struct times *times, __u32 length, __u32 echo)
{
	__u8 *options, *end;

	if (length < TAIL_HEAD_LEN || length > XDHCP_TAIL_OPTIONS)
		return XDHCP_PUNT_SIZE;
	if (echo < 1 || echo > XDHCP_ECHO_MAX + ECHO_SLACK - 16)
		return XDHCP_PUNT_SIZE;
	if (bpf_xdp_store_bytes(ctx, FRAME_FIXED, (void *)tail->options,
				length_bound(length, XDHCP_TAIL_OPTIONS)) ||
	    bpf_xdp_store_bytes(ctx, FRAME_FIXED + length, (void *)work->echo,
				length_bound(echo, XDHCP_ECHO_MAX + ECHO_SLACK)))
		return XDHCP_PUNT_ROOM;
	/* Where the kernel is told to guard returns, each call costs more than all of these. */
	options = (__u8 *)(long)ctx->data + FRAME_FIXED;
	end = (void *)(long)ctx->data_end;
	if (options + TAIL_HEAD_LEN > end)
		return XDHCP_PUNT_ROOM;
	*(frame_u32 *)(options + TAIL_LEASE_TIME_AT) = bpf_htonl(times->lease);
	*(frame_u32 *)(options + TAIL_T1_AT) = bpf_htonl(times->t1);
	*(frame_u32 *)(options + TAIL_T2_AT) = bpf_htonl(times->t2);
	return OK;
}

/* Ones' complement sum of echoes, END and padding, which begin at offset `at` of the options. */
static __always_inline __u32 echo_sum(struct xdhcp_scratch *work, __u32 length, __u32 at)
{
	__u32 rounded = (length + 3) & ~3U, sum;

	if (rounded > XDHCP_ECHO_MAX)
		rounded = XDHCP_ECHO_MAX;
	sum = bpf_csum_diff(NULL, 0, (__be32 *)work->echo, rounded, 0);
	sum = bpf_ntohs(checksum_fold(sum));
	return at & 1 ? sum_swap(sum) : sum;
}

/*
 * Turns the request into its ACK. `size`: bytes of options, END in it, not
 * padded. Called with the promise made.
 */
static __always_inline int reply_write(struct xdp_md *ctx, const struct request *request,
				       const struct grant *grant, struct xdhcp_scratch *work,
				       __u32 echo, __u32 *ret_grew_head)
{
	const struct xdhcp_tail *tail = grant->tail;
	__u32 length = tail->length, options = length + echo, sum;
	struct wire_frame *frame;
	struct times times;
	int reason;

	if (options < DHCP_REPLY_MIN - DHCP_FIXED_LEN) {
		echo = DHCP_REPLY_MIN - DHCP_FIXED_LEN - length;
		options = DHCP_REPLY_MIN - DHCP_FIXED_LEN;
	}
	sum = tail->sum + tail->names_sum + echo_sum(work, echo, length);
	times.lease = grant->given;
	times.t2 = dhcp_t2(times.lease, tail->t2);
	times.t1 = dhcp_t1(times.lease, tail->t1, times.t2);
	reason = frame_resize(ctx, request->frame_length, FRAME_FIXED + options, ret_grew_head);
	if (reason != OK)
		return reason;
	frame = (void *)(long)ctx->data;
	if ((void *)(frame + 1) > (void *)(long)ctx->data_end)
		return XDHCP_PUNT_ROOM;
	sum += head_write(frame, request, tail, WIRE_UDP_HLEN + DHCP_FIXED_LEN + options);
	sum += sum_odd(times.lease) + sum_odd(times.t1) + sum_odd(times.t2);
	sum = ~checksum_fold(sum) & 0xffff;
	frame->udp.checksum = sum ? bpf_htons(sum) : 0xffff;
	names_write(&frame->bootp, tail);
	return options_write(ctx, tail, work, &times, length, echo);
}

#endif
