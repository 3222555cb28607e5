/* SPDX-License-Identifier: GPL-2.0-only */
/* Leases that another configuration puts into another failover relationship. */
#include "lease/change.h"

#include <errno.h>

static bool is_moved(const struct lease_table *table, const struct lease *lease)
{
	const struct lease_record *record = lease_effective(lease);

	return record && record->relation != lease_table_tag(table, lease->relation);
}

/*
 * What one partner was sent, or sent, the next one never heard of: it raises no
 * limit any more. It may be a promise still, the same partner's even, where an
 * older program wrote the record or the pool had been taken out for a while: as P
 * it delays when another client gets the address. For the same reason what is
 * free becomes, or stays, the partner's.
 */
static void record_move(const struct lease_table *table, const struct lease *lease,
			struct lease_record *record)
{
	int64_t last =
		lease_later(record->potential, lease_later(record->acknowledged, record->received));

	record->relation = lease_table_tag(table, lease->relation);
	lease_record_forget(record);
	if (record->state == LEASE_BACKUP && table->relations[lease->relation].secondary)
		record->state = LEASE_FREE;
	if (lease->relation && record->state != LEASE_FREE && record->state != LEASE_BACKUP)
		record->potential = last;
	lease_record_owe(table, lease, record);
}

static int lease_move(struct lease_commit *commit, struct lease *lease)
{
	struct lease_record *record = lease_record_next(lease);

	if (!record)
		return -ENOMEM;
	record_move(commit->table, lease, record);
	return lease_change_submit_record(commit, lease, record) ? 0 : -ENOMEM;
}

int lease_commit_move(struct lease_commit *commit)
{
	struct lease *lease;
	uint64_t address = 0;
	int code = 0;

	while (!code && (lease = lease_table_at_or_after(commit->table, address))) {
		address = (uint64_t)lease->address + 1;
		if (is_moved(commit->table, lease))
			code = lease_move(commit, lease);
	}
	return code;
}

struct lease *lease_commit_restore_move(struct lease_commit *commit, uint64_t *address)
{
	struct lease_table *table = commit->table;
	struct lease *lease;

	while ((lease = lease_table_at_or_after(table, *address))) {
		*address = (uint64_t)lease->address + 1;
		if (is_moved(table, lease))
			break;
	}
	if (!lease)
		return NULL;
	lease_place_leave(table, lease);
	lease_place_unqueue(lease);
	record_move(table, lease, lease->current);
	lease_place_enter(table, lease);
	return lease;
}
