// SPDX-License-Identifier: GPL-2.0-only
/*
 * Renewals from within the kernel, and the judge of their replies.
 *
 * blast_generate runs under BPF_PROG_TEST_RUN with live frames: each run takes
 * the next client, writes its whole request over whatever the recycled page
 * held, and sends it out of the interface; where a rate is asked for, runs that
 * come too early send nothing. The test's frame is always longer
 * than the request, so that the length is set anew each time: a frame whose
 * bounds the program leaves alone would keep those of the reply that its page
 * carried before.
 *
 * blast_check is the interface's own XDP program. It judges every reply to a
 * generated request and drops it; all else goes up.
 */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bench/blast/dhcp.h"
#include "bench/blast/image.h"

#define SERIAL_MASK 0xfff
#define INDEX_MASK ((1U << SERIAL_SHIFT) - 1)
#define OFFSET_MASK 1023
#define REPLY_MIN (BOOTP_AT + BOOTP_MIN)
#define WORDS_MAX ((IMAGE_BYTES - IMAGE_WORDS_AT) / 8)
#define LATE_SERIALS 64
#define BEHIND_MAX ((__u64)50000000 << 10) /* 50 ms: twice what starting a test takes */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* set before loading */
	__type(key, __u32);
	__type(value, struct blast_client);
} clients SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SORTS_MAX);
	__type(key, __u32);
	__type(value, struct blast_sort);
} sorts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct blast_walk);
} walks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct blast_verdicts);
} verdicts SEC(".maps");

const volatile struct blast_setup setup = {1, 1, 1};
volatile __u32 judging; /* 0: userspace takes the images, everything goes up */

static __always_inline __u16 fold(__u64 sum)
{
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	return (sum >> 16) + (sum & 0xffff);
}

static __always_inline int same_mac(const __u8 *a, const __u8 *b)
{
	return *(const __u32 *)a == *(const __u32 *)b &&
	       *(const __u16 *)(a + 4) == *(const __u16 *)(b + 4);
}

static __always_inline void mac_copy(__u8 *to, const __u8 *from)
{
	*(__u32 *)to = *(const __u32 *)from;
	*(__u16 *)(to + 4) = *(const __u16 *)(from + 4);
}

/* Whose turn it is, with a transaction of its own. */
static __always_inline struct blast_client *client_next(struct blast_walk *walk)
{
	struct blast_client *client;
	__u32 index = walk->next;

	if (index >= walk->end) {
		index = walk->first;
		walk->serial++;
	}
	walk->next = index + 1;
	client = bpf_map_lookup_elem(&clients, &index);
	if (!client)
		return 0;
	if (client->xid != client->answered)
		walk->unanswered++;
	client->xid = (walk->serial & SERIAL_MASK) << SERIAL_SHIFT | (index & INDEX_MASK);
	return client;
}

/* Is a request due? A run that is too early sends nothing. */
static __always_inline int walk_due(struct blast_walk *walk)
{
	__u64 now;

	if (!walk->left)
		return 0;
	walk->left--;
	if (!setup.interval)
		return 1;
	now = bpf_ktime_get_ns() << 10;
	if (now < walk->due) {
		walk->left++;
		return 0;
	}
	if (!walk->due)
		walk->due = now;
	if (now - walk->due > BEHIND_MAX) {
		walk->skipped += (now - walk->due - BEHIND_MAX) / setup.interval;
		walk->due = now - BEHIND_MAX;
	}
	walk->due += setup.interval;
	return 1;
}

/* What the template lacks. The checksum's sum lacks only the xid. */
static __always_inline int request_patch(struct xdp_md *ctx, const struct blast_client *client,
					 const struct blast_sort *sort)
{
	__u8 *frame = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end, *at;
	__u32 xid = client->xid;
	__u16 checksum;

	if (frame + BOOTP_AT + BOOTP_OPTIONS > end)
		return -1;
	if (sort->way == WAY_DIRECT)
		mac_copy(frame + 6, client->mac);
	if (sort->way != WAY_RELAYED)
		*(__be32 *)(frame + IP_AT + 12) = client->address;
	*(__u16 *)(frame + IP_AT + 10) = client->ip_checksum;
	checksum = ~fold((__u64)client->udp_sum + (xid >> 16) + (xid & 0xffff));
	*(__be16 *)(frame + UDP_AT + 6) = checksum ? bpf_htons(checksum) : 0xffff;
	*(__be32 *)(frame + BOOTP_AT + BOOTP_XID) = bpf_htonl(xid);
	*(__be32 *)(frame + BOOTP_AT + BOOTP_CIADDR) = client->address;
	mac_copy(frame + BOOTP_AT + BOOTP_CHADDR, client->mac);
	at = frame + (sort->mac_at & OFFSET_MASK);
	if (sort->mac_at && at + 6 <= end)
		mac_copy(at, client->mac);
	at = frame + (sort->circuit_at & OFFSET_MASK);
	if (sort->circuit_at && at + 4 <= end)
		*(__be32 *)at = client->circuit;
	return 0;
}

