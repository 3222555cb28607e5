/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * conf_common_text() while it is put together: statements about places, which
 * are the relationship's pools by subnet, and lines about all else.
 */
#ifndef XDHCP_CONF_COMMON_H
#define XDHCP_CONF_COMMON_H

#include "base/text.h"
#include "conf/parse.h"

#define CONF_COMMON_LINE (CONF_OPTION_TEXT + 512)

/* What of a pool lies in one subnet, and is given with what this subnet says. */
struct conf_common_place {
	const struct conf_pool *pool;
	const struct conf_subnet *subnet;
	const char *name;
};

struct conf_common_statement {
	const char *words, *value; /* value "": the words say it all */
	size_t place;
};

struct conf_common {
	const struct conf *conf;
	const struct conf_relation *relation;
	struct conf_arena arena;
	struct conf_common_place *places; /* by subnet, then pool */
	size_t place_count;
	bool *networks; /* by number: is a place in it? */
	struct conf_common_statement *statements; /* one a place for the same words */
	size_t statement_count;
	const char **lines;
	size_t line_count;
	bool failed; /* out of memory; stays */
};

__attribute__((format(printf, 2, 3))) void conf_common_line(struct conf_common *common,
							    const char *format, ...);
void conf_common_say(struct conf_common *common, size_t place, const char *words,
		     const char *value);

/* common_scope.c: all that the scopes around a place come to, and its permit lists. */
void conf_common_say_scopes(struct conf_common *common, size_t place);

#endif
