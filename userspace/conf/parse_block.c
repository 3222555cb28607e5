/* SPDX-License-Identifier: GPL-2.0-only */
/* Braces and what they inherit; groups and hosts. */
#include <errno.h>
#include <string.h>

#include "base/address.h"
#include "conf/parse.h"

struct conf_scope *conf_scope_add(struct conf_parser *parser, const struct conf_scope *parent)
{
	struct conf_scope_record *record = conf_arena_alloc(parser->arena, sizeof(*record));

	if (!record)
		return NULL;
	record->scope.parent = parent;
	return &record->scope;
}

struct conf_block conf_block_inside(const struct conf_parser *parser,
				    const struct conf_block *around, enum conf_block_kind kind)
{
	struct conf_block block = *around;

	block.kind = kind;
	block.at = parser->at;
	block.depth++;
	block.host = NULL;
	block.pool = NULL;
	return block;
}

int conf_parse_block(struct conf_parser *parser, struct conf_block *block)
{
	char opened[CONF_PLACE_TEXT];
	int error;

	if (block->depth > CONF_NESTING_MAX)
		return conf_fail(parser, block->at, "more than %d declarations inside each other",
				 CONF_NESTING_MAX);
	error = conf_expect_sign(parser, '{', "the declaration's name");
	if (!error)
		error = conf_parse_statements(parser, block);
	if (error)
		return error;
	if (conf_token_is_sign(conf_token(parser), '}'))
		return conf_advance(parser);
	return conf_fail(parser, conf_token(parser)->at,
			 "`}` is missing: the declaration at %s is still open",
			 conf_place_format(block->at, opened));
}

/* The name is OMAPI's, and asks for nothing. */
int conf_parse_group(struct conf_parser *parser, struct conf_block *around,
		     const struct conf_statement *statement)
{
	struct conf_block block = conf_block_inside(parser, around, CONF_IN_GROUP);
	const char *name;
	int error;

	(void)statement;
	block.scope = conf_scope_add(parser, around->scope);
	if (!block.scope)
		return -ENOMEM;
	if (!conf_token_is_sign(conf_token(parser), '{')) {
		error = conf_expect_name(parser, "group", &name);
		if (error)
			return error;
	}
	return conf_parse_block(parser, &block);
}

static int add_host(struct conf_parser *parser, const struct conf_block *block,
		    struct conf_host_record **ret_record)
{
	struct conf_host_record *record;
	int error;

	if (parser->host_count == CONF_HOSTS_MAX)
		return conf_fail(parser, block->at, "more than %d hosts", CONF_HOSTS_MAX);
	error = conf_arena_grow(&parser->scratch, &parser->hosts, parser->host_count,
				sizeof(*parser->hosts));
	if (error)
		return error;
	record = conf_arena_alloc(&parser->scratch, sizeof(*record));
	if (!record)
		return -ENOMEM;
	record->host = conf_arena_alloc(parser->arena, sizeof(*record->host));
	if (!record->host)
		return -ENOMEM;
	record->host->scope = block->scope;
	record->at = block->at;
	record->order = parser->host_count;
	parser->hosts[parser->host_count++] = record;
	*ret_record = record;
	return 0;
}

int conf_parse_host(struct conf_parser *parser, struct conf_block *around,
		    const struct conf_statement *statement)
{
	struct conf_block block = conf_block_inside(parser, around, CONF_IN_HOST);
	int error;

	(void)statement;
	block.scope = conf_scope_add(parser, around->scope);
	if (!block.scope)
		return -ENOMEM;
	error = add_host(parser, &block, &block.host);
	if (!error)
		error = conf_expect_name(parser, "host", &block.host->host->name);
	if (!error)
		error = conf_parse_block(parser, &block);
	if (error)
		return error;
	if (!block.host->host->has_hardware)
		return conf_fail(parser, block.at,
				 "host `%.64s` says no `hardware ethernet …;`, so no client "
				 "would ever be it",
				 block.host->host->name);
	return 0;
}

int conf_parse_hardware(struct conf_parser *parser, struct conf_block *block,
			const struct conf_statement *statement)
{
	struct conf_host *host = block->host->host;
	const struct conf_token *token = conf_token(parser);
	char found[CONF_TOKEN_TEXT];
	size_t length;
	int error;

	(void)statement;
	if (host->has_hardware)
		return conf_fail(parser, parser->at,
				 "this host has a hardware address already; "
				 "write a host declaration for each");
	if (!conf_token_is(token, "ethernet"))
		return conf_fail(parser, token->at,
				 "hardware type %s is not supported yet; `ethernet` is",
				 conf_token_format(token, found));
	error = conf_advance(parser);
	if (error)
		return error;
	if (token->kind != CONF_TOKEN_WORD ||
	    base_hardware_parse(token->text, token->length, host->hardware, &length) || length != 6)
		return conf_fail(parser, token->at,
				 "expected an Ethernet address such as 02:00:5e:10:00:01, found %s",
				 conf_token_format(token, found));
	host->has_hardware = true;
	host->htype = 1; /* RFC 1700, ARP hardware types */
	host->hlen = (uint8_t)length;
	block->host->hardware_at = token->at;
	error = conf_advance(parser);
	return error ? error : conf_expect_semicolon(parser);
}

static int add_fixed(struct conf_parser *parser, struct conf_host *host)
{
	struct conf_place at = conf_token(parser)->at;
	uint32_t address = 0;
	int error = conf_expect_address(parser, &address);

	if (!error)
		error = conf_arena_grow(&parser->scratch, &parser->fixed, parser->fixed_count,
					sizeof(*parser->fixed));
	if (!error)
		error = conf_arena_grow(parser->arena, &host->fixed_addresses,
					host->fixed_address_count, sizeof(*host->fixed_addresses));
	if (error)
		return error;
	parser->fixed[parser->fixed_count] = (struct conf_fixed_record){
		.address = address, .host = host, .at = at, .order = parser->fixed_count};
	parser->fixed_count++;
	host->fixed_addresses[host->fixed_address_count++] = address;
	return 0;
}

int conf_parse_fixed(struct conf_parser *parser, struct conf_block *block,
		     const struct conf_statement *statement)
{
	struct conf_host *host = block->host->host;
	int error;

	(void)statement;
	if (host->fixed_address_count)
		return conf_fail(parser, parser->at,
				 "this host has a `fixed-address` already; one statement takes "
				 "several addresses, with commas between them");
	for (;;) {
		error = add_fixed(parser, host);
		if (error || !conf_token_is_sign(conf_token(parser), ','))
			break;
		error = conf_advance(parser);
		if (error)
			break;
	}
	return error ? error : conf_expect_semicolon(parser);
}
