/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The request that a slot was judged for last, recognised as a whole: the
 * same option area, byte for byte, from the same hardware address, for a slot
 * that nobody has changed since, is the same client with the same signature,
 * and the walk over its options can be left out.
 *
 * The slot remembers one hash (`area`) and where options 61 and 82 begin
 * (`places`), which the reply echoes. Seed, generation, key, signature and
 * places are in the hash: what another program run, or the daemon, changes in
 * between makes it another number, and a torn pair of the two fields fits
 * nothing.
 */
#ifndef XDHCP_KNOWN_H
#define XDHCP_KNOWN_H

#include "xdp/lookup.h"
#include "xdp/scan.h"

#define KNOWN_MOST 512 /* bytes of options; longer areas are walked */

/* The option area goes to scratch, and into the hash; 0: too long, or not there. */
VERIFIED_ALONE __u64 area_hash(struct xdp_md *ctx, __u64 state, __u32 length)
{
	__u32 zero = 0;
	struct xdhcp_scratch *work = bpf_map_lookup_elem(&scratch, &zero);

	if (!work || length < 1 || length > KNOWN_MOST)
		return 0;
	if (bpf_xdp_load_bytes(ctx, FRAME_FIXED, work->area, length_bound(length, KNOWN_MOST)))
		return 0;
	return hash_finish(hash_update(state, work->area, length, KNOWN_MOST));
}

/* All that the verdict over the options depends on, and what the reply takes from them. */
static __always_inline __u64 known_hash(struct xdp_md *ctx, const struct request *request,
					const struct grant *grant, __u32 places, __u64 seed)
{
	const struct bootp_head *bootp = &request->bootp;
	__u64 state = hash_mix(seed, HASH_AREA);

	state = hash_mix(state, (__u64)XDHCP_WORD_GENERATION(grant->word) << 32 | places << 16 |
					bootp->htype << 8 | bootp->hlen);
	state = hash_mix(state, grant->slot->key);
	state = hash_mix(state, grant->slot->signature);
	state = hash_mix(state, hash_load(bootp->chaddr));
	state = hash_mix(state, hash_load(bootp->chaddr + 8));
	return area_hash(ctx, state, request->area_length);
}

/* An option that begins where a place (plus 1) says; 0: it is not there. */
static __always_inline void place_use(struct xdhcp_scratch *work, enum found_option option,
				      __u32 place)
{
	if (!place)
		return;
	work->mask |= 1U << option;
	work->found[option].at = place + 1;
	work->found[option].length = work->area[place];
}

/* Is this the request that the slot was judged for last? Its options are found then. */
static __always_inline int request_known(struct xdp_md *ctx, const struct request *request,
					 struct grant *grant, struct xdhcp_scratch *work,
					 __u64 seed)
{
	const struct xdhcp_slot *slot = grant->slot;
	__u64 remembered;
	__u32 places;

	if (!slot || XDHCP_WORD_HELD(grant->word))
		return 0;
	remembered = slot->area;
	places = slot->places;
	if (!remembered || known_hash(ctx, request, grant, places, seed) != remembered)
		return 0;
	work->mask = 0;
	place_use(work, FOUND_CLIENT_ID, places & 0xff);
	place_use(work, FOUND_AGENT, places >> 8);
	return 1;
}

/* Where an option begins, plus 1; 0: not there; more than a byte: too far behind to be noted. */
static __always_inline __u32 place_of(const struct xdhcp_scratch *work, enum found_option option)
{
	return FOUND(work->mask, option) ? work->found[option].at - 1 : 0;
}

/* The slot was judged for this request: the next one like it is known. */
static __always_inline void request_remember(struct xdp_md *ctx, const struct request *request,
					     struct grant *grant, const struct xdhcp_scratch *work,
					     __u64 seed)
{
	__u32 identity = place_of(work, FOUND_CLIENT_ID), agent = place_of(work, FOUND_AGENT);
	__u32 places = agent << 8 | identity;

	if (identity > 0xff || agent > 0xff)
		return;
	grant->slot->area = known_hash(ctx, request, grant, places, seed);
	grant->slot->places = places;
}

#endif
