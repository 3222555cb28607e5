/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Group commit: everything that one turn of the loop appended, and all that
 * came while the disk was busy, shares one datasync on a worker thread.
 * Replies wait here for the group that makes them true (design: grant).
 */
#ifndef XDHCP_DAEMON_GROUP_H
#define XDHCP_DAEMON_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/reply.h"

struct daemon;
struct group;

int group_new(struct daemon *daemon, struct group **ret_group);
void group_free(struct group *group);

/* Is there room for so many more waiting replies? */
bool group_has_room(const struct group *group, size_t replies);

/* A reply that may leave when this group is on disk; copied. 0: at once, with the turn's others. */
void group_reply(struct group *group, uint64_t number, const struct server_reply *reply);

/*
 * The wall clock was set: what waits was reckoned by another one, and its
 * record may say less than its reply. No reply leaves; the clients ask again.
 */
void group_forget_replies(struct group *group);

/* Sends what may leave, and starts a flush if something waits and none is under way. */
void group_turn(struct group *group);

/* Calls back, on the loop, once everything appended so far is on disk. One at a time. */
typedef void (*group_callback)(struct daemon *daemon);
void group_when_idle(struct group *group, group_callback callback);

bool group_busy(const struct group *group);

struct group_statistics {
	uint64_t flushes, records; /* since start */
	uint64_t last_records; /* in the newest group */
	uint64_t waiting_replies;
	double last_milliseconds; /* that its datasync took */
};
void group_statistics(const struct group *group, struct group_statistics *ret_statistics);

#endif
