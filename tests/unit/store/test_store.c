/* SPDX-License-Identifier: GPL-2.0-only */
/* Group commit, on the disk in memory and on the system's. */
#include "fixture.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_new_store(void **state)
{
	struct shelf *shelf = *state;
	uint8_t identity[STORE_IDENTITY];
	size_t records;

	assert_int_equal(shelf_open(shelf), 0);
	assert_true(shelf->report.created);
	assert_int_equal(store_journal_size(shelf->store), STORE_HEADER);
	assert_int_equal(store_waiting(shelf->store, &records), 0);
	memcpy(identity, store_identity(shelf->store), sizeof(identity));
	shelf_close(shelf);
	assert_int_equal(shelf_open(shelf), 0);
	assert_false(shelf->report.created);
	assert_memory_equal(store_identity(shelf->store), identity, sizeof(identity));
}

static void test_groups_are_numbered(void **state)
{
	struct shelf *shelf = *state;
	struct lease_record *record = shelf_record(1, 5);
	size_t records;

	assert_int_equal(shelf_open(shelf), 0);
	assert_false(store_flush_begin(shelf->store));
	assert_int_equal(store_append(shelf->store, record), 1);
	assert_int_equal(store_append(shelf->store, record), 1);
	assert_true(store_waiting(shelf->store, &records) > 0);
	assert_int_equal(records, 2);
	assert_true(store_flush_begin(shelf->store));
	assert_int_equal(store_append(shelf->store, record), 2);
	assert_false(store_flush_begin(shelf->store));
	assert_int_equal(store_flush(shelf->store, &shelf->error), 0);
	assert_int_equal(store_flush_end(shelf->store), 1);
	assert_int_equal(shelf->disk->now[1].size, store_journal_size(shelf->store));
	assert_true(store_flush_begin(shelf->store));
	assert_int_equal(store_flush(shelf->store, &shelf->error), 0);
	assert_int_equal(store_flush_end(shelf->store), 2);
	assert_int_equal(store_flush_end(shelf->store), 2);
	lease_record_free(record);
}

/* Each way in which a flush can fail: nothing of its group is durable, and nothing follows. */
static void test_failed_flush_is_the_end(void **state)
{
	static const int errors[] = {-ENOSPC, -EIO};

	(void)state;
	for (unsigned operation = 1; operation < 3; operation++) {
		struct shelf shelf = {.disk = disk_new()};
		struct store_snapshot *snapshot;

		assert_int_equal(shelf_open(&shelf), 0);
		assert_int_equal(shelf_group(&shelf, 0, 1), 0);
		shelf.disk->fail_at = shelf.disk->operations + operation;
		shelf.disk->error = errors[operation - 1];
		shelf_append(&shelf, 1);
		assert_true(store_flush_begin(shelf.store));
		assert_int_equal(store_flush(shelf.store, &shelf.error), errors[operation - 1]);
		assert_non_null(strstr(shelf.error.text, "could not be made durable"));
		assert_int_equal(store_flush_end(shelf.store), 1);
		shelf_append(&shelf, 2);
		assert_false(store_flush_begin(shelf.store));
		assert_int_equal(store_rotate(shelf.store, &shelf.error), errors[operation - 1]);
		assert_int_equal(store_snapshot_open(shelf.store, &snapshot, &shelf.error),
				 errors[operation - 1]);
		shelf_close(&shelf);
		disk_free(shelf.disk);
	}
}

static void test_busy(void **state)
{
	struct shelf *shelf = *state;
	struct store_snapshot *snapshot, *second;

	assert_int_equal(shelf_open(shelf), 0);
	shelf_append(shelf, 1);
	assert_true(store_flush_begin(shelf->store));
	assert_int_equal(store_rotate(shelf->store, &shelf->error), -EBUSY);
	assert_int_equal(store_flush(shelf->store, &shelf->error), 0);
	store_flush_end(shelf->store);
	assert_int_equal(store_snapshot_open(shelf->store, &snapshot, &shelf->error), 0);
	assert_int_equal(store_snapshot_open(shelf->store, &second, &shelf->error), -EBUSY);
	assert_int_equal(store_rotate(shelf->store, &shelf->error), -EBUSY);
	store_snapshot_abandon(snapshot);
	assert_null(disk_content(shelf->disk, "snapshot.tmp"));
	assert_int_equal(store_rotate(shelf->store, &shelf->error), 0);
	assert_int_equal(store_journal_size(shelf->store), STORE_HEADER);
}

/* No room for a new journal: the old one goes on. */
static void test_rotate_without_room(void **state)
{
	struct shelf *shelf = *state;

	assert_int_equal(shelf_open(shelf), 0);
	shelf->disk->fail_at = shelf->disk->operations + 2;
	shelf->disk->error = -ENOSPC;
	assert_int_equal(store_rotate(shelf->store, &shelf->error), -ENOSPC);
	assert_null(disk_content(shelf->disk, "journal.tmp"));
	assert_int_equal(shelf_group(shelf, 0, 2), 0);
	shelf_close(shelf);
	assert_int_equal(shelf_open(shelf), 0);
	assert_memory_equal(&shelf->read, &shelf->durable, sizeof(shelf->read));
}

