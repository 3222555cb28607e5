/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a request to a promise: the slot, whether it is this client's, how
 * long may be promised, and the promise itself by compare-and-swap.
 */
#ifndef XDHCP_LOOKUP_H
#define XDHCP_LOOKUP_H

#include "xdp/cursor.h"

#define NANOSECONDS 1000000000ULL

/* What was agreed with the client, in this order of its becoming true. */
struct grant {
	struct xdhcp_page *page;
	struct xdhcp_slot *slot;
	const struct xdhcp_tail *tail;
	__u64 word; /* as read first */
	__u32 given; /* seconds */
	__u32 until; /* now, rounded up, and the seconds given */
	__u32 shortened;
};

/* The network that a relay or link stands for; 0: that of ciaddr, whatever it is. */
static __always_inline int network_find(struct request *request)
{
	const __u32 *network;

	if (request->bootp.giaddr) {
		network = bpf_map_lookup_elem(&relays, &request->bootp.giaddr);
		if (!network)
			return XDHCP_PUNT_NO_LINK;
		request->network = *network;
	} else if (request->destination == IPV4_BROADCAST) {
		if (!request->link.network)
			return XDHCP_PUNT_NO_LINK;
		request->network = request->link.network;
	}
	return OK;
}

/* The page of an address's /24; NULL: it has none. */
static __always_inline struct xdhcp_page *page_find(__u32 address)
{
	__u32 upper = address >> 16, bank, page;
	const struct xdhcp_directory *entry;
	void *inner;

	entry = bpf_map_lookup_elem(&directory, &upper);
	if (!entry)
		return NULL;
	page = entry->page[(address >> 8) & 0xff];
	if (!page)
		return NULL;
	bank = page / XDHCP_BANK_PAGES;
	inner = bpf_map_lookup_elem(&banks, &bank);
	if (!inner)
		return NULL;
	page %= XDHCP_BANK_PAGES;
	return bpf_map_lookup_elem(inner, &page);
}

/* Word 0 before the fields that it guards. */
static __always_inline __u64 word_read(struct xdhcp_slot *slot)
{
#if defined(__x86_64__) || defined(__TARGET_ARCH_x86)
	return *(volatile __u64 *)&slot->word; /* loads are not reordered */
#else
	return __sync_fetch_and_add(&slot->word, 0);
#endif
}

/* The slot of ciaddr, if it has one, and its word as of now. */
static __always_inline void slot_find(const struct request *request, struct grant *grant)
{
	__u32 address = bpf_ntohl(request->bootp.ciaddr);

	grant->page = page_find(address);
	if (!grant->page)
		return;
	grant->slot = &grant->page->slots[address & 0xff];
	grant->word = word_read(grant->slot);
}

/* Is it open, this client's, judged for this request? `known`: client and request are. */
static __always_inline int slot_check(const struct request *request, struct grant *grant, int known)
{
	const struct xdhcp_slot *slot = grant->slot;
	__u32 tail;

	if (!slot)
		return XDHCP_PUNT_NO_SLOT;
	if (XDHCP_WORD_HELD(grant->word))
		return XDHCP_PUNT_HELD;
	if (!known && slot->key != request->key)
		return XDHCP_PUNT_CLIENT;
	if (request->network && slot->network != request->network)
		return XDHCP_PUNT_NETWORK;
	tail = slot->tail;
	if (!tail)
		return XDHCP_PUNT_NO_TAIL;
	if (!known && slot->signature != request->signature)
		return XDHCP_PUNT_SIGNATURE;
	grant->tail = bpf_map_lookup_elem(&tails, &tail);
	if (!grant->tail)
		return XDHCP_PUNT_NO_TAIL;
	if (grant->tail->server_id && grant->tail->server_id != request->link.server_id)
		return XDHCP_PUNT_SERVER_ID;
	return OK;
}

/* What the failover protocol allows: max(K − o⁺ + M, hb + M); `limit` falls to it. */
static __always_inline int partner_bound(const struct xdhcp_slot *slot, __u32 *ret_bound)
{
	__u32 number = slot->relation;
	const struct xdhcp_relation *relation = bpf_map_lookup_elem(&relations, &number);
	__s64 known;

	if (!relation || !relation->serve)
		return XDHCP_PUNT_SILENT;
	*ret_bound = relation->alone;
	if (!slot->acknowledged)
		return OK;
	known = (__s64)slot->acknowledged + relation->lead; /* lead may be negative */
	if (known > *ret_bound)
		*ret_bound = known;
	return OK;
}

/* Invariant I1: how long may be promised at `now`, nanoseconds of the coarse clock? */
static __always_inline int limit_check(struct grant *grant, __u64 now)
{
	const struct xdhcp_slot *slot = grant->slot;
	__u32 from = (now + NANOSECONDS - 1) / NANOSECONDS;
	__u32 given = slot->lease, bound;
	int reason;

	if (!given || given > 0x7fffffff)
		return XDHCP_PUNT_LIMIT;
	grant->shortened = 0;
	if (slot->relation) {
		reason = partner_bound(slot, &bound);
		if (reason != OK)
			return reason;
		if (bound <= from)
			return XDHCP_PUNT_LIMIT;
		if (from + given > bound) {
			given = bound - from;
			grant->shortened = 1;
		}
	}
	if (from + given > slot->horizon)
		return XDHCP_PUNT_LIMIT;
	grant->given = given;
	grant->until = from + given;
	return OK;
}

/*
 * Invariants I4 and I7: promise first, never lowered; then the mark, read
 * before it is written. The swap fails if anything in the slot has changed
 * hands since its word was read, and orders the mark behind the promise.
 */
static __always_inline int promise(const struct request *request, struct grant *grant, __u64 now)
{
	__u32 index = bpf_ntohl(request->bootp.ciaddr) & 0xff;
	__u64 *mark = &grant->page->dirty[(index >> 6) & 3];
	__u64 bit = 1ULL << (index & 63);
	__u32 until = XDHCP_WORD_PROMISE(grant->word);
	__u64 word;

	if (until < grant->until)
		until = grant->until;
	word = XDHCP_WORD(until, XDHCP_WORD_GENERATION(grant->word));
	if (__sync_val_compare_and_swap(&grant->slot->word, grant->word, word) != grant->word)
		return XDHCP_PUNT_RACE;
	if (!(*(volatile __u64 *)mark & bit))
		__sync_fetch_and_or(mark, bit);
	grant->slot->seen = now / NANOSECONDS;
	grant->slot->renewals++;
	return OK;
}

#endif
