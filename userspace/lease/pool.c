/* SPDX-License-Identifier: GPL-2.0-only */
#include "lease/pool.h"

#include "lease/place.h"

/* How many addresses at the head of a queue are looked at. */
#define QUEUE_STEPS 64

struct choice {
	struct lease_table *table;
	const struct conf_network *network;
	const struct dhcp_ident *ident;
	bool known; /* has a host statement */
	int64_t now;
};

/* In a pool of the network that takes the client? */
static bool in_network(const struct choice *choice, const struct lease *lease)
{
	for (size_t i = 0; i < choice->network->pool_count; i++) {
		const struct conf_pool *pool = choice->network->pools[i];

		if (lease->pool == pool->number)
			return conf_permits_client(&pool->permits, choice->known);
	}
	return false;
}

static bool record_is_of(const struct lease_record *record, const struct dhcp_ident *ident)
{
	return dhcp_ident_equal(ident, lease_record_ident(record), record->ident_length);
}

/* May an address that is bound to nobody be given to this client, as far as its state goes? */
static bool state_is_free(const struct lease_table *table, const struct lease *lease,
			  const struct dhcp_ident *ident, int64_t now)
{
	const struct lease_policy *policy = lease_table_policy(table, lease->relation);
	const struct lease_record *record = lease_effective(lease);

	if (record && record->state == LEASE_ABANDONED)
		return false;
	if (policy)
		return lease_policy_free_at(policy, record) <= now;
	return !record || record->state == LEASE_FREE || record->state == LEASE_BACKUP ||
	       record_is_of(record, ident);
}

bool lease_pool_available(const struct lease_table *table, const struct lease *lease,
			  const struct dhcp_ident *ident, int64_t now)
{
	const struct lease_policy *policy = lease_table_policy(table, lease->relation);
	const struct lease_record *record = lease_effective(lease);

	if (lease->pool >= table->pool_count || lease->reserved || lease->yielding)
		return false;
	if (policy && !policy->serves)
		return false;
	if (lease->offered_until > now &&
	    !dhcp_ident_equal(ident, lease->offered_to->bytes, lease->offered_to->length))
		return false;
	if (record && record->state == LEASE_ACTIVE)
		return record_is_of(record, ident);
	return state_is_free(table, lease, ident, now);
}

static bool choice_allows(const struct choice *choice, const struct lease *lease)
{
	return in_network(choice, lease) &&
	       lease_pool_available(choice->table, lease, choice->ident, choice->now);
}

/* Bound to the client, else the one that it gave up last. */
static struct lease *choose_own(const struct choice *choice, bool *ret_bound)
{
	const struct dhcp_ident *ident = choice->ident;
	struct lease *lease = NULL, *best = NULL;

	while ((lease = lease_table_next_of_client(choice->table, ident->bytes, ident->length,
						   lease))) {
		const struct lease_record *record = lease_effective(lease);

		if (!choice_allows(choice, lease))
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

static struct lease *choose_offered(const struct choice *choice)
{
	struct lease *lease = NULL;

	while ((lease = lease_offer_next_of_client(choice->table, choice->ident, lease))) {
		if (lease->offered_until > choice->now && choice_allows(choice, lease))
			return lease;
	}
	return NULL;
}

/* The first of a queue that may be given; some of the partner's have to be waited for. */
static struct lease *first_of(const struct choice *choice, struct cds_list_head *queue)
{
	struct lease *lease;
	int steps = 0;

	cds_list_for_each_entry (lease, queue, free) {
		if (lease_pool_available(choice->table, lease, choice->ident, choice->now))
			return lease;
		if (++steps == QUEUE_STEPS)
			break;
	}
	return NULL;
}

/*
 * Are the pool's addresses of a role, the primary's (or those of a pool without
 * failover) or the secondary's, to be considered, in this round?
 */
static bool is_considered(const struct choice *choice, const struct lease_pool *pool,
			  bool secondarys, bool partners)
{
	const struct lease_policy *policy = lease_table_policy(choice->table, pool->relation);

	if (!policy)
		return !secondarys && !partners;
	if (!policy->serves || (partners && !policy->partner_down))
		return false;
	return (secondarys == policy->secondary) != partners;
}

static struct lease *choose_fresh(const struct choice *choice, bool partners)
{
	struct lease *lease = NULL;

	for (size_t i = 0; !lease && i < choice->network->pool_count; i++) {
		const struct conf_pool *conf = choice->network->pools[i];
		struct lease_pool *pool = &choice->table->pools[conf->number];

		if (conf_permits_client(&conf->permits, choice->known) &&
		    is_considered(choice, pool, false, partners))
			lease = first_of(choice, &pool->fresh);
	}
	return lease;
}

static struct lease *choose_oldest(const struct choice *choice, bool partners)
{
	struct lease *best = NULL;

	for (size_t i = 0; i < choice->network->pool_count; i++) {
		const struct conf_pool *conf = choice->network->pools[i];
		struct lease_pool *pool = &choice->table->pools[conf->number];
		bool secondarys = is_considered(choice, pool, true, partners);
		struct lease *lease;

		if (!conf_permits_client(&conf->permits, choice->known) ||
		    (!secondarys && !is_considered(choice, pool, false, partners)))
			continue;
		if (pool->unsorted)
			lease_place_sort(pool);
		lease = first_of(choice, secondarys ? &pool->backup : &pool->freed);
		if (lease &&
		    (!best || lease_effective(lease)->starts < lease_effective(best)->starts))
			best = lease;
	}
	return best;
}

/* Nobody's: never used before freed, our own before the partner's. */
static struct lease *choose_any(const struct choice *choice)
{
	struct lease *lease = NULL;

	for (int partners = 0; !lease && partners < 2; partners++) {
		lease = choose_fresh(choice, partners);
		if (!lease)
			lease = choose_oldest(choice, partners);
	}
	return lease;
}

struct lease *lease_pool_choose(struct lease_table *table, const struct conf_network *network,
				const struct dhcp_ident *ident, bool known, uint32_t wanted,
				int64_t now)
{
	const struct choice choice = {table, network, ident, known, now};
	bool bound;
	struct lease *own = choose_own(&choice, &bound);
	struct lease *lease;

	if (own && bound)
		return own;
	lease = choose_offered(&choice);
	if (!lease)
		lease = own;
	if (!lease && wanted) {
		lease = lease_table_find(table, wanted);
		if (lease && !choice_allows(&choice, lease))
			lease = NULL;
	}
	return lease ? lease : choose_any(&choice);
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

uint16_t lease_pool_of_relation(const struct lease_table *table, uint8_t relation, uint16_t pool)
{
	while (pool < table->pool_count && table->pools[pool].relation != relation)
		pool++;
	return pool < table->pool_count ? pool : LEASE_POOL_NONE;
}

struct lease *lease_pool_next_free(struct lease_table *table, uint16_t pool, uint8_t state,
				   const struct lease *previous)
{
	struct lease_pool *of = &table->pools[pool];
	const struct cds_list_head *next, *queue = &of->backup;
	bool there = previous && previous->pool == pool && previous->free.next != &previous->free;
	const struct lease_record *record = there ? lease_effective(previous) : NULL;

	if (of->unsorted)
		lease_place_sort(of);
	if (state == LEASE_FREE)
		queue = there && record ? &of->freed : &of->fresh;
	there = there && (record ? record->state : LEASE_FREE) == state;
	next = there ? previous->free.next : queue->next;
	if (next == &of->fresh)
		next = of->freed.next;
	if (next == &of->freed || next == &of->backup)
		return NULL;
	return cds_list_entry(next, struct lease, free);
}