SEC("xdp")
int blast_generate(struct xdp_md *ctx)
{
	struct blast_client *client;
	struct blast_walk *walk;
	struct blast_sort *sort;
	__u32 key = 0, length;

	walk = bpf_map_lookup_elem(&walks, &key);
	if (!walk || !walk_due(walk))
		return XDP_DROP;
	client = client_next(walk);
	if (!client)
		return XDP_DROP;
	key = client->sort;
	sort = bpf_map_lookup_elem(&sorts, &key);
	if (!sort)
		return XDP_DROP;
	length = sort->length;
	if (length < BOOTP_AT + BOOTP_OPTIONS || length > IMAGE_BYTES ||
	    bpf_xdp_adjust_tail(ctx, (int)length - (int)setup.frame_size) ||
	    bpf_xdp_store_bytes(ctx, 0, sort->request, length) ||
	    request_patch(ctx, client, sort)) {
		walk->stuck++;
		return XDP_DROP;
	}
	walk->sent++;
	return bpf_redirect(setup.interface, 0);
}

/* Ethernet and IPv4, which the comparison leaves out. */
static __always_inline int headers_judge(const __u8 *frame, const struct blast_client *client,
					 const struct blast_sort *sort, __u32 length)
{
	const __u16 *ip = (const void *)(frame + IP_AT);
	__u64 sum = 0;

	if (!same_mac(frame, sort->way == WAY_DIRECT ? client->mac : sort->reply) ||
	    !same_mac(frame + 6, sort->reply + 6))
		return CAUSE_ADDRESSING;
	if (frame[IP_AT] != 0x45 || frame[IP_AT + 8] == 0 ||
	    *(const __u16 *)(frame + IP_AT + 6) & bpf_htons(0x3fff))
		return CAUSE_IP_HEADER;
	if (bpf_ntohs(ip[1]) != length - IP_AT)
		return CAUSE_FRAME;
	for (int i = 0; i < 10; i++)
		sum += ip[i];
	if (fold(sum) != 0xffff)
		return CAUSE_IP_CHECKSUM;
	if (*(const __be32 *)(frame + IP_AT + 12) != *(const __be32 *)(sort->reply + IP_AT + 12))
		return CAUSE_ADDRESSING;
	if (*(const __be32 *)(frame + IP_AT + 16) !=
	    (sort->way == WAY_RELAYED ? *(const __be32 *)(sort->reply + IP_AT + 16)
				      : client->address))
		return CAUSE_ADDRESSING;
	return CAUSE_NONE;
}

/* A number in the options, 0 where there is none. */
static __always_inline __u32 number_at(const __u8 *frame, const __u8 *end, __u32 at)
{
	const __u8 *from = frame + (at & OFFSET_MASK);

	if (!at || from + 4 > end)
		return 0;
	return bpf_ntohl(*(const __be32 *)from);
}

/* What differs from client to client. */
static __always_inline int fields_judge(const __u8 *frame, const __u8 *end,
					const struct blast_client *client,
					const struct blast_sort *sort)
{
	const __u8 *bootp = frame + BOOTP_AT, *at;
	__be32 ciaddr = sort->has_ciaddr ? client->address : 0;
	__u32 lease, t1, t2;

	if (*(const __be32 *)(bootp + BOOTP_YIADDR) != client->address)
		return CAUSE_YIADDR;
	if (*(const __be32 *)(bootp + BOOTP_CIADDR) != ciaddr)
		return CAUSE_CIADDR;
	lease = number_at(frame, end, sort->lease_at);
	t1 = number_at(frame, end, sort->t1_at);
	t2 = number_at(frame, end, sort->t2_at);
	if (!lease || lease > sort->lease)
		return CAUSE_LEASE_TIME;
	if (sort->t2_at && (t2 >= lease || t1 >= t2))
		return CAUSE_TIMES;
	at = frame + (sort->reply_mac_at & OFFSET_MASK);
	if (sort->reply_mac_at && (at + 6 > end || !same_mac(at, client->mac)))
		return CAUSE_CLIENT_ID;
	at = frame + (sort->reply_circuit_at & OFFSET_MASK);
	if (sort->reply_circuit_at && (at + 4 > end || *(const __be32 *)at != client->circuit))
		return CAUSE_AGENT;
	return CAUSE_NONE;
}

/* A checksum that hardware was to finish holds the pseudo-header's sum. */
static __always_inline int unfinished(const __u8 *frame)
{
	const __u16 *addresses = (const void *)(frame + IP_AT + 12);
	__u64 sum = (__u64)addresses[0] + addresses[1] + addresses[2] + addresses[3];

	sum += bpf_htons(17) + *(const __u16 *)(frame + UDP_AT + 4);
	return fold(sum) == *(const __u16 *)(frame + UDP_AT + 6);
}

/* Every byte from the addresses on: the image's where the mask says so, and all in the sum. */
static __noinline int bytes_judge(struct xdp_md *ctx, struct blast_sort *sort,
				  struct blast_verdicts *verdict)
{
	__u8 *frame = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 sum = bpf_htons(17), wrong = 0, word;
	__u32 length, rest, at;

