/* SPDX-License-Identifier: GPL-2.0-only */
/* Torn tails are cut, everything else is refused, at every byte. */
#include "fixture.h"

#define JOURNAL "journal.00000001"

/* A store of three groups, closed. *ret_ends: where each group ends. */
static void write_groups(struct shelf *shelf, size_t ret_ends[3])
{
	assert_int_equal(shelf_open(shelf), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(shelf_group(shelf, 2 * i, 2), 0);
		ret_ends[i] = disk_content(shelf->disk, JOURNAL)->size;
	}
	shelf_close(shelf);
}

/* Opens what is there; the next group lands behind it and both are read again. */
static void reopen_and_go_on(struct shelf *shelf, uint64_t torn)
{
	int64_t read[ADDRESSES];

	assert_int_equal(shelf_open(shelf), 0);
	assert_int_equal(shelf->report.torn_bytes, torn);
	memcpy(read, shelf->read.ends, sizeof(read));
	assert_int_equal(shelf_group(shelf, 7, 1), 0);
	shelf_close(shelf);
	assert_int_equal(shelf_open(shelf), 0);
	assert_int_equal(shelf->report.torn_bytes, 0);
	read[7] = shelf->appended.ends[7];
	assert_memory_equal(shelf->read.ends, read, sizeof(read));
	shelf_close(shelf);
}

static void refused(struct shelf *shelf, const char *word)
{
	assert_int_equal(shelf_open(shelf), -EBADMSG);
	assert_null(shelf->store);
	assert_non_null(strstr(shelf->error.text, word));
	assert_non_null(strstr(shelf->error.text, "restore the directory"));
}

/* Cut anywhere in the last group: whole records stay, the rest goes. */
static void test_cut_at_every_byte(void **state)
{
	struct shelf *shelf = *state;
	struct disk *disk = shelf->disk;
	size_t ends[3], record;

	write_groups(shelf, ends);
	record = (ends[2] - ends[1] - STORE_NUMBER_RECORD) / 2;
	for (size_t size = ends[1]; size <= ends[2]; size++) {
		size_t rest = size - ends[1];
		size_t kept = rest < STORE_NUMBER_RECORD ? 0 : STORE_NUMBER_RECORD;
		size_t whole = kept ? (rest - kept) / record : 0;

		shelf->disk = disk_copy(disk);
		disk_resize(disk_content(shelf->disk, JOURNAL), size);
		reopen_and_go_on(shelf, rest - kept - whole * record);
		assert_int_equal(shelf->read.ends[3], 4);
		assert_int_equal(shelf->read.ends[4], whole > 0 ? 5 : 0);
		assert_int_equal(shelf->read.ends[5], whole > 1 ? 6 : 0);
		disk_free(shelf->disk);
	}
	shelf->disk = disk;
}

/* The length of the file reached the disk, what is in it did not. */
static void test_zeros_at_every_byte(void **state)
{
	struct shelf *shelf = *state;
	struct disk *disk = shelf->disk;
	size_t ends[3];

	write_groups(shelf, ends);
	for (size_t size = ends[1]; size < ends[2]; size++) {
		shelf->disk = disk_copy(disk);
		disk_resize(disk_content(shelf->disk, JOURNAL), size);
		disk_resize(disk_content(shelf->disk, JOURNAL), ends[2] + 5000);
		assert_int_equal(shelf_open(shelf), 0);
		assert_true(shelf->report.torn_bytes >= 5000);
		assert_int_equal(shelf->read.ends[3], 4);
		shelf_close(shelf);
		disk_free(shelf->disk);
	}
	shelf->disk = disk;
}

/* One bit anywhere: refused, or, in the very last record, cut. Never believed. */
static void test_bit_at_every_byte(void **state)
{
	struct shelf *shelf = *state;
	struct disk *disk = shelf->disk;
	size_t ends[3], last;

	write_groups(shelf, ends);
	last = ends[2] - (ends[2] - ends[1] - STORE_NUMBER_RECORD) / 2;
	for (size_t at = 0; at < ends[2]; at++) {
		shelf->disk = disk_copy(disk);
		disk_content(shelf->disk, JOURNAL)->bytes[at] ^= 0x10;
		if (at < last) {
			refused(shelf, JOURNAL);
		} else {
			assert_int_equal(shelf_open(shelf), 0);
			assert_int_equal(shelf->report.torn_bytes, ends[2] - last);
			assert_int_equal(shelf->read.ends[5], 0);
			shelf_close(shelf);
		}
		disk_free(shelf->disk);
	}
	shelf->disk = disk;
}

