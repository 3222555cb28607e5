/* SPDX-License-Identifier: GPL-2.0-only */
#include "lease/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lease/place.h"

static struct lease_page *page_of(const struct lease_table *table, uint32_t address)
{
	struct lease_directory *directory = rcu_dereference(table->directory[address >> 16]);

	return directory ? rcu_dereference(directory->pages[address >> 8 & 255]) : NULL;
}

struct lease *lease_table_find(const struct lease_table *table, uint32_t address)
{
	struct lease_page *page = page_of(table, address);
	struct lease *lease;

	if (!page)
		return NULL;
	lease = &page->leases[address % LEASE_PAGE];
	return CMM_LOAD_SHARED(lease->pool) == LEASE_POOL_ABSENT ? NULL : lease;
}

static struct lease_page *page_new(uint32_t first)
{
	struct lease_page *page = calloc(1, sizeof(*page));

	for (uint32_t i = 0; page && i < LEASE_PAGE; i++) {
		struct lease *lease = &page->leases[i];

		lease->address = first + i;
		lease->pool = LEASE_POOL_ABSENT;
		CDS_INIT_LIST_HEAD(&lease->free);
		CDS_INIT_LIST_HEAD(&lease->due);
	}
	return page;
}

/* The lease's memory, with that of its neighbours; 0 or -ENOMEM. */
static int slot_ensure(struct lease_table *table, uint32_t address, struct lease **ret_lease)
{
	struct lease_directory *directory = table->directory[address >> 16];
	struct lease_page *page;

	if (!directory) {
		directory = calloc(1, sizeof(*directory));
		if (!directory)
			return -ENOMEM;
		rcu_assign_pointer(table->directory[address >> 16], directory);
	}
	page = directory->pages[address >> 8 & 255];
	if (!page) {
		page = page_new(address & ~(uint32_t)(LEASE_PAGE - 1));
		if (!page)
			return -ENOMEM;
		rcu_assign_pointer(directory->pages[address >> 8 & 255], page);
	}
	*ret_lease = &page->leases[address % LEASE_PAGE];
	return 0;
}

int lease_table_ensure(struct lease_table *table, uint32_t address, struct lease **ret_lease)
{
	struct lease *lease;
	int rc = slot_ensure(table, address, &lease);

	if (rc)
		return rc;
	if (lease->pool == LEASE_POOL_ABSENT)
		CMM_STORE_SHARED(lease->pool, LEASE_POOL_NONE);
	*ret_lease = lease;
	return 0;
}

struct lease *lease_table_slot_at_or_after(const struct lease_table *table, uint64_t address)
{
	while (address <= UINT32_MAX) {
		struct lease_page *page;

		if (!rcu_dereference(table->directory[address >> 16])) {
			address = ((address >> 16) + 1) << 16;
			continue;
		}
		page = page_of(table, (uint32_t)address);
		if (page)
			return &page->leases[address % LEASE_PAGE];
		address = (address / LEASE_PAGE + 1) * LEASE_PAGE;
	}
	return NULL;
}

struct lease *lease_table_at_or_after(const struct lease_table *table, uint64_t address)
{
	struct lease *lease;

	while ((lease = lease_table_slot_at_or_after(table, address))) {
		if (CMM_LOAD_SHARED(lease->pool) != LEASE_POOL_ABSENT)
			return lease;
		address = (uint64_t)lease->address + 1;
	}
	return NULL;
}

void lease_table_counts(const struct lease_table *table, struct lease_counts *ret_counts)
{
	*ret_counts = table->counts;
}

void lease_table_pool_counts(const struct lease_table *table, uint16_t pool,
			     struct lease_counts *ret_counts)
{
	if (pool < table->pool_count)
		*ret_counts = table->pools[pool].counts;
	else
		memset(ret_counts, 0, sizeof(*ret_counts));
}

void lease_table_policies(struct lease_table *table, const struct lease_policy *policies)
{
	table->policies = policies;
}

const struct lease_policy *lease_table_policy(const struct lease_table *table, uint8_t relation)
{
	static const struct lease_policy zero;

	if (!relation)
		return NULL;
	return table->policies ? &table->policies[relation] : &zero;
}

uint16_t lease_table_tag(const struct lease_table *table, uint8_t relation)
{
	return table->relations[relation].tag;
}

static void relations_follow(struct lease_table *table, const struct conf *conf)
{
	memset(table->relations, 0, sizeof(table->relations));
	for (size_t i = 0; i < conf->relation_count; i++) {
		const struct conf_relation *relation = conf->relations[i];

		table->relations[relation->number] = (struct lease_relation){
			.tag = relation->tag,
			.secondary = !relation->primary,
		};
	}
}

static size_t conf_addresses(const struct conf *conf)
{
	size_t sum = 0;

	for (size_t i = 0; i < conf->pool_count; i++) {
		for (size_t j = 0; j < conf->pools[i]->range_count; j++) {
			const struct conf_range *range = &conf->pools[i]->ranges[j];

			sum += (size_t)range->last - range->first + 1;
		}
	}
	return sum;
}

static struct lease_pool *pools_new(const struct conf *conf)
{
	struct lease_pool *pools = calloc(conf->pool_count + 1, sizeof(*pools));

