/* SPDX-License-Identifier: GPL-2.0-only */
/* Networks, subnets, pools and ranges: dhcpd.conf(5), "REFERENCE: DECLARATIONS". */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "conf/parse.h"

static int add_network(struct conf_parser *parser, struct conf_block *block)
{
	struct conf_network *network;
	int error;

	if (parser->network_count == CONF_NETWORKS_MAX)
		return conf_fail(parser, block->at, "more than %d networks", CONF_NETWORKS_MAX);
	error = conf_arena_grow(&parser->scratch, &parser->networks, parser->network_count,
				sizeof(*parser->networks));
	if (error)
		return error;
	network = conf_arena_alloc(parser->arena, sizeof(*network));
	if (!network)
		return -ENOMEM;
	network->scope = block->scope;
	block->network = network;
	parser->networks[parser->network_count++] =
		(struct conf_network_record){.network = network, .at = block->at};
	return 0;
}

int conf_parse_network(struct conf_parser *parser, struct conf_block *around,
		       const struct conf_statement *statement)
{
	struct conf_block block = conf_block_inside(parser, around, CONF_IN_NETWORK);
	int error;

	(void)statement;
	if (around->network)
		return conf_fail(
			parser, parser->at,
			"a shared-network inside a shared-network; is a `}` missing before it?");
	block.scope = conf_scope_add(parser, around->scope);
	if (!block.scope)
		return -ENOMEM;
	error = add_network(parser, &block);
	if (!error)
		error = conf_expect_name(parser, "shared-network", &block.network->name);
	if (!error)
		error = conf_parse_block(parser, &block);
	if (error)
		return error;
	if (!block.network->subnet_count)
		return conf_fail(parser, block.at,
				 "shared-network `%.64s` has no subnet; declare at least one in it",
				 block.network->name);
	return 0;
}

static int check_mask(struct conf_parser *parser, struct conf_place address_at,
		      struct conf_place mask_at, uint32_t address, uint32_t mask)
{
	char text[BASE_IPV4_TEXT], right[BASE_IPV4_TEXT];
	int prefix = base_ipv4_prefix(mask);

	if (prefix < 1)
		return conf_fail(parser, mask_at,
				 "%s is no netmask of a subnet: its bits are not contiguous, "
				 "or there are none",
				 base_ipv4_format(mask, text));
	if (address & ~mask)
		return conf_fail(parser, address_at,
				 "%s is not the first address of its subnet; with this netmask "
				 "it begins at %s",
				 base_ipv4_format(address, text),
				 base_ipv4_format(address & mask, right));
	return 0;
}

static int expect_subnet(struct conf_parser *parser, struct conf_subnet *subnet)
{
	struct conf_place address_at = conf_token(parser)->at, mask_at;
	char found[CONF_TOKEN_TEXT];
	int error = conf_expect_address(parser, &subnet->address);

	if (error)
		return error;
	if (!conf_token_is(conf_token(parser), "netmask"))
		return conf_fail(parser, conf_token(parser)->at,
				 "expected `netmask` behind the subnet's address, found %s",
				 conf_token_format(conf_token(parser), found));
	error = conf_advance(parser);
	if (error)
		return error;
	mask_at = conf_token(parser)->at;
	error = conf_expect_address(parser, &subnet->mask);
	if (error)
		return error;
	return check_mask(parser, address_at, mask_at, subnet->address, subnet->mask);
}

static int add_subnet(struct conf_parser *parser, struct conf_block *block)
{
	struct conf_network *network = block->network;
	struct conf_subnet *subnet;
	int error;

	if (parser->subnet_count == CONF_SUBNETS_MAX)
		return conf_fail(parser, block->at, "more than %d subnets", CONF_SUBNETS_MAX);
	error = conf_arena_grow(&parser->scratch, &parser->subnets, parser->subnet_count,
				sizeof(*parser->subnets));
	if (!error)
		error = conf_arena_grow(parser->arena, &network->subnets, network->subnet_count,
					sizeof(*network->subnets));
	if (error)
		return error;
	subnet = conf_arena_alloc(parser->arena, sizeof(*subnet));
	if (!subnet)
		return -ENOMEM;
	subnet->scope = block->scope;
	subnet->network = network;
	block->subnet = subnet;
	network->subnets[network->subnet_count++] = subnet;
	parser->subnets[parser->subnet_count++] =
		(struct conf_subnet_record){.subnet = subnet, .at = block->at};
	return 0;
}

/* A lone subnet is a network of its own, and both are one scope. */
static int name_network(struct conf_parser *parser, struct conf_network *network,
			const struct conf_subnet *subnet)
{
	char address[BASE_IPV4_TEXT], name[BASE_IPV4_TEXT + 4];

	if (network->name)
		return 0;
	snprintf(name, sizeof(name), "%s/%d", base_ipv4_format(subnet->address, address),
		 base_ipv4_prefix(subnet->mask));
	network->name = conf_arena_copy(parser->arena, name, strlen(name));
	return network->name ? 0 : -ENOMEM;
}

