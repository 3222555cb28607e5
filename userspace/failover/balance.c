/* SPDX-License-Identifier: GPL-2.0-only */
#include "lease/pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "failover/balance.h"
#include "failover/hash.h"

/* What of the configuration counts here. */
struct terms {
	uint8_t relation;
	bool primary;
	uint32_t misbalance, ownership; /* per cent */
	uint32_t least, most; /* seconds between two runs */
};

enum pass { PASS_AFFINITY, PASS_OLDEST, PASSES };

struct failover_balance {
	struct lease_table *table;
	struct lease_commit *commit;
	struct terms terms;
	uint8_t hba[32];
	/* where the run is */
	uint16_t pool; /* LEASE_POOL_NONE: over */
	enum pass pass;
	const struct lease *previous; /* the one looked at last; NULL: none in this pass */
	uint64_t left; /* to look at in this pass, at most, however the queue changes */
	uint64_t given;
};

int64_t failover_balance_surplus(bool primary, uint64_t free, uint64_t backup)
{
	int64_t more = (int64_t)free - (int64_t)backup;

	return (primary ? more : -more) / 2;
}

int64_t failover_balance_percent(uint64_t free, uint64_t backup, unsigned percent)
{
	return (int64_t)(((free + backup) * percent + 50) / 100);
}

static struct terms terms_of(const struct conf_relation *relation)
{
	return (struct terms){
		.relation = relation->number,
		.primary = relation->primary,
		.misbalance = relation->max_lease_misbalance,
		.ownership = relation->max_lease_ownership,
		.least = relation->min_balance,
		.most = relation->max_balance,
	};
}

int failover_balance_new(struct lease_table *table, struct lease_commit *commit,
			 const struct conf_relation *relation,
			 struct failover_balance **ret_balance)
{
	struct failover_balance *balance = calloc(1, sizeof(*balance));

	if (!balance)
		return -ENOMEM;
	balance->table = table;
	balance->commit = commit;
	balance->terms = terms_of(relation);
	balance->pool = LEASE_POOL_NONE;
	*ret_balance = balance;
	return 0;
}

void failover_balance_free(struct failover_balance *balance)
{
	free(balance);
}

void failover_balance_reconfigure(struct failover_balance *balance,
				  const struct conf_relation *relation)
{
	balance->terms = terms_of(relation);
	balance->pool = LEASE_POOL_NONE;
}

static uint8_t own_state(const struct terms *terms)
{
	return terms->primary ? LEASE_FREE : LEASE_BACKUP;
}

static uint8_t partners_state(const struct terms *terms)
{
	return terms->primary ? LEASE_BACKUP : LEASE_FREE;
}

static void pass_begin(struct failover_balance *balance, enum pass pass)
{
	struct lease_counts counts;

	lease_table_pool_counts(balance->table, balance->pool, &counts);
	balance->pass = pass;
	balance->previous = NULL;
	balance->left = balance->terms.primary ? counts.free : counts.backup;
}

static void pool_begin(struct failover_balance *balance, uint16_t from)
{
	balance->pool = lease_pool_of_relation(balance->table, balance->terms.relation, from);
	if (balance->pool != LEASE_POOL_NONE)
		pass_begin(balance, PASS_AFFINITY);
}

void failover_balance_begin(struct failover_balance *balance, const uint8_t hba[32])
{
	memcpy(balance->hba, hba, sizeof(balance->hba));
	balance->given = 0;
	pool_begin(balance, 0);
}

/* The last client, by the key of RFC 3074; false where there is none. */
static bool is_partners(const struct failover_balance *balance, const struct lease_record *record)
{
	const uint8_t *ident = record ? lease_record_ident(record) : NULL;
	size_t skip;

	if (!record || !record->ident_length)
		return false;
	/* Option 61's value; else chaddr, without its type (dhcp/ident.h). */
	skip = ident[0] ? 1 : 2;
	if (record->ident_length < skip)
		return false;
	return failover_hash_primary(balance->hba,
				     failover_hash(ident + skip, record->ident_length - skip)) !=
	       balance->terms.primary;
}

/* How far the surplus may fall by giving this one; false: it is not to be given in this pass. */
static bool floor_of(const struct failover_balance *balance, const struct lease *lease,
		     int64_t hold, int64_t *ret_floor)
{
	const struct lease_record *record = lease_effective(lease);

	if (balance->pass == PASS_AFFINITY) {
		*ret_floor = -hold;
		return is_partners(balance, record);
	}
	*ret_floor = record && record->ident_length ? hold : 0;
	return true;
}

