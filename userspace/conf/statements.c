/* SPDX-License-Identifier: GPL-2.0-only */
/* From a statement's first word to its reader, or to the reason why it has none. */
#include <limits.h>
#include <string.h>

#include "base/text.h"
#include "conf/parse.h"

static const struct conf_statement *find_statement(const struct conf_token *token)
{
	const struct conf_statement *statement;

	for (size_t i = 0; (statement = conf_statement_at(i)); i++) {
		if (conf_token_is(token, statement->word))
			return statement;
	}
	return NULL;
}

/* Only what would be accepted at this place is worth suggesting. */
static const char *suggest_statement(const struct conf_token *token, enum conf_block_kind kind)
{
	const struct conf_statement *statement;
	const char *meant = NULL;
	unsigned best = UINT_MAX;

	for (size_t i = 0; (statement = conf_statement_at(i)); i++) {
		unsigned distance =
			conf_suggest_distance(token->text, token->length, statement->word);

		if (distance < best && statement->parse && statement->scopes & kind) {
			best = distance;
			meant = statement->word;
		}
	}
	return meant;
}

static int fail_unknown(struct conf_parser *parser, enum conf_block_kind kind)
{
	const struct conf_token *token = conf_token(parser);
	const char *meant = suggest_statement(token, kind);
	char found[CONF_TOKEN_TEXT];

	if (meant)
		return conf_fail(parser, token->at,
				 "%s is no statement of dhcpd.conf; did you mean `%s`?",
				 conf_token_format(token, found), meant);
	return conf_fail(parser, token->at, "%s is no statement of dhcpd.conf",
			 conf_token_format(token, found));
}

/* "shared-network, subnet or pool" */
static void list_scopes(struct base_text *text, unsigned scopes)
{
	static const char *const names[] = {"outside of all braces",
					    "in a shared-network",
					    "in a subnet",
					    "in a pool",
					    "in a group",
					    "in a host"};

	for (unsigned bit = 0; scopes >> bit; bit++) {
		if (!(scopes & 1U << bit))
			continue;
		if (text->length)
			base_text_append(text, scopes >> bit == 1 ? " or " : ", ");
		base_text_append(text, "%s", names[bit]);
	}
}

static int fail_misplaced(struct conf_parser *parser, const struct conf_statement *statement)
{
	char places[160];
	struct base_text text = base_text_of(places, sizeof(places));

	list_scopes(&text, statement->scopes);
	return conf_fail(parser, parser->at, "`%s` cannot stand here; it stands %s",
			 statement->word, places);
}

static int parse_statement(struct conf_parser *parser, struct conf_block *block)
{
	const struct conf_token *token = conf_token(parser);
	const struct conf_statement *statement;
	char found[CONF_TOKEN_TEXT];
	int error;

	if (token->kind != CONF_TOKEN_WORD)
		return conf_fail(parser, token->at, "expected a statement, found %s",
				 conf_token_format(token, found));
	statement = find_statement(token);
	if (!statement)
		return fail_unknown(parser, block->kind);
	if (!statement->parse && statement->hint)
		return conf_fail(parser, token->at, "`%s` is not supported: %s", statement->word,
				 statement->hint);
	if (!statement->parse)
		return conf_fail(parser, token->at, "`%s` is not supported yet", statement->word);
	parser->at = token->at;
	if (!(statement->scopes & block->kind))
		return fail_misplaced(parser, statement);
	error = conf_advance(parser);
	return error ? error : statement->parse(parser, block, statement);
}

int conf_parse_statements(struct conf_parser *parser, struct conf_block *block)
{
	int error = 0;

	while (!error && conf_token(parser)->kind != CONF_TOKEN_END &&
	       !conf_token_is_sign(conf_token(parser), '}'))
		error = parse_statement(parser, block);
	return error;
}
