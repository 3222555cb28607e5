// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/compact.h"

#include <errno.h>
#include <stdlib.h>
#include <urcu.h>

#include "daemon/daemon.h"

#define CHUNK 256 /* leases in one read-side section */

struct compact {
	struct daemon *daemon;
	uv_work_t work;
	bool busy, wanted;
	uint64_t floor; /* journal size below which nothing is compacted again, after a failure */
	int result;
	struct store_snapshot *snapshot;
	struct store_error error;
	void (*callback)(struct daemon *daemon);
};

int compact_new(struct daemon *daemon, struct compact **ret_compact)
{
	struct compact *compact = calloc(1, sizeof(*compact));

	if (!compact)
		return -ENOMEM;
	compact->daemon = daemon;
	compact->work.data = compact;
	*ret_compact = compact;
	return 0;
}

void compact_free(struct compact *compact)
{
	free(compact);
}

int compact_busy(const struct compact *compact)
{
	return compact->busy;
}

void compact_when_done(struct compact *compact, void (*callback)(struct daemon *daemon))
{
	compact->callback = callback;
}

void compact_want(struct daemon *daemon)
{
	daemon->compact->wanted = true;
}

/* One chunk; `*at` moves on, UINT64_MAX at the end. */
static int chunk_write(struct compact *compact, uint64_t *at)
{
	int code = 0;

	rcu_read_lock();
	for (int i = 0; i < CHUNK && !code; i++) {
		struct lease *lease = lease_table_at_or_after(compact->daemon->table, *at);
		struct lease_record *record;

		if (!lease) {
			*at = UINT64_MAX;
			break;
		}
		record = rcu_dereference(lease->current);
		if (record)
			code = store_snapshot_add(compact->snapshot, record);
		*at = (uint64_t)lease->address + 1;
	}
	rcu_read_unlock();
	return code;
}

static void snapshot_write(uv_work_t *work)
{
	struct compact *compact = work->data;
	uint64_t at = 0;
	int code = store_snapshot_open(compact->daemon->store, &compact->snapshot, &compact->error);

	if (code) {
		compact->result = code;
		return;
	}
	rcu_register_thread();
	while (!code && at != UINT64_MAX)
		code = chunk_write(compact, &at);
	rcu_unregister_thread();
	if (code)
		store_snapshot_abandon(compact->snapshot);
	else
		code = store_snapshot_finish(compact->snapshot, &compact->error);
	compact->result = code;
}

/*
 * What failed lost nothing: the journals stay, and if the running one cannot
 * be written any more the next flush says so. Tried again when it has grown by its limit.
 */
static void postpone(struct compact *compact)
{
	const struct daemon *daemon = compact->daemon;

	compact->floor = store_journal_size(daemon->store) + daemon->options.journal_limit;
	sys_log(&daemon->log, SYS_LOG_WARNING, "not compacted, journals stay: %s",
		compact->error.text);
}

static void snapshot_done(uv_work_t *work, int status)
{
	struct compact *compact = work->data;
	struct daemon *daemon = compact->daemon;

	(void)status;
	compact->busy = false;
	compact->floor = 0;
	if (compact->result)
		postpone(compact);
	group_turn(daemon->group);
	if (compact->callback)
		compact->callback(daemon);
}

void compact_turn(struct daemon *daemon)
{
	struct compact *compact = daemon->compact;
	uint64_t size = store_journal_size(daemon->store);

	if (compact->busy || daemon->failed || daemon->phase != DAEMON_SERVING ||
	    group_busy(daemon->group) || size < compact->floor ||
	    (size < daemon->options.journal_limit && !compact->wanted))
		return;
	compact->wanted = false;
	if (store_rotate(daemon->store, &compact->error)) {
		postpone(compact);
		return;
	}
	compact->busy = true;
	uv_queue_work(&daemon->loop, &compact->work, snapshot_write, snapshot_done);
}
