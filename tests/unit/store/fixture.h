/* SPDX-License-Identifier: GPL-2.0-only */
/* What a store says of a few addresses, as numbers that only grow: told ends. */
#ifndef XDHCP_TESTS_STORE_FIXTURE_H
#define XDHCP_TESTS_STORE_FIXTURE_H

#include "disk.h"

#include "store/format.h"
#include "store/store.h"

#define ADDRESSES 8

struct shelf {
	struct disk *disk;
	struct store *store;
	struct store_report report;
	struct store_error error;
	int64_t read[ADDRESSES]; /* what replay said last */
	int64_t appended[ADDRESSES]; /* the newest value given to the store */
	int64_t flushed[ADDRESSES]; /* of it, what a flush under way carries */
	int64_t durable[ADDRESSES]; /* and what was reported as durable */
	int64_t next;
	int visit_rc;
};

static inline int shelf_visit(void *context, struct lease_record *record)
{
	struct shelf *shelf = context;

	assert_true(record->address < ADDRESSES);
	shelf->read[record->address] = record->ends;
	lease_record_free(record);
	return shelf->visit_rc;
}

static inline int shelf_open(struct shelf *shelf)
{
	memset(shelf->read, 0, sizeof(shelf->read));
	shelf->error.text[0] = 0;
	return store_open_on(&shelf->disk->files, "/var/lib/leases", shelf_visit, shelf,
			     &shelf->report, &shelf->store, &shelf->error);
}

static inline void shelf_close(struct shelf *shelf)
{
	store_close(shelf->store);
	shelf->store = NULL;
}

static inline struct lease_record *shelf_record(uint32_t address, int64_t ends)
{
	struct lease_record *record = lease_record_new("identity", 8, "circuit", 7, "host", 4);

	record->address = address;
	record->state = LEASE_ACTIVE;
	record->ends = ends;
	record->hlen = 6;
	return record;
}

static inline void shelf_append(struct shelf *shelf, uint32_t address)
{
	struct lease_record *record = shelf_record(address, ++shelf->next);

	shelf->appended[address] = shelf->next;
	store_append(shelf->store, record);
	lease_record_free(record);
}

static inline int shelf_flush(struct shelf *shelf)
{
	int rc;

	if (!store_flush_begin(shelf->store))
		return -EAGAIN;
	memcpy(shelf->flushed, shelf->appended, sizeof(shelf->flushed));
	rc = store_flush(shelf->store, &shelf->error);
	store_flush_end(shelf->store);
	if (!rc)
		memcpy(shelf->durable, shelf->flushed, sizeof(shelf->durable));
	return rc;
}

/* A group of `count` records. */
static inline int shelf_group(struct shelf *shelf, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		shelf_append(shelf, (first + i) % ADDRESSES);
	return shelf_flush(shelf);
}

static inline int shelf_snapshot(struct shelf *shelf)
{
	struct store_snapshot *snapshot;
	int rc = store_snapshot_open(shelf->store, &snapshot, &shelf->error);

	for (uint32_t i = 0; !rc && i < ADDRESSES; i++) {
		struct lease_record *record = shelf_record(i, shelf->durable[i]);

		if (record->ends)
			rc = store_snapshot_add(snapshot, record);
		lease_record_free(record);
		if (rc)
			store_snapshot_abandon(snapshot);
	}
	return rc ? rc : store_snapshot_finish(snapshot, &shelf->error);
}

/* Nothing durable is lost, and nothing is there that was never written. */
static inline void shelf_check(const struct shelf *shelf)
{
	for (int i = 0; i < ADDRESSES; i++) {
		assert_true(shelf->read[i] >= shelf->durable[i]);
		assert_true(shelf->read[i] <= shelf->appended[i]);
	}
}

static inline int shelf_setup(void **state)
{
	struct shelf *shelf = calloc(1, sizeof(*shelf));

	shelf->disk = disk_new();
	*state = shelf;
	return 0;
}

static inline int shelf_teardown(void **state)
{
	struct shelf *shelf = *state;

	shelf_close(shelf);
	disk_free(shelf->disk);
	free(shelf);
	return 0;
}

#define shelf_test(function) cmocka_unit_test_setup_teardown(function, shelf_setup, shelf_teardown)

#endif
