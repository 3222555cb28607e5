/* SPDX-License-Identifier: GPL-2.0-only */
#include "failover/update_private.h"

#include <errno.h>
#include <stdlib.h>

/* Updates that leave in one turn at most, so that the loop stays responsive. */
#define TURN_SENDS 1024
#define BUCKETS_LEAST 64

int failover_updates_new(struct lease_table *table, struct lease_commit *commit, uint8_t relation,
			 bool primary, const struct failover_updates_verbs *verbs,
			 struct failover_updates **ret_updates)
{
	struct failover_updates *updates = calloc(1, sizeof(*updates));

	if (!updates)
		return -ENOMEM;
	updates->table = table;
	updates->commit = commit;
	updates->relation = relation;
	updates->primary = primary;
	updates->verbs = *verbs;
	updates->parked.place = UPDATE_PARKED;
	CDS_INIT_LIST_HEAD(&updates->queue);
	CDS_INIT_LIST_HEAD(&updates->held);
	CDS_INIT_LIST_HEAD(&updates->flight);
	CDS_INIT_LIST_HEAD(&updates->withheld);
	*ret_updates = updates;
	return 0;
}

struct failover_update *update_in_flight(const struct lease *lease)
{
	return lease->update && lease->update->place == UPDATE_FLIGHT ? lease->update : NULL;
}

static struct failover_update **bucket_of(struct failover_updates *updates, uint32_t xid)
{
	return &updates->buckets[xid & updates->bucket_mask];
}

static void bucket_add(struct failover_updates *updates, struct failover_update *update)
{
	struct failover_update **bucket = bucket_of(updates, update->xid);

	update->next = *bucket;
	*bucket = update;
}

static void bucket_remove(struct failover_updates *updates, struct failover_update *update)
{
	struct failover_update **at = bucket_of(updates, update->xid);

	while (*at != update)
		at = &(*at)->next;
	*at = update->next;
}

static struct failover_update *bucket_find(struct failover_updates *updates, uint32_t xid)
{
	struct failover_update *update = updates->buckets ? *bucket_of(updates, xid) : NULL;

	while (update && update->xid != xid)
		update = update->next;
	return update;
}

/* As many buckets as the window may need; where there is no memory the chains are longer. */
static void buckets_fit(struct failover_updates *updates)
{
	struct failover_update **buckets, *update;
	uint32_t count = BUCKETS_LEAST;

	while (count < updates->terms.window && count < UPDATE_WINDOW_MAX)
		count *= 2;
	if (updates->buckets && count <= updates->bucket_mask + 1)
		return;
	buckets = calloc(count, sizeof(struct failover_update *));
	if (!buckets)
		return;
	free(updates->buckets);
	updates->buckets = buckets;
	updates->bucket_mask = count - 1;
	cds_list_for_each_entry (update, &updates->flight, list)
		bucket_add(updates, update);
}

void failover_updates_terms(struct failover_updates *updates, const struct failover_terms *terms)
{
	updates->terms = *terms;
	if (terms->sending)
		buckets_fit(updates);
}

static void park(struct failover_updates *updates, struct lease *lease)
{
	lease->update = &updates->parked;
	updates->parked_count++;
}

static void unpark(struct failover_updates *updates, struct lease *lease)
{
	lease->update = NULL;
	updates->parked_count--;
}

/* The request that waits for the entry waits no more. */
static void untag(struct failover_updates *updates, struct failover_update *update)
{
	if (update->request && update->request == updates->request)
		updates->outstanding--;
	update->request = 0;
}

static void place_leave(struct failover_updates *updates, struct failover_update *update)
{
	cds_list_del(&update->list);
	if (update->place == UPDATE_QUEUED) {
		updates->queued--;
	} else if (update->place == UPDATE_HELD) {
		updates->held_count--;
	} else if (update->place == UPDATE_FLIGHT) {
		updates->flying--;
		bucket_remove(updates, update);
	}
}

static void place_queue(struct failover_updates *updates, struct failover_update *update)
{
	update->place = UPDATE_QUEUED;
	update->again = update->contested = false;
	cds_list_add_tail(&update->list, &updates->queue);
	updates->queued++;
}

static void requeue(struct failover_updates *updates, struct failover_update *update)
{
	place_leave(updates, update);
	place_queue(updates, update);
}

static void update_free(struct failover_updates *updates, struct failover_update *update)
{
	place_leave(updates, update);
	untag(updates, update);
	update->lease->update = NULL;
	free(update);
}

void update_forget(struct failover_updates *updates, struct lease *lease)
{
	if (lease->update == &updates->parked)
		unpark(updates, lease);
	else if (lease->update)
		update_free(updates, lease->update);
}

/* NULL without memory: parked. */
static struct failover_update *update_new(struct failover_updates *updates, struct lease *lease)
{
	struct failover_update *update = calloc(1, sizeof(*update));