/* A sector of an unfinished group never arrived, later ones did: torn, not damaged. */
static void test_missing_sector(void **state)
{
	struct shelf *shelf = *state;
	struct disk_content *content;
	size_t start, size;

	assert_int_equal(shelf_open(shelf), 0);
	assert_int_equal(shelf_group(shelf, 0, 3), 0);
	start = disk_content(shelf->disk, JOURNAL)->size;
	assert_int_equal(shelf_group(shelf, 0, 30), 0);
	shelf_close(shelf);
	content = disk_content(shelf->disk, JOURNAL);
	start = (start / DISK_SECTOR + 2) * DISK_SECTOR;
	size = content->size;
	memset(content->bytes + start, 0, DISK_SECTOR);
	assert_int_equal(shelf_open(shelf), 0);
	assert_true(shelf->report.torn_bytes >= size - start);
	assert_int_equal(content->size, size - shelf->report.torn_bytes);
	shelf_close(shelf);
}

/* The same hole with a whole group behind it cannot come from a crash. */
static void test_missing_sector_of_an_older_group(void **state)
{
	struct shelf *shelf = *state;
	size_t start;

	assert_int_equal(shelf_open(shelf), 0);
	assert_int_equal(shelf_group(shelf, 0, 30), 0);
	assert_int_equal(shelf_group(shelf, 0, 1), 0);
	shelf_close(shelf);
	start = 2 * DISK_SECTOR;
	memset(disk_content(shelf->disk, JOURNAL)->bytes + start, 0, DISK_SECTOR);
	refused(shelf, "good ones follow");
}

static void test_torn_but_not_the_last_journal(void **state)
{
	struct shelf *shelf = *state;

	assert_int_equal(shelf_open(shelf), 0);
	assert_int_equal(shelf_group(shelf, 0, 2), 0);
	assert_int_equal(store_rotate(shelf->store, &shelf->error), 0);
	shelf_close(shelf);
	disk_content(shelf->disk, JOURNAL)->size--;
	refused(shelf, "newer journal");
}

/* journal 1, snapshot of generation 2, journals 2 and 3. */
static void write_generations(struct shelf *shelf)
{
	assert_int_equal(shelf_open(shelf), 0);
	assert_int_equal(shelf_group(shelf, 0, 4), 0);
	assert_int_equal(store_rotate(shelf->store, &shelf->error), 0);
	assert_int_equal(shelf_snapshot(shelf), 0);
	assert_null(disk_content(shelf->disk, JOURNAL));
	assert_int_equal(shelf_group(shelf, 2, 4), 0);
	assert_int_equal(store_rotate(shelf->store, &shelf->error), 0);
	assert_int_equal(shelf_group(shelf, 4, 4), 0);
	shelf_close(shelf);
}

static void test_generations(void **state)
{
	struct shelf *shelf = *state;

	write_generations(shelf);
	assert_int_equal(shelf_open(shelf), 0);
	assert_memory_equal(&shelf->read, &shelf->durable, sizeof(shelf->read));
	assert_int_equal(shelf->report.records, 12);
	assert_false(shelf->report.created);
}

static void test_missing_files(void **state)
{
	static const char *const names[] = {"journal.00000002", "journal.00000003", "snapshot"};
	static const char *const words[] = {"journal.00000002 is missing", NULL,
					    "journal.00000001 is missing"};
	struct shelf *shelf = *state;
	struct disk *disk = shelf->disk;

	write_generations(shelf);
	for (int i = 0; i < 3; i++) {
		shelf->disk = disk_copy(disk);
		disk_find(shelf->disk, names[i])->name[0] = 0;
		if (words[i])
			refused(shelf, words[i]);
		disk_free(shelf->disk);
	}
	shelf->disk = disk;
	disk_find(disk, names[0])->name[0] = 0;
	disk_find(disk, names[1])->name[0] = 0;
	refused(shelf, words[0]);
}