int conf_parse_subnet(struct conf_parser *parser, struct conf_block *around,
		      const struct conf_statement *statement)
{
	struct conf_block block = conf_block_inside(parser, around, CONF_IN_SUBNET);
	int error = 0;

	(void)statement;
	if (around->subnet)
		return conf_fail(parser, parser->at,
				 "a subnet inside a subnet; is a `}` missing before it?");
	block.scope = conf_scope_add(parser, around->scope);
	if (!block.scope)
		return -ENOMEM;
	if (!block.network)
		error = add_network(parser, &block);
	if (!error)
		error = add_subnet(parser, &block);
	if (!error)
		error = expect_subnet(parser, block.subnet);
	if (!error)
		error = name_network(parser, block.network, block.subnet);
	return error ? error : conf_parse_block(parser, &block);
}

static int add_pool(struct conf_parser *parser, struct conf_block *block)
{
	struct conf_network *network = block->network;
	struct conf_pool *pool;
	int error;

	if (parser->pool_count == CONF_POOLS_MAX)
		return conf_fail(parser, parser->at, "more than %d pools", CONF_POOLS_MAX);
	error = conf_arena_grow(&parser->scratch, &parser->pools, parser->pool_count,
				sizeof(*parser->pools));
	if (!error)
		error = conf_arena_grow(parser->arena, &network->pools, network->pool_count,
					sizeof(*network->pools));
	if (error)
		return error;
	pool = conf_arena_alloc(parser->arena, sizeof(*pool));
	if (!pool)
		return -ENOMEM;
	pool->scope = block->scope;
	pool->network = network;
	block->pool = pool;
	network->pools[network->pool_count++] = pool;
	parser->pools[parser->pool_count++] =
		(struct conf_pool_record){.pool = pool, .at = parser->at};
	return 0;
}

/* From the end: it is mostly the last one. */
struct conf_pool_record *conf_pool_record_of(const struct conf_parser *parser,
					     const struct conf_pool *pool)
{
	size_t at = parser->pool_count - 1;

	while (parser->pools[at].pool != pool)
		at--;
	return &parser->pools[at];
}

int conf_parse_pool(struct conf_parser *parser, struct conf_block *around,
		    const struct conf_statement *statement)
{
	struct conf_block block = conf_block_inside(parser, around, CONF_IN_POOL);
	int error;

	(void)statement;
	block.scope = conf_scope_add(parser, around->scope);
	if (!block.scope)
		return -ENOMEM;
	error = add_pool(parser, &block);
	if (!error)
		error = conf_parse_block(parser, &block);
	if (error)
		return error;
	if (!block.pool->range_count)
		return conf_fail(parser, block.at,
				 "a pool without addresses; it takes at least one `range`");
	return 0;
}

static int add_range(struct conf_parser *parser, const struct conf_block *block, uint32_t first,
		     uint32_t last)
{
	struct conf_pool *pool = block->pool;
	int error;

	if (parser->range_count == CONF_RANGES_MAX)
		return conf_fail(parser, parser->at, "more than %d ranges", CONF_RANGES_MAX);
	error = conf_arena_grow(&parser->scratch, &parser->ranges, parser->range_count,
				sizeof(*parser->ranges));
	if (!error)
		error = conf_arena_grow(parser->arena, &pool->ranges, pool->range_count,
					sizeof(*pool->ranges));
	if (error)
		return error;
	pool->ranges[pool->range_count++] = (struct conf_range){first, last};
	parser->ranges[parser->range_count++] = (struct conf_range_record){
		.first = first,
		.last = last,
		.pool = pool,
		.subnet = block->subnet,
		.at = parser->at,
	};
	return 0;
}

/* `range FIRST [LAST]`; dhcpd takes the two in either order. */
int conf_parse_range(struct conf_parser *parser, struct conf_block *block,
		     const struct conf_statement *statement)
{
	uint32_t first = 0, last;
	int error;

	(void)statement;
	if (conf_token_is(conf_token(parser), "dynamic-bootp"))
		return conf_fail(parser, conf_token(parser)->at,
				 "BOOTP clients are not served; leave `dynamic-bootp` out");
	error = conf_expect_address(parser, &first);
	if (error)
		return error;
	last = first;
	if (!conf_token_is_sign(conf_token(parser), ';'))
		error = conf_expect_address(parser, &last);
	if (!error && !block->pool)
		error = add_pool(parser, block);
	if (!error)
		error = add_range(parser, block, first < last ? first : last,
				  first < last ? last : first);
	return error ? error : conf_expect_semicolon(parser);
}
