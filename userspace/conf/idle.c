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

/* Who may: dhcpd.conf(5), "ALLOW AND DENY"; the first letters of allow, deny, ignore that ask for nothing. */
struct permit {
	const char *subject;
	const char *idle;
	const char *hint;
};

static const struct permit in_scopes[] = {
	{"unknown-clients", "a",
	 "every client is served; excluding unknown ones is not supported yet"},
	{"booting", "a", "excluding a host is not supported yet"},
	{"bootp", "di", "BOOTP clients are not served; write `deny bootp;` or leave it out"},
	{"dynamic-bootp", "di",
	 "BOOTP clients are not served; write `deny dynamic-bootp;` or leave it out"},
	{"duplicates", "a", "freeing a client's other leases is not supported yet"},
	{"declines", "a", "DHCPDECLINE is honoured; ignoring it is not supported yet"},
	{"client-updates", "adi", NULL},
	{"leasequery", "di", "DHCPLEASEQUERY is not supported yet; write `deny leasequery;`"},
	{NULL, NULL, NULL},
};

static const struct permit in_pools[] = {
	{"all", "a", "a pool that serves nobody is not supported; leave it out"},
	{"dynamic", "di", "BOOTP clients are not served"},
	{"known", "", "pools for some clients only are not supported yet"},
	{"known-clients", "", "pools for some clients only are not supported yet"},
	{"unknown", "", "pools for some clients only are not supported yet"},
	{"unknown-clients", "", "pools for some clients only are not supported yet"},
	{"authenticated", "", "pools for some clients only are not supported yet"},
	{"unauthenticated", "", "pools for some clients only are not supported yet"},
	{"members", "", "classes are not supported yet"},
	{"after", "", "pools that open or close at a time are not supported yet"},
	{NULL, NULL, NULL},
};

static const struct permit *find_permit(const struct permit *permit, const struct conf_token *token)
{
	while (permit->subject && !conf_token_is(token, permit->subject))
		permit++;
	return permit->subject ? permit : NULL;
}

/* What follows the subject in a pool: `all clients`, `dynamic bootp clients`. */
static int expect_clients(struct conf_parser *parser, const struct permit *permit)
{
	char found[CONF_TOKEN_TEXT];
	const char *words[] = {!strcmp(permit->subject, "dynamic") ? "bootp" : NULL, "clients"};

	for (size_t i = 0; i < 2; i++) {
		int error;

		if (!words[i])
			continue;
		if (!conf_token_is(conf_token(parser), words[i]))
			return conf_fail(parser, conf_token(parser)->at, "expected `%s`, found %s",
					 words[i], conf_token_format(conf_token(parser), found));
		error = conf_advance(parser);
		if (error)
			return error;
	}
	return 0;
}

/* `allow`, `deny`, `ignore`; in a pool with dhcpd's other list of subjects. */
int conf_parse_permit(struct conf_parser *parser, struct conf_block *block,
		      const struct conf_statement *statement)
{
	bool in_pool = block->kind == CONF_IN_POOL;
	const struct conf_token *token = conf_token(parser);
	const struct permit *permit = find_permit(in_pool ? in_pools : in_scopes, token);
	char found[CONF_TOKEN_TEXT];
	int error;

	if (!permit)
		return conf_fail(parser, token->at, "%s is nothing that `%s` speaks of%s",
				 conf_token_format(token, found), statement->word,
				 in_pool ? " in a pool" : "");
	if (!strchr(permit->idle, *statement->word))
		return conf_fail(parser, parser->at, "`%s %s`: %s", statement->word,
				 permit->subject, permit->hint);
	error = conf_advance(parser);
	if (!error && in_pool)
		error = expect_clients(parser, permit);
	return error ? error : conf_expect_semicolon(parser);
}
