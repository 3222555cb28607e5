/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands beside the records: acknowledgements, notes, and what older releases wrote. */
#include "fixture.h"

#include <pthread.h>

#define JOURNAL "journal.00000001"

/* Closes, opens, and has read just what was durable. */
static void reopened(struct shelf *shelf)
{
	shelf_close(shelf);
	assert_int_equal(shelf_open(shelf), 0);
	assert_int_equal(shelf->report.torn_bytes, 0);
	assert_memory_equal(&shelf->read, &shelf->durable, sizeof(shelf->read));
}

static void compacted(struct shelf *shelf)
{
	assert_int_equal(store_rotate(shelf->store, &shelf->error), 0);
	assert_int_equal(shelf_snapshot(shelf), 0);
}

static void test_acknowledgement(void **state)
{
	struct shelf *shelf = *state;

	assert_int_equal(shelf_open(shelf), 0);
	shelf_append(shelf, 1);
	shelf_append(shelf, 2);
	shelf_ack(shelf, 1);
	assert_int_equal(shelf_flush(shelf), 0);
	shelf_ack(shelf, 2);
	shelf_ack(shelf, 1);
	assert_int_equal(shelf_flush(shelf), 0);
	reopened(shelf);
	assert_int_equal(shelf->report.records, 5);
	assert_true(shelf->read.acks[1] && shelf->read.acks[2]);
}

/* The next record of the address says itself what is acknowledged of it. */
static void test_acknowledgement_of_an_older_record(void **state)
{
	struct shelf *shelf = *state;

	assert_int_equal(shelf_open(shelf), 0);
	shelf_append(shelf, 1);
	shelf_ack(shelf, 1);
	shelf_append(shelf, 1);
	assert_int_equal(shelf_flush(shelf), 0);
	reopened(shelf);
	assert_int_equal(shelf->read.acks[1], 0);
}

/* In the snapshot with its record, behind the snapshot in the journal, and across generations. */
static void test_acknowledgement_and_snapshot(void **state)
{
	struct shelf *shelf = *state;

	assert_int_equal(shelf_open(shelf), 0);
	for (int i = 0; i < 3; i++) {
		shelf_append(shelf, i);
		shelf_ack(shelf, i);
	}
	assert_int_equal(shelf_flush(shelf), 0);
	compacted(shelf);
	reopened(shelf);
	shelf_ack(shelf, 1);
	shelf_append(shelf, 2);
	assert_int_equal(shelf_flush(shelf), 0);
	reopened(shelf);
	assert_int_equal(store_rotate(shelf->store, &shelf->error), 0);
	shelf_ack(shelf, 2);
	assert_int_equal(shelf_flush(shelf), 0);
	reopened(shelf);
	assert_true(shelf->read.acks[0] && shelf->read.acks[1] && shelf->read.acks[2]);
}

static void test_note_survives_compaction(void **state)
{
	struct shelf *shelf = *state;

	assert_int_equal(shelf_open(shelf), 0);
	shelf_note(shelf, 0);
	shelf_note(shelf, 1);
	shelf_note(shelf, 0);
	assert_int_equal(shelf_flush(shelf), 0);
	for (int i = 0; i < 3; i++) {
		compacted(shelf);
		reopened(shelf);
	}
	assert_int_equal(shelf->report.records, 2);
	assert_true(shelf->read.notes[0] > shelf->read.notes[1]);
}

/* Appended and not yet flushed when the journal changes: the one before must not be lost for it. */
static void test_note_waiting_at_rotation(void **state)
{
	struct shelf *shelf = *state;
	int64_t before;

	assert_int_equal(shelf_open(shelf), 0);
	shelf_note(shelf, 0);
	before = shelf->appended.notes[0];
	assert_int_equal(shelf_flush(shelf), 0);
	shelf_note(shelf, 0);
	compacted(shelf);
	shelf_close(shelf);
	disk_restart(shelf->disk, DISK_CUT);
	assert_int_equal(shelf_open(shelf), 0);
	assert_true(shelf->read.notes[0] >= before);
}

/* A snapshot of the generation that a start found running. */
static void test_note_and_snapshot_after_start(void **state)
{
	struct shelf *shelf = *state;

	assert_int_equal(shelf_open(shelf), 0);
	shelf_note(shelf, 0);
	assert_int_equal(shelf_flush(shelf), 0);
	assert_int_equal(store_rotate(shelf->store, &shelf->error), 0);
	reopened(shelf);
	assert_int_equal(shelf_snapshot(shelf), 0);
	assert_null(disk_content(shelf->disk, JOURNAL));
	reopened(shelf);
}

struct writer {
	struct shelf *shelf;
	int rc;
};

static void *snapshot_run(void *argument)
{
	struct writer *writer = argument;
	struct store_snapshot *snapshot;

	writer->rc = store_snapshot_open(writer->shelf->store, &snapshot, NULL);
	if (!writer->rc)
		writer->rc = store_snapshot_finish(snapshot, NULL);
	return NULL;
}

