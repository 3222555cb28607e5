/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One walk over the option area: what is where, whether anything is there
 * that only the slow path may judge, and then who the client is and what its
 * reply depends on (the same numbers as userspace/dhcp/ident.c).
 */
#ifndef XDHCP_SCAN_H
#define XDHCP_SCAN_H

#include "xdp/cursor.h"
#include "xdp/shared/hash.h"

#define SCAN_OPTIONS 72 /* options and pads before END; real clients send a dozen */
#define SCAN_AGENT 16 /* sub-options of option 82 */

static const __u8 found_index[256] = {
	[DHCP_OPT_MESSAGE_TYPE] = FOUND_TYPE,
	[DHCP_OPT_REQUESTED_ADDRESS] = FOUND_REQUESTED_ADDRESS,
	[DHCP_OPT_SERVER_ID] = FOUND_SERVER_ID,
	[DHCP_OPT_LEASE_TIME] = FOUND_LEASE_TIME,
	[DHCP_OPT_PARAMETER_REQUEST] = FOUND_PARAMETERS,
	[DHCP_OPT_MAX_SIZE] = FOUND_MAX_SIZE,
	[DHCP_OPT_CLIENT_ID] = FOUND_CLIENT_ID,
	[DHCP_OPT_AGENT] = FOUND_AGENT,
	[DHCP_OPT_OVERLOAD] = FOUND_OVERLOAD,
};

#define FOUND(mask, option) ((mask) & (1U << (option)))

/*
 * Notes one option. Without a branch: the verifier would take each way of
 * every option once for each way of those before it. A role that the program
 * has no place for (tracked by the configuration only) counts as refused.
 */
static __always_inline void option_note(struct xdhcp_scratch *work, __u32 role, __u32 code,
					__u32 at, __u32 size)
{
	__u32 index = found_index[code & 0xff] & (FOUND_MAX - 1);
	__u32 known = (index + FOUND_MAX - 1) / FOUND_MAX;

	work->repeated |= work->mask & (1U << index);
	work->mask |= 1U << index;
	work->roles |= 1U << ((role & 3) * 2 + known);
	work->found[index].at = at;
	work->found[index].length = size;
}

#define ROLES_REFUSED (1U << (XDHCP_ROLE_TRACK * 2) | 3U << (XDHCP_ROLE_REFUSE * 2))

/*
 * RFC 2132 section 2: loads the option area and notes what is where. Notes
 * and position are kept in map memory, whose content the verifier does not
 * follow.
 */
VERIFIED_ALONE int options_walk(struct xdp_md *ctx, __u32 length)
{
	__u32 zero = 0;
	const struct xdhcp_control *ctl = bpf_map_lookup_elem(&control, &zero);
	struct xdhcp_scratch *work = bpf_map_lookup_elem(&scratch, &zero);

	if (!ctl || !work || length < 1 || length > XDHCP_AREA_MAX)
		return XDHCP_PUNT_SHORT;
	if (bpf_xdp_load_bytes(ctx, FRAME_FIXED, work->area, length_bound(length, XDHCP_AREA_MAX)))
		return XDHCP_PUNT_SHORT;
	work->mask = work->repeated = work->roles = work->at = 0;
	for (int i = 0; i < SCAN_OPTIONS; i++) {
		__u32 at = *(volatile __u32 *)&work->at & AREA_MASK;
		__u32 code = work->area[at], size = work->area[at + 1];
		__u32 next = code == DHCP_OPT_PAD ? at + 1 : at + 2 + size;

		if (at >= length)
			return XDHCP_PUNT_OPTIONS;
		if (code == DHCP_OPT_END)
			return OK;
		if (next > length)
			return XDHCP_PUNT_OPTIONS;
		option_note(work, ctl->roles[code], code, at + 2, size);
		*(volatile __u32 *)&work->at = next;
	}
	return XDHCP_PUNT_OPTIONS;
}

/* RFC 2131 table 5 for RENEWING and REBINDING; lengths after RFC 2132. */
static __always_inline int options_check(const struct xdhcp_scratch *work, __u32 mask)
{
	const struct found *found = work->found;

	if (FOUND(mask, FOUND_OVERLOAD))
		return XDHCP_PUNT_OVERLOAD;
	if (work->roles & ROLES_REFUSED)
		return XDHCP_PUNT_REFUSED;
	if (work->repeated & ~(1U << FOUND_OTHER))
		return XDHCP_PUNT_REPEATED;
	if (!FOUND(mask, FOUND_TYPE) || found[FOUND_TYPE].length != 1 ||
	    work->area[found[FOUND_TYPE].at & AREA_MASK] != DHCP_REQUEST ||
	    FOUND(mask, FOUND_REQUESTED_ADDRESS) || FOUND(mask, FOUND_SERVER_ID))
		return XDHCP_PUNT_TYPE;
	if ((FOUND(mask, FOUND_LEASE_TIME) && found[FOUND_LEASE_TIME].length != 4) ||
	    (FOUND(mask, FOUND_MAX_SIZE) && found[FOUND_MAX_SIZE].length != 2) ||
	    (FOUND(mask, FOUND_CLIENT_ID) && !found[FOUND_CLIENT_ID].length))
		return XDHCP_PUNT_OPTIONS;
	return OK;
}

