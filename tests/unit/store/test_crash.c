/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A story of groups, rotations and snapshots, ended at every single operation
 * on the disk: by a kill, by a power cut, or by an error that the process
 * survives. Whatever was reported as durable is there afterwards.
 */
#include "fixture.h"

/*
 * Once round: group, rotate with and without a waiting group, snapshot, groups beside it; records,
 * acknowledgements and notes in each of them.
 */
static void story_round(struct shelf *shelf)
{
	struct store_snapshot *snapshot;

	shelf_note(shelf, 0);
	shelf_group(shelf, 0, 3);
	shelf_ack(shelf, 1);
	shelf_group(shelf, 2, 20);
	shelf_append(shelf, 5);
	shelf_note(shelf, 1);
	shelf_ack(shelf, 3);
	store_rotate(shelf->store, &shelf->error);
	shelf_append(shelf, 6);
	shelf_ack(shelf, 6);
	shelf_note(shelf, 0);
	shelf_flush(shelf);
	shelf_snapshot(shelf);
	shelf_ack(shelf, 0);
	shelf_group(shelf, 1, 2);
	store_rotate(shelf->store, &shelf->error);
	if (!store_snapshot_open(shelf->store, &snapshot, &shelf->error)) {
		shelf_note(shelf, 1);
		shelf_group(shelf, 0, 2);
		store_snapshot_abandon(snapshot);
	}
	shelf_group(shelf, 4, 2);
}

/* A new life: nothing durable is missing, and what was read is what counts from now on. */
static int story_begin(struct shelf *shelf)
{
	int rc = shelf_open(shelf);

	if (rc)
		return rc;
	shelf_check(shelf);
	shelf->durable = shelf->read;
	shelf->appended = shelf->read;
	return 0;
}

static void story(struct shelf *shelf)
{
	for (int life = 0; life < 2; life++) {
		if (story_begin(shelf))
			return;
		story_round(shelf);
		shelf_close(shelf);
	}
}

/* Opens, checks, writes on, opens, checks. */
static void aftermath(struct shelf *shelf)
{
	assert_int_equal(story_begin(shelf), 0);
	story_round(shelf);
	shelf_close(shelf);
	assert_int_equal(shelf_open(shelf), 0);
	assert_memory_equal(&shelf->read, &shelf->durable, sizeof(shelf->read));
	shelf_close(shelf);
}

/* False where the story ended before its n-th operation. */
static bool story_until(struct shelf *shelf, unsigned operation, int error, bool stays_dead)
{
	shelf->disk = disk_new();
	shelf->disk->fail_at = operation;
	shelf->disk->error = error;
	shelf->disk->stays_dead = stays_dead;
	story(shelf);
	shelf_close(shelf);
	return shelf->disk->failed;
}

static void crash_everywhere(enum disk_crash crash, int times)
{
	unsigned operation = 1;
	bool more = true;

	for (; more; operation++) {
		for (int i = 0; i < times; i++) {
			struct shelf shelf = {0};

			more = story_until(&shelf, operation, -EIO, true);
			disk_restart(shelf.disk, crash);
			aftermath(&shelf);
			disk_free(shelf.disk);
		}
	}
	assert_true(operation > 50);
}

static void test_killed_everywhere(void **state)
{
	(void)state;
	crash_everywhere(DISK_KILLED, 1);
}

static void test_power_cut_everywhere(void **state)
{
	(void)state;
	crash_everywhere(DISK_CUT, 1);
}

static void test_power_cut_with_any_sectors(void **state)
{
	(void)state;
	srand(4711);
	crash_everywhere(DISK_CUT_ANY, 20);
}

/* One operation fails, the process lives and goes on as far as the store lets it. */
static void test_error_everywhere(void **state)
{
	static const int errors[] = {-EIO, -ENOSPC};
	static const enum disk_crash crashes[] = {DISK_KILLED, DISK_CUT};

	(void)state;
	for (int i = 0; i < 4; i++) {
		unsigned operation = 1;
		bool more = true;

		for (; more; operation++) {
			struct shelf shelf = {0};

			more = story_until(&shelf, operation, errors[i % 2], false);
			disk_restart(shelf.disk, crashes[i / 2]);
			aftermath(&shelf);
			disk_free(shelf.disk);
		}
		assert_true(operation > 50);
	}
}

/* What a start has read it may build on: a power cut after it takes none of it away. */
static void test_what_was_read_is_durable(void **state)
{
	unsigned operation = 1;
	bool more = true;

	(void)state;
	for (; more; operation++) {
		struct shelf shelf = {0};

		more = story_until(&shelf, operation, -EIO, true);
		disk_restart(shelf.disk, DISK_KILLED);
		assert_int_equal(shelf_open(&shelf), 0);
		shelf.durable = shelf.read;
		shelf_close(&shelf);
		disk_restart(shelf.disk, DISK_CUT);
		aftermath(&shelf);
		disk_free(shelf.disk);
	}
}

/* One operation fails, and some operations later the power goes. */
static void test_error_then_power_cut(void **state)
{
	unsigned operation = 1;
	bool more = true;

	(void)state;
	srand(815);
	for (; more; operation++) {
		for (unsigned later = 1; later < 40; later++) {
			struct shelf shelf = {.disk = disk_new()};

			shelf.disk->fail_at = operation;
			shelf.disk->error = -ENOSPC;
			shelf.disk->dead_at = operation + later;
			story(&shelf);
			more = shelf.disk->failed;
			shelf_close(&shelf);
			disk_restart(shelf.disk, DISK_CUT_ANY);
			aftermath(&shelf);
			disk_free(shelf.disk);
		}
	}
}

/* The power goes again while the start after a power cut cleans up. */
static void test_power_cut_in_recovery(void **state)
{
	unsigned operation = 1;
	bool more = true;

	(void)state;
	srand(42);
	for (; more; operation += 3) {
		bool again = true;

		for (unsigned second = 1; again; second++) {
			struct shelf shelf = {0};

			more = story_until(&shelf, operation, -EIO, true);
			disk_restart(shelf.disk, DISK_CUT_ANY);
			shelf.disk->fail_at = second;
			shelf_open(&shelf);
			again = shelf.disk->failed;
			shelf_close(&shelf);
			disk_restart(shelf.disk, DISK_CUT_ANY);
			aftermath(&shelf);
			disk_free(shelf.disk);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed_everywhere),
		cmocka_unit_test(test_power_cut_everywhere),
		cmocka_unit_test(test_power_cut_with_any_sectors),
		cmocka_unit_test(test_error_everywhere),
		cmocka_unit_test(test_what_was_read_is_durable),
		cmocka_unit_test(test_error_then_power_cut),
		cmocka_unit_test(test_power_cut_in_recovery),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
