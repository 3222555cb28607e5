/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SHA-256 over what a configuration means. Two texts with the same digest
 * give every client the same answer and number networks and pools alike; so
 * everything goes in by address order, a scope goes in by what it says and
 * inherits, and braces that say nothing do not count.
 *
 * Values go in as a tag byte, a length in four bytes and the bytes, numbers
 * in big-endian order, so that no two sequences of values look the same.
 */
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "conf/parse.h"

#define DIGEST_LENGTH 32

/* Part of what is hashed: a tag changes its meaning never, only new ones come. */
enum tag {
	TAG_FORMAT = 1,
	TAG_SCOPE,
	TAG_PARENT,
	TAG_DEFAULT_LEASE_TIME,
	TAG_MIN_LEASE_TIME,
	TAG_MAX_LEASE_TIME,
	TAG_AUTHORITATIVE,
	TAG_NEXT_SERVER,
	TAG_SERVER_IDENTIFIER,
	TAG_FILENAME,
	TAG_SERVER_NAME,
	TAG_OPTION,
	TAG_NETWORK,
	TAG_SUBNET,
	TAG_POOL,
	TAG_RANGE,
	TAG_HOST,
	TAG_HARDWARE,
	TAG_FIXED,
	TAG_RELATION,
	TAG_ENDPOINT,
	TAG_FAILOVER,
	TAG_PERMITS,
	TAG_ABANDON_LEASE_TIME,
	TAG_CHECK_SECS_BYTE_ORDER,
	TAG_SERVER_ID_CHECK,
};

/* Sticky: an error stays until the end. */
struct hash {
	EVP_MD_CTX *context;
	bool failed;
};

static void put(struct hash *hash, enum tag tag, const void *bytes, size_t length)
{
	uint8_t head[5];
	struct base_writer writer = base_writer_of(head, sizeof(head));

	base_writer_u8(&writer, tag);
	base_writer_be32(&writer, (uint32_t)length);
	if (!EVP_DigestUpdate(hash->context, head, sizeof(head)) ||
	    (length && !EVP_DigestUpdate(hash->context, bytes, length)))
		hash->failed = true;
}

static void put_u32(struct hash *hash, enum tag tag, uint32_t value)
{
	uint8_t bytes[4];
	struct base_writer writer = base_writer_of(bytes, sizeof(bytes));

	base_writer_be32(&writer, value);
	put(hash, tag, bytes, sizeof(bytes));
}

static void put_text(struct hash *hash, enum tag tag, const char *text)
{
	if (text)
		put(hash, tag, text, strlen(text));
}

static void put_u32_if(struct hash *hash, bool said, enum tag tag, uint32_t value)
{
	if (said)
		put_u32(hash, tag, value);
}

static void start(struct hash *hash)
{
	if (!EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL))
		hash->failed = true;
}

static void finish(struct hash *hash, uint8_t digest[DIGEST_LENGTH])
{
	if (!EVP_DigestFinal_ex(hash->context, digest, NULL))
		hash->failed = true;
}

static bool says_nothing(const struct conf_scope *scope)
{
	return !scope->has_default_lease_time && !scope->has_min_lease_time &&
	       !scope->has_max_lease_time && !scope->has_authoritative && !scope->has_next_server &&
	       !scope->has_server_identifier && !scope->filename && !scope->server_name &&
	       !scope->option_count;
}

static void put_scope(struct hash *hash, const struct conf_scope *scope)
{
	put_u32_if(hash, scope->has_default_lease_time, TAG_DEFAULT_LEASE_TIME,
		   scope->default_lease_time);
	put_u32_if(hash, scope->has_min_lease_time, TAG_MIN_LEASE_TIME, scope->min_lease_time);
	put_u32_if(hash, scope->has_max_lease_time, TAG_MAX_LEASE_TIME, scope->max_lease_time);
	put_u32_if(hash, scope->has_authoritative, TAG_AUTHORITATIVE, scope->authoritative);
	put_u32_if(hash, scope->has_next_server, TAG_NEXT_SERVER, scope->next_server);
	put_u32_if(hash, scope->has_server_identifier, TAG_SERVER_IDENTIFIER,
		   scope->server_identifier);
	put_text(hash, TAG_FILENAME, scope->filename);
	put_text(hash, TAG_SERVER_NAME, scope->server_name);
	for (size_t i = 0; i < scope->option_count; i++) {
		put_u32(hash, TAG_OPTION, scope->options[i].code);
		put(hash, TAG_OPTION, scope->options[i].data, scope->options[i].length);
	}
}

/* The nearest scope from here outwards that says something, or the global one. */
static struct conf_scope_record *speaking(const struct conf_scope *scope)
{
	while (scope->parent && says_nothing(scope))
		scope = scope->parent;
	return (struct conf_scope_record *)((char *)scope -
					    offsetof(struct conf_scope_record, scope));
}

/* Digests of a scope and of all that it inherits, outermost first; each is computed once. */
static const uint8_t *digest_scope(struct hash *hash, const struct conf_scope *scope)
{
	struct conf_scope_record *chain[CONF_NESTING_MAX + 2];
	struct conf_scope_record *record = speaking(scope);
	const uint8_t *inherited;
	size_t depth = 0;

	for (; !record->digested; record = speaking(record->scope.parent)) {
		chain[depth++] = record;
		if (!record->scope.parent)
			break;
	}
	inherited = record->digested ? record->digest : NULL;
	while (depth) {
		record = chain[--depth];
		start(hash);
		put_scope(hash, &record->scope);
		if (inherited)
			put(hash, TAG_PARENT, inherited, DIGEST_LENGTH);
		finish(hash, record->digest);
		record->digested = true;
		inherited = record->digest;
	}
	return inherited;
}

