// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/settle.h"

#include "daemon/daemon.h"
#include "daemon/verbs.h"
#include "sys/clock.h"

/* Of the journal that is kept in memory while it is written at start. */
#define GROUP_BYTES (4 << 20)

int64_t settle_horizon(const struct daemon *daemon, int64_t now, uint32_t seconds)
{
	return now + 1 + (daemon->fastpath || daemon->pair_count ? 2LL : 1LL) * seconds;
}

/* Seconds that a record's client was given last: what H is reckoned with where no stamp is at hand. */
static unsigned record_seconds(const struct lease_record *record)
{
	int64_t seconds = record->ends - record->cltt;

	return seconds < 1 ? 1 : seconds > UINT32_MAX ? UINT32_MAX : (unsigned)seconds;
}

static uint64_t record_key(const struct daemon *daemon, const struct lease_record *record)
{
	return dhcp_ident_key(fastpath_seed(daemon->fastpath), lease_record_ident(record),
			      record->ident_length);
}

/* Configuration alone said whose it was. In a range it is nobody's until its last promise has run out. */
static void slot_end(struct daemon *daemon, uint32_t address, const struct fastpath_slot *before)
{
	struct lease *lease = lease_table_find(daemon->table, address);
	struct fastpath_slot slot = {.network = before->network};
	int64_t promise = fastpath_slot_close(daemon->fastpath, address);

	fastpath_slot_publish(daemon->fastpath, address, &slot);
	if (lease && before->horizon == LEASE_HORIZON_NEVER && promise > daemon->now)
		lease_commit_revoke(daemon->commit, lease, LEASE_ABANDONED, daemon->now, promise,
				    &promise);
}

/* A promise found in an adopted slot. Whose is it, and does the journal know? */
static void promise_found(void *context, uint32_t address, int64_t promise, int64_t seen)
{
	struct daemon *daemon = context;
	struct lease *lease = lease_table_find(daemon->table, address);
	const struct lease_record *record = lease ? lease->current : NULL;
	struct fastpath_slot slot;
	bool open;

	if (!fastpath_slot_read(daemon->fastpath, address, &slot, &open) || !slot.key)
		return;
	if (record && record->state == LEASE_ACTIVE && slot.key == record_key(daemon, record)) {
		/* When the client spoke last decides between two; a promise may be a hold alone. */
		if (seen < record->cltt)
			seen = record->cltt;
		if (promise > record->ends) {
			daemon->recovered++;
			lease_commit_renewed(
				daemon->commit, lease, promise, seen,
				settle_horizon(daemon, daemon->now, record_seconds(record)));
		}
		return;
	}
	if (!conf_host_by_address(daemon->conf, address))
		slot_end(daemon, address, &slot);
}

/*
 * An active lease whose slot is missing, held or of another time is written
 * anew. One that its slot knows nothing of was not put there by a start that
 * did not get so far, or had no room: what was told before is in H alone.
 */
static int lease_settle(struct daemon *daemon, struct lease *lease)
{
	struct fastpath_slot slot;
	bool open;
	int code = 0;

	if (!lease->current || lease->current->state != LEASE_ACTIVE || lease->pending)
		return 0;
	if (!fastpath_slot_read(daemon->fastpath, lease->address, &slot, &open) ||
	    slot.key != record_key(daemon, lease->current))
		code = lease_commit_hold(daemon->commit, lease);
	if (!code)
		verbs_publish(daemon, lease, NULL);
	return code;
}

/* What was appended is on disk, with nobody to wait for it. */
static int journal_flush(struct daemon *daemon)
{
	struct store_error error;
	int code;

	if (!store_flush_begin(daemon->store))
		return 0;
	code = store_flush(daemon->store, &error);
	if (code)
		sys_log(&daemon->log, SYS_LOG_ERROR, "%s", error.text);
	else
		store_flush_end(daemon->store);
	return code;
}

int settle_relations(struct daemon *daemon)
{
	const struct lease *lease;
	uint64_t at = 0, moved = 0;
	size_t records;
	int code = 0;

	while (!code && (lease = lease_commit_restore_move(daemon->commit, &at))) {
		store_append(daemon->store, lease->current);
		moved++;
		if (store_waiting(daemon->store, &records) >= GROUP_BYTES)
			code = journal_flush(daemon);
	}
	if (!code)
		code = journal_flush(daemon);
	if (!code && moved)
		sys_log(&daemon->log, SYS_LOG_NOTICE,
			"%llu leases are in another failover relationship than before, or in none: "
			"what a partner knew of them counts no more",
			(unsigned long long)moved);
	return code;
}

int settle_slots(struct daemon *daemon, bool adopted)
{
	struct lease *lease;
	uint64_t at = 0;
	int code = 0;

	daemon->now = sys_clock_wall();
	if (adopted)
		fastpath_sweep_all(daemon->fastpath, promise_found, daemon);
	else
		code = lease_commit_hold_until_horizon(daemon->commit);
	if (code || !daemon->fastpath)
		return code;
	while (!code && (lease = lease_table_at_or_after(daemon->table, at))) {
		code = lease_settle(daemon, lease);
		at = (uint64_t)lease->address + 1;
	}
	return code;
}

static void static_check(void *context, uint32_t address, int64_t promise, int64_t seen)
{
	struct daemon *daemon = context;
	struct fastpath_slot slot;
	bool open;

	(void)promise;
	(void)seen;
	if (fastpath_slot_read(daemon->fastpath, address, &slot, &open) &&
	    slot.horizon == LEASE_HORIZON_NEVER)
		slot_end(daemon, address, &slot);
}

/*
 * All of them: one that is still fixed is stamped anew with its client's next
 * renewal.
 */
void settle_statics(struct daemon *daemon)
{
	daemon->now = sys_clock_wall();
	if (daemon->fastpath)
		fastpath_sweep_all(daemon->fastpath, static_check, daemon);
}
