/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What must hold across statements: subnets and ranges. Checks run in an
 * order in which each may lean on those before it; lookups find what they
 * should once subnets are known to be disjoint.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/address.h"
#include "conf/parse.h"

#define IPV4_BROADCAST 0xffffffffU

/* Runs over sorted intervals: overlaps are found against the one that reaches farthest. */
struct interval {
	uint32_t first, last;
	size_t order; /* index of its record */
};

static int compare_intervals(const void *a, const void *b)
{
	const struct interval *left = a, *right = b;

	if (left->first != right->first)
		return left->first < right->first ? -1 : 1;
	return left->order < right->order ? -1 : left->order > right->order;
}

/* The first two that overlap, the earlier record in *ret_a; false: none do. */
static bool find_overlap(struct interval *intervals, size_t count, size_t *ret_a, size_t *ret_b)
{
	size_t reach = 0;

	qsort(intervals, count, sizeof(*intervals), compare_intervals);
	for (size_t i = 1; i < count; i++) {
		size_t a = intervals[reach].order, b = intervals[i].order;

		if (intervals[i].first <= intervals[reach].last) {
			*ret_a = a < b ? a : b;
			*ret_b = a < b ? b : a;
			return true;
		}
		reach = i;
	}
	return false;
}

static int check_subnets(struct conf_parser *parser)
{
	struct conf_place end = {parser->lexer.source, parser->lexer.offset};
	char a_text[BASE_IPV4_TEXT], b_text[BASE_IPV4_TEXT], place[CONF_PLACE_TEXT];
	const struct conf_subnet_record *a, *b;
	struct interval *intervals;
	size_t a_index, b_index;

	if (!parser->subnet_count)
		return conf_fail(parser, end,
				 "no subnet is declared, so nobody would be served; declare one: "
				 "`subnet ADDRESS netmask MASK { range FIRST LAST; }`");
	intervals = conf_arena_alloc(&parser->scratch, parser->subnet_count * sizeof(*intervals));
	if (!intervals)
		return -ENOMEM;
	for (size_t i = 0; i < parser->subnet_count; i++) {
		const struct conf_subnet *subnet = parser->subnets[i].subnet;

		intervals[i] =
			(struct interval){subnet->address, subnet->address | ~subnet->mask, i};
	}
	if (!find_overlap(intervals, parser->subnet_count, &a_index, &b_index))
		return 0;
	a = &parser->subnets[a_index];
	b = &parser->subnets[b_index];
	return conf_fail(parser, b->at, "subnet %s/%d overlaps subnet %s/%d at %s",
			 base_ipv4_format(b->subnet->address, b_text),
			 base_ipv4_prefix(b->subnet->mask),
			 base_ipv4_format(a->subnet->address, a_text),
			 base_ipv4_prefix(a->subnet->mask), conf_place_format(a->at, place));
}

static int fail_outside(struct conf_parser *parser, struct conf_place at, uint32_t address,
			const struct conf_subnet *subnet)
{
	char text[BASE_IPV4_TEXT], subnet_text[BASE_IPV4_TEXT];

	return conf_fail(parser, at, "%s is not in subnet %s/%d", base_ipv4_format(address, text),
			 base_ipv4_format(subnet->address, subnet_text),
			 base_ipv4_prefix(subnet->mask));
}

int conf_check_usable(struct conf_parser *parser, struct conf_place at,
		      const struct conf_subnet *subnet, uint32_t first, uint32_t last)
{
	char text[BASE_IPV4_TEXT], subnet_text[BASE_IPV4_TEXT];
	uint32_t lowest = subnet->address, highest = subnet->address | ~subnet->mask;
	int prefix = base_ipv4_prefix(subnet->mask);

	if (last == IPV4_BROADCAST)
		return conf_fail(parser, at,
				 "255.255.255.255 is everybody's address (RFC 919): no client can "
				 "have it");
	/* RFC 3021: of two addresses, or one, all are hosts. */
	if (prefix > 30 || (first != lowest && last != highest))
		return 0;
	return conf_fail(parser, at,
			 "%s is the %s address of subnet %s/%d, which no client can use; "
			 "its own go from the next one %s",
			 base_ipv4_format(first == lowest ? lowest : highest, text),
			 first == lowest ? "network" : "broadcast",
			 base_ipv4_format(lowest, subnet_text), prefix,
			 first == lowest ? "up" : "down");
}

