/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/dhcpd_private.h"

static int take_own_lease(struct dhcpd_lexer *lexer)
{
	struct dhcpd_lease lease;
	int code = dhcpd_take_lease(lexer, &lease);

	return code ? code : lexer->visitors->lease(lexer->visitors->context, &lease);
}

/* Word and date of `my state` and `partner state`. */
static int take_state(struct dhcpd_lexer *lexer, char word[32], int64_t *ret_since)
{
	int code = dhcpd_take_word(lexer, "state");

	if (code)
		return code;
	if (lexer->kind != DHCPD_WORD || lexer->length > 31)
		return dhcpd_fail_expected(lexer, "a failover state");
	snprintf(word, 32, "%.*s", (int)lexer->length, lexer->text);
	code = dhcpd_next(lexer);
	if (!code)
		code = dhcpd_take_word(lexer, "at");
	return code ? code : dhcpd_take_date(lexer, ret_since);
}

static int take_mclt(struct dhcpd_lexer *lexer, struct dhcpd_relation *relation)
{
	int code = dhcpd_take_number(lexer, UINT32_MAX, &relation->mclt);

	relation->has_mclt = true;
	return code ? code : dhcpd_take_sign(lexer, ';');
}

static int take_relation_statement(struct dhcpd_lexer *lexer, struct dhcpd_relation *relation)
{
	bool own = dhcpd_is(lexer, "my"), peer = dhcpd_is(lexer, "peer");
	bool mclt = dhcpd_is(lexer, "mclt");

	if (!own && !peer && !mclt && !dhcpd_is(lexer, "partner"))
		return dhcpd_fail_expected(lexer, "`my`, `partner`, `mclt` or `}`");
	if (dhcpd_next(lexer))
		return -EBADMSG;
	if (mclt)
		return take_mclt(lexer, relation);
	if (own)
		return take_state(lexer, relation->own, &relation->own_since);
	relation->peer_worded |= peer;
	return take_state(lexer, relation->partner, &relation->partner_since);
}

static bool is_control(char byte)
{
	return (byte >= 0 && byte < ' ') || byte == 0x7f;
}

static int take_relation_name(struct dhcpd_lexer *lexer, struct dhcpd_relation *relation)
{
	bool sound = (lexer->kind == DHCPD_STRING || lexer->kind == DHCPD_WORD) && lexer->length &&
		     lexer->length < sizeof(relation->name);

	for (size_t i = 0; sound && i < lexer->length; i++)
		sound = !is_control(lexer->text[i]);
	if (!sound)
		return dhcpd_fail_expected(lexer, "the name of a failover peer");
	memcpy(relation->name, lexer->text, lexer->length);
	relation->name[lexer->length] = 0;
	return dhcpd_next(lexer);
}

static int take_relation(struct dhcpd_lexer *lexer)
{
	struct dhcpd_relation relation = {.line = lexer->token_line, .column = lexer->token_column};
	int code = dhcpd_take_word(lexer, "peer");

	if (!code)
		code = take_relation_name(lexer, &relation);
	if (!code)
		code = dhcpd_take_word(lexer, "state");
	if (!code)
		code = dhcpd_take_sign(lexer, '{');
	while (!code && !dhcpd_is_sign(lexer, '}'))
		code = take_relation_statement(lexer, &relation);
	if (!code)
		code = dhcpd_next(lexer);
	return code ? code : lexer->visitors->relation(lexer->visitors->context, &relation);
}

/* What says nothing of addresses. */
static int take_idle(struct dhcpd_lexer *lexer)
{
	bool deleted;

	return dhcpd_skip(lexer, &deleted);
}

/* What OMAPI has declared and the configuration does not say: named, but for what was deleted again. */
static int take_declaration(struct dhcpd_lexer *lexer, const char *word)
{
	const struct dhcpd_visitors *visitors = lexer->visitors;
	unsigned line = lexer->token_line;
	int length = lexer->length < 64 ? (int)lexer->length : 64, code;
	char what[96];
	bool deleted;

	snprintf(what, sizeof(what), "%s %.*s", word, length, lexer->text);
	for (char *at = what; *at; at++) /* a string may hold any byte */
		if (*at < ' ' || *at > '~')
			*at = '?';
	code = dhcpd_skip(lexer, &deleted);
	return code || deleted ? code : visitors->left_out(visitors->context, what, line);
}

static int take_statement(struct dhcpd_lexer *lexer)
{
	static const char *const declarations[] = {"host", "group", "class", "subclass"};
	static const char *const idle[] = {"authoring-byte-order", "server-duid"};

	if (dhcpd_is(lexer, "lease"))
		return dhcpd_next(lexer) ? -EBADMSG : take_own_lease(lexer);
	if (dhcpd_is(lexer, "failover"))
		return dhcpd_next(lexer) ? -EBADMSG : take_relation(lexer);
	for (size_t i = 0; i < sizeof(idle) / sizeof(idle[0]); i++)
		if (dhcpd_is(lexer, idle[i]))
			return take_idle(lexer);
	for (size_t i = 0; i < sizeof(declarations) / sizeof(declarations[0]); i++)
		if (dhcpd_is(lexer, declarations[i]))
			return dhcpd_next(lexer) ? -EBADMSG
						 : take_declaration(lexer, declarations[i]);
	if (dhcpd_is(lexer, "ia-na") || dhcpd_is(lexer, "ia-ta") || dhcpd_is(lexer, "ia-pd"))
		return dhcpd_fail(lexer,
				  "leases of DHCPv6: this file is not that of the DHCPv4 server");
	return dhcpd_fail_expected(lexer, "`lease`, or another statement of a lease file,");
}

int store_dhcpd_read(const char *text, size_t length, const struct dhcpd_visitors *visitors,
		     struct dhcpd_error *ret_error)
{
	struct dhcpd_lexer lexer;
	int code;

	lexer.start = lexer.at = lexer.line_start = text;
	lexer.end = text + length;
	lexer.line = 1;
	lexer.visitors = visitors;
	lexer.error = ret_error;
	code = dhcpd_next(&lexer);
	while (!code && lexer.kind != DHCPD_END)
		code = take_statement(&lexer);
	return code;
}
