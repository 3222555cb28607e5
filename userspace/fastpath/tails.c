// SPDX-License-Identifier: GPL-2.0-only
/*
 * Equal tails are kept once. A reference is a slot's, or that of a caller who
 * is about to give it to one. A tail that nobody refers to keeps its content
 * and may come back to life; its index goes to another content only after a
 * grace period that began after it was dropped, for a run of the program may
 * still be reading it:
 *
 *   USED → dropped → DROPPED → grace_begin → WAITING → reclaim → FREE
 *
 * Counts live in the daemon; after adoption the slots are counted.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/siphash.h"
#include "fastpath/state.h"

static int node_compare(const void *left, const void *right)
{
	const struct tail_node *a = left, *b = right;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return memcmp(a->content, b->content, sizeof(*a->content));
}

static uint64_t content_hash(const struct fastpath *fastpath, const struct xdhcp_tail *tail)
{
	return base_siphash(fastpath->nodes_secret, tail, sizeof(*tail));
}

/* Makes a node findable by its content. One whose content is there already stays without. */
static int node_intern(struct fastpath *fastpath, struct tail_node *node)
{
	struct tail_node **found;

	node->hash = content_hash(fastpath, node->content);
	found = tsearch(node, &fastpath->nodes_by_content, node_compare);
	if (!found)
		return -ENOMEM;
	node->interned = *found == node;
	return 0;
}

static void node_free(struct fastpath *fastpath, struct tail_node *node)
{
	if (node->interned)
		tdelete(node, &fastpath->nodes_by_content, node_compare);
	node->interned = false;
	node->state = TAIL_FREE;
	fastpath->nodes_used--;
	fastpath->nodes_idle--;
}

static struct tail_node *node_find(struct fastpath *fastpath, const struct xdhcp_tail *tail)
{
	struct tail_node wanted = {.content = tail, .hash = content_hash(fastpath, tail)};
	struct tail_node **found;

	found = tfind(&wanted, &fastpath->nodes_by_content, node_compare);
	return found ? *found : NULL;
}

/* A free node, filled with the content; NULL: all are in use. */
static struct tail_node *node_take(struct fastpath *fastpath, const struct xdhcp_tail *tail)
{
	for (uint32_t i = 0; i < XDHCP_TAILS; i++) {
		uint32_t index = (fastpath->nodes_next + i) % XDHCP_TAILS;
		struct tail_node *node = &fastpath->nodes[index];

		if (!index || node->state != TAIL_FREE)
			continue;
		memcpy(&fastpath->tails[index], tail, sizeof(*tail));
		if (node_intern(fastpath, node))
			return NULL;
		fastpath->nodes_next = index + 1;
		fastpath->nodes_used++;
		return node;
	}
	return NULL;
}

int fastpath_tail_take(struct fastpath *fastpath, const struct xdhcp_tail *tail,
		       uint32_t *ret_index)
{
	struct tail_node *node = node_find(fastpath, tail);

	if (!node && fastpath->nodes_used < XDHCP_TAILS - 1)
		node = node_take(fastpath, tail);
	if (!node)
		return -ENOSPC;
	if (node->state == TAIL_DROPPED || node->state == TAIL_WAITING)
		fastpath->nodes_idle--;
	node->state = TAIL_USED;
	node->references++;
	*ret_index = node - fastpath->nodes;
	return 0;
}

void fastpath_tail_drop(struct fastpath *fastpath, uint32_t index)
{
	struct tail_node *node = &fastpath->nodes[index];

	if (!index || index >= XDHCP_TAILS || node->state != TAIL_USED)
		return;
	if (--node->references)
		return;
	node->state = TAIL_DROPPED;
	fastpath->nodes_idle++;
}

static void nodes_move(struct fastpath *fastpath, enum tail_state from)
{
	for (uint32_t index = 1; fastpath->nodes_idle && index < XDHCP_TAILS; index++) {
		struct tail_node *node = &fastpath->nodes[index];

		if (node->state != from)
			continue;
		if (from == TAIL_DROPPED)
			node->state = TAIL_WAITING;
		else
			node_free(fastpath, node);
	}
}

void fastpath_grace_begin(struct fastpath *fastpath)
{
	nodes_move(fastpath, TAIL_DROPPED);
}

void fastpath_tails_reclaim(struct fastpath *fastpath)
{
	nodes_move(fastpath, TAIL_WAITING);
}

/* A slot's reference; one that cannot be is taken from the slot, whoever holds it. */
static void slot_count(struct fastpath *fastpath, struct xdhcp_slot *slot)
{
	if (slot->tail >= XDHCP_TAILS) {
		__atomic_store_n(&slot->tail, 0, __ATOMIC_RELAXED);
		return;
	}
	if (slot->tail)
		fastpath->nodes[slot->tail].references++;
}

static int nodes_count(struct fastpath *fastpath)
{
	for (uint32_t number = 1; number <= fastpath->pages; number++) {
		struct xdhcp_page *page = fastpath_page(fastpath, number);

		for (uint32_t i = 0; page && i < XDHCP_PAGE_SLOTS; i++)
			slot_count(fastpath, &page->slots[i]);
	}
	for (uint32_t index = 1; index < XDHCP_TAILS; index++) {
		struct tail_node *node = &fastpath->nodes[index];

		if (!node->references)
			continue;
		if (node_intern(fastpath, node))
			return -ENOMEM;
		node->state = TAIL_USED;
		fastpath->nodes_used++;
	}
	return 0;
}

int fastpath_tails_open(struct fastpath *fastpath)
{
	if (getrandom(fastpath->nodes_secret, sizeof(fastpath->nodes_secret), 0) !=
	    sizeof(fastpath->nodes_secret))
		return -EIO;
	fastpath->nodes = calloc(XDHCP_TAILS, sizeof(*fastpath->nodes));
	if (!fastpath->nodes)
		return -ENOMEM;
	for (uint32_t index = 0; index < XDHCP_TAILS; index++)
		fastpath->nodes[index].content = &fastpath->tails[index];
	return nodes_count(fastpath);
}

static void node_keep(void *node)
{
	(void)node;
}

void fastpath_tails_close(struct fastpath *fastpath)
{
	tdestroy(fastpath->nodes_by_content, node_keep);
	free(fastpath->nodes);
}
