/* SPDX-License-Identifier: GPL-2.0-only */
/* What must hold across failover peers. */
#include "base/address.h"
#include "conf/parse.h"

static bool is_used(const struct conf_parser *parser, const struct conf_relation *relation)
{
	for (size_t i = 0; i < parser->pool_count; i++) {
		if (parser->pools[i].relation == relation)
			return true;
	}
	return false;
}

/* A connection comes in from an address, and is the partner's there before it says a name. */
static bool confuse(const struct conf_relation *a, const struct conf_relation *b)
{
	return a->address == b->address && a->port == b->port && a->peer_address == b->peer_address;
}

static int check_distinct(struct conf_parser *parser, size_t index)
{
	const struct conf_relation_record *b = parser->relations[index];
	char place[CONF_PLACE_TEXT], text[BASE_IPV4_TEXT];

	for (size_t i = 0; i < index; i++) {
		const struct conf_relation_record *a = parser->relations[i];

		if (confuse(a->relation, b->relation))
			return conf_fail(parser, b->at,
					 "failover peers `%.64s` and `%.64s`, at %s, wait on the "
					 "same port for the same partner %s, whose connections "
					 "could not be told apart; let one `port` (and the "
					 "partner's `peer port`) differ",
					 b->relation->name, a->relation->name,
					 conf_place_format(a->at, place),
					 base_ipv4_format(b->relation->peer_address, text));
	}
	return 0;
}

int conf_check_failover(struct conf_parser *parser)
{
	for (size_t i = 0; i < parser->relation_count; i++) {
		const struct conf_relation_record *record = parser->relations[i];
		int error = check_distinct(parser, i);

		if (error)
			return error;
		if (!is_used(parser, record->relation))
			return conf_fail(
				parser, record->at,
				"no pool names failover peer `%.64s`; write `failover peer "
				"\"%.64s\";` in each `pool` that takes part, or take the "
				"declaration out",
				record->relation->name, record->relation->name);
	}
	return 0;
}
