/* SPDX-License-Identifier: GPL-2.0-only */
/* The partner's BNDUPD: judged, the slot closed, learned, and acknowledged when that is on disk (invariant I6). */
#include "base/plant.h"
#include "failover/update_private.h"

#include <stdlib.h>
#include <string.h>

#define ANSWERS_LEAST 64

static void answer(struct failover_updates *updates, uint32_t xid, uint32_t address)
{
	/* Nothing but the address: dhcpd reads a potential expiry out of what else it finds. */
	struct failover_message message = {
		.type = FAILOVER_BNDACK,
		.xid = xid,
		.present = 1U << FAILOVER_ASSIGNED_ADDRESS,
		.address = address,
	};

	updates->verbs.send(updates->verbs.context, &message);
}

/* Room for one more answer; false: the partner keeps more in flight than anybody announced, or no memory. */
static bool answers_reserve(struct failover_updates *updates)
{
	uint32_t size = updates->answer_size ? 2 * updates->answer_size : ANSWERS_LEAST;
	struct update_answer *answers;

	if (updates->answer_count < updates->answer_size)
		return true;
	if (size > UPDATE_ANSWERS_MAX)
		return false;
	answers = calloc(size, sizeof(*answers));
	if (!answers)
		return false;
	for (uint32_t i = 0; i < updates->answer_count; i++)
		answers[i] = updates->answers[(updates->answer_first + i) % updates->answer_size];
	free(updates->answers);
	updates->answers = answers;
	updates->answer_size = size;
	updates->answer_first = 0;
	return true;
}

static void answer_later(struct failover_updates *updates, uint64_t group, uint32_t xid,
			 uint32_t address)
{
	uint32_t at = (updates->answer_first + updates->answer_count++) % updates->answer_size;

	updates->answers[at] =
		(struct update_answer){.group = group, .xid = xid, .address = address};
}

void failover_updates_durable(struct failover_updates *updates, uint64_t group)
{
	while (updates->answer_count) {
		const struct update_answer *first = &updates->answers[updates->answer_first];

		if (first->group > group)
			break;
		answer(updates, first->xid, first->address);
		updates->answer_first = (updates->answer_first + 1) % updates->answer_size;
		updates->answer_count--;
	}
}

/*
 * Where the partner has it wrong, or too early, it must hear again what is
 * true here, unless that is on its way already; or goes first next time.
 */
static void refuse(struct failover_updates *updates, struct lease *lease, uint32_t xid,
		   uint32_t address, uint8_t reason)
{
	const char *text = failover_reject_text(reason);
	struct failover_update *own = lease ? update_in_flight(lease) : NULL;
	struct failover_message message = {
		.type = FAILOVER_BNDACK,
		.xid = xid,
		.present = 1U << FAILOVER_REJECT_REASON | 1U << FAILOVER_TEXT,
		.address = address,
		.reject = reason,
		.text = {.data = (const uint8_t *)text, .length = (uint16_t)strlen(text)},
	};

	if (address)
		message.present |= 1U << FAILOVER_ASSIGNED_ADDRESS;
	updates->counters.refused++;
	updates->counters.rejects_out[reason]++;
	updates->verbs.send(updates->verbs.context, &message);
	if (own)
		own->contested = true;
	if (lease && (!lease->update || lease->update == &updates->parked) &&
	    (reason == FAILOVER_REJECT_OUTDATED || reason == FAILOVER_REJECT_FATAL_CONFLICT))
		lease_commit_owe(updates->commit, lease);
}

static bool record_equal(const struct lease_record *a, const struct lease_record *b)
{
	size_t skip = offsetof(struct lease_record, address), size = lease_record_size(a);

	return size == lease_record_size(b) &&
	       !memcmp((const char *)a + skip, (const char *)b + skip, size - skip);
}

/* FREE, of nobody, never: what an address without a record is. */
static bool record_blank(const struct lease_record *record)
{
	struct lease_record blank;

	memset(&blank, 0, sizeof(blank));
	blank.address = record->address;
	blank.state = LEASE_FREE;
	return record_equal(record, &blank);
}

/* Does the disk say so already? Then there is nothing to wait for. */
static bool known_already(const struct lease *lease, const struct lease_record *record)
{
	if (lease->pending || lease->closed)
		return false;
	return lease->current ? record_equal(lease->current, record) : record_blank(record);
}

static bool same_ident(const struct lease_record *a, const struct lease_record *b)
{
	return a->ident_length == b->ident_length &&
	       !memcmp(lease_record_ident(a), lease_record_ident(b), a->ident_length);
}

