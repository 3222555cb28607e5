// SPDX-License-Identifier: GPL-2.0-only
/* The small hash maps, and what is counted. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "fastpath/state.h"

int fastpath_link_set(struct fastpath *fastpath, uint32_t ifindex, uint32_t network,
		      uint32_t server_id, const uint8_t mac[6])
{
	struct xdhcp_link_key key = {.ifindex = ifindex};
	struct xdhcp_link link = {.network = network, .server_id = server_id};

	memcpy(link.mac, mac, sizeof(link.mac));
	return bpf_map_update_elem(fastpath->maps[MAP_LINKS], &key, &link, BPF_ANY) ? -errno : 0;
}

int fastpath_link_remove(struct fastpath *fastpath, uint32_t ifindex)
{
	struct xdhcp_link_key key = {.ifindex = ifindex};

	return bpf_map_delete_elem(fastpath->maps[MAP_LINKS], &key) ? -errno : 0;
}

/* Deletes every entry whose first 32 bits are not among `kept`. */
static void entries_delete_others(int map, size_t key_size, const uint32_t *kept, size_t count)
{
	uint32_t key[2], next[2];
	bool more = !bpf_map_get_next_key(map, NULL, next);

	while (more) {
		size_t i = 0;

		memcpy(key, next, key_size);
		more = !bpf_map_get_next_key(map, key, next);
		while (i < count && kept[i] != key[0])
			i++;
		if (i == count)
			bpf_map_delete_elem(map, key);
	}
}

int fastpath_links_keep(struct fastpath *fastpath, const char *const *interfaces, size_t count)
{
	uint32_t *kept = calloc(count ? count : 1, sizeof(*kept));

	if (!kept)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		kept[i] = if_nametoindex(interfaces[i]);
	entries_delete_others(fastpath->maps[MAP_LINKS], sizeof(struct xdhcp_link_key), kept,
			      count);
	free(kept);
	return 0;
}

int fastpath_addresses_set(struct fastpath *fastpath, const uint32_t *addresses, size_t count)
{
	uint32_t *keys = calloc(count ? count : 1, sizeof(*keys)), one = 1;
	int map = fastpath->maps[MAP_ADDRESSES], code = 0;

	if (!keys)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		keys[i] = htonl(addresses[i]);
	entries_delete_others(map, sizeof(*keys), keys, count);
	for (size_t i = 0; i < count && !code; i++) {
		if (bpf_map_update_elem(map, &keys[i], &one, BPF_ANY))
			code = -errno;
	}
	free(keys);
	return code;
}

static int relay_write(struct fastpath *fastpath, uint32_t giaddr, uint32_t network)
{
	uint32_t key = htonl(giaddr);
	int map = fastpath->maps[MAP_RELAYS];

	if (!bpf_map_update_elem(map, &key, &network, BPF_NOEXIST)) {
		fastpath->relays++;
		return 0;
	}
	if (errno != EEXIST)
		return -errno;
	return bpf_map_update_elem(map, &key, &network, BPF_EXIST) ? -errno : 0;
}

/* With each grant; a system call only where it says something new. */
int fastpath_relay_learn(struct fastpath *fastpath, uint32_t giaddr, uint32_t network)
{
	struct relay *written =
		&fastpath->relays_written[(giaddr * 2654435761U >> 16) % RELAYS_REMEMBERED];
	int code;

	if (written->giaddr == giaddr && written->network == network)
		return 0;
	code = relay_write(fastpath, giaddr, network);
	if (!code)
		*written = (struct relay){giaddr, network};
	return code;
}

void fastpath_relays_forget(struct fastpath *fastpath)
{
	entries_delete_others(fastpath->maps[MAP_RELAYS], sizeof(uint32_t), NULL, 0);
	fastpath->relays = 0;
	memset(fastpath->relays_written, 0, sizeof(fastpath->relays_written));
}

int fastpath_relays_count(struct fastpath *fastpath)
{
	uint32_t key, next;
	int map = fastpath->maps[MAP_RELAYS];
	bool more = !bpf_map_get_next_key(map, NULL, &next);

	for (fastpath->relays = 0; more; fastpath->relays++) {
		key = next;
		more = !bpf_map_get_next_key(map, &key, &next);
	}
	return errno == ENOENT ? 0 : -errno;
}

uint64_t fastpath_seed(const struct fastpath *fastpath)
{
	return fastpath->control->seed;
}

void fastpath_counters(const struct fastpath *fastpath, struct xdhcp_counters *ret_sum)
{
	int cpus = libbpf_num_possible_cpus();
	struct xdhcp_counters sum = {{0}}, *each;
	uint32_t zero = 0;

	each = calloc(cpus > 0 ? cpus : 1, sizeof(*each));
	if (each && !bpf_map_lookup_elem(fastpath->maps[MAP_COUNTERS], &zero, each)) {
		for (int cpu = 0; cpu < cpus; cpu++) {
			for (int i = 0; i < XDHCP_COUNTER_MAX; i++)
				sum.count[i] += each[cpu].count[i];
		}
	}
	free(each);
	*ret_sum = sum;
}

void fastpath_usage(const struct fastpath *fastpath, struct fastpath_usage *ret_usage)
{
	*ret_usage = (struct fastpath_usage){
		.pages = fastpath->pages,
		.pages_most = XDHCP_BANKS * XDHCP_BANK_PAGES - 1,
		.tails = fastpath->nodes_used,
		.tails_most = XDHCP_TAILS - 1,
		.relays = fastpath->relays,
		.relays_most = XDHCP_RELAYS,
	};
}

static const char *const counter_words[XDHCP_COUNTER_MAX] = {
#define COUNTER_WORD(name, word, text) [XDHCP_##name] = word,
	XDHCP_COUNTERS(COUNTER_WORD)};

static const char *const counter_texts[XDHCP_COUNTER_MAX] = {
#define COUNTER_TEXT(name, word, text) [XDHCP_##name] = text,
	XDHCP_COUNTERS(COUNTER_TEXT)};

const char *fastpath_counter_word(enum xdhcp_counter counter)
{
	return counter < XDHCP_COUNTER_MAX ? counter_words[counter] : "unknown";
}

const char *fastpath_counter_text(enum xdhcp_counter counter)
{
	return counter < XDHCP_COUNTER_MAX ? counter_texts[counter] : "";
}
