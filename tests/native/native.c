// SPDX-License-Identifier: GPL-2.0-only
#include "tests/native/native.h"

#include <string.h>

#include "xdp/fastpath.bpf.c"

/* The machine that the program runs on at the moment; helpers have no other way to it. */
static _Thread_local struct {
	struct native *native;
	struct native_frame *frame;
	struct xdhcp_scratch scratch;
} here;

static void *hash_find(const void *map, const void *key)
{
	struct native *native = here.native;

	if (map == &links) {
		for (size_t i = 0; i < native->link_count; i++) {
			if (!memcmp(&native->links[i].key, key, sizeof(native->links[i].key)))
				return &native->links[i].link;
		}
	} else if (map == &addresses) {
		for (size_t i = 0; i < native->address_count; i++) {
			if (!memcmp(&native->addresses[i], key, 4))
				return &native->addresses[i];
		}
	} else if (map == &relays) {
		for (size_t i = 0; i < native->relay_count; i++) {
			if (!memcmp(&native->relays[i].giaddr, key, 4))
				return &native->relays[i].network;
		}
	}
	return NULL;
}

static void *directory_find(uint32_t upper)
{
	if (here.native->memory)
		return &here.native->memory->directory[upper & 0xffff];
	for (size_t i = 0; i < here.native->directory_count; i++) {
		if (here.native->directory_upper[i] == upper)
			return &here.native->directory[i];
	}
	return NULL;
}

/* Pages as the arrays of struct native have them, in one bank, or as a whole kernel has. */
static void *bank_find(const void *map, uint32_t index)
{
	struct native *native = here.native;

	if (native->memory && map == &banks)
		return index < XDHCP_BANKS ? native->memory->banks[index] : NULL;
	if (native->memory)
		return index < XDHCP_BANK_PAGES ? (struct xdhcp_page *)map + index : NULL;
	if (map == &banks)
		return index ? NULL : native->pages;
	return map == native->pages && index <= NATIVE_PAGES ? &native->pages[index] : NULL;
}

static void *tail_at(uint32_t index)
{
	struct native *native = here.native;

	if (native->under_way)
		native->under_way(native);
	if (native->memory)
		return index < XDHCP_TAILS ? &native->memory->tails[index] : NULL;
	return index < NATIVE_TAILS ? &native->tails[index] : NULL;
}

void *bpf_map_lookup_elem(const void *map, const void *key)
{
	struct native *native = here.native;
	uint32_t index;

	if (map == &links || map == &addresses || map == &relays)
		return hash_find(map, key);
	memcpy(&index, key, sizeof(index));
	if (map == &control)
		return &native->control;
	if (map == &counters)
		return &native->counters;
	if (map == &scratch)
		return &here.scratch;
	if (map == &relations)
		return index < XDHCP_RELATIONS ? &native->relations[index] : NULL;
	if (map == &tails)
		return tail_at(index);
	if (map == &directory)
		return directory_find(index);
	return bank_find(map, index);
}

static void context_set(struct xdp_md *ctx)
{
	ctx->data = (unsigned long)(here.frame->buffer + here.frame->at);
	ctx->data_end = ctx->data + here.frame->length;
}

long bpf_xdp_load_bytes(struct xdp_md *ctx, __u32 offset, void *to, __u32 length)
{
	(void)ctx;
	if ((size_t)offset + length > here.frame->length)
		return -1;
	memcpy(to, here.frame->buffer + here.frame->at + offset, length);
	return 0;
}

long bpf_xdp_store_bytes(struct xdp_md *ctx, __u32 offset, void *from, __u32 length)
{
	(void)ctx;
	if ((size_t)offset + length > here.frame->length)
		return -1;
	memcpy(here.frame->buffer + here.frame->at + offset, from, length);
	return 0;
}

long bpf_xdp_adjust_tail(struct xdp_md *ctx, int delta)
{
	struct native_frame *frame = here.frame;
	size_t room = sizeof(frame->buffer) - frame->at - frame->length;

	if (room > frame->tail_room)
		room = frame->tail_room;
	if (delta > 0 && (size_t)delta > room)
		return -1;
	if (delta < 0 && (size_t)-delta >= frame->length)
		return -1;
	frame->length += delta;
	context_set(ctx);
	return 0;
}

