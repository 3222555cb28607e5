/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which lease ends next: a wheel of seconds. A lease hangs in the bucket of
 * its second, modulo the wheel's size; one that is due in a later round is put
 * back when its bucket comes by. Moving a lease, to earlier or later, is two
 * list operations. Loop thread only.
 */
#ifndef XDHCP_LEASE_EXPIRY_H
#define XDHCP_LEASE_EXPIRY_H

#include "lease/table.h"

/* Some 18 hours: most leases are looked at once. */
#define LEASE_WHEEL_SECONDS 65536

struct lease_wheel {
	struct cds_list_head *buckets; /* LEASE_WHEEL_SECONDS of them */
	struct cds_list_head scan; /* taken out of their buckets, to be looked at */
	int64_t time; /* the buckets of all seconds up to this were taken */
};

/* 0 or -ENOMEM. */
int lease_wheel_init(struct lease_wheel *wheel);
/* Forgets the leases, which are not its own. */
void lease_wheel_fini(struct lease_wheel *wheel);

/* Hangs a lease up, wherever it hung before. */
void lease_wheel_put(struct lease_wheel *wheel, struct lease *lease, int64_t due);
void lease_wheel_remove(struct lease *lease);

/*
 * Takes out the next lease that may be due by `now`: the caller looks, and
 * puts it back where it is not. NULL where there is none left. `now` may go
 * backwards (the clock was set).
 */
struct lease *lease_wheel_take(struct lease_wheel *wheel, int64_t now);
/* Would take return NULL? */
bool lease_wheel_done(struct lease_wheel *wheel, int64_t now);

#endif