/* False: nothing more is to be given in this pass. */
static bool pass_goes_on(const struct failover_balance *balance, int64_t *ret_surplus,
			 int64_t *ret_hold)
{
	const struct terms *terms = &balance->terms;
	struct lease_counts counts;

	lease_table_pool_counts(balance->table, balance->pool, &counts);
	*ret_surplus = failover_balance_surplus(terms->primary, counts.free, counts.backup);
	*ret_hold = failover_balance_percent(counts.free, counts.backup, terms->ownership);
	return balance->left && *ret_surplus > (balance->pass == PASS_AFFINITY ? -*ret_hold : 0);
}

/* Looks at one address of the pass; false: the pass is over. */
static bool look(struct failover_balance *balance, int64_t now)
{
	const struct terms *terms = &balance->terms;
	int64_t surplus, hold, floor;
	const struct lease *previous = balance->previous;
	struct lease *lease;

	if (!pass_goes_on(balance, &surplus, &hold))
		return false;
	lease = lease_pool_next_free(balance->table, balance->pool, own_state(terms), previous);
	if (!lease)
		return false;
	balance->left--;
	balance->previous = lease;
	if (!floor_of(balance, lease, hold, &floor) || surplus <= floor)
		return true;
	/* It leaves the queue: go on from the one before it. */
	if (lease_commit_hand_over(balance->commit, lease, partners_state(terms), now)) {
		balance->previous = previous;
		balance->given++;
	}
	return true;
}

bool failover_balance_step(struct failover_balance *balance, int64_t now, size_t most,
			   uint64_t *ret_given)
{
	while (balance->pool != LEASE_POOL_NONE) {
		while (most && look(balance, now))
			most--;
		if (!most)
			return false;
		if (balance->pass + 1 < PASSES)
			pass_begin(balance, balance->pass + 1);
		else
			pool_begin(balance, (uint16_t)(balance->pool + 1));
	}
	*ret_given = balance->given;
	return true;
}

static bool pool_wants(const struct failover_balance *balance, uint16_t pool)
{
	const struct terms *terms = &balance->terms;
	struct lease_counts counts;
	int64_t surplus, threshold;

	lease_table_pool_counts(balance->table, pool, &counts);
	surplus = failover_balance_surplus(terms->primary, counts.free, counts.backup);
	threshold = failover_balance_percent(counts.free, counts.backup, terms->misbalance);
	return surplus < (threshold ? -2 * threshold : -1);
}

bool failover_balance_wanting(const struct failover_balance *balance)
{
	uint16_t pool = 0;

	while ((pool = lease_pool_of_relation(balance->table, balance->terms.relation, pool)) !=
	       LEASE_POOL_NONE) {
		if (pool_wants(balance, pool))
			return true;
		pool++;
	}
	return false;
}

/* Age of the oldest free one, seconds; never used: since 1970 (dhcpd). INT64_MAX: there is none. */
static int64_t oldest_age(const struct failover_balance *balance, uint16_t pool, uint8_t state,
			  int64_t now)
{
	const struct lease *lease = lease_pool_next_free(balance->table, pool, state, NULL);
	const struct lease_record *record = lease ? lease_effective(lease) : NULL;
	int64_t starts = record ? record->starts : 0;

	if (!lease)
		return INT64_MAX;
	return now - starts;
}

static int64_t share_of(int64_t age, uint32_t percent, int factor)
{
	return age > INT64_MAX / 100 / factor / (percent + 1) ? INT64_MAX
							      : age * factor * percent / 100;
}

uint32_t failover_balance_pause(const struct failover_balance *balance, int64_t now)
{
	const struct terms *terms = &balance->terms;
	int64_t pause = terms->most;
	uint16_t pool = 0;

	while ((pool = lease_pool_of_relation(balance->table, terms->relation, pool)) !=
	       LEASE_POOL_NONE) {
		int64_t own = share_of(oldest_age(balance, pool, own_state(terms), now),
				       terms->misbalance, 2);
		int64_t partners = share_of(oldest_age(balance, pool, partners_state(terms), now),
					    terms->misbalance, 1);

		if (own < pause)
			pause = own;
		if (partners < pause)
			pause = partners;
		pool++;
	}
	return pause < terms->least ? terms->least : (uint32_t)pause;
}
