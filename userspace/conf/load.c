/* SPDX-License-Identifier: GPL-2.0-only */
/* Read, check, build, digest; and all of it freed at once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/parse.h"

static int read_all(struct conf_parser *parser, const char *name)
{
	/* A place for errors before there is any text. */
	const struct conf_source nowhere = {.name = name, .text = ""};
	struct conf_block block = {.kind = CONF_IN_GLOBAL, .at = {&nowhere, 0}};
	int error;

	parser->at = block.at;
	block.scope = conf_scope_add(parser, NULL);
	if (!block.scope)
		return -ENOMEM;
	parser->whole->conf.global = block.scope;
	error = conf_source_open(parser, name, block.at);
	if (!error)
		error = conf_advance(parser);
	if (!error)
		error = conf_parse_statements(parser, &block);
	if (error)
		return error;
	if (conf_token(parser)->kind != CONF_TOKEN_END)
		return conf_fail(parser, conf_token(parser)->at, "`}` without a `{`");
	return 0;
}

int conf_load_by(const struct conf_terms *terms, const char *name, conf_loader load, void *context,
		 struct conf **ret_conf, struct conf_error *ret_error)
{
	struct conf_whole *whole = calloc(1, sizeof(*whole));
	struct conf_parser parser = {
		.terms = *terms,
		.whole = whole,
		.load = load,
		.context = context,
		.error = ret_error,
		.include_depth = 0,
	};
	int error = -ENOMEM;

	if (!whole)
		goto out;
	whole->conf.abandon_lease_time = CONF_ABANDON_LEASE_TIME;
	parser.arena = &whole->arena;
	parser.lexer.scratch = &parser.scratch;
	error = read_all(&parser, name);
	if (!error)
		error = conf_roles_settle(&parser);
	if (!error)
		error = conf_build(&parser);
	if (!error)
		error = conf_check(&parser);
	if (!error)
		error = conf_digest(&parser);
	if (error)
		goto out;
	whole->conf.memory = whole;
	*ret_conf = &whole->conf;
	whole = NULL;
out:
	conf_arena_free(&parser.scratch);
	if (whole)
		conf_arena_free(&whole->arena);
	free(whole);
	return error;
}

void conf_free(struct conf *conf)
{
	struct conf_whole *whole;

	if (!conf)
		return;
	whole = conf->memory;
	conf_arena_free(&whole->arena);
	free(whole);
}
