/* SPDX-License-Identifier: GPL-2.0-only */
#include "lease/pool.h"

#include "lease/place.h"

static bool in_network(const struct lease_table *table, const struct lease *lease,
		       const struct conf_network *network)
{
	return lease->pool < table->pool_count &&
	       table->pools[lease->pool].network == network->number;
}

static bool record_is_of(const struct lease_record *record, const struct dhcp_ident *ident)
{
	return dhcp_ident_equal(ident, lease_record_ident(record), record->ident_length);
}

bool lease_pool_available(const struct lease_table *table, const struct lease *lease,
			  const struct dhcp_ident *ident, int64_t now)
{
	const struct lease_record *record = lease_effective(lease);

	if (lease->pool >= table->pool_count || lease->reserved)
		return false;
	if (lease->offered_until > now &&
	    !dhcp_ident_equal(ident, lease->offered_to->bytes, lease->offered_to->length))
		return false;
	if (!record)
		return true;
	switch (record->state) {
	case LEASE_FREE:
		return true;
	case LEASE_ACTIVE:
	case LEASE_EXPIRED:
	case LEASE_RELEASED:
		return record_is_of(record, ident);
	default:
		return false;
	}
}

/* Bound to the client, else the one that it gave up last. */
static struct lease *choose_own(struct lease_table *table, const struct conf_network *network,
				const struct dhcp_ident *ident, int64_t now, bool *ret_bound)
{
	struct lease *lease = NULL, *best = NULL;

	while ((lease = lease_table_next_of_client(table, ident->bytes, ident->length, lease))) {
		const struct lease_record *record = lease_effective(lease);

		if (!in_network(table, lease, network) ||
		    !lease_pool_available(table, lease, ident, now))
			continue;
		if (record->state == LEASE_ACTIVE) {
			*ret_bound = true;
			return lease;
		}
		if (!best || record->starts > lease_effective(best)->starts)
			best = lease;
	}
	*ret_bound = false;
	return best;
}

static struct lease *choose_offered(struct lease_table *table, const struct conf_network *network,
				    const struct dhcp_ident *ident, int64_t now)
{
	struct lease *lease = NULL;

	while ((lease = lease_offer_next_of_client(table, ident, lease))) {
		if (lease->offered_until > now && in_network(table, lease, network) &&
		    lease_pool_available(table, lease, ident, now))
			return lease;
	}
	return NULL;
}

static struct lease *choose_fresh(struct lease_table *table, const struct conf_network *network)
{
	for (size_t i = 0; i < network->pool_count; i++) {
		struct lease_pool *pool = &table->pools[network->pools[i]->number];

		if (!cds_list_empty(&pool->fresh))
			return cds_list_first_entry(&pool->fresh, struct lease, free);
	}
	return NULL;
}

static struct lease *choose_oldest(struct lease_table *table, const struct conf_network *network)
{
	struct lease *best = NULL;

	for (size_t i = 0; i < network->pool_count; i++) {
		struct lease_pool *pool = &table->pools[network->pools[i]->number];
		struct lease *lease;

		if (pool->unsorted)
			lease_place_sort(pool);
		if (cds_list_empty(&pool->freed))
			continue;
		lease = cds_list_first_entry(&pool->freed, struct lease, free);
		if (!best || lease_effective(lease)->starts < lease_effective(best)->starts)
			best = lease;
	}
	return best;
}

struct lease *lease_pool_choose(struct lease_table *table, const struct conf_network *network,
				const struct dhcp_ident *ident, uint32_t wanted, int64_t now)
{
	bool bound;
	struct lease *own = choose_own(table, network, ident, now, &bound);
	struct lease *lease;

	if (own && bound)
		return own;
	lease = choose_offered(table, network, ident, now);
	if (!lease)
		lease = own;
	if (!lease && wanted) {
		lease = lease_table_find(table, wanted);
		if (lease && (!in_network(table, lease, network) ||
			      !lease_pool_available(table, lease, ident, now)))
			lease = NULL;
	}
	if (!lease)
		lease = choose_fresh(table, network);
	return lease ? lease : choose_oldest(table, network);
}

int lease_pool_offer(struct lease_table *table, struct lease *lease, const struct dhcp_ident *ident,
		     int64_t until)
{
	int rc = 0;

	lease_place_leave(table, lease);
	if (until)
		rc = lease_offer_set(table, lease, ident, until);
	else if (lease->offered_to &&
		 dhcp_ident_equal(ident, lease->offered_to->bytes, lease->offered_to->length))
		lease_offer_clear(table, lease);
	lease_place_enter(table, lease);
	return rc;
}
