/* SPDX-License-Identifier: GPL-2.0-only */
/* Tokens by what they must be. */
#include <errno.h>
#include <string.h>

#include "base/address.h"
#include "conf/parse.h"

int conf_advance(struct conf_parser *parser)
{
	return conf_lexer_next(&parser->lexer, parser->error);
}

struct conf_place conf_place_behind(const struct conf_parser *parser)
{
	return (struct conf_place){parser->lexer.source, parser->lexer.previous};
}

int conf_expect_sign(struct conf_parser *parser, char sign, const char *behind)
{
	char found[CONF_TOKEN_TEXT];

	if (conf_token_is_sign(conf_token(parser), sign))
		return conf_advance(parser);
	return conf_fail(parser, conf_place_behind(parser), "expected `%c` behind %s, found %s",
			 sign, behind, conf_token_format(conf_token(parser), found));
}

int conf_expect_semicolon(struct conf_parser *parser)
{
	if (conf_token_is_sign(conf_token(parser), '='))
		return conf_fail(parser, conf_token(parser)->at,
				 "values that are computed (`=` and an expression) are not "
				 "supported yet; write the value itself");
	return conf_expect_sign(parser, ';', "the statement");
}

int conf_expect_address(struct conf_parser *parser, uint32_t *ret_address)
{
	const struct conf_token *token = conf_token(parser);
	char found[CONF_TOKEN_TEXT];

	if (token->kind == CONF_TOKEN_WORD &&
	    !base_ipv4_parse(token->text, token->length, ret_address))
		return conf_advance(parser);
	return conf_fail(parser, token->at,
			 "expected an IPv4 address such as 192.0.2.1, found %s; "
			 "names are not looked up",
			 conf_token_format(token, found));
}

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

/* Decimal, 0x hexadecimal, 0 octal, as dhcpd reads them; false: none, or beyond every field. */
bool conf_token_number(const struct conf_token *token, int64_t *ret_number)
{
	const char *at = token->text, *end = at + token->length;
	unsigned base = 10;
	int64_t number = 0;
	bool negative = at < end && *at == '-';

	if (token->kind != CONF_TOKEN_WORD)
		return false;
	at += negative;
	if (end - at > 2 && at[0] == '0' && (at[1] | 0x20) == 'x') {
		base = 16;
		at += 2;
	} else if (end - at > 1 && at[0] == '0') {
		base = 8;
		at++;
	}
	if (at == end)
		return false;
	for (; at < end; at++) {
		if (digit_of(*at) >= base || number > INT64_MAX / 32)
			return false;
		number = number * base + digit_of(*at);
	}
	*ret_number = negative ? -number : number;
	return true;
}

int conf_expect_number(struct conf_parser *parser, int64_t least, int64_t most, int64_t *ret_number)
{
	const struct conf_token *token = conf_token(parser);
	char found[CONF_TOKEN_TEXT];
	int64_t number;

	if (!conf_token_number(token, &number))
		return conf_fail(parser, token->at, "expected a number, found %s",
				 conf_token_format(token, found));
	if (number < least || number > most)
		return conf_fail(parser, token->at, "%s is not between %lld and %lld",
				 conf_token_format(token, found), (long long)least,
				 (long long)most);
	*ret_number = number;
	return conf_advance(parser);
}

int conf_expect_flag(struct conf_parser *parser, bool *ret_flag)
{
	const struct conf_token *token = conf_token(parser);
	char found[CONF_TOKEN_TEXT];
	bool on = conf_token_is(token, "true") || conf_token_is(token, "on");

	if (!on && !conf_token_is(token, "false") && !conf_token_is(token, "off"))
		return conf_fail(parser, token->at,
				 "expected `true`, `on`, `false` or `off`, found %s",
				 conf_token_format(token, found));
	*ret_flag = on;
	return conf_advance(parser);
}

static int copy_token(struct conf_parser *parser, const char **ret_text)
{
	const struct conf_token *token = conf_token(parser);
	const char *text;

	if (memchr(token->text, '\0', token->length))
		return conf_fail(parser, token->at, "a NUL byte inside; this text ends at it");
	text = conf_arena_copy(parser->arena, token->text, token->length);
	if (!text)
		return -ENOMEM;
	*ret_text = text;
	return conf_advance(parser);
}

static bool has_control(const struct conf_token *token)
{
	for (size_t i = 0; i < token->length; i++) {
		unsigned char byte = (unsigned char)token->text[i];

		if (byte < ' ' || byte == 0x7f)
			return true;
	}
	return false;
}

int conf_expect_name(struct conf_parser *parser, const char *what, const char **ret_name)
{
	const struct conf_token *token = conf_token(parser);
	char found[CONF_TOKEN_TEXT];

	if (token->kind != CONF_TOKEN_WORD && token->kind != CONF_TOKEN_STRING)
		return conf_fail(parser, token->at, "expected the name of the %s, found %s", what,
				 conf_token_format(token, found));
	if (!token->length || token->length > 255)
		return conf_fail(parser, token->at,
				 "the name of a %s has between 1 and 255 characters", what);
	if (has_control(token))
		return conf_fail(parser, token->at, "a control character in the name of the %s",
				 what);
	return copy_token(parser, ret_name);
}

int conf_expect_string(struct conf_parser *parser, size_t most, const char **ret_text)
{
	const struct conf_token *token = conf_token(parser);
	char found[CONF_TOKEN_TEXT];

	if (token->kind != CONF_TOKEN_STRING)
		return conf_fail(parser, token->at, "expected a text in double quotes, found %s",
				 conf_token_format(token, found));
	if (!token->length || token->length > most)
		return conf_fail(parser, token->at,
				 "this text has %zu bytes; the field takes 1 to %zu", token->length,
				 most);
	return copy_token(parser, ret_text);
}
