/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text → tokens with places. A word is a run of letters, digits and "_-.:/":
 * names, numbers, addresses, hexadecimal lists; what it means is its reader's
 * business. Comments run from `#` to the end of the line.
 */
#ifndef XDHCP_CONF_LEXER_H
#define XDHCP_CONF_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/arena.h"
#include "conf/conf.h"

/* One file's text; lives in the parser's scratch memory as long as it parses. */
struct conf_source {
	const char *name;
	const char *text;
	size_t length;
	const struct conf_source *from; /* the file that includes it, NULL: none */
	size_t from_offset;
};

struct conf_place {
	const struct conf_source *source;
	size_t offset;
};

enum conf_token_kind {
	CONF_TOKEN_END,
	CONF_TOKEN_WORD,
	CONF_TOKEN_STRING,
	CONF_TOKEN_SIGN, /* one character: { } ; , = and the like */
};

struct conf_token {
	enum conf_token_kind kind;
	const char *text; /* a string's without quotes, escapes resolved; may hold any byte */
	size_t length;
	struct conf_place at;
};

struct conf_lexer {
	const struct conf_source *source;
	size_t offset; /* behind the current token */
	size_t previous; /* behind the token before it */
	struct conf_token token; /* the current one */
	struct conf_arena *scratch;
};

/* Fills *error for a place; returns -EINVAL. */
__attribute__((format(printf, 3, 4))) int
conf_error_set(struct conf_error *error, struct conf_place at, const char *format, ...);

/* "FILE:LINE" of a place, for texts that name two. */
#define CONF_PLACE_TEXT 288
const char *conf_place_format(struct conf_place at, char text[CONF_PLACE_TEXT]);

/* Goes on to the next token; 0, -ENOMEM, or -EINVAL with *error filled. */
int conf_lexer_next(struct conf_lexer *lexer, struct conf_error *error);

/* Words are compared as dhcpd does: without regard to case. */
bool conf_token_is(const struct conf_token *token, const char *word);
bool conf_token_is_sign(const struct conf_token *token, char sign);

/* The token as an error text cites it: "`word`", "a string", "the end of the file". */
#define CONF_TOKEN_TEXT 64
const char *conf_token_format(const struct conf_token *token, char text[CONF_TOKEN_TEXT]);

#endif
