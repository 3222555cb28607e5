/* SPDX-License-Identifier: GPL-2.0-only */
/* Parameters of a scope: dhcpd.conf(5), "REFERENCE: PARAMETERS". A later one supersedes an earlier. */
#include <errno.h>
#include <string.h>

#include "conf/parse.h"
#include "dhcp/message.h"

static int remember_time(struct conf_parser *parser, const struct conf_scope *scope)
{
	int error = conf_arena_grow(&parser->scratch, &parser->times, parser->time_count,
				    sizeof(*parser->times));

	if (!error)
		parser->times[parser->time_count++] =
			(struct conf_time_record){.scope = scope, .at = parser->at};
	return error;
}

int conf_parse_time(struct conf_parser *parser, struct conf_block *block,
		    const struct conf_statement *statement)
{
	struct conf_scope *scope = block->scope;
	int64_t seconds = 0;
	int error;

	if (conf_token_is(conf_token(parser), "infinite"))
		return conf_fail(parser, conf_token(parser)->at,
				 "leases without an end are not supported; the longest is %u "
				 "seconds (68 years)",
				 CONF_SECONDS_MAX);
	error = conf_expect_number(parser, 1, CONF_SECONDS_MAX, &seconds);
	if (!error)
		error = remember_time(parser, scope);
	if (error)
		return error;
	if (!strcmp(statement->word, "default-lease-time")) {
		scope->has_default_lease_time = true;
		scope->default_lease_time = (uint32_t)seconds;
	} else if (!strcmp(statement->word, "min-lease-time")) {
		scope->has_min_lease_time = true;
		scope->min_lease_time = (uint32_t)seconds;
	} else {
		scope->has_max_lease_time = true;
		scope->max_lease_time = (uint32_t)seconds;
	}
	return conf_expect_semicolon(parser);
}

int conf_parse_authoritative(struct conf_parser *parser, struct conf_block *block,
			     const struct conf_statement *statement)
{
	(void)statement;
	block->scope->has_authoritative = true;
	block->scope->authoritative = true;
	return conf_expect_semicolon(parser);
}

int conf_parse_not(struct conf_parser *parser, struct conf_block *block,
		   const struct conf_statement *statement)
{
	char found[CONF_TOKEN_TEXT];
	int error;

	(void)statement;
	if (!conf_token_is(conf_token(parser), "authoritative"))
		return conf_fail(parser, conf_token(parser)->at,
				 "expected `authoritative` behind `not`, found %s",
				 conf_token_format(conf_token(parser), found));
	error = conf_advance(parser);
	if (error)
		return error;
	block->scope->has_authoritative = true;
	block->scope->authoritative = false;
	return conf_expect_semicolon(parser);
}

int conf_parse_address(struct conf_parser *parser, struct conf_block *block,
		       const struct conf_statement *statement)
{
	struct conf_scope *scope = block->scope;
	struct conf_place at = conf_token(parser)->at;
	uint32_t address = 0;
	int error = conf_expect_address(parser, &address);

	if (error)
		return error;
	if (!strcmp(statement->word, "next-server")) {
		scope->has_next_server = true;
		scope->next_server = address;
	} else if (!address) {
		/* Clients take 0 for "no server", and here it would mean "the link's address". */
		return conf_fail(parser, at, "0.0.0.0 identifies no server");
	} else {
		scope->has_server_identifier = true;
		scope->server_identifier = address;
	}
	return conf_expect_semicolon(parser);
}

/* Into the fields `file` and `sname`, RFC 2131 section 2. */
int conf_parse_text(struct conf_parser *parser, struct conf_block *block,
		    const struct conf_statement *statement)
{
	bool file = !strcmp(statement->word, "filename");
	const char *text;
	int error = conf_expect_string(parser, file ? DHCP_FILE_LEN : DHCP_SNAME_LEN, &text);

	if (error)
		return error;
	if (file)
		block->scope->filename = text;
	else
		block->scope->server_name = text;
	return conf_expect_semicolon(parser);
}

int conf_parse_abandon(struct conf_parser *parser, struct conf_block *block,
		       const struct conf_statement *statement)
{
	int64_t seconds = 0;
	int error = conf_expect_number(parser, 0, CONF_SECONDS_MAX, &seconds);

	(void)block;
	(void)statement;
	if (error)
		return error;
	parser->whole->conf.abandon_lease_time = (uint32_t)seconds;
	return conf_expect_semicolon(parser);
}

/* What is on or off for the whole server. */
int conf_parse_switch(struct conf_parser *parser, struct conf_block *block,
		      const struct conf_statement *statement)
{
	struct conf *conf = &parser->whole->conf;
	bool on = false;
	int error = conf_expect_flag(parser, &on);

	(void)block;
	if (error)
		return error;
	if (!strcmp(statement->word, "check-secs-byte-order"))
		conf->check_secs_byte_order = on;
	else
		conf->server_id_check = on;
	return conf_expect_semicolon(parser);
}
