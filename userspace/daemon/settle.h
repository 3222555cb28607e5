/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * After a start: journal and slots are brought together before the gates open
 * (invariant I5). Adopted maps may hold promises that the journal does not
 * know, and slots that a dead daemon left held; fresh maps mean that what
 * older ones promised is known by H only.
 */
#ifndef XDHCP_DAEMON_SETTLE_H
#define XDHCP_DAEMON_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

struct daemon;

/*
 * When the store is read, before anything else: leases that another relationship has now than when
 * the journal was written (lease/commit.h, move), journaled and on disk. 0, or a
 * negative code, logged: do not serve.
 */
int settle_relations(struct daemon *daemon);

/* `adopted`: the maps are those of the daemon before. 0 or -ENOMEM: do not serve. */
int settle_slots(struct daemon *daemon, bool adopted);

/* Closes what configuration does not fix any more; `daemon->conf` is the new one. */
void settle_statics(struct daemon *daemon);

/*
 * H that a lease should have for a promise of `seconds` made in the second
 * `now`, which counts whole: far enough for the next one too where the kernel
 * gives it, or the partner has to agree to it.
 */
int64_t settle_horizon(const struct daemon *daemon, int64_t now, uint32_t seconds);

#endif