	if (lease->update)
		unpark(updates, lease);
	if (!update) {
		park(updates, lease);
		return NULL;
	}
	update->lease = lease;
	lease->update = update;
	place_queue(updates, update);
	return update;
}

void update_enqueue(struct failover_updates *updates, struct lease *lease)
{
	if (!lease->update || lease->update == &updates->parked)
		update_new(updates, lease);
}

bool update_enqueue_asked(struct failover_updates *updates, struct lease *lease)
{
	update_enqueue(updates, lease);
	if (lease->update == &updates->parked)
		return false;
	if (lease->update->request != updates->request)
		updates->outstanding++;
	lease->update->request = updates->request;
	return true;
}

void failover_updates_owe(struct failover_updates *updates, struct lease *lease)
{
	struct failover_update *update = lease->update;

	if (!update_concerns(updates, lease))
		return;
	if (!update && !updates->terms.sending)
		park(updates, lease);
	else if (!update || (update == &updates->parked && updates->terms.sending))
		update_new(updates, lease);
	else if (update->place == UPDATE_HELD)
		requeue(updates, update);
	else if (update->place == UPDATE_FLIGHT)
		update->again = true;
}

/*
 * A dhcpd primary in NORMAL refuses each EXPIRED, and ends its leases by itself.
 * Otherwise dhcpd agrees where it has 65 seconds left or less: while it was not
 * heard it may have renewed the lease, and first has to say so.
 */
static bool expired_untold(const struct failover_updates *updates,
			   const struct lease_record *record)
{
	const struct failover_terms *terms = &updates->terms;

	return record && record->state == LEASE_EXPIRED && terms->isc &&
	       (!terms->caught_up || (terms->normal && !updates->primary));
}

/* Is there anything to say of the lease that the partner may hear now? */
static bool worth_sending(const struct failover_updates *updates,
			  const struct failover_update *update)
{
	const struct lease *lease = update->lease;
	const struct lease_record *record = lease->current;
	bool asked = update->request && update->request == updates->request;

	if (!update_concerns(updates, lease) || lease->yielding || expired_untold(updates, record))
		return false;
	return asked || (record && record->flags & LEASE_OWED);
}

/* It leaves when it is announced: what is on its way to the disk says more. */
static void hold(struct failover_updates *updates, struct failover_update *update)
{
	place_leave(updates, update);
	update->place = UPDATE_HELD;
	cds_list_add_tail(&update->list, &updates->held);
	updates->held_count++;
}

static void launch(struct failover_updates *updates, struct failover_update *update,
		   const struct failover_message *message, uint32_t xid, int64_t now)
{
	place_leave(updates, update);
	update->place = UPDATE_FLIGHT;
	update->xid = xid;
	update->sent_at = now;
	update->state = message->status;
	update->potential = message->potential_expiration;
	update->ends = message->lease_expiration;
	update->cltt = message->cltt;
	cds_list_add_tail(&update->list, &updates->flight);
	updates->flying++;
	bucket_add(updates, update);
	updates->counters.sent++;
}

/* False where it has to wait. */
static bool send_update(struct failover_updates *updates, struct failover_update *update,
			int64_t now)
{
	const struct lease *lease = update->lease;
	struct update_message out;
	uint32_t xid;

	/* What has been learned of it the partner knows best. */
	if (!worth_sending(updates, update) ||
	    (lease->pending && !(lease->pending->flags & LEASE_OWED))) {
		update_free(updates, update);
		return true;
	}
	if (lease->current && !lease->pending && !update_potential_suffices(lease->current) &&
	    !lease_commit_potential(updates->commit, update->lease))
		return false;
	if (lease->pending) {
		hold(updates, update);
		return true;
	}
	update_build(lease, &updates->terms, &out);
	xid = updates->verbs.send(updates->verbs.context, &out.message);
	if (!xid)
		return false;
	launch(updates, update, &out.message, xid, now);
	return true;
}

/* Nobody keeps more in flight than the partner has announced (draft section 12.14). */
static bool may_send(const struct failover_updates *updates)
{
	uint32_t window = updates->terms.window;

	if (window > UPDATE_WINDOW_MAX)
		window = UPDATE_WINDOW_MAX;
	return updates->terms.sending && updates->buckets && updates->flying < window &&
	       updates->verbs.writable(updates->verbs.context);
}

/* True: it stopped for the loop's sake. */
static bool queue_send(struct failover_updates *updates, int64_t now)
{
	for (unsigned i = 0; i < TURN_SENDS; i++) {
		if (cds_list_empty(&updates->queue) || !may_send(updates))
			return false;
		if (!send_update(
			    updates,
			    cds_list_first_entry(&updates->queue, struct failover_update, list),
			    now))
			return false;
	}
	return true;
}

