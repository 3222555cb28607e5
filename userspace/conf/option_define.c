/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `option NAME code NUMBER = TYPE;`, dhcp-options(5) "DEFINING NEW OPTIONS":
 * a simple type, an array of one, or a record `{ TYPE, … }` of them, or an
 * array of records. Text, bytes and domain names come last, since nothing but
 * the end of the option ends them.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "conf/parse.h"

#define FIELDS_MAX 30

struct format {
	char letters[FIELDS_MAX + 2]; /* and the a or A behind the last */
	size_t length;
	bool ended; /* by a type that only the option's end ends */
};

const struct conf_definition *conf_definition_find(const struct conf_parser *parser,
						   const char *name)
{
	for (size_t i = 0; i < parser->definition_count; i++) {
		if (!strcasecmp(parser->definitions[i].name, name))
			return &parser->definitions[i];
	}
	return NULL;
}

/* Steps over the word where it is the current token. */
static int take_word(struct conf_parser *parser, const char *word, bool *ret_taken)
{
	*ret_taken = conf_token_is(conf_token(parser), word);
	return *ret_taken ? conf_advance(parser) : 0;
}

static int parse_integer(struct conf_parser *parser, bool is_signed, char *ret_letter)
{
	struct conf_place at = conf_token(parser)->at;
	int64_t width = 0;
	int error = conf_expect_number(parser, 8, 32, &width);

	if (error)
		return error;
	if (width == 8)
		*ret_letter = is_signed ? 'b' : 'B';
	else if (width == 16)
		*ret_letter = is_signed ? 's' : 'S';
	else if (width == 32)
		*ret_letter = is_signed ? 'l' : 'L';
	else
		return conf_fail(parser, at, "integers have 8, 16 or 32 bits");
	return 0;
}

/* `unsigned integer N`, `signed integer N`, `integer N`, which is signed. */
static int parse_signed(struct conf_parser *parser, char *ret_letter)
{
	char found[CONF_TOKEN_TEXT];
	bool is_unsigned, is_signed = false;
	int error = take_word(parser, "unsigned", &is_unsigned);

	if (!error && !is_unsigned)
		error = take_word(parser, "signed", &is_signed);
	if (error)
		return error;
	if (!conf_token_is(conf_token(parser), "integer"))
		return conf_fail(parser, conf_token(parser)->at, "expected `integer`, found %s",
				 conf_token_format(conf_token(parser), found));
	error = conf_advance(parser);
	return error ? error : parse_integer(parser, !is_unsigned, ret_letter);
}

static int parse_domain_list(struct conf_parser *parser, char *ret_letter)
{
	bool compressed;
	int error = take_word(parser, "compressed", &compressed);

	if (!error)
		*ret_letter = compressed ? 'D' : 'N';
	return error;
}

static int parse_type(struct conf_parser *parser, char *ret_letter)
{
	static const struct {
		const char *word;
		char letter;
	} types[] = {
		{"boolean", 'f'}, {"ip-address", 'I'},	{"text", 't'},	      {"string", 'X'},
		{"zerolen", 'e'}, {"domain-name", 'n'}, {"domain-list", 'N'},
	};
	const struct conf_token *token = conf_token(parser);
	char found[CONF_TOKEN_TEXT];
	int error;

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (!conf_token_is(token, types[i].word))
			continue;
		*ret_letter = types[i].letter;
		error = conf_advance(parser);
		if (!error && types[i].letter == 'N')
			error = parse_domain_list(parser, ret_letter);
		return error;
	}
	if (conf_token_is(token, "unsigned") || conf_token_is(token, "signed") ||
	    conf_token_is(token, "integer"))
		return parse_signed(parser, ret_letter);
	if (conf_token_is(token, "encapsulate") || conf_token_is(token, "ip6-address"))
		return conf_fail(parser, token->at, "type %s is not supported yet",
				 conf_token_format(token, found));
	return conf_fail(
		parser, token->at,
		"%s is no type; known are boolean, [unsigned] integer 8, 16 or 32, "
		"ip-address, text, string, domain-name, domain-list [compressed], zerolen, "
		"`array of` and `{ TYPE, … }`",
		conf_token_format(token, found));
}

