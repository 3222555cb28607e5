// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/group.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "daemon/daemon.h"
#include "daemon/output.h"
#include "daemon/pair.h"
#include "daemon/slowpath.h"

#define WAITING_MOST 16384

struct waiting {
	uint64_t number;
	struct server_reply reply;
};

/* A ring: replies are queued in the order of their groups. */
struct group {
	struct daemon *daemon;
	struct waiting *ring;
	size_t first, count;
	uv_work_t work;
	bool busy;
	int result;
	struct store_error error;
	uint64_t started;
	group_callback idle;
	struct group_statistics statistics;
};

int group_new(struct daemon *daemon, struct group **ret_group)
{
	struct group *group = calloc(1, sizeof(*group));

	if (!group)
		return -ENOMEM;
	group->ring = calloc(WAITING_MOST, sizeof(*group->ring));
	if (!group->ring) {
		free(group);
		return -ENOMEM;
	}
	group->daemon = daemon;
	group->work.data = group;
	*ret_group = group;
	return 0;
}

void group_free(struct group *group)
{
	if (!group)
		return;
	free(group->ring);
	free(group);
}

bool group_has_room(const struct group *group, size_t replies)
{
	return group->count + replies <= WAITING_MOST;
}

void group_reply(struct group *group, uint64_t number, const struct server_reply *reply)
{
	struct waiting *place;

	if (!number) {
		output_reply(group->daemon->output, reply);
		return;
	}
	place = &group->ring[(group->first + group->count++) % WAITING_MOST];
	place->number = number;
	memcpy(&place->reply, reply, offsetof(struct server_reply, bytes) + reply->length);
}

/* What waited for groups up to this one leaves. */
static void replies_release(struct group *group, uint64_t number)
{
	while (group->count && group->ring[group->first].number <= number) {
		output_reply(group->daemon->output, &group->ring[group->first].reply);
		group->first = (group->first + 1) % WAITING_MOST;
		group->count--;
	}
}

void group_forget_replies(struct group *group)
{
	group->count = 0;
}

static void flush_work(uv_work_t *work)
{
	struct group *group = work->data;

	group->result = store_flush(group->daemon->store, &group->error);
}

static void flush_done(uv_work_t *work, int status)
{
	struct group *group = work->data;
	struct daemon *daemon = group->daemon;
	uint64_t number;

	(void)status;
	group->busy = false;
	group->statistics.last_milliseconds = (double)(uv_hrtime() - group->started) / 1e6;
	if (group->result) {
		daemon_fail(daemon, group->error.text);
		return;
	}
	number = store_flush_end(daemon->store);
	lease_commit_durable(daemon->commit, number);
	replies_release(group, number);
	slowpath_go_on(daemon);
	pairs_durable(daemon, number);
	group_turn(group);
}

void group_turn(struct group *group)
{
	struct daemon *daemon = group->daemon;
	size_t records;
	group_callback idle;

	output_send(daemon->output);
	if (group->busy || daemon->failed)
		return;
	store_waiting(daemon->store, &records);
	if (store_flush_begin(daemon->store)) {
		group->busy = true;
		group->started = uv_hrtime();
		group->statistics.flushes++;
		group->statistics.last_records = records;
		group->statistics.records += records;
		uv_queue_work(&daemon->loop, &group->work, flush_work, flush_done);
		return;
	}
	idle = group->idle;
	group->idle = NULL;
	if (idle)
		idle(daemon);
}

void group_when_idle(struct group *group, group_callback callback)
{
	group->idle = callback;
	group_turn(group);
}

bool group_busy(const struct group *group)
{
	return group->busy;
}

void group_statistics(const struct group *group, struct group_statistics *ret_statistics)
{
	*ret_statistics = group->statistics;
	ret_statistics->waiting_replies = group->count;
}
