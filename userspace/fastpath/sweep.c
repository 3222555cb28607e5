// SPDX-License-Identifier: GPL-2.0-only
/*
 * Marks → promises (invariant I4). The program writes the promise and then
 * reads the mark; here the mark is taken away by one atomic operation and the
 * promise read after it. So whichever comes first, a promise is in what this
 * sweep reads, or its mark is there for the next.
 */
#include "fastpath/state.h"

#define WORDS (XDHCP_PAGE_SLOTS / 64)
#define PREFETCH_PAGES 8

static void slot_visit(const struct fastpath *fastpath, uint32_t number, uint32_t index,
		       fastpath_visitor visit, void *context)
{
	const struct xdhcp_slot *slot = &fastpath_page(fastpath, number)->slots[index];
	uint64_t word = __atomic_load_n(&slot->word, __ATOMIC_SEQ_CST);
	uint32_t seen = __atomic_load_n(&slot->seen, __ATOMIC_RELAXED);

	visit(context, fastpath->prefixes[number] << 8 | index,
	      fastpath_promise_to_wall(fastpath, XDHCP_WORD_PROMISE(word)),
	      fastpath_promise_to_wall(fastpath, seen));
}

/* The lowest `most` bits that are set. */
static uint64_t lowest_bits(uint64_t bits, size_t most)
{
	uint64_t rest = bits;

	for (size_t i = 0; rest && i < most; i++)
		rest &= rest - 1;
	return bits & ~rest;
}

static size_t word_sweep(struct fastpath *fastpath, uint32_t number, uint32_t word, size_t most,
			 fastpath_visitor visit, void *context)
{
	__u64 *dirty = &fastpath_page(fastpath, number)->dirty[word];
	uint64_t marks = __atomic_load_n(dirty, __ATOMIC_RELAXED);
	size_t visited = 0;

	if (!marks)
		return 0;
	if (most >= 64) {
		marks = __atomic_exchange_n(dirty, 0, __ATOMIC_SEQ_CST);
	} else {
		marks = lowest_bits(marks, most);
		__atomic_fetch_and(dirty, ~marks, __ATOMIC_SEQ_CST);
	}
	for (; marks; marks &= marks - 1, visited++)
		slot_visit(fastpath, number, word * 64 + __builtin_ctzll(marks), visit, context);
	return visited;
}

/* A page whose marks did not fit in is where the next sweep begins. */
size_t fastpath_sweep(struct fastpath *fastpath, size_t most, fastpath_visitor visit, void *context)
{
	uint32_t pages = fastpath->pages, first = fastpath->sweep_page;
	size_t visited = 0;

	for (uint32_t i = 0; i < pages && visited < most; i++) {
		uint32_t number = (first + i) % pages + 1;
		const struct xdhcp_page *ahead =
			fastpath_page(fastpath, (number + PREFETCH_PAGES) % (pages + 1));

		if (ahead)
			__builtin_prefetch(ahead->dirty);
		for (uint32_t word = 0; word < WORDS && fastpath_page(fastpath, number); word++)
			visited +=
				word_sweep(fastpath, number, word, most - visited, visit, context);
		fastpath->sweep_page = visited < most ? number % pages : number - 1;
	}
	return visited;
}

static void marks_clear(struct xdhcp_page *page)
{
	for (uint32_t word = 0; word < WORDS; word++)
		__atomic_exchange_n(&page->dirty[word], 0, __ATOMIC_SEQ_CST);
}

size_t fastpath_sweep_all(struct fastpath *fastpath, fastpath_visitor visit, void *context)
{
	size_t visited = 0;

	for (uint32_t number = 1; number <= fastpath->pages; number++) {
		struct xdhcp_page *page = fastpath_page(fastpath, number);

		if (!page)
			continue;
		marks_clear(page);
		for (uint32_t i = 0; i < XDHCP_PAGE_SLOTS; i++) {
			if (!XDHCP_WORD_PROMISE(
				    __atomic_load_n(&page->slots[i].word, __ATOMIC_SEQ_CST)))
				continue;
			slot_visit(fastpath, number, i, visit, context);
			visited++;
		}
	}
	return visited;
}