	if (!sort || !verdict || frame + REPLY_MIN > end)
		return CAUSE_SHORT;
	length = end - frame;
	if (length < REPLY_MIN || length > IMAGE_BYTES)
		return CAUSE_LONG;
	for (int i = 0; i < WORDS_MAX; i++) {
		at = IMAGE_WORDS_AT + i * 8;
		if (frame + at + 8 > end)
			break;
		word = *(__u64 *)(frame + at);
		sum += (word >> 32) + (word & 0xffffffff);
		wrong |= (word ^ *(__u64 *)(sort->reply + at)) & *(__u64 *)(sort->mask + at);
	}
	rest = (length - IMAGE_WORDS_AT) & 7;
	for (int i = 0; i < 7; i++) {
		__u32 behind = rest - i;

		if (i >= rest)
			break;
		if (behind < 1 || behind > 7)
			break;
		at = length - behind;
		if (at >= IMAGE_BYTES || frame + at + 1 > end)
			break;
		sum += (__u64)frame[at] << (8 * (i & 1));
		wrong |= (frame[at] ^ sort->reply[at]) & sort->mask[at];
	}
	sum += *(__u16 *)(frame + UDP_AT + 4);
	verdict->compared++;
	if (wrong)
		return CAUSE_CONTENT;
	if (!*(__u16 *)(frame + UDP_AT + 6) || fold(sum) == 0xffff)
		return CAUSE_NONE;
	if (!unfinished(frame))
		return CAUSE_UDP_CHECKSUM;
	verdict->unfinished++;
	return CAUSE_NONE;
}

static __always_inline int reply_judge(struct xdp_md *ctx, struct blast_client *client,
				       struct blast_verdicts *verdict, __u32 xid)
{
	__u8 *frame = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key = client->sort, length = end - frame;
	struct blast_sort *sort;
	int cause, full = setup.full_every && verdict->replies % setup.full_every == 0;

	if (client->answered == xid)
		return CAUSE_DUPLICATE;
	sort = bpf_map_lookup_elem(&sorts, &key);
	if (!sort)
		return CAUSE_XID;
	if (length != sort->reply_length)
		return CAUSE_FRAME;
	if (setup.sparse && (setup.echoed || !full)) {
		client->answered = xid;
		return CAUSE_NONE;
	}
	if (frame + REPLY_MIN > end)
		return CAUSE_SHORT;
	cause = headers_judge(frame, client, sort, length);
	if (cause == CAUSE_NONE)
		cause = fields_judge(frame, end, client, sort);
	if (cause == CAUSE_NONE && full)
		cause = bytes_judge(ctx, sort, verdict);
	client->answered = xid;
	return cause;
}

/* Finds the request; `*verdict` counts. */
static __always_inline void reply_take(struct xdp_md *ctx, struct blast_verdicts *verdict)
{
	__u8 *frame = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct blast_client *client;
	__u32 xid, index, age;
	int cause;

	verdict->replies++;
	if (frame + (setup.echoed ? BOOTP_AT + BOOTP_OPTIONS : REPLY_MIN) > end) {
		verdict->failures[CAUSE_SHORT]++;
		return;
	}
	xid = bpf_ntohl(*(__be32 *)(frame + BOOTP_AT + BOOTP_XID));
	index = xid & INDEX_MASK;
	client = bpf_map_lookup_elem(&clients, &index);
	if (!client) {
		verdict->failures[CAUSE_XID]++;
		return;
	}
	age = ((client->xid - xid) >> SERIAL_SHIFT) & SERIAL_MASK;
	if (!same_mac(frame + BOOTP_AT + BOOTP_CHADDR, client->mac))
		cause = CAUSE_CHADDR;
	else if (age > LATE_SERIALS)
		cause = CAUSE_XID;
	else if (age) {
		verdict->late++;
		return;
	} else
		cause = reply_judge(ctx, client, verdict, xid);
	if (cause == CAUSE_NONE)
		verdict->correct++;
	else if (cause > 0 && cause < CAUSE_COUNT)
		verdict->failures[cause]++;
}

SEC("xdp")
int blast_check(struct xdp_md *ctx)
{
	__u8 *frame = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct blast_verdicts *verdict;
	__u32 zero = 0;
	__u16 port;

	verdict = bpf_map_lookup_elem(&verdicts, &zero);
	if (!verdict || !judging)
		return XDP_PASS;
	if (frame + BOOTP_AT + 1 > end || *(__be16 *)(frame + 12) != bpf_htons(ETHERTYPE_IPV4) ||
	    frame[IP_AT + 9] != 17 ||
	    (!setup.echoed && *(__be16 *)(frame + UDP_AT) != bpf_htons(PORT_SERVER)) ||
	    frame[BOOTP_AT + BOOTP_OP] != (setup.echoed ? 1 : 2)) {
		verdict->passed++;
		return XDP_PASS;
	}
	port = bpf_ntohs(*(__be16 *)(frame + UDP_AT + 2));
	if (port != PORT_CLIENT && port != PORT_SERVER) {
		verdict->passed++;
		return XDP_PASS;
	}
	reply_take(ctx, verdict);
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
