// SPDX-License-Identifier: GPL-2.0-only
/* A store is read while a daemon has it, or none does: nothing is changed, and what is said was so. */
#include "fixture.h"

#define JOURNAL "journal.00000001"
#define DIRECTORY "/var/lib/leases"

/* Reads on these files; the shelf's `read` is what was said. */
static int read_on(struct shelf *shelf, const struct sys_files *files)
{
	struct store_visitors visitors = shelf_visitors(shelf);
	uint8_t identity[STORE_IDENTITY];
	int rc;

	memset(&shelf->read, 0, sizeof(shelf->read));
	shelf->error.text[0] = 0;
	rc = store_read_on(files, DIRECTORY, &visitors, &shelf->report, identity, &shelf->error);
	if (!rc && shelf->store)
		assert_memory_equal(identity, store_identity(shelf->store), STORE_IDENTITY);
	return rc;
}

static int read_store(struct shelf *shelf)
{
	unsigned before = shelf->disk->operations;
	int rc = read_on(shelf, &shelf->disk->files);

	assert_int_equal(shelf->disk->operations, before);
	return rc;
}

static void compact(struct shelf *shelf)
{
	assert_int_equal(store_rotate(shelf->store, &shelf->error), 0);
	assert_int_equal(shelf_snapshot(shelf), 0);
}

static void fill(struct shelf *shelf)
{
	assert_int_equal(shelf_open(shelf), 0);
	shelf_append(shelf, 1);
	shelf_note(shelf, 0);
	assert_int_equal(shelf_flush(shelf), 0);
	shelf_ack(shelf, 1);
	shelf_note(shelf, 0);
	shelf_note(shelf, 1);
	assert_int_equal(shelf_flush(shelf), 0);
}

static void test_none(void **state)
{
	struct shelf *shelf = *state;
	int fd;

	assert_int_equal(read_store(shelf), -ENOENT);
	fd = shelf->disk->files.open(shelf->disk, DIRECTORY "/lock", O_RDWR | O_CREAT, 0640);
	assert_true(fd >= 0);
	assert_int_equal(read_store(shelf), -ENOENT);
	assert_non_null(strstr(shelf->error.text, "no lease store"));
	shelf->disk->files.close(shelf->disk, fd);
}

/* The daemon that has it goes on. */
static void test_beside_a_daemon(void **state)
{
	struct shelf *shelf = *state;

	fill(shelf);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(read_store(shelf), 0);
		assert_memory_equal(&shelf->read, &shelf->durable, sizeof(shelf->read));
		if (i)
			compact(shelf);
		shelf_append(shelf, 2);
		shelf_note(shelf, 1);
		assert_int_equal(shelf_flush(shelf), 0);
	}
	shelf_close(shelf);
	assert_int_equal(read_store(shelf), 0);
	assert_memory_equal(&shelf->read, &shelf->durable, sizeof(shelf->read));
}

/* What is being written just now. */
static void test_torn(void **state)
{
	struct shelf *shelf = *state;
	struct disk_content *content;
	size_t size;

	fill(shelf);
	content = disk_content(shelf->disk, JOURNAL);
	size = content->size;
	shelf_note(shelf, 1);
	assert_int_equal(shelf_flush(shelf), 0);
	disk_resize(content, content->size - 1);
	assert_int_equal(read_store(shelf), 0);
	assert_int_equal(shelf->report.torn_bytes, content->size - size - STORE_NUMBER_RECORD);
	assert_true(shelf->read.notes[1] < shelf->durable.notes[1]);
	assert_int_equal(shelf->read.ends[1], shelf->durable.ends[1]);
}

static void test_damaged(void **state)
{
	struct shelf *shelf = *state;
	struct disk_content *content;

	fill(shelf);
	content = disk_content(shelf->disk, JOURNAL);
	content->bytes[STORE_HEADER + STORE_NUMBER_RECORD + 20] ^= 1;
	assert_int_equal(read_store(shelf), -EBADMSG);
	assert_non_null(strstr(shelf->error.text, "good ones follow"));
	content->bytes[20] ^= 1;
	assert_int_equal(read_store(shelf), -EBADMSG);
}

static struct {
	struct shelf *shelf; /* compacted behind each list of its files */
	int times;
} mover;

static int list_then_move(void *context, const char *path, sys_file_visitor visit,
			  void *visit_context)
{
	int rc = mover.shelf->disk->files.list(context, path, visit, visit_context);

	if (mover.times-- > 0)
		compact(mover.shelf);
	return rc;
}

/* Between the list of files and their reading the daemon compacts. */
static void test_moving(void **state)
{
	struct shelf *shelf = *state;
	struct sys_files files = shelf->disk->files;

	fill(shelf);
	files.list = list_then_move;
	mover.shelf = shelf;
	for (int times = 1; times < 5; times++) {
		mover.times = times;
		assert_int_equal(read_on(shelf, &files), 0);
		assert_memory_equal(&shelf->read, &shelf->durable, sizeof(shelf->read));
	}
	mover.times = 1000;
	assert_int_not_equal(read_on(shelf, &files), 0);
	mover.times = 0;
}

/* That it is in a state that no compaction leaves does not change by waiting. */
static void test_gap(void **state)
{
	struct shelf *shelf = *state;

	fill(shelf);
	assert_int_equal(store_rotate(shelf->store, &shelf->error), 0);
	assert_int_equal(store_rotate(shelf->store, &shelf->error), 0);
	shelf->disk->files.unlink(shelf->disk, DIRECTORY "/journal.00000002");
	assert_int_equal(read_store(shelf), -EBADMSG);
	assert_non_null(strstr(shelf->error.text, "journal.00000002 is missing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		shelf_test(test_none),	  shelf_test(test_beside_a_daemon), shelf_test(test_torn),
		shelf_test(test_damaged), shelf_test(test_moving),	    shelf_test(test_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
