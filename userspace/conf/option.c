/* SPDX-License-Identifier: GPL-2.0-only */
/* The `option` statement: which option, whether it may be configured, and where its value goes. */
#include "dhcp/option.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/text.h"
#include "conf/parse.h"

/* Options that the server computes for each reply, or that only clients and relays send. */
struct reserved {
	uint8_t code;
	const char *instead;
};

static const struct reserved reserved[] = {
	{DHCP_OPT_PAD, "option 0 is padding"},
	{DHCP_OPT_REQUESTED_ADDRESS,
	 "clients send it; a host's address is said by `fixed-address`"},
	{DHCP_OPT_LEASE_TIME, "use `default-lease-time`, `min-lease-time`, `max-lease-time`"},
	{DHCP_OPT_OVERLOAD, "the server sets it where it is needed"},
	{DHCP_OPT_MESSAGE_TYPE, "the server sets it"},
	{DHCP_OPT_SERVER_ID, "use `server-identifier`"},
	{DHCP_OPT_PARAMETER_REQUEST, "overriding what clients ask for is not supported yet"},
	{DHCP_OPT_MESSAGE, "the server words its refusals itself"},
	{DHCP_OPT_MAX_SIZE, "clients say what they take; overriding it is not supported yet"},
	{DHCP_OPT_CLIENT_ID, "clients send it; hosts are known by `hardware ethernet …;` so far"},
	{DHCP_OPT_AGENT, "relays send it, and it is echoed as it came"},
	{DHCP_OPT_SUBNET_SELECTION, "clients and relays send it"},
	{DHCP_OPT_END, "option 255 is the end of the options"},
};

int conf_option_check_code(struct conf_parser *parser, struct conf_place at, const char *name,
			   uint8_t code)
{
	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++) {
		if (reserved[i].code == code)
			return conf_fail(parser, at, "option `%.64s` cannot be configured: %s",
					 name, reserved[i].instead);
	}
	return 0;
}

static int fail_unknown(struct conf_parser *parser, struct conf_place at, const char *name)
{
	unsigned best = UINT_MAX;
	const char *meant = NULL;

	for (unsigned code = 0; code < 256; code++) {
		const struct dhcp_option_info *info = dhcp_option_by_code((uint8_t)code);
		unsigned distance =
			info ? conf_suggest_distance(name, strlen(name), info->name) : UINT_MAX;

		if (distance < best) {
			best = distance;
			meant = info->name;
		}
	}
	if (strchr(name, '.'))
		return conf_fail(parser, at, "option `%.64s`: option spaces are not supported yet",
				 name);
	if (meant)
		return conf_fail(parser, at, "unknown option `%.64s`; did you mean `%s`?", name,
				 meant);
	return conf_fail(
		parser, at,
		"unknown option `%.64s`; define it first: `option %.64s code NUMBER = TYPE;`", name,
		name);
}

/* Sets an option of a scope, in place of what was there, codes ascending. */
static int set_option(struct conf_parser *parser, struct conf_scope *scope,
		      struct conf_option option)
{
	struct conf_option *options = (struct conf_option *)scope->options;
	size_t at = 0;
	int error;

	while (at < scope->option_count && options[at].code < option.code)
		at++;
	if (at == scope->option_count || options[at].code != option.code) {
		error = conf_arena_grow(parser->arena, &scope->options, scope->option_count,
					sizeof(*options));
		if (error)
			return error;
		options = (struct conf_option *)scope->options;
		memmove(&options[at + 1], &options[at],
			(scope->option_count - at) * sizeof(*options));
		scope->option_count++;
	}
	options[at] = option;
	return 0;
}

static int parse_value(struct conf_parser *parser, struct conf_block *block, const char *name,
		       const char *format, uint8_t code)
{
	struct conf_option option = {.code = code};
	uint8_t bytes[CONF_OPTION_MAX];
	struct conf_place at = conf_token(parser)->at;
	size_t length;
	int error = conf_option_value(parser, name, format, bytes, &length);

	if (error)
		return error;
	/* RFC 2132 section 2 and each option's own: a value has at least one byte, or the option is 'e'. */
	if (!length && *format != 'e')
		return conf_fail(parser, at, "option `%.64s` with nothing in it; leave it out",
				 name);
	option.length = (uint16_t)length;
	option.data = (const uint8_t *)conf_arena_copy(parser->arena, bytes, length);
	if (!option.data)
		return -ENOMEM;
	error = set_option(parser, block->scope, option);
	return error ? error : conf_expect_semicolon(parser);
}

/* `option NAME VALUE;` or `option NAME code NUMBER = TYPE;`; what is defined here goes before the table. */
int conf_parse_option(struct conf_parser *parser, struct conf_block *block,
		      const struct conf_statement *statement)
{
	struct conf_place at = conf_token(parser)->at;
	const struct conf_definition *definition;
	const struct dhcp_option_info *info;
	const char *name;
	int error;

	(void)statement;
	if (conf_token_is(conf_token(parser), "space"))
		return conf_fail(parser, at, "option spaces are not supported yet");
	error = conf_expect_name(parser, "option", &name);
	if (error)
		return error;
	if (conf_token_is(conf_token(parser), "code"))
		return conf_option_define(parser, block, name, at);
	definition = conf_definition_find(parser, name);
	if (definition)
		return parse_value(parser, block, name, definition->format, definition->code);
	info = dhcp_option_by_name(name, strlen(name));
	if (!info)
		return fail_unknown(parser, at, name);
	error = conf_option_check_code(parser, at, name, info->code);
	return error ? error : parse_value(parser, block, name, info->format, info->code);
}