static void test_snapshot_bit_at_every_byte(void **state)
{
	struct shelf *shelf = *state;
	struct disk *disk = shelf->disk;
	size_t size;

	write_generations(shelf);
	size = disk_content(disk, "snapshot")->size;
	for (size_t at = 0; at < size; at++) {
		shelf->disk = disk_copy(disk);
		disk_content(shelf->disk, "snapshot")->bytes[at] ^= 0x80;
		refused(shelf, "snapshot");
		disk_content(shelf->disk, "snapshot")->bytes[at] ^= 0x80;
		disk_content(shelf->disk, "snapshot")->size = at;
		refused(shelf, "snapshot");
		disk_free(shelf->disk);
	}
	shelf->disk = disk;
	disk_resize(disk_content(disk, "snapshot"), size + 1);
	refused(shelf, "snapshot");
}

/* A file under another's name, or of another store. */
static void test_strange_files(void **state)
{
	struct shelf *shelf = *state, other = {.disk = disk_new()};
	struct disk *disk = shelf->disk;

	write_generations(shelf);
	write_generations(&other);
	shelf->disk = disk_copy(disk);
	disk_set(disk_content(shelf->disk, "journal.00000003"),
		 disk_content(other.disk, "journal.00000003"));
	refused(shelf, "another store");
	disk_free(shelf->disk);
	shelf->disk = disk_copy(disk);
	disk_set(disk_content(shelf->disk, "journal.00000003"),
		 disk_content(shelf->disk, "journal.00000002"));
	refused(shelf, "generation 2");
	disk_free(shelf->disk);
	disk_free(other.disk);
	shelf->disk = disk;
}

/* A group that is there twice, or not at all between two others. */
static void test_group_numbers(void **state)
{
	struct shelf *shelf = *state;
	struct disk *disk = shelf->disk;
	struct disk_content *content;
	size_t ends[3], length;

	write_groups(shelf, ends);
	length = ends[1] - ends[0];
	shelf->disk = disk_copy(disk);
	content = disk_content(shelf->disk, JOURNAL);
	memcpy(content->bytes + ends[1], content->bytes + ends[0], length);
	refused(shelf, "cannot be here");
	disk_free(shelf->disk);
	shelf->disk = disk;
	content = disk_content(disk, JOURNAL);
	memmove(content->bytes + ends[0], content->bytes + ends[1], ends[2] - ends[1]);
	content->size -= length;
	refused(shelf, "cannot be here");
}

static void test_newer_type(void **state)
{
	struct shelf *shelf = *state;
	struct disk_content *content;
	struct store_header header;
	size_t ends[3];

	write_groups(shelf, ends);
	content = disk_content(shelf->disk, JOURNAL);
	disk_resize(content, ends[2] + STORE_NUMBER_RECORD);
	store_header_decode(STORE_JOURNAL, content->bytes, &header);
	store_number_encode(header.seed, (enum store_type)9, 1, content->bytes + ends[2]);
	refused(shelf, "newer xdhcpd");
}

static void test_visitor_stops(void **state)
{
	struct shelf *shelf = *state;
	size_t ends[3];

	write_groups(shelf, ends);
	shelf->visit_rc = -ENOMEM;
	assert_int_equal(shelf_open(shelf), -ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		shelf_test(test_cut_at_every_byte),
		shelf_test(test_zeros_at_every_byte),
		shelf_test(test_bit_at_every_byte),
		shelf_test(test_missing_sector),
		shelf_test(test_missing_sector_of_an_older_group),
		shelf_test(test_torn_but_not_the_last_journal),
		shelf_test(test_generations),
		shelf_test(test_missing_files),
		shelf_test(test_snapshot_bit_at_every_byte),
		shelf_test(test_strange_files),
		shelf_test(test_group_numbers),
		shelf_test(test_newer_type),
		shelf_test(test_visitor_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
