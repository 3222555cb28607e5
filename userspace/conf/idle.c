/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Statements that are accepted where they ask for nothing that this server
 * does not do anyway: what is off here, what is off in dhcpd by default, what
 * only concerns dhcpd's own files. The same statements with other values are
 * refused with what to write.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "conf/parse.h"

/* Is the token one of these, separated by blanks? `NUMBER` and `TEXT` stand for any such. */
static bool is_accepted(const struct conf_token *token, const char *accepts)
{
	char word[32];
	int64_t ignored;
	int used;

	while (sscanf(accepts, " %31s%n", word, &used) == 1) {
		accepts += used;
		if (!strcmp(word, "TEXT") && token->kind == CONF_TOKEN_STRING)
			return true;
		if (!strcmp(word, "NUMBER") && conf_token_number(token, &ignored) && ignored >= 0)
			return true;
		if (conf_token_is(token, word))
			return true;
	}
	return false;
}

/* "`a`, `b` or `c`" */
static void list_accepted(struct base_text *text, const char *accepts)
{
	const char *separator = "";
	char word[32];
	int used;

	while (sscanf(accepts, " %31s%n", word, &used) == 1) {
		accepts += used;
		if (!strcmp(word, "TEXT"))
			base_text_append(text, "%sa text in double quotes", separator);
		else if (!strcmp(word, "NUMBER"))
			base_text_append(text, "%sa number", separator);
		else
			base_text_append(text, "%s`%s`", separator, word);
		separator = " or ";
	}
}

int conf_parse_idle(struct conf_parser *parser, struct conf_block *block,
		    const struct conf_statement *statement)
{
	const struct conf_token *token = conf_token(parser);
	char found[CONF_TOKEN_TEXT], accepted[256];
	struct base_text text = base_text_of(accepted, sizeof(accepted));
	int error;

	(void)block;
	if (!is_accepted(token, statement->accepts)) {
		list_accepted(&text, statement->accepts);
		return conf_fail(parser, token->at, "`%s` takes only %s here, found %s%s%s",
				 statement->word, accepted, conf_token_format(token, found),
				 statement->hint ? ": " : "",
				 statement->hint ? statement->hint : "");
	}
	error = conf_advance(parser);
	return error ? error : conf_expect_semicolon(parser);
}
