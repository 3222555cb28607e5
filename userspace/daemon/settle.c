// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/settle.h"

#include "daemon/daemon.h"
#include "daemon/verbs.h"
#include "sys/clock.h"

long long settle_horizon(const struct daemon *daemon, long long now, unsigned seconds)
{
	return now + 1 + (daemon->fastpath ? 2LL : 1LL) * seconds;
}

/* Seconds that a record's client was given last: what H is reckoned with where no stamp is at hand. */
static unsigned record_seconds(const struct lease_record *record)
{
	int64_t seconds = record->ends - record->cltt;

	return seconds < 1 ? 1 : seconds > UINT32_MAX ? UINT32_MAX : (unsigned)seconds;
}

/* A promise found in an adopted slot. Whose is it, and does the journal know? */
static void promise_found(void *context, uint32_t address, int64_t promise, int64_t seen)
{
	struct daemon *daemon = context;
	struct lease *lease = lease_table_find(daemon->table, address);
	const struct lease_record *record = lease ? lease->current : NULL;
	struct fastpath_slot slot;
	bool open;

	(void)seen;
	if (!fastpath_slot_read(daemon->fastpath, address, &slot, &open) || !slot.key)
		return;
	if (record && record->state == LEASE_ACTIVE &&
	    slot.key == dhcp_ident_key(fastpath_seed(daemon->fastpath), lease_record_ident(record),
				       record->ident_length)) {
		if (promise > record->ends) {
			daemon->recovered++;
			lease_commit_renewed(
				daemon->commit, lease, promise, daemon->now,
				settle_horizon(daemon, daemon->now, record_seconds(record)));
		}
		return;
	}
	if (!conf_host_by_address(daemon->conf, address)) {
		slot = (struct fastpath_slot){.network = slot.network};
		fastpath_slot_close(daemon->fastpath, address);
		fastpath_slot_publish(daemon->fastpath, address, &slot);
	}
}

/* An active lease whose slot is missing, held or of another time is written anew. */
static void lease_settle(struct daemon *daemon, struct lease *lease)
{
	if (!lease->current || lease->current->state != LEASE_ACTIVE)
		return;
	if (!lease->pending)
		verbs_publish(daemon, lease, NULL);
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
	while ((lease = lease_table_at_or_after(daemon->table, at))) {
		lease_settle(daemon, lease);
		at = (uint64_t)lease->address + 1;
	}
	return 0;
}

static void static_check(void *context, uint32_t address, int64_t promise, int64_t seen)
{
	struct daemon *daemon = context;
	struct lease *lease = lease_table_find(daemon->table, address);
	struct fastpath_slot slot;
	bool open;

	(void)seen;
	if (!fastpath_slot_read(daemon->fastpath, address, &slot, &open) ||
	    slot.horizon != LEASE_HORIZON_NEVER)
		return;
	promise = fastpath_slot_close(daemon->fastpath, address);
	slot = (struct fastpath_slot){.network = slot.network};
	fastpath_slot_publish(daemon->fastpath, address, &slot);
	if (lease && promise > daemon->now)
		lease_commit_revoke(daemon->commit, lease, LEASE_ABANDONED, daemon->now, promise,
				    &promise);
}

/*
 * All of them: one that is still fixed is stamped anew with its client's next
 * renewal. One that lies in a range now is nobody's until its last promise
 * has run out.
 */
void settle_statics(struct daemon *daemon)
{
	daemon->now = sys_clock_wall();
	if (daemon->fastpath)
		fastpath_sweep_all(daemon->fastpath, static_check, daemon);
}
