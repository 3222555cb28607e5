/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One text for both servers of a pair declares a failover peer twice, once for
 * each role, and who starts the server says which role is its own. All else
 * goes by the one declaration that holds, as if the other were not there.
 */
#include <string.h>

#include "conf/parse.h"

struct conf_relation_record *conf_relation_find(const struct conf_parser *parser, const char *name)
{
	for (size_t i = 0; i < parser->relation_count; i++) {
		if (!strcmp(parser->relations[i]->relation->name, name))
			return parser->relations[i];
	}
	return NULL;
}

static const char *role_word(bool primary)
{
	return primary ? "primary" : "secondary";
}

/* The first of its name. */
static int add(struct conf_parser *parser, struct conf_relation_record *record)
{
	int error;

	if (parser->relation_count == CONF_RELATIONS_MAX)
		return conf_fail(parser, record->at, "more than %d failover peers",
				 CONF_RELATIONS_MAX);
	error = conf_arena_grow(&parser->scratch, &parser->relations, parser->relation_count,
				sizeof(*parser->relations));
	if (!error)
		parser->relations[parser->relation_count++] = record;
	return error;
}

static bool mirror(const struct conf_relation *a, const struct conf_relation *b)
{
	return a->address == b->peer_address && a->port == b->peer_port &&
	       a->peer_address == b->address && a->peer_port == b->port;
}

int conf_role_pair(struct conf_parser *parser, struct conf_relation_record *record)
{
	struct conf_relation_record *known = conf_relation_find(parser, record->relation->name);
	char place[CONF_PLACE_TEXT];

	if (!known)
		return add(parser, record);
	if (!known->other && known->relation->primary != record->relation->primary) {
		known->other = record;
		if (mirror(known->relation, record->relation))
			return 0;
		return conf_fail(parser, record->at,
				 "failover peer `%.64s`: `address` and `peer address` here are not "
				 "those of the declaration at %s the other way round, ports "
				 "included; the two would never meet",
				 record->relation->name, conf_place_format(known->at, place));
	}
	if (known->relation->primary != record->relation->primary)
		known = known->other;
	return conf_fail(parser, record->at, "there is a failover peer `%.64s` already, at %s",
			 record->relation->name, conf_place_format(known->at, place));
}

/* Pools point at the first declaration's relation: what it says changes, not where it is. */
static int choose(struct conf_parser *parser, struct conf_relation_record *record)
{
	bool primary = parser->terms.role == CONF_ROLE_PRIMARY;
	char place[CONF_PLACE_TEXT];

	if (parser->terms.role == CONF_ROLE_UNSAID)
		return conf_fail(parser, record->other->at,
				 "failover peer `%.64s` is declared for both roles, here and at "
				 "%s: say which is this server's by --role primary or --role "
				 "secondary, or take one of the two out",
				 record->relation->name, conf_place_format(record->at, place));
	if (record->relation->primary != primary) {
		*record->relation = *record->other->relation;
		record->at = record->other->at;
	}
	record->relation->chosen = true;
	return 0;
}

/* Where the text leaves no choice, a role that it does not give is a mistake. */
static int refuse_others(struct conf_parser *parser)
{
	bool primary = parser->terms.role == CONF_ROLE_PRIMARY;

	for (size_t i = 0; i < parser->relation_count; i++) {
		const struct conf_relation_record *record = parser->relations[i];

		if (record->relation->primary != primary)
			return conf_fail(parser, record->at,
					 "--role %s: failover peer `%.64s` is declared as %s only",
					 role_word(primary), record->relation->name,
					 role_word(!primary));
	}
	return 0;
}

int conf_roles_settle(struct conf_parser *parser)
{
	bool any = false;

	for (size_t i = 0; i < parser->relation_count; i++) {
		struct conf_relation_record *record = parser->relations[i];
		int error = record->other ? choose(parser, record) : 0;

		if (error)
			return error;
		any |= record->other != NULL;
	}
	if (any || parser->terms.role == CONF_ROLE_UNSAID || parser->terms.trial)
		return 0;
	return refuse_others(parser);
}