static void put_scope_digest(struct hash *hash, const struct conf_scope *scope)
{
	const struct conf_scope_record *record = speaking(scope);

	put(hash, TAG_SCOPE, record->digest, DIGEST_LENGTH);
}

static void put_permits(struct hash *hash, const struct conf_permits *permits)
{
	const uint8_t bytes[] = {permits->allows_any, permits->allow, permits->deny};

	if (permits->allows_any || permits->deny)
		put(hash, TAG_PERMITS, bytes, sizeof(bytes));
}

static void put_network(struct hash *hash, const struct conf_network *network)
{
	put_text(hash, TAG_NETWORK, network->name);
	put_scope_digest(hash, network->scope);
	for (size_t i = 0; i < network->subnet_count; i++) {
		put_u32(hash, TAG_SUBNET, network->subnets[i]->address);
		put_u32(hash, TAG_SUBNET, network->subnets[i]->mask);
		put_scope_digest(hash, network->subnets[i]->scope);
	}
	for (size_t i = 0; i < network->pool_count; i++) {
		const struct conf_pool *pool = network->pools[i];

		put_u32(hash, TAG_POOL, pool->relation);
		put_permits(hash, &pool->permits);
		put_scope_digest(hash, pool->scope);
		for (size_t j = 0; j < pool->range_count; j++) {
			put_u32(hash, TAG_RANGE, pool->ranges[j].first);
			put_u32(hash, TAG_RANGE, pool->ranges[j].last);
		}
	}
}

/* Which of several fixed addresses comes first matters: it is the one that is given. */
static void put_host(struct hash *hash, const struct conf_host *host)
{
	put_text(hash, TAG_HOST, host->name);
	put_u32(hash, TAG_HARDWARE, host->htype);
	put(hash, TAG_HARDWARE, host->hardware, host->hlen);
	put_scope_digest(hash, host->scope);
	for (size_t i = 0; i < host->fixed_address_count; i++)
		put_u32(hash, TAG_FIXED, host->fixed_addresses[i]);
}

static void put_relation(struct hash *hash, const struct conf_relation *relation)
{
	const uint32_t values[] = {
		relation->primary,
		relation->mclt,
		relation->max_response_delay,
		relation->load_balance_max_seconds,
		relation->auto_partner_down,
		relation->max_unacked_updates,
		relation->max_lease_misbalance,
		relation->max_lease_ownership,
		relation->min_balance,
		relation->max_balance,
	};

	put_text(hash, TAG_RELATION, relation->name);
	put_u32(hash, TAG_ENDPOINT, relation->address);
	put_u32(hash, TAG_ENDPOINT, relation->port);
	put_u32(hash, TAG_ENDPOINT, relation->peer_address);
	put_u32(hash, TAG_ENDPOINT, relation->peer_port);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		put_u32(hash, TAG_FAILOVER, values[i]);
	put(hash, TAG_FAILOVER, relation->hba, sizeof(relation->hba));
	/* Then it is what clients are told. */
	put_u32_if(hash, relation->chosen, TAG_SERVER_IDENTIFIER, relation->address);
}

/* What holds for the whole server; what is off, or as it is where nothing is said, does not count. */
static void put_globals(struct hash *hash, const struct conf *conf)
{
	put_scope_digest(hash, conf->global);
	put_u32_if(hash, conf->abandon_lease_time != CONF_ABANDON_LEASE_TIME,
		   TAG_ABANDON_LEASE_TIME, conf->abandon_lease_time);
	put_u32_if(hash, conf->check_secs_byte_order, TAG_CHECK_SECS_BYTE_ORDER, true);
	put_u32_if(hash, conf->server_id_check, TAG_SERVER_ID_CHECK, true);
	for (size_t i = 0; i < conf->relation_count; i++)
		put_relation(hash, conf->relations[i]);
}

static void digest_scopes(struct hash *hash, const struct conf *conf)
{
	digest_scope(hash, conf->global);
	for (size_t i = 0; i < conf->network_count; i++)
		digest_scope(hash, conf->networks[i]->scope);
	for (size_t i = 0; i < conf->subnet_count; i++)
		digest_scope(hash, conf->subnets[i]->scope);
	for (size_t i = 0; i < conf->pool_count; i++)
		digest_scope(hash, conf->pools[i]->scope);
	for (size_t i = 0; i < conf->host_count; i++)
		digest_scope(hash, conf->hosts[i]->scope);
}

int conf_digest(struct conf_parser *parser)
{
	struct conf *conf = &parser->whole->conf;
	struct hash hash = {.context = EVP_MD_CTX_new()};

	if (!hash.context)
		return -ENOMEM;
	digest_scopes(&hash, conf);
	start(&hash);
	put_u32(&hash, TAG_FORMAT, 1);
	put_globals(&hash, conf);
	for (size_t i = 0; i < conf->network_count; i++)
		put_network(&hash, conf->networks[i]);
	for (size_t i = 0; i < conf->host_count; i++)
		put_host(&hash, conf->hosts[i]);
	finish(&hash, conf->digest);
	EVP_MD_CTX_free(hash.context);
	/* libcrypto fails on its allocations only. */
	return hash.failed ? -ENOMEM : 0;
}
