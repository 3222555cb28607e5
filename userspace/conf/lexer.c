/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/lexer.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("_-.:/", c));
}

/* A slash opens no word: it is somebody's comment, and is told so. */
static bool opens_word(char c)
{
	return is_word_byte(c) && c != '/';
}

static void skip_blanks(struct conf_lexer *lexer)
{
	const struct conf_source *source = lexer->source;

	while (lexer->offset < source->length) {
		const char *at = source->text + lexer->offset;
		const char *end;

		if (*at == '#') {
			end = memchr(at, '\n', source->length - lexer->offset);
			lexer->offset = end ? (size_t)(end - source->text) : source->length;
		} else if (*at && strchr(" \t\r\n\f\v", *at)) {
			lexer->offset++;
		} else {
			return;
		}
	}
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* Up to `most` digits of a base from `at` on; their number in *ret_count. */
static unsigned read_digits(const char *at, const char *end, int base, size_t most,
			    size_t *ret_count)
{
	unsigned value = 0;
	size_t count = 0;

	while (count < most && at < end && digit_of(*at) < base) {
		value = value * (unsigned)base + (unsigned)digit_of(*at++);
		count++;
	}
	*ret_count = count;
	return value;
}

/*
 * One escape sequence, dhcpd.conf(5) "option" text: \t \r \n \b, \ooo, \xhh,
 * else the character itself. Returns its length behind the backslash, 0 where
 * it is malformed.
 */
static size_t read_escape(const char *at, const char *end, char *ret_byte)
{
	static const char letters[] = "trnb", bytes[] = "\t\r\n\b";
	const char *letter;
	unsigned value;
	size_t count;

	if (*at == 'x') {
		value = read_digits(at + 1, end, 16, 2, &count);
		*ret_byte = (char)value;
		return count == 2 ? 3 : 0;
	}
	if (*at >= '0' && *at <= '7') {
		value = read_digits(at, end, 8, 3, &count);
		*ret_byte = (char)value;
		return value <= 255 ? count : 0;
	}
	letter = *at ? strchr(letters, *at) : NULL;
	*ret_byte = letter ? bytes[letter - letters] : *at;
	return 1;
}

/* The closing quote of the string that opens at `at`, or NULL where its line has none. */
static const char *find_quote(const char *at, const char *end)
{
	for (at++; at < end && *at != '\n'; at++) {
		if (*at == '"')
			return at;
		if (*at == '\\' && at + 1 < end && at[1] != '\n')
			at++;
	}
	return NULL;
}

static int read_string(struct conf_lexer *lexer, struct conf_error *error)
{
	const struct conf_source *source = lexer->source;
	struct conf_token *token = &lexer->token;
	const char *at = source->text + lexer->offset;
	const char *quote = find_quote(at, source->text + source->length);
	size_t length = 0;
	char *text;

	if (!quote)
		return conf_error_set(error, token->at,
				      "string without a closing `\"` on its line; "
				      "a line break inside is written `\\n`");
	text = conf_arena_alloc(lexer->scratch, (size_t)(quote - at));
	if (!text)
		return -ENOMEM;
	for (at++; at < quote;) {
		char byte = *at++;
		size_t used = 0;

		if (byte == '\\') {
			used = read_escape(at, quote, &byte);
			if (!used)
				return conf_error_set(
					error,
					(struct conf_place){source,
							    (size_t)(at - 1 - source->text)},
					"no escape sequence; known are \\t \\r \\n \\b \\\" "
					"\\\\, \\ooo (octal, at most \\377) and \\xhh");
		}
		at += used;
		text[length++] = byte;
	}
	token->kind = CONF_TOKEN_STRING;
	token->text = text;
	token->length = length;
	lexer->offset = (size_t)(quote + 1 - source->text);
	return 0;
}

static void read_word(struct conf_lexer *lexer)
{
	const struct conf_source *source = lexer->source;
	size_t start = lexer->offset;

	while (lexer->offset < source->length && is_word_byte(source->text[lexer->offset]))
		lexer->offset++;
	lexer->token.kind = CONF_TOKEN_WORD;
	lexer->token.text = source->text + start;
	lexer->token.length = lexer->offset - start;
}

static int read_sign(struct conf_lexer *lexer, struct conf_error *error)
{
	struct conf_token *token = &lexer->token;
	unsigned char byte = (unsigned char)lexer->source->text[lexer->offset];

	if (byte == '/')
		return conf_error_set(error, token->at,
				      "`/` opens nothing here; comments start with `#`");
	if (byte <= ' ' || byte >= 0x7f)
		return conf_error_set(error, token->at,
				      "byte 0x%02x has no meaning outside of quotes and comments",
				      byte);
	token->kind = CONF_TOKEN_SIGN;
	token->text = lexer->source->text + lexer->offset++;
	token->length = 1;
	return 0;
}

int conf_lexer_next(struct conf_lexer *lexer, struct conf_error *error)
{
	struct conf_token *token = &lexer->token;
	char byte;

	lexer->previous = lexer->offset;
	skip_blanks(lexer);
	*token = (struct conf_token){
		.kind = CONF_TOKEN_END, .text = "", .at = {lexer->source, lexer->offset}};
	if (lexer->offset == lexer->source->length)
		return 0;
	byte = lexer->source->text[lexer->offset];
	if (byte == '"')
		return read_string(lexer, error);
	if (!opens_word(byte))
		return read_sign(lexer, error);
	read_word(lexer);
	return 0;
}

bool conf_token_is(const struct conf_token *token, const char *word)
{
	return token->kind == CONF_TOKEN_WORD && strlen(word) == token->length &&
	       !strncasecmp(token->text, word, token->length);
}

bool conf_token_is_sign(const struct conf_token *token, char sign)
{
	return token->kind == CONF_TOKEN_SIGN && *token->text == sign;
}

const char *conf_token_format(const struct conf_token *token, char text[CONF_TOKEN_TEXT])
{
	static const char end[] = "the end of the file", string[] = "a string";
	int length = token->length > 40 ? 40 : (int)token->length;

	if (token->kind == CONF_TOKEN_END)
		return end;
	if (token->kind == CONF_TOKEN_STRING)
		return string;
	snprintf(text, CONF_TOKEN_TEXT, "`%.*s%s`", length, token->text,
		 token->length > 40 ? "…" : "");
	return text;
}