	for (size_t i = 0; pools && i < conf->pool_count; i++) {
		CDS_INIT_LIST_HEAD(&pools[i].fresh);
		CDS_INIT_LIST_HEAD(&pools[i].freed);
		CDS_INIT_LIST_HEAD(&pools[i].backup);
		pools[i].relation = conf->pools[i]->relation;
		pools[i].unsorted = true;
	}
	return pools;
}

static int range_ensure(struct lease_table *table, const struct conf_range *range)
{
	uint64_t address = range->first;

	while (address <= range->last) {
		struct lease *lease;
		int rc = slot_ensure(table, (uint32_t)address, &lease);

		if (rc)
			return rc;
		address = (address / LEASE_PAGE + 1) * LEASE_PAGE;
	}
	return 0;
}

static int ranges_ensure(struct lease_table *table, const struct conf *conf)
{
	int rc = 0;

	for (size_t i = 0; i < conf->pool_count; i++)
		for (size_t j = 0; !rc && j < conf->pools[i]->range_count; j++)
			rc = range_ensure(table, &conf->pools[i]->ranges[j]);
	return rc;
}

/* Takes every lease out of its pool; what has nothing to say is absent from now on. */
static void pools_leave(struct lease_table *table)
{
	struct lease *lease;
	uint64_t address = 0;

	while ((lease = lease_table_at_or_after(table, address))) {
		bool known = lease_effective(lease) || lease->offered_until;

		lease_place_leave(table, lease);
		CMM_STORE_SHARED(lease->pool, known ? LEASE_POOL_NONE : LEASE_POOL_ABSENT);
		lease->reserved = false;
		CMM_STORE_SHARED(lease->relation, 0);
		lease_place_enter(table, lease);
		address = (uint64_t)lease->address + 1;
	}
	table->counts.total = 0;
}

static void range_enter(struct lease_table *table, uint16_t number, const struct conf_range *range)
{
	for (uint64_t address = range->first; address <= range->last; address++) {
		struct lease *lease;

		if (slot_ensure(table, (uint32_t)address, &lease))
			continue;
		lease_place_leave(table, lease);
		CMM_STORE_SHARED(lease->pool, number);
		CMM_STORE_SHARED(lease->relation, table->pools[number].relation);
		lease_place_enter(table, lease);
		table->counts.total++;
		table->pools[number].counts.total++;
	}
}

/* Addresses that configuration fixes for a host are nobody else's, in a range or not. */
static void hosts_reserve(struct lease_table *table, const struct conf *conf)
{
	for (size_t i = 0; i < conf->host_count; i++) {
		const struct conf_host *host = conf->hosts[i];

		for (size_t j = 0; j < host->fixed_address_count; j++) {
			struct lease *lease = lease_table_find(table, host->fixed_addresses[j]);

			if (!lease)
				continue;
			lease_place_leave(table, lease);
			lease->reserved = true;
			lease_place_enter(table, lease);
		}
	}
}

int lease_table_reload(struct lease_table *table, const struct conf *conf)
{
	struct lease_pool *pools;
	int rc = ranges_ensure(table, conf);

	if (rc)
		return rc;
	pools = pools_new(conf);
	if (!pools)
		return -ENOMEM;
	lease_hash_reserve(&table->clients, conf_addresses(conf) / 2);
	relations_follow(table, conf);
	pools_leave(table);
	free(table->pools);
	table->pools = pools;
	table->pool_count = conf->pool_count;
	for (size_t i = 0; i < conf->pool_count; i++)
		for (size_t j = 0; j < conf->pools[i]->range_count; j++)
			range_enter(table, (uint16_t)i, &conf->pools[i]->ranges[j]);
	hosts_reserve(table, conf);
	return 0;
}

int lease_table_new(const struct conf *conf, const uint8_t seed[16], struct lease_table **ret_table)
{
	struct lease_table *table = calloc(1, sizeof(*table));
	int rc = -ENOMEM;

	if (!table)
		return rc;
	memcpy(table->seed, seed, sizeof(table->seed));
	if (lease_hash_init(&table->clients, 1024) || lease_hash_init(&table->offers, 1024) ||
	    lease_wheel_init(&table->wheel))
		goto out;
	rc = lease_table_reload(table, conf);
	if (rc)
		goto out;
	*ret_table = table;
	return 0;
out:
	lease_table_free(table);
	return rc;
}

void lease_table_free(struct lease_table *table)
{
	struct lease *lease;
	uint64_t address = 0;

	if (!table)
		return;
	rcu_barrier();
	while ((lease = lease_table_slot_at_or_after(table, address))) {
		lease_client_remove(table, lease);
		lease_offer_clear(table, lease);
		lease_record_free(lease->pending);
		lease_record_free(lease->current);
		address = (uint64_t)lease->address + 1;
	}
	for (size_t i = 0; i < 65536; i++) {
		for (size_t j = 0; table->directory[i] && j < 256; j++)
			free(table->directory[i]->pages[j]);
		free(table->directory[i]);
	}
	lease_hash_fini(&table->clients);
	lease_hash_fini(&table->offers);
	lease_wheel_fini(&table->wheel);
	free(table->pools);
	free(table);
}