bool failover_updates_turn(struct failover_updates *updates, int64_t now)
{
	bool more;

	update_withheld_turn(updates, now);
	if (!updates->terms.sending)
		return false;
	more = update_walk_turn(updates, now);
	more |= queue_send(updates, now);
	update_walk_done(updates);
	return more && may_send(updates);
}

/* The partner has it. What it was sent counts, not what the lease has become since. */
static void answered(struct failover_updates *updates, struct failover_update *update, int64_t now)
{
	struct lease *lease = update->lease;
	struct lease_acknowledgement acknowledgement = {
		.state = update->state,
		.potential = update->potential,
		.ends = update->ends,
		.settled = !update->again && !lease->pending,
	};

	updates->counters.acknowledged++;
	if (update->again) {
		untag(updates, update);
		requeue(updates, update);
	} else {
		update_free(updates, update);
	}
	lease_commit_acknowledged(updates->commit, lease, &acknowledgement, now);
}

/*
 * It stays owed and is not repeated before the lease changes, the partner asks,
 * or NORMAL is entered, as dhcpd does it. One exception: the partner's own
 * update went first, and was refused here. Then nothing is in flight there any
 * more, and ours stands.
 */
static void refused(struct failover_updates *updates, struct failover_update *update,
		    uint8_t reason)
{
	updates->counters.rejected++;
	updates->counters.rejects_in[reason]++;
	if (update->again || (update->contested && reason == FAILOVER_REJECT_LESS_CRITICAL)) {
		untag(updates, update);
		requeue(updates, update);
	} else {
		update_free(updates, update);
	}
}

void failover_updates_bndack(struct failover_updates *updates,
			     const struct failover_message *message, int64_t now)
{
	struct failover_update *update = bucket_find(updates, message->xid);

	if (!update || !failover_has(message, FAILOVER_ASSIGNED_ADDRESS) ||
	    message->address != update->lease->address)
		updates->counters.stray++;
	else if (failover_has(message, FAILOVER_REJECT_REASON))
		refused(updates, update, message->reject);
	else
		answered(updates, update, now);
}

static void requeue_all(struct failover_updates *updates)
{
	updates->served.walking = updates->serving = false;
	updates->request++;
	updates->outstanding = 0;
	while (!cds_list_empty(&updates->flight)) {
		struct failover_update *update =
			cds_list_entry(updates->flight.prev, struct failover_update, list);

		requeue(updates, update);
		cds_list_move(&update->list, &updates->queue);
	}
}

void failover_updates_unlinked(struct failover_updates *updates, int64_t now)
{
	requeue_all(updates);
	updates->answer_count = 0;
	update_withheld_end(updates, now, true);
}

static void list_forget(struct failover_updates *updates, struct cds_list_head *list, bool all)
{
	struct failover_update *update, *next;

	cds_list_for_each_entry_safe (update, next, list, list)
		if (all || !update_concerns(updates, update->lease))
			update_free(updates, update);
}

/* Entries of leases that are not of the relationship any more; or all. */
static void entries_forget(struct failover_updates *updates, bool all)
{
	struct lease *lease;
	uint64_t address = 0;

	list_forget(updates, &updates->queue, all);
	list_forget(updates, &updates->held, all);
	list_forget(updates, &updates->flight, all);
	while (updates->parked_count &&
	       (lease = lease_table_at_or_after(updates->table, address))) {
		address = (uint64_t)lease->address + 1;
		if (lease->update == &updates->parked && (all || !update_concerns(updates, lease)))
			unpark(updates, lease);
	}
}

void failover_updates_reconfigure(struct failover_updates *updates, uint8_t relation, int64_t now)
{
	updates->relation = relation;
	update_withheld_forget(updates, now);
	entries_forget(updates, false);
}

void failover_updates_free(struct failover_updates *updates)
{
	if (!updates)
		return;
	update_withheld_end(updates, 0, false);
	entries_forget(updates, true);
	free(updates->buckets);
	free(updates->answers);
	free(updates);
}

bool failover_updates_idle(const struct failover_updates *updates)
{
	return !updates->queued && !updates->flying && !updates->held_count &&
	       !updates->parked_count && !updates->owed.walking && !updates->serving;
}

void failover_updates_status(const struct failover_updates *updates,
			     struct failover_updates_status *ret_status)
{
	const struct failover_update *oldest = NULL;

	if (updates->flying)
		oldest = cds_list_first_entry(&updates->flight, struct failover_update, list);
	*ret_status = (struct failover_updates_status){
		.owed = updates->queued + updates->held_count + updates->parked_count,
		.in_flight = updates->flying,
		.withheld = updates->withheld_count,
		.waiting_acks = updates->answer_count,
		.serving = updates->serving,
		.serving_all = updates->serving && updates->served.all,
		.served = updates->served_count,
		.oldest = oldest ? oldest->sent_at : 0,
		.counters = updates->counters,
	};
}
