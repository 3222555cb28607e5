/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the parser share. A parser stands on one token
 * (parser->lexer.token), which its functions look at and step over. They
 * return 0, -ENOMEM, or -EINVAL with the error filled. Recursion is bounded:
 * blocks and included files nest at most CONF_NESTING_MAX and
 * CONF_INCLUDE_MAX deep.
 */
#ifndef XDHCP_CONF_PARSE_H
#define XDHCP_CONF_PARSE_H

#include "conf/lexer.h"

#define CONF_NESTING_MAX 16
#define CONF_INCLUDE_MAX 16
#define CONF_FILE_MAX (64U << 20) /* bytes of one file */
#define CONF_TEXT_MAX (256U << 20) /* bytes of all files */
#define CONF_FILES_MAX 4096
#define CONF_NETWORKS_MAX 65535 /* each of what follows, in all files */
#define CONF_SUBNETS_MAX 65535
#define CONF_POOLS_MAX 65535
#define CONF_RANGES_MAX 65535
#define CONF_HOSTS_MAX 1000000
#define CONF_RELATIONS_MAX 255 /* a uint8_t, and 0 means none */
#define CONF_DEFINITIONS_MAX 1024
#define CONF_ADDRESSES_MAX (16U << 20) /* to give, in all ranges and fixed-address statements */
#define CONF_OPTION_MAX 1024 /* bytes of one option's value; pieces of 255 on the wire */
#define CONF_SECONDS_MAX 0x7fffffffU
#define CONF_ABANDON_LEASE_TIME 86400 /* seconds, where nothing is said */

/* Where a statement may stand: one bit each. */
enum conf_block_kind {
	CONF_IN_GLOBAL = 1 << 0,
	CONF_IN_NETWORK = 1 << 1, /* shared-network */
	CONF_IN_SUBNET = 1 << 2,
	CONF_IN_POOL = 1 << 3,
	CONF_IN_GROUP = 1 << 4,
	CONF_IN_HOST = 1 << 5,
};

/* A pair of braces, or the outermost file, while it is read. */
struct conf_block {
	enum conf_block_kind kind;
	struct conf_place at; /* of the word that opened it */
	struct conf_scope *scope;
	struct conf_network *network; /* around this place; NULL: none, as for the next two */
	struct conf_subnet *subnet;
	struct conf_pool *pool; /* of ranges here; NULL before the first one outside of a pool */
	struct conf_host_record *host; /* of this very block */
	unsigned depth;
};

struct conf_scope_record {
	struct conf_scope scope;
	bool has_unknown_clients,
		unknown_clients; /* are they served? Goes into the pools' permits */
	bool digested;
	uint8_t digest[32]; /* of the scope and of what it inherits */
};

/* What the cross-checks need to know beside the result: where things stand. */
struct conf_network_record {
	struct conf_network *network;
	struct conf_place at;
};

struct conf_subnet_record {
	struct conf_subnet *subnet;
	struct conf_place at;
};

struct conf_pool_record {
	struct conf_pool *pool;
	const struct conf_relation *relation; /* NULL: none */
	struct conf_place at;
};

struct conf_relation_record {
	struct conf_relation *relation;
	bool has_buckets; /* `split` or `hba` */
	struct conf_place at, buckets_at;
	struct conf_relation_record *other; /* of the same name, for the other role; NULL: none */
};

struct conf_range_record {
	uint32_t first, last;
	struct conf_pool *pool;
	const struct conf_subnet *subnet; /* whose braces it stands in; NULL: a shared-network's */
	struct conf_place at;
};

struct conf_host_record {
	struct conf_host *host;
	struct conf_place at, hardware_at;
	size_t order; /* in the text */
};

struct conf_fixed_record {
	uint32_t address;
	struct conf_host *host;
	struct conf_place at;
	size_t order; /* in the text */
};

struct conf_time_record {
	const struct conf_scope *scope;
	struct conf_place at;
};

/* `option NAME code N = TYPE`; the format's letters are dhcp/option.h's and those of option.c. */
struct conf_definition {
	const char *name;
	const char *format;
	uint8_t code;
	struct conf_place at;
};

/* What conf_pool_of() and conf_host_by_address() search; in front lies what everybody sees. */
struct conf_address_range {
	uint32_t first, last;
	const struct conf_pool *pool;
};

