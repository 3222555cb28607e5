// SPDX-License-Identifier: GPL-2.0-only
/*
 * The words of invariants I6 and I7. A slot whose generation is odd is the
 * daemon's alone: the program punts at it, and a run that read the word
 * before fails in its compare-and-swap. Fields are written under an odd
 * generation and released by the store of the next even one.
 */
#include "base/plant.h"
#include "fastpath/state.h"

/* Takes the slot; the word as it is then. */
static uint64_t slot_hold(struct xdhcp_slot *slot)
{
	uint64_t word = __atomic_load_n(&slot->word, __ATOMIC_ACQUIRE), held;

	do {
		if (XDHCP_WORD_HELD(word))
			return word;
		held = XDHCP_WORD(XDHCP_WORD_PROMISE(word), XDHCP_WORD_GENERATION(word) + 1);
	} while (!__atomic_compare_exchange_n(&slot->word, &word, held, false, __ATOMIC_ACQ_REL,
					      __ATOMIC_ACQUIRE));
	__atomic_thread_fence(__ATOMIC_SEQ_CST); /* no field is seen changed under an even one */
	return held;
}

static void slot_release(struct xdhcp_slot *slot, uint64_t held, uint32_t promise)
{
	uint64_t word = XDHCP_WORD(promise, XDHCP_WORD_GENERATION(held) + 1);

	__atomic_store_n(&slot->word, word, __ATOMIC_RELEASE);
}

static void slot_fill(struct fastpath *fastpath, struct xdhcp_slot *slot,
		      const struct fastpath_slot *from)
{
	slot->key = from->key;
	slot->signature = from->tail ? from->signature : 0;
	slot->horizon = fastpath_limit_to_slot(fastpath, from->horizon);
	slot->acknowledged = fastpath_partner_to_slot(fastpath, from->acknowledged);
	slot->network = from->network;
	slot->lease = from->lease;
	slot->tail = from->tail;
	slot->relation = from->relation;
	slot->area = 0;
	if (PLANTED(limit))
		slot->horizon = slot->acknowledged = XDHCP_NEVER - XDHCP_NEVER / 2;
}

void fastpath_slot_publish(struct fastpath *fastpath, uint32_t address,
			   const struct fastpath_slot *from)
{
	struct xdhcp_slot *slot = fastpath_slot(fastpath, address);
	uint32_t promise, tail;
	uint64_t held;

	if (!slot) {
		fastpath_tail_drop(fastpath, from->tail);
		return;
	}
	held = slot_hold(slot);
	promise = fastpath_promise_to_slot(fastpath, from->told);
	if (slot->key == from->key && XDHCP_WORD_PROMISE(held) > promise)
		promise = XDHCP_WORD_PROMISE(held);
	tail = slot->tail;
	slot_fill(fastpath, slot, from);
	slot_release(slot, held, from->key ? promise : 0);
	fastpath_tail_drop(fastpath, tail);
}

void fastpath_slot_raise(struct fastpath *fastpath, uint32_t address, int64_t horizon,
			 int64_t acknowledged)
{
	struct xdhcp_slot *slot = fastpath_slot(fastpath, address);
	uint32_t limit = fastpath_limit_to_slot(fastpath, horizon);
	uint32_t known = fastpath_partner_to_slot(fastpath, acknowledged);

	if (!slot || !slot->key)
		return;
	if (limit > slot->horizon)
		__atomic_store_n(&slot->horizon, limit, __ATOMIC_RELAXED);
	if (known > slot->acknowledged)
		__atomic_store_n(&slot->acknowledged, known, __ATOMIC_RELAXED);
}

int64_t fastpath_slot_close(struct fastpath *fastpath, uint32_t address)
{
	struct xdhcp_slot *slot = fastpath_slot(fastpath, address);

	if (!slot)
		return 0;
	return fastpath_promise_to_wall(fastpath, XDHCP_WORD_PROMISE(slot_hold(slot)));
}

bool fastpath_slot_read(const struct fastpath *fastpath, uint32_t address,
			struct fastpath_slot *ret_slot, bool *ret_open)
{
	const struct xdhcp_slot *slot = fastpath_slot(fastpath, address);
	uint64_t word;

	if (!slot)
		return false;
	word = __atomic_load_n(&slot->word, __ATOMIC_ACQUIRE);
	*ret_slot = (struct fastpath_slot){
		.key = slot->key,
		.network = slot->network,
		.relation = slot->relation,
		.told = fastpath_promise_to_wall(fastpath, XDHCP_WORD_PROMISE(word)),
		.horizon = fastpath_limit_to_wall(fastpath, slot->horizon),
		.acknowledged = fastpath_partner_to_wall(fastpath, slot->acknowledged),
		.signature = slot->signature,
		.tail = slot->tail,
		.lease = slot->lease,
	};
	*ret_open = !XDHCP_WORD_HELD(word);
	return true;
}

/* Runs `change` on a slot as its only writer; one that was held stays held. */
static void slot_change(struct fastpath *fastpath, struct xdhcp_slot *slot,
			void (*change)(struct fastpath *fastpath, struct xdhcp_slot *slot,
				       uint32_t argument),
			uint32_t argument)
{
	bool held_before = XDHCP_WORD_HELD(__atomic_load_n(&slot->word, __ATOMIC_ACQUIRE));
	uint64_t held = slot_hold(slot);

	change(fastpath, slot, argument);
	if (!held_before)
		slot_release(slot, held, XDHCP_WORD_PROMISE(held));
}

static void tail_forget(struct fastpath *fastpath, struct xdhcp_slot *slot, uint32_t argument)
{
	(void)argument;
	fastpath_tail_drop(fastpath, slot->tail);
	slot->tail = 0;
	slot->signature = 0;
	slot->area = 0;
}

void fastpath_tails_forget(struct fastpath *fastpath)
{
	for (uint32_t number = 1; number <= fastpath->pages; number++) {
		struct xdhcp_page *page = fastpath_page(fastpath, number);

		for (uint32_t i = 0; page && i < XDHCP_PAGE_SLOTS; i++) {
			if (page->slots[i].tail)
				slot_change(fastpath, &page->slots[i], tail_forget, 0);
		}
	}
}

static void horizon_lower(struct fastpath *fastpath, struct xdhcp_slot *slot, uint32_t horizon)
{
	(void)fastpath;
	slot->horizon = horizon;
}

void fastpath_clock_changed(struct fastpath *fastpath,
			    int64_t (*horizon_of)(void *context, uint32_t address), void *context)
{
	fastpath->wall_offset = fastpath_clock_offset();
	for (uint32_t number = 1; number <= fastpath->pages; number++) {
		struct xdhcp_page *page = fastpath_page(fastpath, number);

		for (uint32_t i = 0; page && i < XDHCP_PAGE_SLOTS; i++) {
			struct xdhcp_slot *slot = &page->slots[i];
			uint32_t address = fastpath->prefixes[number] << 8 | i;
			uint32_t limit;

			if (!slot->key)
				continue;
			limit = fastpath_limit_to_slot(fastpath, horizon_of(context, address));
			if (limit > slot->horizon)
				__atomic_store_n(&slot->horizon, limit, __ATOMIC_RELAXED);
			else if (limit < slot->horizon)
				slot_change(fastpath, slot, horizon_lower, limit);
		}
	}
}
