/* SPDX-License-Identifier: GPL-2.0-only */
/* Files, by way of the loader. An included file's statements stand where its `include` stands. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/parse.h"

static int check_length(struct conf_parser *parser, struct conf_place from, const char *name,
			size_t length)
{
	if (length > CONF_FILE_MAX)
		return conf_fail(parser, from, "`%.200s` has %zu bytes; a file has at most %u",
				 name, length, CONF_FILE_MAX);
	if (length > CONF_TEXT_MAX - parser->text_length)
		return conf_fail(parser, from, "with `%.200s` the files together exceed %u bytes",
				 name, CONF_TEXT_MAX);
	parser->text_length += length;
	return 0;
}

static int adopt_text(struct conf_parser *parser, const char *name, struct conf_place from,
		      const char *text, size_t length)
{
	struct conf_source *source;
	int error = check_length(parser, from, name, length);

	if (error)
		return error;
	source = conf_arena_alloc(&parser->scratch, sizeof(*source));
	if (!source)
		return -ENOMEM;
	source->name = conf_arena_copy(&parser->scratch, name, strlen(name));
	source->text = conf_arena_copy(&parser->scratch, text, length);
	if (!source->name || !source->text)
		return -ENOMEM;
	source->length = length;
	source->from = parser->include_depth ? from.source : NULL;
	source->from_offset = from.offset;
	parser->lexer.source = source;
	parser->lexer.offset = 0;
	return 0;
}

int conf_source_open(struct conf_parser *parser, const char *name, struct conf_place from)
{
	size_t length = 0;
	char *text = NULL;
	int error;

	if (parser->file_count++ == CONF_FILES_MAX)
		return conf_fail(parser, from, "more than %d files", CONF_FILES_MAX);
	error = parser->load(parser->context, name, &text, &length);
	if (error == -ENOMEM)
		return error;
	if (error)
		return conf_fail(parser, from, "cannot read `%.200s`: %s", name, strerror(-error));
	error = adopt_text(parser, name, from, text, length);
	free(text);
	return error;
}

static int check_include(struct conf_parser *parser, const char *name, struct conf_place at)
{
	for (const struct conf_source *source = at.source; source; source = source->from) {
		if (!strcmp(source->name, name))
			return conf_fail(parser, at,
					 "`%.200s` includes itself, directly or by way of others",
					 name);
	}
	if (parser->include_depth == CONF_INCLUDE_MAX)
		return conf_fail(parser, at, "more than %d files inside each other",
				 CONF_INCLUDE_MAX);
	return 0;
}

static int parse_file(struct conf_parser *parser, struct conf_block *block, const char *name,
		      struct conf_place at)
{
	struct conf_lexer outer = parser->lexer;
	int error = conf_source_open(parser, name, at);

	if (!error)
		error = conf_advance(parser);
	if (!error)
		error = conf_parse_statements(parser, block);
	if (!error && conf_token(parser)->kind != CONF_TOKEN_END)
		error = conf_fail(parser, conf_token(parser)->at,
				  "`}` without a `{` in the same file");
	parser->lexer = outer;
	return error;
}

int conf_parse_include(struct conf_parser *parser, struct conf_block *block,
		       const struct conf_statement *statement)
{
	struct conf_place at = conf_token(parser)->at;
	const char *name;
	int error;

	(void)statement;
	error = conf_expect_string(parser, 4095, &name);
	if (!error)
		error = check_include(parser, name, at);
	if (!error)
		error = conf_expect_semicolon(parser);
	if (error)
		return error;
	parser->include_depth++;
	error = parse_file(parser, block, name, at);
	parser->include_depth--;
	return error;
}