/* A snapshot on another thread while the loop writes notes: each life ends with the newest. */
static void test_note_beside_snapshot(void **state)
{
	struct shelf *shelf = *state;
	struct writer writer = {.shelf = shelf};
	pthread_t thread;

	assert_int_equal(shelf_open(shelf), 0);
	for (int round = 0; round < 20; round++) {
		assert_int_equal(store_rotate(shelf->store, &shelf->error), 0);
		pthread_create(&thread, NULL, snapshot_run, &writer);
		for (int i = 0; i < 100; i++)
			shelf_note(shelf, i % NOTES);
		pthread_join(thread, NULL);
		assert_int_equal(writer.rc, 0);
		assert_int_equal(shelf_flush(shelf), 0);
	}
	reopened(shelf);
	assert_true(shelf->read.notes[0] && shelf->read.notes[1]);
}

/* The next start would refuse it: its group fails instead. */
static void test_note_beyond_the_limits(void **state)
{
	static const uint8_t bytes[STORE_NOTE_MAX + 1];
	struct shelf *shelf = *state;

	assert_int_equal(shelf_open(shelf), 0);
	shelf_note(shelf, 0);
	assert_int_equal(shelf_flush(shelf), 0);
	store_append_note(shelf->store, shelf_names[0], bytes, sizeof(bytes));
	assert_int_equal(shelf_flush(shelf), -ENOMEM);
	reopened(shelf);
}

/* No room for a new journal: all stays as it was. */
static void test_note_and_rotation_without_room(void **state)
{
	struct shelf *shelf = *state;

	assert_int_equal(shelf_open(shelf), 0);
	shelf_note(shelf, 0);
	assert_int_equal(shelf_flush(shelf), 0);
	shelf->disk->fail_at = shelf->disk->operations + 2;
	shelf->disk->error = -ENOSPC;
	assert_int_equal(store_rotate(shelf->store, &shelf->error), -ENOSPC);
	shelf_note(shelf, 1);
	assert_int_equal(shelf_flush(shelf), 0);
	compacted(shelf);
	reopened(shelf);
}

/* A last group of record, acknowledgement and note, cut at every byte: what is whole stays. */
static void test_torn(void **state)
{
	struct shelf *shelf = *state;
	struct disk *disk = shelf->disk;
	struct shelf_values appended;
	size_t start, lease, ack, end;

	assert_int_equal(shelf_open(shelf), 0);
	assert_int_equal(shelf_group(shelf, 0, 2), 0);
	start = disk_content(disk, JOURNAL)->size;
	shelf_append(shelf, 3);
	shelf_ack(shelf, 3);
	shelf_note(shelf, 1);
	assert_int_equal(shelf_flush(shelf), 0);
	shelf_close(shelf);
	appended = shelf->appended;
	end = disk_content(disk, JOURNAL)->size;
	ack = end - store_note_size(shelf_names[1], sizeof(int64_t));
	lease = ack - STORE_ACK_RECORD;
	for (size_t size = start; size <= end; size++) {
		shelf->disk = disk_copy(disk);
		disk_resize(disk_content(shelf->disk, JOURNAL), size);
		assert_int_equal(shelf_open(shelf), 0);
		assert_int_equal(shelf->read.ends[3], size >= lease ? appended.ends[3] : 0);
		assert_int_equal(shelf->read.acks[3], size >= ack ? appended.acks[3] : 0);
		assert_int_equal(shelf->read.notes[1], size == end ? appended.notes[1] : 0);
		shelf->durable = shelf->appended = shelf->read;
		shelf_note(shelf, 0);
		assert_int_equal(shelf_flush(shelf), 0);
		reopened(shelf);
		shelf_close(shelf);
		disk_free(shelf->disk);
	}
	shelf->disk = disk;
}

static void refused(struct shelf *shelf, const char *word)
{
	assert_int_equal(shelf_open(shelf), -EBADMSG);
	assert_non_null(strstr(shelf->error.text, word));
}

/* One bit anywhere in an acknowledgement or a note with something behind it: never believed. */
static void test_bit(void **state)
{
	struct shelf *shelf = *state;
	struct disk *disk = shelf->disk;
	size_t start, end;

	assert_int_equal(shelf_open(shelf), 0);
	assert_int_equal(shelf_group(shelf, 0, 1), 0);
	start = disk_content(disk, JOURNAL)->size;
	shelf_ack(shelf, 0);
	shelf_note(shelf, 1);
	assert_int_equal(shelf_flush(shelf), 0);
	end = disk_content(disk, JOURNAL)->size;
	assert_int_equal(shelf_group(shelf, 1, 1), 0);
	shelf_close(shelf);
	for (size_t at = start; at < end; at++) {
		shelf->disk = disk_copy(disk);
		disk_content(shelf->disk, JOURNAL)->bytes[at] ^= 0x10;
		refused(shelf, JOURNAL);
		disk_free(shelf->disk);
	}
	shelf->disk = disk;
}

