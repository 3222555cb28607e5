/* SPDX-License-Identifier: GPL-2.0-only */
#include "lease/expiry.h"

#include <errno.h>
#include <stdlib.h>

int lease_wheel_init(struct lease_wheel *wheel)
{
	struct cds_list_head *buckets = malloc(LEASE_WHEEL_SECONDS * sizeof(*buckets));

	if (!buckets)
		return -ENOMEM;
	for (size_t i = 0; i < LEASE_WHEEL_SECONDS; i++)
		CDS_INIT_LIST_HEAD(&buckets[i]);
	wheel->buckets = buckets;
	CDS_INIT_LIST_HEAD(&wheel->scan);
	wheel->time = 0;
	return 0;
}

void lease_wheel_fini(struct lease_wheel *wheel)
{
	free(wheel->buckets);
	wheel->buckets = NULL;
}

static struct cds_list_head *bucket_of(const struct lease_wheel *wheel, int64_t time)
{
	return &wheel->buckets[(uint64_t)time % LEASE_WHEEL_SECONDS];
}

void lease_wheel_put(struct lease_wheel *wheel, struct lease *lease, int64_t due)
{
	cds_list_del(&lease->due);
	cds_list_add_tail(&lease->due, due <= wheel->time ? &wheel->scan : bucket_of(wheel, due));
}

void lease_wheel_remove(struct lease *lease)
{
	cds_list_del_init(&lease->due);
}

/* Takes the bucket of the next second. A leap of more than a round takes each bucket once. */
static void wheel_turn(struct lease_wheel *wheel, int64_t now)
{
	struct cds_list_head *bucket;

	if (now - wheel->time > LEASE_WHEEL_SECONDS)
		wheel->time = now - LEASE_WHEEL_SECONDS;
	wheel->time++;
	bucket = bucket_of(wheel, wheel->time);
	cds_list_splice(bucket, &wheel->scan);
	CDS_INIT_LIST_HEAD(bucket);
}

struct lease *lease_wheel_take(struct lease_wheel *wheel, int64_t now)
{
	struct lease *lease;

	if (wheel->time > now)
		wheel->time = now;
	while (cds_list_empty(&wheel->scan) && wheel->time < now)
		wheel_turn(wheel, now);
	if (cds_list_empty(&wheel->scan))
		return NULL;
	lease = cds_list_first_entry(&wheel->scan, struct lease, due);
	lease_wheel_remove(lease);
	return lease;
}

bool lease_wheel_done(struct lease_wheel *wheel, int64_t now)
{
	return cds_list_empty(&wheel->scan) && wheel->time >= now;
}