/* RFC 3527 and RFC 5107: sub-options that choose the link or the server's name. */
VERIFIED_ALONE int agent_check(__u32 at, __u32 length)
{
	__u32 zero = 0, end = at + length;
	const struct xdhcp_scratch *work = bpf_map_lookup_elem(&scratch, &zero);

	if (!work || length > 255)
		return XDHCP_PUNT_AGENT;
	for (int i = 0; i < SCAN_AGENT; i++) {
		__u32 code;

		if (at == end)
			return OK;
		if (at + 2 > end)
			return XDHCP_PUNT_AGENT;
		code = work->area[at & AREA_MASK];
		if (code == DHCP_AGENT_LINK_SELECTION || code == DHCP_AGENT_SERVER_ID_OVERRIDE)
			return XDHCP_PUNT_AGENT;
		at += 2 + work->area[(at + 1) & AREA_MASK];
		if (at > end)
			return XDHCP_PUNT_AGENT;
	}
	return XDHCP_PUNT_AGENT;
}

/* Folds an option's value into a hash. */
VERIFIED_ALONE __u64 found_hash(__u64 state, __u32 option)
{
	__u32 zero = 0, at, length;
	const struct xdhcp_scratch *work = bpf_map_lookup_elem(&scratch, &zero);

	if (!work || option >= FOUND_MAX)
		return state;
	at = work->found[option].at & AREA_MASK;
	length = work->found[option].length & 0xff;
	return hash_update(state, work->area + at, length, 256);
}

/* One option of the signature, if it is there. */
static __always_inline __u64 signature_update(__u64 state, __u32 mask, __u32 option, __u8 code)
{
	return FOUND(mask, option) ? found_hash(hash_mix(state, code), option) : state;
}

/* dhcp_ident_key() and dhcp_signature() of the request at hand. */
static __always_inline void request_hash(struct request *request, __u32 mask, __u64 seed)
{
	const struct bootp_head *bootp = &request->bootp;
	__u64 key, signature = hash_mix(seed, HASH_SIGNATURE);

	if (FOUND(mask, FOUND_CLIENT_ID)) {
		key = found_hash(hash_mix(seed, HASH_CLIENT_ID), FOUND_CLIENT_ID);
	} else {
		key = hash_mix(hash_mix(seed, HASH_HARDWARE), bootp->htype);
		key = hash_update(key, bootp->chaddr, bootp->hlen, DHCP_CHADDR_LEN);
	}
	request->key = hash_finish(key);
	signature = signature_update(signature, mask, FOUND_LEASE_TIME, DHCP_OPT_LEASE_TIME);
	signature = signature_update(signature, mask, FOUND_PARAMETERS, DHCP_OPT_PARAMETER_REQUEST);
	signature = signature_update(signature, mask, FOUND_MAX_SIZE, DHCP_OPT_MAX_SIZE);
	/* Hosts are known by hardware address, also where the client is known by its identifier. */
	signature = hash_mix(signature, FOUND(mask, FOUND_CLIENT_ID) ? 1 : 2);
	signature = hash_mix(signature, bootp->htype);
	signature = hash_update(signature, bootp->chaddr, bootp->hlen, DHCP_CHADDR_LEN);
	request->signature = hash_finish(signature);
}

/* Walks the options, and leaves key and signature in the request. */
static __always_inline int options_read(struct xdp_md *ctx, struct request *request,
					const struct xdhcp_scratch *work, __u64 seed)
{
	int reason = options_walk(ctx, request->area_length);
	__u32 mask = work->mask;

	if (reason != OK)
		return reason;
	reason = options_check(work, mask);
	if (reason != OK)
		return reason;
	if (FOUND(mask, FOUND_AGENT)) {
		reason = agent_check(work->found[FOUND_AGENT].at, work->found[FOUND_AGENT].length);
		if (reason != OK)
			return reason;
	}
	request_hash(request, mask, seed);
	return OK;
}

#endif