struct flusher {
	struct store *store;
	int rc;
};

static void *flusher_run(void *argument)
{
	struct flusher *flusher = argument;

	flusher->rc = store_flush(flusher->store, NULL);
	return NULL;
}

/* Appends on one thread while another flushes what was handed over. */
static void test_append_beside_flush(void **state)
{
	struct shelf *shelf = *state;
	struct flusher flusher;
	pthread_t thread;

	assert_int_equal(shelf_open(shelf), 0);
	flusher.store = shelf->store;
	for (int round = 0; round < 50; round++) {
		shelf_append(shelf, round % ADDRESSES);
		assert_true(store_flush_begin(shelf->store));
		pthread_create(&thread, NULL, flusher_run, &flusher);
		for (int i = 0; i < 100; i++)
			shelf_append(shelf, i % ADDRESSES);
		pthread_join(thread, NULL);
		assert_int_equal(flusher.rc, 0);
		store_flush_end(shelf->store);
	}
	assert_int_equal(shelf_flush(shelf), 0);
	shelf_close(shelf);
	assert_int_equal(shelf_open(shelf), 0);
	assert_memory_equal(&shelf->read, &shelf->appended, sizeof(shelf->read));
}

static char *scratch(void)
{
	char *path = strdup("/tmp/xdhcp-store-XXXXXX");

	assert_non_null(mkdtemp(path));
	return path;
}

static void scratch_remove(char *path)
{
	static const char *const names[] = {"leases/lock", "leases/journal.00000001",
					    "leases/journal.00000002", "leases/snapshot", "file"};
	char name[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(name, sizeof(name), "%s/%s", path, names[i]);
		unlink(name);
	}
	snprintf(name, sizeof(name), "%s/leases", path);
	rmdir(name);
	assert_int_equal(rmdir(path), 0);
	free(path);
}

static int open_real(struct shelf *shelf, const char *directory)
{
	struct store_visitors visitors = shelf_visitors(shelf);

	memset(&shelf->read, 0, sizeof(shelf->read));
	return store_open(directory, &visitors, &shelf->report, &shelf->store, &shelf->error);
}

static mode_t mode_of(const char *directory, const char *name)
{
	struct stat status;
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	assert_int_equal(stat(path, &status), 0);
	return status.st_mode & 0777;
}

static void test_on_the_system(void **state)
{
	struct shelf *shelf = *state;
	char directory[128], *path = scratch();
	mode_t mask = umask(022);

	snprintf(directory, sizeof(directory), "%s/leases", path);
	assert_int_equal(open_real(shelf, directory), 0);
	assert_int_equal(mode_of(directory, "."), 0750);
	assert_int_equal(mode_of(directory, "journal.00000001"), 0640);
	assert_int_equal(shelf_group(shelf, 0, 8), 0);
	assert_int_equal(store_rotate(shelf->store, &shelf->error), 0);
	assert_int_equal(shelf_snapshot(shelf), 0);
	assert_int_equal(mode_of(directory, "snapshot"), 0640);
	assert_int_equal(shelf_group(shelf, 2, 3), 0);
	shelf_close(shelf);
	assert_int_equal(open_real(shelf, directory), 0);
	assert_memory_equal(&shelf->read, &shelf->durable, sizeof(shelf->read));
	shelf_close(shelf);
	umask(mask);
	scratch_remove(path);
}

static void test_second_instance(void **state)
{
	struct shelf *shelf = *state, second = {0};
	char directory[128], pid[32], *path = scratch();

	snprintf(directory, sizeof(directory), "%s/leases", path);
	snprintf(pid, sizeof(pid), "process %ld", (long)getpid());
	assert_int_equal(open_real(shelf, directory), 0);
	assert_int_equal(open_real(&second, directory), -EWOULDBLOCK);
	assert_non_null(strstr(second.error.text, pid));
	shelf_close(shelf);
	assert_int_equal(open_real(&second, directory), 0);
	store_close(second.store);
	scratch_remove(path);
}

static void test_regular_file(void **state)
{
	struct shelf *shelf = *state;
	char file[128], *path = scratch();

	snprintf(file, sizeof(file), "%s/file", path);
	fclose(fopen(file, "w"));
	assert_int_equal(open_real(shelf, file), -ENOTDIR);
	assert_non_null(strstr(shelf->error.text, "-lf"));
	scratch_remove(path);
}

static void test_no_parent(void **state)
{
	struct shelf *shelf = *state;

	assert_int_equal(open_real(shelf, "/nonexistent/of/xdhcp"), -ENOENT);
	assert_non_null(strstr(shelf->error.text, "/nonexistent/of/xdhcp"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		shelf_test(test_new_store),
		shelf_test(test_groups_are_numbered),
		shelf_test(test_failed_flush_is_the_end),
		shelf_test(test_busy),
		shelf_test(test_rotate_without_room),
		shelf_test(test_append_beside_flush),
		shelf_test(test_on_the_system),
		shelf_test(test_second_instance),
		shelf_test(test_regular_file),
		shelf_test(test_no_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
