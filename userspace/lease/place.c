/* SPDX-License-Identifier: GPL-2.0-only */
#include "lease/place.h"

#include <stdlib.h>

/* How many entries are compared at the head of a queue for the right place; else it is the tail. */
#define QUEUE_STEPS 16

bool lease_place_allocatable(const struct lease *lease)
{
	const struct lease_record *record = lease_effective(lease);

	return lease->pool < LEASE_POOL_ABSENT && !lease->reserved &&
	       (!record || record->state == LEASE_FREE || record->state == LEASE_BACKUP);
}

bool lease_place_ending(const struct lease_record *record)
{
	return record->state == LEASE_EXPIRED || record->state == LEASE_RELEASED ||
	       record->state == LEASE_RESET;
}

/* Free, but the secondary's: where failover is gone from the configuration, anybody's. */
static bool is_backup(const struct lease *lease)
{
	const struct lease_record *record = lease_effective(lease);

	return lease->relation && record && record->state == LEASE_BACKUP;
}

/* The number that counts a lease like this; NULL: none. */
static uint64_t *count_of(struct lease_counts *counts, const struct lease *lease)
{
	const struct lease_record *record = lease_effective(lease);

	if (record && record->state == LEASE_ACTIVE)
		return &counts->active;
	if (record && record->state == LEASE_ABANDONED)
		return &counts->abandoned;
	if (lease->offered_until)
		return &counts->offered;
	if (record && lease_place_ending(record))
		return &counts->ending;
	if (!lease_place_allocatable(lease))
		return NULL;
	return is_backup(lease) ? &counts->backup : &counts->free;
}

static void count_change(struct lease_table *table, const struct lease *lease, int difference)
{
	uint64_t *count = count_of(&table->counts, lease);

	if (!count)
		return;
	*count += difference;
	if (lease->pool < table->pool_count)
		*count_of(&table->pools[lease->pool].counts, lease) += difference;
}

void lease_place_leave(struct lease_table *table, struct lease *lease)
{
	count_change(table, lease, -1);
}

/* What a queue is ordered by: when it became free, else its address. */
static int64_t queue_key(const struct lease *lease)
{
	const struct lease_record *record = lease_effective(lease);

	return record ? record->starts : lease->address;
}

static void queue_insert(struct cds_list_head *queue, struct lease *lease)
{
	struct cds_list_head *at;
	int64_t key = queue_key(lease);
	int steps = 0;

	if (cds_list_empty(queue) ||
	    queue_key(cds_list_entry(queue->prev, struct lease, free)) <= key) {
		cds_list_add_tail(&lease->free, queue);
		return;
	}
	cds_list_for_each (at, queue) {
		if (++steps > QUEUE_STEPS)
			break;
		if (queue_key(cds_list_entry(at, struct lease, free)) <= key)
			continue;
		cds_list_add_tail(&lease->free, at);
		return;
	}
	cds_list_add_tail(&lease->free, queue);
}

void lease_place_unqueue(struct lease *lease)
{
	cds_list_del_init(&lease->free);
}

static void queue_follow(struct lease_table *table, struct lease *lease)
{
	bool wanted = lease_place_allocatable(lease) && !lease->offered_until;
	struct lease_pool *pool;

	if (!wanted) {
		lease_place_unqueue(lease);
		return;
	}
	if (!cds_list_empty(&lease->free))
		return;
	pool = &table->pools[lease->pool];
	if (is_backup(lease))
		queue_insert(&pool->backup, lease);
	else
		queue_insert(lease_effective(lease) ? &pool->freed : &pool->fresh, lease);
}

void lease_place_due(struct lease_table *table, struct lease *lease, int64_t earliest)
{
	const struct lease_record *record = lease_effective(lease);
	int64_t due = lease->offered_until ? lease->offered_until : INT64_MAX;

	if (record && record->state == LEASE_ACTIVE && record->ends < due)
		due = record->ends;
	if (record && record->state == LEASE_ABANDONED && record->ends && record->ends < due)
		due = record->ends;
	if (record && lease_place_ending(record) && record->starts < due)
		due = record->starts;
	if (due == INT64_MAX)
		lease_wheel_remove(lease);
	else
		lease_wheel_put(&table->wheel, lease, due < earliest ? earliest : due);
}

void lease_place_enter(struct lease_table *table, struct lease *lease)
{
	count_change(table, lease, 1);
	queue_follow(table, lease);
	lease_place_due(table, lease, 0);
}

struct sort_entry {
	int64_t key;
	struct lease *lease;
};

static int sort_compare(const void *a, const void *b)
{
	const struct sort_entry *left = a, *right = b;

	if (left->key != right->key)
		return left->key < right->key ? -1 : 1;
	return left->lease->address < right->lease->address ? -1 : 1;
}

static bool queue_sort(struct cds_list_head *queue)
{
	struct cds_list_head *at;
	struct sort_entry *entries;
	size_t count = 0, i = 0;

	cds_list_for_each (at, queue)
		count++;
	entries = malloc((count + 1) * sizeof(*entries));
	if (!entries)
		return false;
	cds_list_for_each (at, queue) {
		struct lease *lease = cds_list_entry(at, struct lease, free);

		entries[i++] = (struct sort_entry){.key = queue_key(lease), .lease = lease};
	}
	qsort(entries, count, sizeof(*entries), sort_compare);
	CDS_INIT_LIST_HEAD(queue);
	for (i = 0; i < count; i++)
		cds_list_add_tail(&entries[i].lease->free, queue);
	free(entries);
	return true;
}

void lease_place_sort(struct lease_pool *pool)
{
	pool->unsorted = !queue_sort(&pool->freed) || !queue_sort(&pool->backup);
}
