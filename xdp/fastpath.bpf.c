// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fast path: answers in the driver what the daemon has decided already.
 *
 * A renewal of a lease whose client, network and request are those that the
 * daemon rendered a reply for, and whose new end is within the slot's limit,
 * is promised in the slot and answered where it came from. Everything else
 * goes up untouched, counted by the reason. The program never says no.
 *
 *   maps.h     what is shared with the daemon (xdp/shared/abi.h)
 *   cursor.h   frame → request
 *   scan.h     options → client key and signature
 *   lookup.h   slot, limit, promise
 *   known.h    a request that is the last one again
 *   reply.h    tail, times, echoes, sums
 */
#include "xdp/known.h"
#include "xdp/reply.h"

static __always_inline int gate_check(const struct xdhcp_control *ctl, __u64 now)
{
	return now < *(volatile const __u64 *)&ctl->renew_until ? OK : XDHCP_PUNT_GATE;
}

/* Which of the four kinds of answers it was. */
static __always_inline int answered(const struct request *request, const struct grant *grant)
{
	if (grant->slot->network == XDHCP_SELF_TEST_NETWORK)
		return XDHCP_COUNT_SELF_TEST;
	if (request->bootp.giaddr)
		return XDHCP_COUNT_RELAYED;
	return request->destination == IPV4_BROADCAST ? XDHCP_COUNT_REBINDING
						      : XDHCP_COUNT_RENEWING;
}

static __always_inline void count(enum xdhcp_counter counter)
{
	__u32 zero = 0;
	struct xdhcp_counters *mine = bpf_map_lookup_elem(&counters, &zero);

	if (mine)
		mine->count[counter]++;
}

/* The ways through; each step may punt. Returns how the packet is counted. */
static __always_inline int answer(struct xdp_md *ctx)
{
	struct request request = {};
	struct grant grant = {};
	struct xdhcp_control *ctl;
	struct xdhcp_scratch *work;
	__u32 zero = 0, grew_head;
	__u64 now;
	int reason, echo, known;

	reason = frame_open(ctx, &request);
	if (reason != OK)
		return reason;
	/* Before it is needed: among very many leases the slot comes from memory, which takes a while. */
	slot_find(&request, &grant);
	reason = frame_judge(ctx, &request);
	if (reason != OK)
		return reason;
	ctl = bpf_map_lookup_elem(&control, &zero);
	work = bpf_map_lookup_elem(&scratch, &zero);
	if (!ctl || !work)
		return XDHCP_PUNT_GATE;
	now = bpf_ktime_get_coarse_ns();
	reason = gate_check(ctl, now);
	if (reason != OK)
		return reason;
	known = request_known(ctx, &request, &grant, work, ctl->seed);
	if (!known) {
		reason = options_read(ctx, &request, work, ctl->seed);
		if (reason != OK)
			return reason;
	}
	reason = network_find(&request);
	if (reason != OK)
		return reason;
	reason = slot_check(&request, &grant, known);
	if (reason != OK)
		return reason;
	echo = echo_build(ctx);
	if (echo < 1 || DHCP_FIXED_LEN + grant.tail->length + echo > grant.tail->limit)
		return XDHCP_PUNT_SIZE;
	reason = limit_check(&grant, now);
	if (reason != OK)
		return reason;
	reason = promise(&request, &grant, now);
	if (reason != OK)
		return reason;
	if (!known)
		request_remember(ctx, &request, &grant, work, ctl->seed);
	reason = reply_write(ctx, &request, &grant, work, echo, &grew_head);
	if (reason != OK)
		return reason;
	if (grew_head)
		count(XDHCP_COUNT_GREW_HEAD);
	if (grant.shortened)
		count(XDHCP_COUNT_SHORTENED);
	return answered(&request, &grant);
}

static __always_inline int verdict(int reason)
{
	if (reason < 0 || reason >= XDHCP_COUNTER_MAX)
		return XDP_PASS;
	count(reason);
	return reason <= XDHCP_COUNT_SELF_TEST ? XDP_TX : XDP_PASS;
}

SEC("xdp")
int xdhcp(struct xdp_md *ctx)
{
	return verdict(answer(ctx));
}

extern int bpf_xdp_metadata_rx_vlan_tag(const struct xdp_md *ctx, __be16 *protocol,
					__u16 *tag) __ksym __attribute__((weak));

#define NO_TAG (-61) /* ENODATA */

/*
 * For one interface alone, whose driver knows of tags that it took out of the
 * frame (Linux 6.8): a frame that had one is none of ours.
 */
SEC("?xdp")
int xdhcp_bound(struct xdp_md *ctx)
{
	__be16 protocol;
	__u16 tag;

	if (bpf_xdp_metadata_rx_vlan_tag(ctx, &protocol, &tag) != NO_TAG)
		return verdict(XDHCP_PUNT_TAGGED);
	return verdict(answer(ctx));
}

char LICENSE[] SEC("license") = "GPL";
