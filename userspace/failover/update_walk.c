/* SPDX-License-Identifier: GPL-2.0-only */
/* Updates that are found in the table: what LEASE_OWED marks, UPDREQ and UPDREQALL (draft sections 7.3 to 7.5). */
#include "failover/update_private.h"

/* Leases looked at in one turn at most, and how many queued ones are enough to send from. */
#define WALK_CHUNK 8192
#define QUEUE_ENOUGH 2048

static void walk_begin(struct update_walk *walk, bool all, int64_t now)
{
	*walk = (struct update_walk){.walking = true, .all = all, .began = now};
}

void failover_updates_owe_marked(struct failover_updates *updates)
{
	walk_begin(&updates->owed, false, updates->owed.began);
}

/* A second request replaces the first, whose UPDDONE never comes, as dhcpd does it. */
void failover_updates_request(struct failover_updates *updates, uint32_t xid, bool all)
{
	walk_begin(&updates->served, all, 0);
	updates->serving = true;
	updates->request++;
	updates->request_xid = xid;
	updates->outstanding = 0;
	updates->served_count = 0;
}

/* Everything, or what the partner has not acknowledged, or has to agree to. */
static bool wanted(const struct failover_updates *updates, const struct update_walk *walk,
		   const struct lease *lease)
{
	const struct lease_record *record = lease->current;

	if (!update_concerns(updates, lease) || lease->yielding)
		return false;
	if (walk->all || lease->update == &updates->parked)
		return true;
	return record && (record->flags & LEASE_OWED || record->state == LEASE_EXPIRED ||
			  record->state == LEASE_RELEASED || record->state == LEASE_RESET);
}

static bool walk_enqueue(struct failover_updates *updates, const struct update_walk *walk,
			 struct lease *lease)
{
	if (!wanted(updates, walk, lease))
		return true;
	if (walk == &updates->owed) {
		update_enqueue(updates, lease);
		return true;
	}
	if (!update_enqueue_asked(updates, lease))
		return false;
	updates->served_count++;
	return true;
}

/* Looks at `*budget` leases at most; true: there are more. */
static bool walk_on(struct failover_updates *updates, struct update_walk *walk, unsigned *budget)
{
	while (walk->walking && *budget && updates->queued < QUEUE_ENOUGH) {
		struct lease *lease = lease_table_at_or_after(updates->table, walk->next);

		if (!lease) {
			walk->walking = false;
			return false;
		}
		if (!walk_enqueue(updates, walk, lease))
			return false;
		walk->next = (uint64_t)lease->address + 1;
		--*budget;
	}
	return walk->walking;
}

bool update_walk_turn(struct failover_updates *updates, int64_t now)
{
	unsigned budget = WALK_CHUNK;
	bool more;

	/* What found no memory, or nobody to hear it; not more than once a second. */
	if (updates->parked_count && !updates->owed.walking && updates->owed.began != now)
		walk_begin(&updates->owed, false, now);
	more = walk_on(updates, &updates->served, &budget);
	more |= walk_on(updates, &updates->owed, &budget);
	return more;
}

void update_walk_done(struct failover_updates *updates)
{
	struct failover_message message = {
		.type = FAILOVER_UPDDONE,
		.xid = updates->request_xid,
	};

	if (!updates->serving || updates->served.walking || updates->outstanding)
		return;
	updates->serving = false;
	updates->verbs.send(updates->verbs.context, &message);
}