long bpf_xdp_adjust_head(struct xdp_md *ctx, int delta)
{
	struct native_frame *frame = here.frame;

	if (delta < 0 && ((size_t)-delta > frame->at || (size_t)-delta > frame->head_room))
		return -1;
	if (delta > 0 && (size_t)delta >= frame->length)
		return -1;
	frame->at += delta;
	frame->length -= delta;
	context_set(ctx);
	return 0;
}

__u64 bpf_ktime_get_coarse_ns(void)
{
	return here.native->clock;
}

/* As the kernel's: sizes are multiples of four, the sum is of words in memory order. */
__s64 bpf_csum_diff(__be32 *from, __u32 from_size, __be32 *to, __u32 to_size, __u32 seed)
{
	uint64_t sum = seed;

	if (from || from_size || to_size % 4)
		return -22;
	for (size_t i = 0; i < to_size / 4; i++) {
		uint32_t word;

		memcpy(&word, (const uint8_t *)to + 4 * i, 4);
		sum += word;
	}
	while (sum >> 32)
		sum = (sum & 0xffffffff) + (sum >> 32);
	return (__s64)sum;
}

void native_frame_set(struct native_frame *frame, const void *bytes, size_t length)
{
	frame->at = NATIVE_ROOM;
	frame->length = length;
	frame->head_room = NATIVE_ROOM;
	frame->tail_room = NATIVE_ROOM;
	memcpy(frame->buffer + frame->at, bytes, length);
}

static struct xdhcp_directory *directory_make(struct native *native, uint32_t upper)
{
	size_t i;

	for (i = 0; i < native->directory_count; i++) {
		if (native->directory_upper[i] == upper)
			return &native->directory[i];
	}
	if (i == sizeof(native->directory) / sizeof(native->directory[0]))
		return NULL;
	native->directory_upper[i] = upper;
	native->directory_count++;
	return &native->directory[i];
}

struct xdhcp_slot *native_slot(struct native *native, uint32_t address)
{
	struct xdhcp_directory *entry = directory_make(native, address >> 16);
	size_t used = 0;
	uint16_t *page;

	if (!entry)
		return NULL;
	page = &entry->page[(address >> 8) & 0xff];
	if (!*page) {
		for (size_t i = 0; i < native->directory_count; i++) {
			for (size_t j = 0; j < 256; j++)
				used += native->directory[i].page[j] != 0;
		}
		if (used == NATIVE_PAGES)
			return NULL;
		*page = used + 1;
	}
	return &native->pages[*page].slots[address & 0xff];
}

int native_run(struct native *native, struct native_frame *frame, uint32_t ifindex,
	       enum xdhcp_counter *ret_counter)
{
	struct xdhcp_counters before = native->counters;
	struct xdp_md ctx = {.ingress_ifindex = ifindex};
	int verdict;

	here.native = native;
	here.frame = frame;
	context_set(&ctx);
	verdict = xdhcp(&ctx);
	*ret_counter = XDHCP_COUNTER_MAX;
	for (int i = 0; i < XDHCP_COUNTER_MAX; i++) {
		if (native->counters.count[i] != before.count[i] && i != XDHCP_COUNT_GREW_HEAD &&
		    i != XDHCP_COUNT_SHORTENED)
			*ret_counter = i;
	}
	return verdict;
}

bool native_identify(struct native *native, struct native_frame *frame, uint32_t ifindex,
		     uint64_t *ret_key, uint64_t *ret_signature)
{
	struct xdp_md ctx = {.ingress_ifindex = ifindex};
	struct request request = {0};

	here.native = native;
	here.frame = frame;
	context_set(&ctx);
	if (frame_read(&ctx, &request) != OK ||
	    options_read(&ctx, &request, &here.scratch, native->control.seed) != OK)
		return false;
	*ret_key = request.key;
	*ret_signature = request.signature;
	return true;
}