/*
 * Must the partner hear of the lease again? It knows less than the client was
 * told here; or, dhcpd as secondary accepts what is in flight from here for an
 * ACTIVE that has been accepted here.
 */
static bool partner_lags(const struct failover_updates *updates, const struct lease *lease,
			 const struct lease_record *record)
{
	const struct lease_record *before = lease_effective(lease);
	const struct failover_update *own = update_in_flight(lease);

	if (record->state != LEASE_ACTIVE)
		return false;
	if (own && own->state != LEASE_ACTIVE && updates->terms.isc && updates->primary)
		return true;
	return before && before->state == LEASE_ACTIVE && before->flags & LEASE_OWED &&
	       same_ident(before, record) &&
	       (record->ends > record->known || before->potential > record->received);
}

/* Takes the record. The caller has reserved room for the answer. */
static void learn(struct failover_updates *updates, struct lease *lease,
		  struct lease_record *record, uint32_t xid, int64_t now)
{
	bool lags = partner_lags(updates, lease, record);
	uint64_t group;

	if (known_already(lease, record)) {
		update_forget(updates, lease);
		lease_record_free(record);
		updates->counters.accepted++;
		answer(updates, xid, lease->address);
		return;
	}
	group = lease_commit_learn(updates->commit, lease, record);
	if (!group) {
		if (lease->closed)
			lease_commit_reopen(updates->commit, lease, 0, now);
		refuse(updates, lease, xid, lease->address, FAILOVER_REJECT_MISCELLANEOUS);
		return;
	}
	update_forget(updates, lease);
	updates->counters.accepted++;
	answer_later(updates, group, xid, lease->address);
	if (lags)
		lease_commit_owe(updates->commit, lease);
}

/* Until the last promise has passed nobody is answered here, nor is the partner, and it is told nothing. */
static bool withhold(struct failover_updates *updates, struct lease *lease,
		     struct lease_record *record, uint32_t xid, int64_t promise)
{
	struct update_withheld *withheld;

	if (updates->withheld_count >= UPDATE_WITHHELD_MAX)
		return false;
	withheld = calloc(1, sizeof(*withheld));
	if (!withheld)
		return false;
	lease->yielding = true;
	withheld->lease = lease;
	withheld->record = record;
	withheld->xid = xid;
	withheld->promise = promise;
	cds_list_add_tail(&withheld->list, &updates->withheld);
	if (!updates->withheld_count++ || promise < updates->withheld_until)
		updates->withheld_until = promise;
	return true;
}

/* Does not free the record. */
static void withheld_free(struct failover_updates *updates, struct update_withheld *withheld)
{
	cds_list_del(&withheld->list);
	free(withheld);
	updates->withheld_count--;
}

/* The slot answers again; the partner is told what was promised. */
static void withheld_reopen(struct failover_updates *updates, struct update_withheld *withheld,
			    int64_t now)
{
	lease_record_free(withheld->record);
	lease_commit_reopen(updates->commit, withheld->lease, withheld->promise, now);
	withheld_free(updates, withheld);
}

void update_withheld_turn(struct failover_updates *updates, int64_t now)
{
	struct update_withheld *withheld, *next;
	int64_t earliest = INT64_MAX;

	if (!updates->withheld_count || now <= updates->withheld_until)
		return;
	cds_list_for_each_entry_safe (withheld, next, &updates->withheld, list) {
		/* The wall clock may have been set: what is left of the promise the slot knows. */
		if (withheld->promise < now)
			withheld->promise = lease_commit_close(updates->commit, withheld->lease);
		if (withheld->promise >= now || !answers_reserve(updates)) {
			earliest = withheld->promise < earliest ? withheld->promise : earliest;
			continue;
		}
		learn(updates, withheld->lease, withheld->record, withheld->xid, now);
		withheld_free(updates, withheld);
	}
	updates->withheld_until = earliest;
}

void update_withheld_end(struct failover_updates *updates, int64_t now, bool reopen)
{
	struct update_withheld *withheld, *next;

	cds_list_for_each_entry_safe (withheld, next, &updates->withheld, list) {
		if (reopen) {
			withheld_reopen(updates, withheld, now);
			continue;
		}
		withheld->lease->yielding = false;
		lease_record_free(withheld->record);
		withheld_free(updates, withheld);
	}
}

void update_withheld_forget(struct failover_updates *updates, int64_t now)
{
	struct update_withheld *withheld, *next;

	cds_list_for_each_entry_safe (withheld, next, &updates->withheld, list) {
		uint32_t xid = withheld->xid, address = withheld->lease->address;

		if (update_concerns(updates, withheld->lease))
			continue;
		withheld_reopen(updates, withheld, now);
		refuse(updates, NULL, xid, address, FAILOVER_REJECT_ILLEGAL_ADDRESS);
	}
}

