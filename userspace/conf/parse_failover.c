/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `failover peer "NAME" { … }` and, in a pool, `failover peer "NAME";`:
 * dhcpd.conf(5), "DHCP FAILOVER". Numbers are decimal there, and zero means
 * the default.
 */
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "base/address.h"
#include "conf/parse.h"

#define PORT 647
#define RESPONSE_DELAY_LEAST 3

struct parameter {
	const char *word;
	size_t offset; /* of a uint32_t in struct conf_relation */
	uint32_t otherwise; /* where nothing, or zero, is said */
	uint32_t most;
};

#define PARAMETER(word, field, otherwise, most) \
	{ \
		word, offsetof(struct conf_relation, field), otherwise, most \
	}

static const struct parameter parameters[] = {
	PARAMETER("mclt", mclt, 0, CONF_SECONDS_MAX),
	PARAMETER("max-response-delay", max_response_delay, 20, CONF_SECONDS_MAX),
	PARAMETER("max-unacked-updates", max_unacked_updates, 100, CONF_SECONDS_MAX),
	PARAMETER("auto-partner-down", auto_partner_down, 0, CONF_SECONDS_MAX),
	PARAMETER("max-lease-misbalance", max_lease_misbalance, 15, 100),
	PARAMETER("max-lease-ownership", max_lease_ownership, 10, 100),
	PARAMETER("min-balance", min_balance, 60, CONF_SECONDS_MAX),
	PARAMETER("max-balance", max_balance, 3600, CONF_SECONDS_MAX),
};

#define PARAMETERS (sizeof(parameters) / sizeof(*parameters))

static uint32_t *field_of(struct conf_relation *relation, const struct parameter *parameter)
{
	return (uint32_t *)((char *)relation + parameter->offset);
}

static int expect_word(struct conf_parser *parser, const char *word, const char *behind)
{
	char found[CONF_TOKEN_TEXT];

	if (conf_token_is(conf_token(parser), word))
		return conf_advance(parser);
	return conf_fail(parser, conf_token(parser)->at, "expected `%s` behind `%s`, found %s",
			 word, behind, conf_token_format(conf_token(parser), found));
}

/* dhcpd reads 010 as ten here, and 0x10 as zero; elsewhere they are eight and sixteen. */
static int expect_decimal(struct conf_parser *parser, uint32_t most, uint32_t *ret_number)
{
	const struct conf_token *token = conf_token(parser);
	char found[CONF_TOKEN_TEXT];
	int64_t number = 0;
	int error;

	if (token->kind == CONF_TOKEN_WORD && token->length > 1 && *token->text == '0')
		return conf_fail(parser, token->at,
				 "expected a decimal number without leading zeros, found %s",
				 conf_token_format(token, found));
	error = conf_expect_number(parser, 0, most, &number);
	if (!error)
		*ret_number = (uint32_t)number;
	return error;
}

static int parse_endpoint_address(struct conf_parser *parser, uint32_t *ret_address)
{
	struct conf_place at = conf_token(parser)->at;
	char text[BASE_IPV4_TEXT];
	uint32_t address = 0;
	int error = conf_expect_address(parser, &address);

	if (error)
		return error;
	/* RFC 1122 section 3.2.1.3, RFC 1112 section 4. */
	if (address >> 24 == 0 || address >> 28 >= 14)
		return conf_fail(parser, at, "%s is no address of a server",
				 base_ipv4_format(address, text));
	*ret_address = address;
	return 0;
}

static int parse_port(struct conf_parser *parser, uint16_t *ret_port)
{
	uint32_t port = 0;
	int error = expect_decimal(parser, UINT16_MAX, &port);

	if (!error)
		*ret_port = (uint16_t)port;
	return error;
}

/* What stands behind `peer` inside of the braces. */
static int parse_peer(struct conf_parser *parser, struct conf_relation_record *record)
{
	const struct conf_token *token = conf_token(parser);
	bool address = conf_token_is(token, "address");
	char found[CONF_TOKEN_TEXT];
	int error;

	if (!address && !conf_token_is(token, "port"))
		return conf_fail(parser, token->at,
				 "expected `address` or `port` behind `peer`, found %s",
				 conf_token_format(token, found));
	error = conf_advance(parser);
	if (error)
		return error;
	return address ? parse_endpoint_address(parser, &record->relation->peer_address)
		       : parse_port(parser, &record->relation->peer_port);
}