struct conf_address_host {
	uint32_t address;
	const struct conf_host *host;
};

struct conf_whole {
	struct conf conf;
	struct conf_arena arena;
	struct conf_address_range *ranges; /* ascending, disjoint */
	size_t range_count;
	struct conf_address_host *fixed; /* ascending */
	size_t fixed_count;
};

struct conf_parser {
	struct conf_lexer lexer;
	struct conf_place at; /* of the statement's first word, until a nested block is read */
	struct conf_terms terms;
	struct conf_arena *arena;
	struct conf_arena scratch;
	struct conf_whole *whole;
	conf_loader load;
	void *context;
	struct conf_error *error;
	size_t text_length; /* of all files so far */
	unsigned include_depth, file_count;

	struct conf_network_record *networks;
	size_t network_count;
	struct conf_subnet_record *subnets;
	size_t subnet_count;
	struct conf_pool_record *pools;
	size_t pool_count;
	struct conf_relation_record **relations; /* by name */
	size_t relation_count;
	struct conf_range_record *ranges;
	size_t range_count;
	struct conf_host_record **hosts;
	size_t host_count;
	struct conf_fixed_record *fixed;
	size_t fixed_count;
	struct conf_time_record *times;
	size_t time_count;
	struct conf_definition *definitions;
	size_t definition_count;
};

struct conf_statement {
	const char *word;
	unsigned scopes; /* enum conf_block_kind, or'ed */
	/* Called behind the word; NULL: refused, and `hint` says what to do. */
	int (*parse)(struct conf_parser *parser, struct conf_block *block,
		     const struct conf_statement *statement);
	const char *accepts; /* values that ask for nothing, separated by blanks (idle.c) */
	const char *hint;
};

#define conf_fail(parser, at, ...) conf_error_set((parser)->error, at, __VA_ARGS__)

static inline const struct conf_token *conf_token(const struct conf_parser *parser)
{
	return &parser->lexer.token;
}

/* expect.c: tokens by what they must be; all step over what they took. */
int conf_advance(struct conf_parser *parser);
/* Behind the token before the current one: where something is missing. */
struct conf_place conf_place_behind(const struct conf_parser *parser);
bool conf_token_number(const struct conf_token *token, int64_t *ret_number);
int conf_expect_sign(struct conf_parser *parser, char sign, const char *behind);
int conf_expect_semicolon(struct conf_parser *parser);
int conf_expect_address(struct conf_parser *parser, uint32_t *ret_address);
int conf_expect_number(struct conf_parser *parser, int64_t least, int64_t most,
		       int64_t *ret_number);
int conf_expect_flag(struct conf_parser *parser, bool *ret_flag);
/* A string or a word; its text is the configuration's. */
int conf_expect_name(struct conf_parser *parser, const char *what, const char **ret_name);
/* A quoted string of 1 to `most` bytes without NUL; its text is the configuration's. */
int conf_expect_string(struct conf_parser *parser, size_t most, const char **ret_text);

/* statements.c */
int conf_parse_statements(struct conf_parser *parser, struct conf_block *block);
const struct conf_statement *conf_statement_at(size_t index); /* NULL behind the last */

/* suggest.c: is one of two words a slip of the other? The smaller the likelier; UINT_MAX: no. */
unsigned conf_suggest_distance(const char *written, size_t length, const char *word);

/* parse_block.c */
int conf_parse_group(struct conf_parser *, struct conf_block *, const struct conf_statement *);
int conf_parse_host(struct conf_parser *, struct conf_block *, const struct conf_statement *);
int conf_parse_hardware(struct conf_parser *, struct conf_block *, const struct conf_statement *);
int conf_parse_fixed(struct conf_parser *, struct conf_block *, const struct conf_statement *);
int conf_parse_block(struct conf_parser *parser, struct conf_block *block);
struct conf_block conf_block_inside(const struct conf_parser *parser,
				    const struct conf_block *around, enum conf_block_kind kind);
struct conf_scope *conf_scope_add(struct conf_parser *parser, const struct conf_scope *parent);

