/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a store says of a few addresses, their acknowledgements, and a few
 * notes, as numbers that only grow: told ends, A, and the notes' bytes.
 */
#ifndef XDHCP_TESTS_STORE_FIXTURE_H
#define XDHCP_TESTS_STORE_FIXTURE_H

#include "disk.h"

#include "store/format.h"
#include "store/store.h"

#define ADDRESSES 8
#define NOTES 2

struct shelf_values {
	int64_t ends[ADDRESSES];
	int64_t acks[ADDRESSES]; /* of the record with that end; 0: none */
	int64_t notes[NOTES];
};

struct shelf {
	struct disk *disk;
	struct store *store;
	struct store_report report;
	struct store_error error;
	struct shelf_values read; /* what replay said last */
	struct shelf_values appended; /* the newest values given to the store */
	struct shelf_values flushed; /* of it, what a flush under way carries */
	struct shelf_values durable; /* and what was reported as durable */
	int64_t next;
	int visit_rc;
};

static const char *const shelf_names[NOTES] = {"failover north", "failover south"};

static inline int shelf_visit(void *context, struct lease_record *record)
{
	struct shelf *shelf = context;

	assert_true(record->address < ADDRESSES);
	shelf->read.ends[record->address] = record->ends;
	shelf->read.acks[record->address] = record->acknowledged;
	lease_record_free(record);
	return shelf->visit_rc;
}

static inline int shelf_visit_ack(void *context,
				  const struct store_acknowledgement *acknowledgement)
{
	struct shelf *shelf = context;

	assert_true(acknowledgement->address < ADDRESSES);
	assert_int_equal(acknowledgement->known, acknowledgement->acknowledged + 1);
	shelf->read.acks[acknowledgement->address] = acknowledgement->acknowledged;
	return shelf->visit_rc;
}

static inline int shelf_visit_note(void *context, const char *name, const void *bytes,
				   size_t length)
{
	struct shelf *shelf = context;

	for (int i = 0; i < NOTES; i++) {
		if (strcmp(name, shelf_names[i]))
			continue;
		assert_int_equal(length, sizeof(shelf->read.notes[i]));
		memcpy(&shelf->read.notes[i], bytes, length);
		return shelf->visit_rc;
	}
	fail_msg("a note of another name: %s", name);
	return 0;
}

static inline struct store_visitors shelf_visitors(struct shelf *shelf)
{
	return (struct store_visitors){
		.context = shelf,
		.lease = shelf_visit,
		.acknowledgement = shelf_visit_ack,
		.note = shelf_visit_note,
	};
}

static inline int shelf_open(struct shelf *shelf)
{
	struct store_visitors visitors = shelf_visitors(shelf);

	memset(&shelf->read, 0, sizeof(shelf->read));
	shelf->error.text[0] = 0;
	return store_open_on(&shelf->disk->files, "/var/lib/leases", &visitors, &shelf->report,
			     &shelf->store, &shelf->error);
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

	shelf->appended.ends[address] = shelf->next;
	shelf->appended.acks[address] = 0;
	store_append(shelf->store, record);
	lease_record_free(record);
}

static inline void shelf_ack(struct shelf *shelf, uint32_t address)
{
	struct store_acknowledgement acknowledgement = {.address = address};

	acknowledgement.acknowledged = ++shelf->next;
	acknowledgement.known = shelf->next + 1;
	shelf->appended.acks[address] = shelf->next;
	store_append_acknowledgement(shelf->store, &acknowledgement);
}

static inline void shelf_note(struct shelf *shelf, int number)
{
	shelf->appended.notes[number] = ++shelf->next;
	store_append_note(shelf->store, shelf_names[number], &shelf->next, sizeof(shelf->next));
}

static inline int shelf_flush(struct shelf *shelf)
{
	int rc;

	if (!store_flush_begin(shelf->store))
		return -EAGAIN;
	shelf->flushed = shelf->appended;
	rc = store_flush(shelf->store, &shelf->error);
	store_flush_end(shelf->store);
	if (!rc)
		shelf->durable = shelf->flushed;
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
		struct lease_record *record = shelf_record(i, shelf->durable.ends[i]);

		record->acknowledged = shelf->durable.acks[i];
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
		assert_true(shelf->read.ends[i] >= shelf->durable.ends[i]);
		assert_true(shelf->read.ends[i] <= shelf->appended.ends[i]);
		if (shelf->read.ends[i] == shelf->durable.ends[i])
			assert_true(shelf->read.acks[i] >= shelf->durable.acks[i]);
		assert_true(!shelf->read.acks[i] || shelf->read.acks[i] > shelf->read.ends[i]);
	}
	for (int i = 0; i < NOTES; i++) {
		assert_true(shelf->read.notes[i] >= shelf->durable.notes[i]);
		assert_true(shelf->read.notes[i] <= shelf->appended.notes[i]);
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