/* The lowest `split` of 256 buckets are the primary's; in dhcpd a bucket's bit set means so. */
static int parse_split(struct conf_parser *parser, struct conf_relation_record *record)
{
	struct conf_relation *relation = record->relation;
	uint32_t split = 0;
	int error = expect_decimal(parser, 256, &split);

	if (error)
		return error;
	memset(relation->hba, 0, sizeof(relation->hba));
	for (uint32_t bucket = 0; bucket < split; bucket++)
		relation->hba[bucket / 8] |= (uint8_t)(1 << bucket % 8);
	return 0;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes of one word; it may end in a colon where the line is wrapped. */
static bool append_bytes(const struct conf_token *token, uint8_t bytes[32], size_t *length)
{
	const char *at = token->text, *end = at + token->length;

	while (at < end) {
		int byte = digit_of(*at++);

		if (byte >= 0 && at < end && digit_of(*at) >= 0)
			byte = byte << 4 | digit_of(*at++);
		if (byte < 0 || *length == 32 || (at < end && *at++ != ':'))
			return false;
		bytes[(*length)++] = (uint8_t)byte;
	}
	return true;
}

static int parse_hba(struct conf_parser *parser, struct conf_relation_record *record)
{
	struct conf_place at = conf_token(parser)->at;
	uint8_t bytes[32];
	size_t length = 0;
	bool more = true;
	int error = 0;

	while (!error && more) {
		const struct conf_token *token = conf_token(parser);

		if (token->kind != CONF_TOKEN_WORD || !append_bytes(token, bytes, &length))
			break;
		more = token->text[token->length - 1] == ':';
		error = conf_advance(parser);
	}
	if (error)
		return error;
	if (more || length != sizeof(bytes))
		return conf_fail(parser, at,
				 "expected 32 bytes in hexadecimal with colons between them, a bit "
				 "for each of 256 buckets; `split NUMBER;` says the same more "
				 "simply");
	memcpy(record->relation->hba, bytes, sizeof(bytes));
	return 0;
}

/* `split` or `hba`: of two, the later one holds. */
static int parse_buckets(struct conf_parser *parser, struct conf_relation_record *record,
			 int (*parse)(struct conf_parser *, struct conf_relation_record *))
{
	record->has_buckets = true;
	record->buckets_at = parser->at;
	return parse(parser, record);
}

static int parse_load_balance(struct conf_parser *parser, struct conf_relation *relation)
{
	int error = expect_word(parser, "balance", "load");

	if (!error)
		error = expect_word(parser, "max", "load balance");
	if (!error)
		error = expect_word(parser, "seconds", "load balance max");
	return error ? error
		     : expect_decimal(parser, CONF_SECONDS_MAX,
				      &relation->load_balance_max_seconds);
}

static int parse_parameter(struct conf_parser *parser, struct conf_relation_record *record,
			   const struct parameter *parameter)
{
	struct conf_place at = conf_token(parser)->at;
	uint32_t number = 0;
	int error = expect_decimal(parser, parameter->most, &number);

	if (error)
		return error;
	if (parameter->offset == offsetof(struct conf_relation, max_response_delay) && number &&
	    number < RESPONSE_DELAY_LEAST)
		return conf_fail(parser, at,
				 "told of less than %d seconds, a dhcpd as partner sends CONTACT "
				 "messages without a pause; write %d or more, or leave it out (20)",
				 RESPONSE_DELAY_LEAST, RESPONSE_DELAY_LEAST);
	if (parameter->offset == offsetof(struct conf_relation, auto_partner_down) && number &&
	    parser->terms.cluster)
		return conf_fail(parser, parser->at,
				 "under a cluster (--cluster) `auto-partner-down` is refused: a "
				 "timer knows nothing of the partner, the cluster does and says "
				 "partner-down itself; leave it out");
	*field_of(record->relation, parameter) = number;
	return 0;
}

static int fail_unknown(struct conf_parser *parser, const struct conf_token *token)
{
	static const char *const others[] = {"primary", "secondary", "address", "peer",
					     "port",	"split",     "hba",	"load"};
	const char *meant = NULL;
	char found[CONF_TOKEN_TEXT];
	unsigned best = UINT_MAX;

	for (size_t i = 0; i < PARAMETERS + sizeof(others) / sizeof(*others); i++) {
		const char *word = i < PARAMETERS ? parameters[i].word : others[i - PARAMETERS];
		unsigned distance = conf_suggest_distance(token->text, token->length, word);

		if (distance < best) {
			best = distance;
			meant = word;
		}
	}
	return conf_fail(parser, token->at, "%s is no statement of a failover peer%s%s%s",
			 conf_token_format(token, found), meant ? "; did you mean `" : "",
			 meant ? meant : "", meant ? "`?" : "");
}

/* Behind its word; -ENOENT: there is no such statement. */
static int parse_word(struct conf_parser *parser, struct conf_relation_record *record,
		      const struct conf_token *word)
{
	struct conf_relation *relation = record->relation;

	if (conf_token_is(word, "primary") || conf_token_is(word, "secondary")) {
		relation->primary = conf_token_is(word, "primary");
		return 0;
	}
	if (conf_token_is(word, "address"))
		return parse_endpoint_address(parser, &relation->address);
	if (conf_token_is(word, "port"))
		return parse_port(parser, &relation->port);
	if (conf_token_is(word, "peer"))
		return parse_peer(parser, record);
	if (conf_token_is(word, "split"))
		return parse_buckets(parser, record, parse_split);
	if (conf_token_is(word, "hba"))
		return parse_buckets(parser, record, parse_hba);
	if (conf_token_is(word, "load"))
		return parse_load_balance(parser, relation);
	for (size_t i = 0; i < PARAMETERS; i++) {
		if (conf_token_is(word, parameters[i].word))
			return parse_parameter(parser, record, &parameters[i]);
	}
	return -ENOENT;
}

static int parse_statements(struct conf_parser *parser, struct conf_relation_record *record)
{
	while (conf_token(parser)->kind == CONF_TOKEN_WORD) {
		const struct conf_token word = *conf_token(parser);
		int error;

		parser->at = word.at;
		error = conf_advance(parser);
		if (!error)
			error = parse_word(parser, record, &word);
		if (error == -ENOENT)
			return fail_unknown(parser, &word);
		if (!error)
			error = conf_expect_semicolon(parser);
		if (error)
			return error;
	}
	return conf_expect_sign(parser, '}', "the statements of the failover peer");
}

static void fill_defaults(struct conf_relation *relation)
{
	for (size_t i = 0; i < PARAMETERS; i++) {
		uint32_t *field = field_of(relation, &parameters[i]);

		if (!*field)
			*field = parameters[i].otherwise;
	}
	if (!relation->port)
		relation->port = PORT;
	if (!relation->peer_port)
		relation->peer_port = PORT;
}

static int check_endpoints(struct conf_parser *parser, const struct conf_relation_record *record)
{
	const struct conf_relation *relation = record->relation;
	char text[BASE_IPV4_TEXT];

	if (!relation->peer_address)
		return conf_fail(parser, record->at,
				 "failover peer `%.64s` does not say where the partner is; write "
				 "`peer address ADDRESS;`",
				 relation->name);
	if (!relation->address)
		return conf_fail(parser, record->at,
				 "failover peer `%.64s` does not say which address of this server "
				 "speaks with the partner; write `address ADDRESS;`, the same as "
				 "the partner's `peer address`",
				 relation->name);
	if (relation->address == relation->peer_address && relation->port == relation->peer_port)
		return conf_fail(parser, record->at,
				 "failover peer `%.64s`: `address` and `peer address` are both %s "
				 "port %u; one of the two is the other server",
				 relation->name, base_ipv4_format(relation->address, text),
				 relation->port);
	return 0;
}

/* What only the primary says: it tells the secondary at each connection. */
static int check_role(struct conf_parser *parser, const struct conf_relation_record *record)
{
	struct conf_relation *relation = record->relation;

	if (!relation->primary && record->has_buckets)
		return conf_fail(parser, record->buckets_at,
				 "a secondary learns from the primary which clients are its own; "
				 "leave `split` and `hba` out here");
	if (!relation->primary) {
		relation->mclt = 0;
		return 0;
	}
	if (!record->has_buckets)
		return conf_fail(parser, record->at,
				 "failover peer `%.64s`: the primary says how many of 256 shares "
				 "of the clients it answers itself; write `split 128;` for half "
				 "of them",
				 relation->name);
	if (!relation->mclt)
		return conf_fail(parser, record->at,
				 "failover peer `%.64s`: the primary says by how many seconds a "
				 "lease may outrun what the partner knows; write `mclt 1800;`, "
				 "for example",
				 relation->name);
	return 0;
}

static int new_relation(struct conf_parser *parser, const char *name,
			struct conf_relation_record **ret_record)
{
	struct conf_relation_record *record = conf_arena_alloc(&parser->scratch, sizeof(*record));

	if (!record)
		return -ENOMEM;
	record->relation = conf_arena_alloc(parser->arena, sizeof(*record->relation));
	if (!record->relation)
		return -ENOMEM;
	record->at = parser->at;
	record->relation->name = name;
	record->relation->primary = true;
	*ret_record = record;
	return 0;
}

static int declare(struct conf_parser *parser)
{
	struct conf_relation_record *record;
	const char *name;
	int error = conf_expect_name(parser, "failover peer", &name);

	if (error)
		return error;
	if (conf_token_is(conf_token(parser), "state"))
		return conf_fail(parser, parser->at,
				 "the state of a failover peer is no configuration; it stands in "
				 "dhcpd.leases, which can be imported");
	if (conf_token_is_sign(conf_token(parser), ';'))
		return conf_fail(parser, parser->at,
				 "a failover peer is named in each `pool` that takes part, and "
				 "declared here, in braces");
	error = new_relation(parser, name, &record);
	if (!error)
		error = conf_expect_sign(parser, '{', "the failover peer's name");
	if (!error)
		error = parse_statements(parser, record);
	if (error)
		return error;
	fill_defaults(record->relation);
	error = check_endpoints(parser, record);
	if (!error)
		error = check_role(parser, record);
	return error ? error : conf_role_pair(parser, record);
}

/* dhcpd, too, wants the declaration before the pool. */
static int refer(struct conf_parser *parser, const struct conf_block *block)
{
	const struct conf_token *token = conf_token(parser);
	struct conf_place at = token->at;
	struct conf_relation_record *record;
	char found[CONF_TOKEN_TEXT];
	const char *name;
	int error;

	if (token->kind != CONF_TOKEN_STRING)
		return conf_fail(parser, at,
				 "expected the failover peer's name in double quotes, found %s",
				 conf_token_format(token, found));
	error = conf_expect_name(parser, "failover peer", &name);
	if (error)
		return error;
	if (conf_token_is_sign(conf_token(parser), '{'))
		return conf_fail(parser, parser->at,
				 "a failover peer is declared outside of all braces, and named in "
				 "each pool that takes part");
	record = conf_relation_find(parser, name);
	if (!record)
		return conf_fail(parser, at,
				 "no failover peer `%.64s` is declared up to here; declare it "
				 "above: `failover peer \"%.64s\" { … }`",
				 name, name);
	conf_pool_record_of(parser, block->pool)->relation = record->relation;
	return conf_expect_semicolon(parser);
}

int conf_parse_failover(struct conf_parser *parser, struct conf_block *block,
			const struct conf_statement *statement)
{
	int error = expect_word(parser, "peer", statement->word);

	if (error)
		return error;
	if (block->kind == CONF_IN_POOL)
		return refer(parser, block);
	if (block->kind == CONF_IN_GLOBAL)
		return declare(parser);
	return conf_fail(parser, parser->at,
			 "a failover peer is declared outside of all braces and named in pools "
			 "only: put each `range` that takes part into a `pool { failover peer "
			 "\"NAME\"; range …; }`");
}
