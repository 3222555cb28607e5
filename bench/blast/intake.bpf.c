// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the clients' side of a link takes in, before its kernel does: DHCP goes
 * into a ring that the generator reads as memory, and no further; ARP goes into
 * the ring, and up; all else goes up.
 */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bench/blast/dhcp.h"
#include "bench/blast/intake_frame.h"

#define IPV4_FRAGMENT 0x1fff /* not the first one: no ports */
#define PROTOCOL_UDP 17

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 26); /* as much as the packet socket's ring */
} frames SEC(".maps");

const volatile __u32 sleeps = 1; /* the generator waits for us to wake it */
__u64 dropped = 0;

enum { NOT_OURS, OURS, EVERYBODYS };

static __always_inline int whose(struct xdp_md *ctx)
{
	__u8 *frame = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u16 port;

	if (frame + ETH_LENGTH > end)
		return NOT_OURS;
	if (*(__be16 *)(frame + 12) == bpf_htons(ETHERTYPE_ARP_))
		return EVERYBODYS;
	if (*(__be16 *)(frame + 12) != bpf_htons(ETHERTYPE_IPV4) || frame + BOOTP_AT > end)
		return NOT_OURS;
	if (frame[IP_AT + 9] != PROTOCOL_UDP ||
	    *(__be16 *)(frame + IP_AT + 6) & bpf_htons(IPV4_FRAGMENT))
		return NOT_OURS;
	port = bpf_ntohs(*(__be16 *)(frame + UDP_AT + 2));
	/* With options before the ports it may be DHCP: whoever reads it says that this is no header for a reply. */
	return frame[IP_AT] != 0x45 || port == PORT_CLIENT || port == PORT_SERVER ? OURS : NOT_OURS;
}

/* `room` is a constant where this is compiled in. */
static __always_inline int frame_put(struct xdp_md *ctx, __u32 length, __u32 room)
{
	struct blast_frame *slot = bpf_ringbuf_reserve(&frames, sizeof(*slot) + room, 0);

	if (!slot)
		return -1;
	slot->came = bpf_ktime_get_ns();
	slot->length = length;
	if (length < ETH_LENGTH)
		goto discard;
	barrier_var(length); /* or both bounds become one, which the verifier does not understand */
	if (length > room || bpf_xdp_load_bytes(ctx, 0, slot->bytes, length))
		goto discard;
	bpf_ringbuf_submit(slot, sleeps ? 0 : BPF_RB_NO_WAKEUP);
	return 0;
discard:
	bpf_ringbuf_discard(slot, BPF_RB_NO_WAKEUP);
	return -1;
}

SEC("xdp")
int blast_intake(struct xdp_md *ctx)
{
	__u32 length = ctx->data_end - ctx->data;
	int who = whose(ctx), failed;

	if (who == NOT_OURS)
		return XDP_PASS;
	if (length <= INTAKE_USUAL)
		failed = frame_put(ctx, length, INTAKE_USUAL);
	else
		failed = frame_put(ctx, length < INTAKE_MOST ? length : INTAKE_MOST, INTAKE_MOST);
	if (failed)
		__sync_fetch_and_add(&dropped, 1);
	return who == OURS ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
