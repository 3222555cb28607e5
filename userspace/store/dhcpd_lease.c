/* SPDX-License-Identifier: GPL-2.0-only */
/* lease ADDRESS { … }: a table of statements. What is said twice counts as it was said last. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "store/dhcpd_private.h"

#define LEASE(member) offsetof(struct dhcpd_lease, member)

struct statement {
	const char *word;
	/* The current token is behind the word; goes on to behind the statement. */
	int (*take)(struct dhcpd_lexer *lexer, const struct statement *statement,
		    struct dhcpd_lease *lease);
	size_t offset; /* of what it fills in */
	uint8_t flag;
};

static int take_date(struct dhcpd_lexer *lexer, const struct statement *statement,
		     struct dhcpd_lease *lease)
{
	int64_t time = 0;
	int code = dhcpd_take_date(lexer, &time);

	memcpy((char *)lease + statement->offset, &time, sizeof(time));
	return code;
}

static int take_bytes(struct dhcpd_lexer *lexer, const struct statement *statement,
		      struct dhcpd_lease *lease)
{
	struct dhcpd_bytes *bytes = (void *)((char *)lease + statement->offset);
	size_t length = 0;
	int code = dhcpd_take_bytes(lexer, DHCPD_BYTES_MAX, bytes->data, &length);

	bytes->length = (uint8_t)length;
	return code ? code : dhcpd_take_sign(lexer, ';');
}

/* Quoted, or a word as it stands. */
static int take_hostname(struct dhcpd_lexer *lexer, const struct statement *statement,
			 struct dhcpd_lease *lease)
{
	(void)statement;
	if (lexer->kind != DHCPD_WORD && lexer->kind != DHCPD_STRING)
		return dhcpd_fail_expected(lexer, "a name");
	if (lexer->length > DHCPD_BYTES_MAX)
		return dhcpd_fail(lexer, "a name longer than %d bytes", DHCPD_BYTES_MAX);
	memcpy(lease->hostname.data, lexer->text, lexer->length);
	lease->hostname.length = (uint8_t)lexer->length;
	return dhcpd_next(lexer) ? -EBADMSG : dhcpd_take_sign(lexer, ';');
}

static int take_flag(struct dhcpd_lexer *lexer, const struct statement *statement,
		     struct dhcpd_lease *lease)
{
	lease->flags |= statement->flag;
	return dhcpd_take_sign(lexer, ';');
}

/* Written so before there were binding states. */
static int take_abandoned(struct dhcpd_lexer *lexer, const struct statement *statement,
			  struct dhcpd_lease *lease)
{
	(void)statement;
	lease->state = LEASE_ABANDONED;
	return dhcpd_take_sign(lexer, ';');
}

/* A binding state; `reserved` and `bootp` were states once. */
static int take_state(struct dhcpd_lexer *lexer, uint8_t *ret_state, uint8_t *flags)
{
	uint8_t state = 0;

	for (uint8_t i = LEASE_FREE; i <= LEASE_BACKUP; i++)
		if (dhcpd_is(lexer, lease_state_word(i)))
			state = i;
	if (dhcpd_is(lexer, "reserved") || dhcpd_is(lexer, "bootp")) {
		state = LEASE_ACTIVE;
		*flags |= dhcpd_is(lexer, "bootp") ? LEASE_BOOTP : LEASE_RESERVED;
	}
	if (!state)
		return dhcpd_fail_expected(lexer, "a binding state");
	*ret_state = state;
	return dhcpd_next(lexer) ? -EBADMSG : dhcpd_take_sign(lexer, ';');
}

static int take_binding(struct dhcpd_lexer *lexer, const struct statement *statement,
			struct dhcpd_lease *lease)
{
	(void)statement;
	return dhcpd_take_word(lexer, "state") ? -EBADMSG
					       : take_state(lexer, &lease->state, &lease->flags);
}

/* `next binding state` follows from the state; of `rewind` the present one is the most careful reading. */
static int take_other_binding(struct dhcpd_lexer *lexer, const struct statement *statement,
			      struct dhcpd_lease *lease)
{
	uint8_t state, flags;

	(void)statement;
	(void)lease;
	if (dhcpd_take_word(lexer, "binding") || dhcpd_take_word(lexer, "state"))
		return -EBADMSG;
	return take_state(lexer, &state, &flags);
}