/* Puts a record's bytes behind a file's header, and nothing else. */
static uint8_t *only_record(struct disk *disk, const char *name, size_t size,
			    struct store_header *ret_header)
{
	struct disk_content *content = disk_content(disk, name);
	enum store_kind kind = strcmp(name, "snapshot") ? STORE_JOURNAL : STORE_SNAPSHOT;

	assert_null(store_header_decode(kind, content->bytes, ret_header));
	disk_resize(content, STORE_HEADER + size);
	return content->bytes + STORE_HEADER;
}

static void test_where_they_cannot_be(void **state)
{
	struct store_acknowledgement acknowledgement = {.address = 1};
	struct shelf *shelf = *state;
	struct store_header header;
	uint8_t *bytes;

	assert_int_equal(shelf_open(shelf), 0);
	shelf_note(shelf, 0);
	assert_int_equal(shelf_flush(shelf), 0);
	compacted(shelf);
	shelf_close(shelf);
	bytes = only_record(shelf->disk, "journal.00000002", STORE_ACK_RECORD, &header);
	store_ack_encode(header.seed, &acknowledgement, bytes);
	refused(shelf, "cannot be here");
	bytes = only_record(shelf->disk, "journal.00000002", store_note_size("n", 1), &header);
	store_note_encode(header.seed, "n", "x", 1, bytes, store_note_size("n", 1));
	refused(shelf, "cannot be here");
	bytes = only_record(shelf->disk, "snapshot", STORE_ACK_RECORD, &header);
	store_ack_encode(header.seed, &acknowledgement, bytes);
	refused(shelf, "cannot be here");
}

/* As written by a release before failover: snapshot and journal of two leases. */
static const char old_snapshot[] =
	"7864686370736e70000000013e84105fa9cdc0a339b2d8d8dd9ced9100000000"
	"0000000200000000eddc225b0000005e020100008301c0b00000000102000001"
	"0000000000000028000000000000006400000000000000a00000000000000028"
	"000000000000000900000000000000080000000000000007010602aa00000001"
	"00053d016162630007636972637569740004686f73740000005e02010000d44a"
	"383d0000000202000001000000000000008c00000000000000c8000000000000"
	"0104000000000000008c00000000000000090000000000000008000000000000"
	"0007010602aa0000000100053d016162630007636972637569740004686f7374"
	"00000008030100002fa0c7970000000000000002";
static const char old_journal[] = "78646863706a6e6c000000013e84105fa9cdc0a339b2d8d8dd9ced9100000000"
				  "0000000200000000d6a58d51000000080101000047ea1e760000000000000001"
				  "0000005e0201000007eb263a000000020100000100000000000000f000000000"
				  "0000012c000000000000016800000000000000f0000000000000000900000000"
				  "000000080000000000000007010602aa0000000100053d016162630007636972"
				  "637569740004686f7374";

static void put_file(struct disk *disk, const char *path, const char *hex)
{
	int fd = disk->files.open(disk, path, O_RDWR | O_CREAT, 0640);
	size_t length = strlen(hex) / 2;

	disk_resize(&disk->now[fd - DISK_FD], length);
	for (size_t i = 0; i < length; i++) {
		unsigned byte;

		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		disk->now[fd - DISK_FD].bytes[i] = (uint8_t)byte;
	}
}

/* A store of before failover is read, written on, and compacted into today's. */
static void test_older_release(void **state)
{
	struct shelf *shelf = *state;

	put_file(shelf->disk, "/x/snapshot", old_snapshot);
	put_file(shelf->disk, "/x/journal.00000002", old_journal);
	assert_int_equal(shelf_open(shelf), 0);
	assert_int_equal(shelf->report.records, 3);
	assert_int_equal(shelf->read.ends[1], 100);
	assert_int_equal(shelf->read.ends[2], 300);
	assert_int_equal(shelf->read.acks[2], 8);
	shelf->durable = shelf->appended = shelf->read;
	shelf->next = 1000;
	shelf_ack(shelf, 1);
	shelf_note(shelf, 0);
	assert_int_equal(shelf_flush(shelf), 0);
	reopened(shelf);
	compacted(shelf);
	reopened(shelf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		shelf_test(test_acknowledgement),
		shelf_test(test_acknowledgement_of_an_older_record),
		shelf_test(test_acknowledgement_and_snapshot),
		shelf_test(test_note_survives_compaction),
		shelf_test(test_note_waiting_at_rotation),
		shelf_test(test_note_and_snapshot_after_start),
		shelf_test(test_note_beside_snapshot),
		shelf_test(test_note_beyond_the_limits),
		shelf_test(test_note_and_rotation_without_room),
		shelf_test(test_torn),
		shelf_test(test_bit),
		shelf_test(test_where_they_cannot_be),
		shelf_test(test_older_release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