/* A range lies in the subnet around it; in a shared-network, in one of its subnets. */
static int check_range(struct conf_parser *parser, const struct conf_range_record *range)
{
	const struct conf_subnet *subnet = range->subnet;
	char text[BASE_IPV4_TEXT];

	if (!subnet)
		subnet = conf_subnet_of(&parser->whole->conf, range->first);
	if (!subnet || subnet->network != range->pool->network)
		return conf_fail(parser, range->at,
				 "%s is in no subnet of shared-network `%.64s`; declare its subnet "
				 "there",
				 base_ipv4_format(range->first, text), range->pool->network->name);
	if ((range->first & subnet->mask) != subnet->address)
		return fail_outside(parser, range->at, range->first, subnet);
	if ((range->last & subnet->mask) != subnet->address)
		return fail_outside(parser, range->at, range->last, subnet);
	return conf_check_usable(parser, range->at, subnet, range->first, range->last);
}

static int check_total(struct conf_parser *parser)
{
	uint64_t total = parser->fixed_count;

	for (size_t i = 0; i < parser->range_count; i++) {
		const struct conf_range_record *range = &parser->ranges[i];

		total += (uint64_t)range->last - range->first + 1;
		if (total > CONF_ADDRESSES_MAX)
			return conf_fail(
				parser, range->at,
				"with this range there are more than %u addresses to give, "
				"the most that one server takes",
				CONF_ADDRESSES_MAX);
	}
	return 0;
}

static int check_overlap(struct conf_parser *parser)
{
	char first[BASE_IPV4_TEXT], last[BASE_IPV4_TEXT], place[CONF_PLACE_TEXT];
	const struct conf_range_record *a, *b;
	struct interval *intervals;
	size_t a_index, b_index;

	intervals = conf_arena_alloc(&parser->scratch, parser->range_count * sizeof(*intervals));
	if (!intervals)
		return -ENOMEM;
	for (size_t i = 0; i < parser->range_count; i++)
		intervals[i] =
			(struct interval){parser->ranges[i].first, parser->ranges[i].last, i};
	if (!find_overlap(intervals, parser->range_count, &a_index, &b_index))
		return 0;
	a = &parser->ranges[a_index];
	b = &parser->ranges[b_index];
	return conf_fail(parser, b->at, "this range overlaps the range %s to %s at %s",
			 base_ipv4_format(a->first, first), base_ipv4_format(a->last, last),
			 conf_place_format(a->at, place));
}

static int check_ranges(struct conf_parser *parser)
{
	for (size_t i = 0; i < parser->range_count; i++) {
		int error = check_range(parser, &parser->ranges[i]);

		if (error)
			return error;
	}
	return 0;
}

/* The innermost saying of each bound; 0: unsaid. */
static void bounds_of(const struct conf_scope *scope, uint32_t *ret_min, uint32_t *ret_max)
{
	uint32_t min = 0, max = 0;

	for (; scope; scope = scope->parent) {
		if (!min && scope->has_min_lease_time)
			min = scope->min_lease_time;
		if (!max && scope->has_max_lease_time)
			max = scope->max_lease_time;
	}
	*ret_min = min;
	*ret_max = max;
}

static int check_times(struct conf_parser *parser)
{
	for (size_t i = 0; i < parser->time_count; i++) {
		uint32_t min, max;

		bounds_of(parser->times[i].scope, &min, &max);
		if (min && max && min > max)
			return conf_fail(parser, parser->times[i].at,
					 "min-lease-time %u exceeds max-lease-time %u, which both "
					 "hold here",
					 min, max);
	}
	return 0;
}

int conf_check(struct conf_parser *parser)
{
	int error = check_subnets(parser);

	if (!error)
		error = check_ranges(parser);
	if (!error)
		error = check_total(parser);
	if (!error)
		error = check_overlap(parser);
	if (!error)
		error = check_times(parser);
	if (!error)
		error = conf_check_hosts(parser);
	return error ? error : conf_check_failover(parser);
}
