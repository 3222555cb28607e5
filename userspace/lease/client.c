/* SPDX-License-Identifier: GPL-2.0-only */
/* Leases by client: who is bound or remembered, and who was sent an OFFER. */
#include "lease/place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/siphash.h"

struct client_key {
	const uint8_t *bytes;
	uint16_t length;
};

int lease_hash_init(struct lease_hash *hash, size_t buckets)
{
	hash->nodes = cds_lfht_new(buckets, 1, 0, 0, NULL);
	if (!hash->nodes)
		return -ENOMEM;
	hash->count = 0;
	hash->buckets = buckets;
	return 0;
}

void lease_hash_fini(struct lease_hash *hash)
{
	if (hash->nodes)
		cds_lfht_destroy(hash->nodes, NULL);
	hash->nodes = NULL;
}

void lease_hash_reserve(struct lease_hash *hash, size_t count)
{
	size_t buckets = hash->buckets;

	while (buckets < count)
		buckets *= 2;
	if (buckets == hash->buckets)
		return;
	cds_lfht_resize(hash->nodes, buckets);
	hash->buckets = buckets;
}

static void hash_add(struct lease_hash *hash, uint64_t key, struct cds_lfht_node *node)
{
	if (hash->count >= 2 * hash->buckets)
		lease_hash_reserve(hash, hash->count);
	hash->count++;
	cds_lfht_node_init(node);
	rcu_read_lock();
	cds_lfht_add(hash->nodes, key, node);
	rcu_read_unlock();
}

static void hash_remove(struct lease_hash *hash, struct cds_lfht_node *node)
{
	rcu_read_lock();
	cds_lfht_del(hash->nodes, node);
	rcu_read_unlock();
	hash->count--;
}

/* The first node of the client, or the one after `previous`, which is in the table still. */
static struct cds_lfht_node *hash_next(const struct lease_table *table,
				       const struct lease_hash *hash, cds_lfht_match_fct match,
				       const struct client_key *client,
				       struct cds_lfht_node *previous)
{
	struct cds_lfht_iter iter;

	rcu_read_lock();
	if (previous) {
		iter.node = previous;
		iter.next = rcu_dereference(previous->next);
		cds_lfht_next_duplicate(hash->nodes, match, client, &iter);
	} else {
		cds_lfht_lookup(hash->nodes,
				base_siphash(table->seed, client->bytes, client->length), match,
				client, &iter);
	}
	rcu_read_unlock();
	return iter.node;
}

static int match_lease(struct cds_lfht_node *node, const void *key)
{
	const struct client_key *client = key;
	const struct lease *lease = caa_container_of(node, struct lease, by_client);
	const struct lease_record *record = lease_effective(lease);

	return record && record->ident_length == client->length &&
	       !memcmp(lease_record_ident(record), client->bytes, client->length);
}

static int match_offer(struct cds_lfht_node *node, const void *key)
{
	const struct client_key *client = key;
	const struct lease_offer *offer = caa_container_of(node, struct lease_offer, by_client);

	return offer->ident.length == client->length &&
	       !memcmp(offer->ident.bytes, client->bytes, client->length);
}

void lease_client_add(struct lease_table *table, struct lease *lease)
{
	const struct lease_record *record = lease_effective(lease);

	if (!record || !record->ident_length)
		return;
	hash_add(&table->clients,
		 base_siphash(table->seed, lease_record_ident(record), record->ident_length),
		 &lease->by_client);
	lease->hashed = true;
}

void lease_client_remove(struct lease_table *table, struct lease *lease)
{
	if (!lease->hashed)
		return;
	hash_remove(&table->clients, &lease->by_client);
	lease->hashed = false;
}

struct lease *lease_table_next_of_client(const struct lease_table *table, const uint8_t *ident,
					 uint16_t length, struct lease *previous)
{
	struct client_key client = {.bytes = ident, .length = length};
	struct cds_lfht_node *node;

	if (!length)
		return NULL;
	node = hash_next(table, &table->clients, match_lease, &client,
			 previous ? &previous->by_client : NULL);
	return node ? caa_container_of(node, struct lease, by_client) : NULL;
}

static struct lease_offer *offer_of(const struct lease *lease)
{
	return caa_container_of(lease->offered_to, struct lease_offer, ident);
}

int lease_offer_set(struct lease_table *table, struct lease *lease, const struct dhcp_ident *ident,
		    int64_t until)
{
	size_t size = offsetof(struct lease_offer, ident.bytes) + ident->length;
	struct lease_offer *offer = calloc(1, size);

	if (!offer)
		return -ENOMEM;
	lease_offer_clear(table, lease);
	offer->lease = lease;
	offer->ident.length = ident->length;
	memcpy(offer->ident.bytes, ident->bytes, ident->length);
	hash_add(&table->offers, base_siphash(table->seed, ident->bytes, ident->length),
		 &offer->by_client);
	lease->offered_to = &offer->ident;
	lease->offered_until = until;
	return 0;
}

void lease_offer_clear(struct lease_table *table, struct lease *lease)
{
	struct lease_offer *offer;

	if (!lease->offered_to)
		return;
	offer = offer_of(lease);
	hash_remove(&table->offers, &offer->by_client);
	free(offer);
	lease->offered_to = NULL;
	lease->offered_until = 0;
}

struct lease *lease_offer_next_of_client(const struct lease_table *table,
					 const struct dhcp_ident *ident, struct lease *previous)
{
	struct client_key client = {.bytes = ident->bytes, .length = ident->length};
	struct cds_lfht_node *node =
		hash_next(table, &table->offers, match_offer, &client,
			  previous && previous->offered_to ? &offer_of(previous)->by_client : NULL);

	return node ? caa_container_of(node, struct lease_offer, by_client)->lease : NULL;
}