/* What is withheld of the address is replaced by a newer update, which is judged by what is true now. */
static void withheld_replace(struct failover_updates *updates, const struct lease *lease,
			     int64_t now)
{
	struct update_withheld *withheld;

	cds_list_for_each_entry (withheld, &updates->withheld, list) {
		if (withheld->lease == lease) {
			withheld_reopen(updates, withheld, now);
			return;
		}
	}
}

/*
 * Nothing was promised beyond the end that the partner knows, and that has
 * passed by its clock, which may be ahead of ours.
 */
static bool ended_there(const struct lease *lease, const struct failover_message *message,
			int64_t promise)
{
	int64_t known = lease_effective(lease)->known;

	return promise <= known && known <= message->time;
}

/*
 * Does the partner keep the address for its client until it has our answer? What is free there
 * already it may give to anybody, and another client's lease goes on meanwhile, or ends.
 */
static bool waits_for_answer(uint8_t status)
{
	return status == LEASE_EXPIRED || status == LEASE_RELEASED || status == LEASE_RESET ||
	       status == LEASE_ABANDONED;
}

/*
 * Takes the record. Nothing is withheld from dhcpd: its few updates in flight
 * would soon all be such, and where the client renews there meanwhile, it takes
 * the BNDACK that comes late for that of the renewal, which it then never sends.
 * It hears what was promised, and ends the lease again when that is over.
 */
static void take_later(struct failover_updates *updates, struct lease *lease,
		       struct lease_record *record, const struct failover_message *message,
		       uint8_t reason, int64_t now)
{
	int64_t promise = lease_commit_close(updates->commit, lease);
	bool soon = promise <= now + UPDATE_SLACK;

	if (promise <= now ||
	    (soon && updates->terms.isc && ended_there(lease, message, promise))) {
		learn(updates, lease, record, message->xid, now);
		return;
	}
	if (soon && !updates->terms.isc && waits_for_answer(message->status) &&
	    withhold(updates, lease, record, message->xid, promise))
		return;
	lease_record_free(record);
	lease_commit_reopen(updates->commit, lease, promise, now);
	refuse(updates, lease, message->xid, lease->address, reason);
}

/* Takes the record. */
static void take(struct failover_updates *updates, struct lease *lease, struct lease_record *record,
		 uint32_t xid, uint8_t reason, int64_t now)
{
	int64_t told = lease_effective(lease)->ends;
	int64_t promise = lease_commit_close(updates->commit, lease);

	if (!reason || promise <= told) {
		learn(updates, lease, record, xid, now);
		return;
	}
	lease_record_free(record);
	lease_commit_reopen(updates->commit, lease, promise, now);
	refuse(updates, lease, xid, lease->address, reason);
}

static void accept_update(struct failover_updates *updates, struct lease *lease,
			  const struct failover_message *message, struct update_judgement judgement,
			  int64_t now)
{
	struct lease_record *record = update_record(lease, message);

	if (!record) {
		refuse(updates, lease, message->xid, lease->address, FAILOVER_REJECT_MISCELLANEOUS);
		return;
	}
	if (PLANTED(close))
		answer(updates, message->xid, lease->address);
	if (judgement.verdict == UPDATE_TAKE_LATER)
		take_later(updates, lease, record, message, judgement.reason, now);
	else if (judgement.verdict == UPDATE_TAKE)
		take(updates, lease, record, message->xid, judgement.reason, now);
	else
		learn(updates, lease, record, message->xid, now);
}

void failover_updates_bndupd(struct failover_updates *updates,
			     const struct failover_message *message, int64_t now)
{
	uint32_t address = failover_has(message, FAILOVER_ASSIGNED_ADDRESS) ? message->address : 0;
	struct lease *lease = address ? lease_table_find(updates->table, address) : NULL;
	struct update_judgement judgement = {UPDATE_REFUSE, FAILOVER_REJECT_MISCELLANEOUS};

	updates->counters.received++;
	if (lease && !update_concerns(updates, lease))
		lease = NULL;
	if (lease && lease->yielding)
		withheld_replace(updates, lease, now);
	if (answers_reserve(updates))
		judgement = update_judge(lease, message, updates->primary, now);
	if (judgement.verdict == UPDATE_REFUSE)
		refuse(updates, lease, message->xid, address, judgement.reason);
	else
		accept_update(updates, lease, message, judgement, now);
}
