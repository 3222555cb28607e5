/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compaction: at start and when the journal is past its limit. Appends go to
 * a new journal; a worker walks the durable records under RCU, in chunks, and
 * writes the snapshot that replaces what came before.
 */
#ifndef XDHCP_DAEMON_COMPACT_H
#define XDHCP_DAEMON_COMPACT_H

struct daemon;
struct compact;

/* Starts one if the journal is past its limit, none is under way and no flush is. */
void compact_turn(struct daemon *daemon);
/* The next turn compacts whatever the journal's size: for the start. */
void compact_want(struct daemon *daemon);
int compact_new(struct daemon *daemon, struct compact **ret_compact);
void compact_free(struct compact *compact);
int compact_busy(const struct compact *compact);
/* Calls back once the snapshot under way is done. */
void compact_when_done(struct compact *compact, void (*callback)(struct daemon *daemon));

#endif
