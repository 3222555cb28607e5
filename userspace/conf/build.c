/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From what was read to what is searched. Everything is numbered by its
 * addresses and not by its place in the text, so that two texts that mean the
 * same give the same numbers: slots and digests may rely on it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "conf/parse.h"

static int compare_u32(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_subnets(const void *a, const void *b)
{
	const struct conf_subnet *const *left = a, *const *right = b;

	return compare_u32((*left)->address, (*right)->address);
}

static int compare_networks(const void *a, const void *b)
{
	const struct conf_network *const *left = a, *const *right = b;

	return compare_u32((*left)->subnets[0]->address, (*right)->subnets[0]->address);
}

static int compare_ranges(const void *a, const void *b)
{
	const struct conf_range *left = a, *right = b;

	return compare_u32(left->first, right->first);
}

static int compare_pools(const void *a, const void *b)
{
	const struct conf_pool *const *left = a, *const *right = b;

	return compare_u32((*left)->ranges[0].first, (*right)->ranges[0].first);
}

static int compare_hosts(const void *a, const void *b)
{
	const struct conf_host *const *left = a, *const *right = b;

	if ((*left)->htype != (*right)->htype)
		return (*left)->htype < (*right)->htype ? -1 : 1;
	if ((*left)->hlen != (*right)->hlen)
		return (*left)->hlen < (*right)->hlen ? -1 : 1;
	return memcmp((*left)->hardware, (*right)->hardware, (*left)->hlen);
}

static int compare_address_ranges(const void *a, const void *b)
{
	const struct conf_address_range *left = a, *right = b;

	return compare_u32(left->first, right->first);
}

static int compare_address_hosts(const void *a, const void *b)
{
	const struct conf_address_host *left = a, *right = b;

	return compare_u32(left->address, right->address);
}

static int compare_relations(const void *a, const void *b)
{
	const struct conf_relation *const *left = a, *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

static void sort(void *array, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	if (count)
		qsort(array, count, size, compare);
}

/* Ranges that touch become one; they do not overlap. */
static void join_ranges(struct conf_pool *pool)
{
	struct conf_range *ranges = pool->ranges;
	size_t kept = 0;

	sort(ranges, pool->range_count, sizeof(*ranges), compare_ranges);
	for (size_t i = 1; i < pool->range_count; i++) {
		if (ranges[i].first == ranges[kept].last + 1)
			ranges[kept].last = ranges[i].last;
		else
			ranges[++kept] = ranges[i];
	}
	pool->range_count = kept + 1;
}

static int build_networks(struct conf_parser *parser)
{
	struct conf *conf = &parser->whole->conf;

	conf->networks =
		conf_arena_alloc(parser->arena, parser->network_count * sizeof(*conf->networks));
	conf->subnets =
		conf_arena_alloc(parser->arena, parser->subnet_count * sizeof(*conf->subnets));
	if (!conf->networks || !conf->subnets)
		return -ENOMEM;
	for (size_t i = 0; i < parser->network_count; i++) {
		struct conf_network *network = parser->networks[i].network;

		sort(network->subnets, network->subnet_count, sizeof(*network->subnets),
		     compare_subnets);
		conf->networks[conf->network_count++] = network;
	}
	for (size_t i = 0; i < parser->subnet_count; i++)
		conf->subnets[conf->subnet_count++] = parser->subnets[i].subnet;
	sort(conf->networks, conf->network_count, sizeof(*conf->networks), compare_networks);
	sort(conf->subnets, conf->subnet_count, sizeof(*conf->subnets), compare_subnets);
	for (size_t i = 0; i < conf->network_count; i++)
		conf->networks[i]->number = (uint32_t)i + 1;
	return 0;
}

static bool tag_taken(const struct conf *conf, size_t before, uint16_t tag)
{
	for (size_t i = 0; i < before; i++)
		if (conf->relations[i]->tag == tag)
			return true;
	return false;
}

/* The number says where the name stands among those of one configuration, the tag whose it is. */
static void number_relation(struct conf *conf, size_t i)
{
	struct conf_relation *relation = conf->relations[i];
	uint32_t sum = base_crc32c(0, relation->name, strlen(relation->name));

	relation->number = (uint8_t)(i + 1);
	relation->tag = (uint16_t)(sum >> 16 ^ sum);
	while (!relation->tag || tag_taken(conf, i, relation->tag))
		relation->tag++;
}

static int build_relations(struct conf_parser *parser)
{
	struct conf *conf = &parser->whole->conf;

	conf->relations =
		conf_arena_alloc(parser->arena, parser->relation_count * sizeof(*conf->relations));
	if (!conf->relations)
		return -ENOMEM;
	for (size_t i = 0; i < parser->relation_count; i++)
		conf->relations[conf->relation_count++] = parser->relations[i]->relation;
	sort(conf->relations, conf->relation_count, sizeof(*conf->relations), compare_relations);
	for (size_t i = 0; i < conf->relation_count; i++)
		number_relation(conf, i);
	return 0;
}

static int build_pools(struct conf_parser *parser)
{
	struct conf *conf = &parser->whole->conf;

	conf->pools = conf_arena_alloc(parser->arena, parser->pool_count * sizeof(*conf->pools));
	if (!conf->pools)
		return -ENOMEM;
	for (size_t i = 0; i < parser->pool_count; i++) {
		struct conf_pool *pool = parser->pools[i].pool;

		join_ranges(pool);
		if (parser->pools[i].relation)
			pool->relation = parser->pools[i].relation->number;
		conf->pools[conf->pool_count++] = pool;
	}
	sort(conf->pools, conf->pool_count, sizeof(*conf->pools), compare_pools);
	for (size_t i = 0; i < conf->pool_count; i++)
		conf->pools[i]->number = (uint16_t)i;
	for (size_t i = 0; i < conf->network_count; i++)
		sort(conf->networks[i]->pools, conf->networks[i]->pool_count,
		     sizeof(*conf->networks[i]->pools), compare_pools);
	return 0;
}

static int build_hosts(struct conf_parser *parser)
{
	struct conf *conf = &parser->whole->conf;

	conf->hosts = conf_arena_alloc(parser->arena, parser->host_count * sizeof(*conf->hosts));
	if (!conf->hosts)
		return -ENOMEM;
	for (size_t i = 0; i < parser->host_count; i++)
		conf->hosts[conf->host_count++] = parser->hosts[i]->host;
	sort(conf->hosts, conf->host_count, sizeof(*conf->hosts), compare_hosts);
	return 0;
}

static int index_ranges(struct conf_parser *parser)
{
	struct conf_whole *whole = parser->whole;

	whole->ranges =
		conf_arena_alloc(parser->arena, parser->range_count * sizeof(*whole->ranges));
	if (!whole->ranges)
		return -ENOMEM;
	for (size_t i = 0; i < whole->conf.pool_count; i++) {
		const struct conf_pool *pool = whole->conf.pools[i];

		for (size_t j = 0; j < pool->range_count; j++)
			whole->ranges[whole->range_count++] = (struct conf_address_range){
				pool->ranges[j].first, pool->ranges[j].last, pool};
	}
	sort(whole->ranges, whole->range_count, sizeof(*whole->ranges), compare_address_ranges);
	return 0;
}

static int index_fixed(struct conf_parser *parser)
{
	struct conf_whole *whole = parser->whole;

	whole->fixed = conf_arena_alloc(parser->arena, parser->fixed_count * sizeof(*whole->fixed));
	if (!whole->fixed)
		return -ENOMEM;
	for (size_t i = 0; i < parser->fixed_count; i++)
		whole->fixed[whole->fixed_count++] =
			(struct conf_address_host){parser->fixed[i].address, parser->fixed[i].host};
	sort(whole->fixed, whole->fixed_count, sizeof(*whole->fixed), compare_address_hosts);
	return 0;
}

int conf_build(struct conf_parser *parser)
{
	int error = build_networks(parser);

	conf_permits_settle(parser);
	if (!error)
		error = build_relations(parser);
	if (!error)
		error = build_pools(parser);
	if (!error)
		error = build_hosts(parser);
	if (!error)
		error = index_ranges(parser);
	if (!error)
		error = index_fixed(parser);
	return error;
}