/* `array of`, where it stands. */
static int take_array(struct conf_parser *parser, bool *ret_array)
{
	char found[CONF_TOKEN_TEXT];
	bool of;
	int error = take_word(parser, "array", ret_array);

	if (error || !*ret_array)
		return error;
	error = take_word(parser, "of", &of);
	if (!error && !of)
		return conf_fail(parser, conf_token(parser)->at,
				 "expected `of` behind `array`, found %s",
				 conf_token_format(conf_token(parser), found));
	return error;
}

/* One field of the format, with `array of` before it or without. */
static int parse_field(struct conf_parser *parser, struct format *format, bool array)
{
	struct conf_place at = conf_token(parser)->at;
	char letter = 0;
	int error = parse_type(parser, &letter);

	if (error)
		return error;
	if (format->ended)
		return conf_fail(parser, at,
				 "nothing can follow an array, a text, a string or a domain name, "
				 "which only the end of the option ends");
	if (format->length == FIELDS_MAX)
		return conf_fail(parser, at, "more than %d fields", FIELDS_MAX);
	format->ended = strchr("tXnNDe", letter);
	if (array && format->ended)
		return conf_fail(parser, at,
				 "no array of texts, strings or domain names; of names, use "
				 "`domain-list`");
	format->letters[format->length++] = letter;
	if (array) {
		format->letters[format->length++] = 'a';
		format->ended = true;
	}
	return 0;
}

static int parse_record(struct conf_parser *parser, struct format *format)
{
	bool array;
	int error;

	for (;;) {
		error = take_array(parser, &array);
		if (!error)
			error = parse_field(parser, format, array);
		if (error || !conf_token_is_sign(conf_token(parser), ','))
			break;
		error = conf_advance(parser);
		if (error)
			break;
	}
	return error ? error : conf_expect_sign(parser, '}', "the record's last type");
}

static int parse_format(struct conf_parser *parser, struct format *format)
{
	struct conf_place at = conf_token(parser)->at;
	bool array;
	int error = take_array(parser, &array);

	if (error)
		return error;
	if (!conf_token_is_sign(conf_token(parser), '{'))
		return parse_field(parser, format, array);
	error = conf_advance(parser);
	if (!error)
		error = parse_record(parser, format);
	if (error || !array)
		return error;
	if (format->ended)
		return conf_fail(parser, at, "no array of records that only the option's end ends");
	format->letters[format->length++] = 'A';
	return 0;
}

/* The same definition may come again, as in a file that is included twice. */
static int add_definition(struct conf_parser *parser, const struct conf_definition *definition)
{
	const struct conf_definition *known = conf_definition_find(parser, definition->name);
	char before[CONF_PLACE_TEXT];
	int error;

	if (known && known->code == definition->code && !strcmp(known->format, definition->format))
		return 0;
	if (known)
		return conf_fail(parser, definition->at,
				 "option `%.64s` is defined differently at %s", definition->name,
				 conf_place_format(known->at, before));
	if (parser->definition_count == CONF_DEFINITIONS_MAX)
		return conf_fail(parser, definition->at, "more than %d option definitions",
				 CONF_DEFINITIONS_MAX);
	error = conf_arena_grow(&parser->scratch, &parser->definitions, parser->definition_count,
				sizeof(*parser->definitions));
	if (!error)
		parser->definitions[parser->definition_count++] = *definition;
	return error;
}

int conf_option_define(struct conf_parser *parser, const struct conf_block *block, const char *name,
		       struct conf_place at)
{
	struct conf_definition definition = {.name = name, .at = at};
	struct format format = {.length = 0};
	struct conf_place code_at;
	int64_t code = 0;
	int error;

	if (block->kind != CONF_IN_GLOBAL)
		return conf_fail(parser, at, "options are defined outside of all braces");
	error = conf_advance(parser);
	code_at = conf_token(parser)->at;
	if (!error)
		error = conf_expect_number(parser, 1, 254, &code);
	if (!error)
		error = conf_option_check_code(parser, code_at, name, (uint8_t)code);
	if (!error)
		error = conf_expect_sign(parser, '=', "the option's code");
	if (!error)
		error = parse_format(parser, &format);
	if (error)
		return error;
	definition.code = (uint8_t)code;
	definition.format = conf_arena_copy(&parser->scratch, format.letters, format.length);
	if (!definition.format)
		return -ENOMEM;
	error = add_definition(parser, &definition);
	return error ? error : conf_expect_semicolon(parser);
}