/* parse_network.c */
int conf_parse_network(struct conf_parser *, struct conf_block *, const struct conf_statement *);
int conf_parse_subnet(struct conf_parser *, struct conf_block *, const struct conf_statement *);
int conf_parse_pool(struct conf_parser *, struct conf_block *, const struct conf_statement *);
int conf_parse_range(struct conf_parser *, struct conf_block *, const struct conf_statement *);
struct conf_pool_record *conf_pool_record_of(const struct conf_parser *parser,
					     const struct conf_pool *pool);

/* parse_failover.c */
int conf_parse_failover(struct conf_parser *, struct conf_block *, const struct conf_statement *);

/* role.c: failover peers by name, each declared for one role or for both */
struct conf_relation_record *conf_relation_find(const struct conf_parser *parser, const char *name);
/* `record` is read: it is the first of its name, or goes beside one for the other role. */
int conf_role_pair(struct conf_parser *parser, struct conf_relation_record *record);
/* Which of two holds; once all is read. */
int conf_roles_settle(struct conf_parser *parser);

/* parse_permit.c */
int conf_parse_permit(struct conf_parser *, struct conf_block *, const struct conf_statement *);
int conf_parse_boot_unknown(struct conf_parser *, struct conf_block *,
			    const struct conf_statement *);
/* Permit lists of all pools as they come to; conf_build() calls it. */
void conf_permits_settle(struct conf_parser *parser);

/* parse_parameter.c */
int conf_parse_time(struct conf_parser *, struct conf_block *, const struct conf_statement *);
int conf_parse_authoritative(struct conf_parser *, struct conf_block *,
			     const struct conf_statement *);
int conf_parse_not(struct conf_parser *, struct conf_block *, const struct conf_statement *);
int conf_parse_address(struct conf_parser *, struct conf_block *, const struct conf_statement *);
int conf_parse_text(struct conf_parser *, struct conf_block *, const struct conf_statement *);
int conf_parse_abandon(struct conf_parser *, struct conf_block *, const struct conf_statement *);
int conf_parse_switch(struct conf_parser *, struct conf_block *, const struct conf_statement *);

/* include.c */
int conf_parse_include(struct conf_parser *, struct conf_block *, const struct conf_statement *);
/* Reads a file and makes it the lexer's; *ret_source is NULL where the loader failed. */
int conf_source_open(struct conf_parser *parser, const char *name, struct conf_place from);

/* idle.c: statements that are accepted where they ask for nothing */
int conf_parse_idle(struct conf_parser *, struct conf_block *, const struct conf_statement *);

/* option.c, option_value.c, option_define.c */
int conf_parse_option(struct conf_parser *, struct conf_block *, const struct conf_statement *);
int conf_option_value(struct conf_parser *parser, const char *name, const char *format,
		      uint8_t bytes[CONF_OPTION_MAX], size_t *ret_length);
int conf_option_define(struct conf_parser *parser, const struct conf_block *block, const char *name,
		       struct conf_place at);
/* May an option with this code be configured? */
int conf_option_check_code(struct conf_parser *parser, struct conf_place at, const char *name,
			   uint8_t code);
const struct conf_definition *conf_definition_find(const struct conf_parser *parser,
						   const char *name);

/* option_format.c: the way back; CONF_OPTION_TEXT takes every value, a longer one as bytes. */
#define CONF_OPTION_TEXT 8192
struct base_text;
void conf_option_format(struct base_text *text, const struct conf_option *option);
/* In double quotes. */
void conf_text_format(struct base_text *text, const void *bytes, size_t length);

/* domain.c: a name in RFC 1035 section 3.1's form, behind what is there; compressed with 4.1.4. */
int conf_domain_append(const char *name, size_t length, bool compress,
		       uint8_t bytes[CONF_OPTION_MAX], size_t *length_so_far);

/* build.c, check*.c, digest.c: once all is read, in this order. */
int conf_build(struct conf_parser *parser);
int conf_check(struct conf_parser *parser);
int conf_check_hosts(struct conf_parser *parser);
int conf_check_failover(struct conf_parser *parser);
int conf_digest(struct conf_parser *parser);
/* Neither network nor broadcast address at an end of these addresses of a subnet? */
int conf_check_usable(struct conf_parser *parser, struct conf_place at,
		      const struct conf_subnet *subnet, uint32_t first, uint32_t last);

#endif
