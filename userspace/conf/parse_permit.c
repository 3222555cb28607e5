/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who is served: `allow`, `deny` and `ignore`, dhcpd.conf(5) "ALLOW AND DENY
 * IN SCOPE" and, in a pool, "PERMIT LISTS". What is said of unknown clients in
 * a scope keeps them out of the pools in it, as a permit list would.
 */
#include <errno.h>
#include <string.h>

#include "conf/parse.h"

#define BIT(kind) ((uint8_t)(1 << CONF_PERMIT_##kind))

static struct conf_scope_record *record_of(struct conf_scope *scope)
{
	return (struct conf_scope_record *)((char *)scope -
					    offsetof(struct conf_scope_record, scope));
}

/* In a scope; the first letters of allow, deny, ignore that ask for nothing. */
struct subject {
	const char *word;
	const char *idle;
	const char *hint;
};

static const struct subject subjects[] = {
	{"booting", "a", "excluding a host is not supported yet"},
	{"bootp", "di", "BOOTP clients are not served; write `deny bootp;` or leave it out"},
	{"dynamic-bootp", "di",
	 "BOOTP clients are not served; write `deny dynamic-bootp;` or leave it out"},
	{"duplicates", "a", "freeing a client's other leases is not supported yet"},
	{"declines", "a", "DHCPDECLINE is honoured; ignoring it is not supported yet"},
	{"client-updates", "adi", NULL},
	{"leasequery", "di", "DHCPLEASEQUERY is not supported yet; write `deny leasequery;`"},
};

static int fail_subject(struct conf_parser *parser, const struct conf_statement *statement,
			const char *where)
{
	char found[CONF_TOKEN_TEXT];

	return conf_fail(parser, conf_token(parser)->at, "%s is nothing that `%s` speaks of%s",
			 conf_token_format(conf_token(parser), found), statement->word, where);
}

static int parse_in_scope(struct conf_parser *parser, struct conf_block *block,
			  const struct conf_statement *statement)
{
	const struct subject *subject = subjects,
			     *end = subjects + sizeof(subjects) / sizeof(*subjects);
	struct conf_scope_record *record = record_of(block->scope);
	int error;

	if (conf_token_is(conf_token(parser), "unknown-clients")) {
		record->has_unknown_clients = true;
		record->unknown_clients = *statement->word == 'a';
	} else {
		while (subject < end && !conf_token_is(conf_token(parser), subject->word))
			subject++;
		if (subject == end)
			return fail_subject(parser, statement, "");
		if (!strchr(subject->idle, *statement->word))
			return conf_fail(parser, parser->at, "`%s %s`: %s", statement->word,
					 subject->word, subject->hint);
	}
	error = conf_advance(parser);
	return error ? error : conf_expect_semicolon(parser);
}

/* The older way to say it. */
int conf_parse_boot_unknown(struct conf_parser *parser, struct conf_block *block,
			    const struct conf_statement *statement)
{
	struct conf_scope_record *record = record_of(block->scope);
	int error = conf_expect_flag(parser, &record->unknown_clients);

	(void)statement;
	if (error)
		return error;
	record->has_unknown_clients = true;
	return conf_expect_semicolon(parser);
}

/* In a pool; `words` follow the first. */
struct permit {
	const char *first, *words[2];
	uint8_t bit; /* 0: refused, and why */
	const char *hint;
};

#define NO_CLASSES "classes are not supported yet"
#define NO_AUTHENTICATION "clients are not authenticated (RFC 3118)"

static const struct permit permits[] = {
	{"all", {"clients"}, BIT(ALL), NULL},
	{"known-clients", {NULL}, BIT(KNOWN), NULL},
	{"known", {"clients"}, BIT(KNOWN), NULL},
	{"unknown-clients", {NULL}, BIT(UNKNOWN), NULL},
	{"unknown", {"clients"}, BIT(UNKNOWN), NULL},
	{"dynamic", {"bootp", "clients"}, BIT(DYNAMIC_BOOTP), NULL},
	{"authenticated", {NULL}, 0, NO_AUTHENTICATION},
	{"unauthenticated", {NULL}, 0, NO_AUTHENTICATION},
	{"members", {NULL}, 0, NO_CLASSES},
	{"after", {NULL}, 0, "pools that open or close at a time are not supported yet"},
};

static int expect_words(struct conf_parser *parser, const struct permit *permit)
{
	char found[CONF_TOKEN_TEXT];

	for (size_t i = 0; i < 2 && permit->words[i]; i++) {
		int error;

		if (!conf_token_is(conf_token(parser), permit->words[i]))
			return conf_fail(parser, conf_token(parser)->at, "expected `%s`, found %s",
					 permit->words[i],
					 conf_token_format(conf_token(parser), found));
		error = conf_advance(parser);
		if (error)
			return error;
	}
	return 0;
}

/* An element of one of the pool's two lists; lists only grow. */
static int parse_in_pool(struct conf_parser *parser, struct conf_block *block,
			 const struct conf_statement *statement)
{
	const struct permit *permit = permits, *end = permits + sizeof(permits) / sizeof(*permits);
	struct conf_permits *lists = &block->pool->permits;
	int error;

	while (permit < end && !conf_token_is(conf_token(parser), permit->first))
		permit++;
	if (permit == end)
		return fail_subject(parser, statement, " in a pool");
	if (!permit->bit)
		return conf_fail(parser, parser->at, "`%s %s` is not supported: %s",
				 statement->word, permit->first, permit->hint);
	if (*statement->word == 'a') {
		lists->allows_any = true;
		lists->allow |= permit->bit;
	} else {
		lists->deny |= permit->bit;
	}
	error = conf_advance(parser);
	if (!error)
		error = expect_words(parser, permit);
	return error ? error : conf_expect_semicolon(parser);
}

int conf_parse_permit(struct conf_parser *parser, struct conf_block *block,
		      const struct conf_statement *statement)
{
	/* A pool's lists know no `ignore`: there it is said of the scope. */
	if (block->kind == CONF_IN_POOL && *statement->word != 'i')
		return parse_in_pool(parser, block, statement);
	return parse_in_scope(parser, block, statement);
}

/* Clients are known or unknown, and none is a BOOTP client: lists that come to the same become the same. */
static void simplify(struct conf_permits *lists)
{
	const uint8_t both = BIT(KNOWN) | BIT(UNKNOWN);

	if (lists->allow & BIT(ALL) || (lists->allow & both) == both) {
		lists->allows_any = false;
		lists->allow = 0;
	}
	lists->deny &= (uint8_t)~BIT(DYNAMIC_BOOTP);
	if (lists->deny & BIT(ALL) || (lists->deny & both) == both)
		*lists = (struct conf_permits){.deny = BIT(ALL)};
}

static bool serves_unknown(struct conf_scope *scope)
{
	for (; scope; scope = (struct conf_scope *)scope->parent) {
		if (record_of(scope)->has_unknown_clients)
			return record_of(scope)->unknown_clients;
	}
	return true;
}

void conf_permits_settle(struct conf_parser *parser)
{
	for (size_t i = 0; i < parser->pool_count; i++) {
		struct conf_pool *pool = parser->pools[i].pool;

		if (!serves_unknown(pool->scope))
			pool->permits.deny |= BIT(UNKNOWN);
		simplify(&pool->permits);
	}
}