static bool hardware_type(const struct dhcpd_lexer *lexer, uint8_t *ret_type)
{
	static const struct {
		const char *word;
		uint8_t type;
	} types[] = {{"ethernet", 1}, {"token-ring", 6}, {"fddi", 8}, {"infiniband", 32}};
	const size_t prefix = strlen("unknown-");
	uint32_t number;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (dhcpd_is(lexer, types[i].word)) {
			*ret_type = types[i].type;
			return true;
		}
	}
	if (lexer->kind != DHCPD_WORD || lexer->length < prefix ||
	    strncasecmp(lexer->text, "unknown-", prefix) != 0 ||
	    !dhcpd_number(lexer->text + prefix, lexer->length - prefix, 255, &number))
		return false;
	*ret_type = (uint8_t)number;
	return true;
}

static int take_hardware(struct dhcpd_lexer *lexer, const struct statement *statement,
			 struct dhcpd_lease *lease)
{
	size_t length = 0;
	int code;

	(void)statement;
	if (!hardware_type(lexer, &lease->htype))
		return dhcpd_fail_expected(lexer, "a hardware type");
	memset(lease->chaddr, 0, sizeof(lease->chaddr));
	code = dhcpd_next(lexer);
	if (!code && !dhcpd_is_sign(lexer, ';'))
		code = dhcpd_take_bytes(lexer, sizeof(lease->chaddr), lease->chaddr, &length);
	lease->hlen = (uint8_t)length;
	return code ? code : dhcpd_take_sign(lexer, ';');
}

static int take_option(struct dhcpd_lexer *lexer, const struct statement *statement,
		       struct dhcpd_lease *lease)
{
	(void)statement;
	return dhcpd_take_agent(lexer, &lease->agent);
}

/* Understood, and left out by name: "set ddns-fwd-name", "on expiry", "billing class". */
static int take_left_out(struct dhcpd_lexer *lexer, const struct statement *statement,
			 struct dhcpd_lease *lease)
{
	const struct dhcpd_visitors *visitors = lexer->visitors;
	unsigned line = lexer->token_line;
	bool named = lexer->kind == DHCPD_WORD && lexer->length <= 64, deleted;
	char what[96];
	int code;

	(void)lease;
	snprintf(what, sizeof(what), "%s%s%.*s", statement->word, named ? " " : "",
		 named ? (int)lexer->length : 0, lexer->text);
	code = dhcpd_skip(lexer, &deleted);
	return code ? code : visitors->left_out(visitors->context, what, line);
}

static const struct statement statements[] = {
	{"starts", take_date, LEASE(starts), 0},
	{"ends", take_date, LEASE(ends), 0},
	{"tstp", take_date, LEASE(tstp), 0},
	{"tsfp", take_date, LEASE(tsfp), 0},
	{"atsfp", take_date, LEASE(atsfp), 0},
	{"cltt", take_date, LEASE(cltt), 0},
	{"binding", take_binding, 0, 0},
	{"next", take_other_binding, 0, 0},
	{"rewind", take_other_binding, 0, 0},
	{"hardware", take_hardware, 0, 0},
	{"uid", take_bytes, LEASE(uid), 0},
	{"client-hostname", take_hostname, 0, 0},
	{"option", take_option, 0, 0},
	{"reserved", take_flag, 0, LEASE_RESERVED},
	{"dynamic-bootp", take_flag, 0, LEASE_BOOTP},
	{"abandoned", take_abandoned, 0, 0},
	{"set", take_left_out, 0, 0},
	{"on", take_left_out, 0, 0},
	{"billing", take_left_out, 0, 0},
	{"class", take_left_out, 0, 0},
	{"timestamp", take_left_out, 0, 0},
	{"ddns-fwd-name", take_left_out, 0, 0},
	{"ddns-rev-name", take_left_out, 0, 0},
};

static int take_statement(struct dhcpd_lexer *lexer, struct dhcpd_lease *lease)
{
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		int code;

		if (!dhcpd_is(lexer, statements[i].word))
			continue;
		code = dhcpd_next(lexer);
		return code ? code : statements[i].take(lexer, &statements[i], lease);
	}
	return dhcpd_fail_expected(lexer, "a statement of a lease, or `}`,");
}

int dhcpd_take_lease(struct dhcpd_lexer *lexer, struct dhcpd_lease *ret_lease)
{
	int code;

	memset(ret_lease, 0, LEASE(uid));
	ret_lease->uid.length = ret_lease->agent.length = ret_lease->hostname.length = 0;
	ret_lease->offset = (size_t)(lexer->token - lexer->start);
	if (lexer->kind != DHCPD_WORD ||
	    base_ipv4_parse(lexer->text, lexer->length, &ret_lease->address))
		return dhcpd_fail_expected(lexer, "an address");
	code = dhcpd_next(lexer);
	if (!code)
		code = dhcpd_take_sign(lexer, '{');
	while (!code && !dhcpd_is_sign(lexer, '}'))
		code = take_statement(lexer, ret_lease);
	return code ? code : dhcpd_next(lexer);
}
