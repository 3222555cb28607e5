// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a lease directory holds, and what becomes of it when it is damaged.
 *
 *   test_journal dump DIR              a line a record: ADDRESS STATE CLIENT ENDS HORIZON;
 *                                      the last one of an address counts
 *   test_journal cut DIR SEED COUNT    the last journal cut off somewhere in its last records
 *   test_journal flip DIR SEED COUNT   one bit wrong somewhere before the last group
 *
 * DIR is not changed: everything happens to copies beside it. Silent where all
 * is well; each thing that is wrong is a line. Exit: 0 well, 1 not, 2 could
 * not be tried. The records are found here by their framing alone (store/format.h).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/address.h"
#include "dhcp/option.h"
#include "store/format.h"
#include "store/store.h"

#define RECORDS_CUT 60 /* cuts fall into the last so many records */
#define FILES_MOST 64

struct bytes {
	uint8_t *at;
	size_t length;
};

/* The records that a start read, in their order. */
struct history {
	struct lease_record **records;
	size_t count, size;
};

/* Where the records of a file begin; the last entry is its end. */
struct framing {
	uint64_t *offsets;
	size_t count; /* of records */
	size_t groups;
	uint64_t last_group;
};

static uint64_t dice(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static void die(const char *what, const char *path)
{
	fprintf(stderr, "test_journal: %s: %s: %s\n", path, what, strerror(errno));
	exit(2);
}

static void path_of(char path[PATH_MAX], const char *directory, const char *name)
{
	if (snprintf(path, PATH_MAX, "%s/%s", directory, name) >= PATH_MAX)
		die("path too long", directory);
}

static struct bytes file_read(const char *path)
{
	struct bytes bytes = {0};
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &status))
		die("cannot be read", path);
	bytes.length = (size_t)status.st_size;
	bytes.at = malloc(bytes.length + 1);
	if (!bytes.at || read(fd, bytes.at, bytes.length) != (ssize_t)bytes.length)
		die("cannot be read", path);
	close(fd);
	return bytes;
}

static void file_write(const char *path, const uint8_t *bytes, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

	if (fd < 0 || write(fd, bytes, length) != (ssize_t)length)
		die("cannot be written", path);
	close(fd);
}

static bool is_journal(const char *name)
{
	return !strncmp(name, "journal.", 8) && strcmp(name, "journal.tmp");
}

/* Names of journals and snapshot, oldest first; returns how many. */
static size_t names_list(const char *directory, char names[FILES_MOST][NAME_MAX + 1])
{
	struct dirent **entries;
	int found = scandir(directory, &entries, NULL, alphasort);
	size_t count = 0;

	if (found < 0)
		die("cannot be read", directory);
	for (int i = 0; i < found; i++) {
		const char *name = entries[i]->d_name;

		if (count < FILES_MOST && (is_journal(name) || !strcmp(name, "snapshot")))
			strcpy(names[count++], name);
		free(entries[i]);
	}
	free(entries);
	return count;
}

static void directory_remove(const char *directory)
{
	DIR *list = opendir(directory);
	struct dirent *entry;

	if (!list)
		return;
	while ((entry = readdir(list)))
		unlinkat(dirfd(list), entry->d_name, 0);
	closedir(list);
	rmdir(directory);
}

static void directory_copy(const char *from, const char *to)
{
	char names[FILES_MOST][NAME_MAX + 1], source[PATH_MAX], target[PATH_MAX];
	size_t count = names_list(from, names);

	directory_remove(to);
	if (mkdir(to, 0750))
		die("cannot be made", to);
	for (size_t i = 0; i < count; i++) {
		struct bytes bytes;

		path_of(source, from, names[i]);
		path_of(target, to, names[i]);
		bytes = file_read(source);
		file_write(target, bytes.at, bytes.length);
		free(bytes.at);
	}
}

static int history_add(void *context, struct lease_record *record)
{
	struct history *history = context;

	if (history->count == history->size) {
		history->size = history->size ? 2 * history->size : 1024;
		history->records = reallocarray(history->records, history->size,
						sizeof(struct lease_record *));
		if (!history->records)
			abort();
	}
	history->records[history->count++] = record;
	return 0;
}

static void history_free(struct history *history)
{
	for (size_t i = 0; i < history->count; i++)
		lease_record_free(history->records[i]);
	free(history->records);
	*history = (struct history){0};
}

/* Starts on a directory and stops again. */
static int start(const char *directory, struct history *history, struct store_report *report,
		 struct store_error *error)
{
	const struct store_visitors visitors = {.context = history, .lease = history_add};
	struct store *store;
	int rc = store_open(directory, &visitors, report, &store, error);

	if (!rc)
		store_close(store);
	return rc;
}

static uint32_t be32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static struct framing framing_of(struct bytes file)
{
	struct framing framing = {
		.offsets = calloc(file.length / STORE_RECORD_HEADER + 2, sizeof(uint64_t))};
	uint64_t at = STORE_HEADER;

	if (!framing.offsets)
		abort();
	while (at + STORE_RECORD_HEADER <= file.length) {
		uint64_t length = be32(file.at + at);

		if (at + STORE_RECORD_HEADER + length > file.length)
			break;
		if (file.at[at + 4] == STORE_GROUP) {
			framing.groups++;
			framing.last_group = at;
		}
		framing.offsets[framing.count++] = at;
		at += STORE_RECORD_HEADER + length;
	}
	framing.offsets[framing.count] = at;
	return framing;
}

static bool records_equal(const struct lease_record *a, const struct lease_record *b)
{
	return a->address == b->address && a->state == b->state && a->ends == b->ends &&
	       a->horizon == b->horizon && a->ident_length == b->ident_length &&
	       !memcmp(a->bytes, b->bytes, a->ident_length);
}

/* Is `found` how `all` began, up to `count`? */
static bool history_begins(const struct history *all, size_t count, const struct history *found)
{
	if (found->count != count || count > all->count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!records_equal(all->records[i], found->records[i]))
			return false;
	}
	return true;
}

/* One cut at a byte: the start reports it, and everything before it is there. */
static int cut_try(const char *directory, const char *path, struct bytes file, uint64_t cut,
		   const struct framing *framing, const struct history *all)
{
	struct history found = {0}, again = {0};
	struct store_report report = {0};
	struct store_error error = {0};
	uint64_t whole = STORE_HEADER;
	size_t lost = 0, expected;
	int rc, wrong = 0;

	for (size_t i = 0; i < framing->count; i++) {
		if (framing->offsets[i + 1] <= cut)
			whole = framing->offsets[i + 1];
		else
			lost += file.at[framing->offsets[i] + 4] == STORE_LEASE;
	}
	expected = all->count - lost;
	file_write(path, file.at, cut);
	rc = start(directory, &found, &report, &error);
	if (rc || report.torn_bytes != cut - whole || !history_begins(all, expected, &found)) {
		printf("cut at byte %" PRIu64 " of %zu: code %d, %" PRIu64 " bytes reported torn "
		       "where %" PRIu64 " are, %zu records where %zu are whole; %s\n",
		       cut, file.length, rc, report.torn_bytes, cut - whole, found.count, expected,
		       error.text);
		wrong = 1;
	}
	rc = wrong ? 0 : start(directory, &again, &report, &error);
	if (!wrong && (rc || report.torn_bytes || !history_begins(&found, expected, &again))) {
		printf("cut at byte %" PRIu64 ": another start says other things: %s\n", cut,
		       error.text);
		wrong = 1;
	}
	history_free(&found);
	history_free(&again);
	return wrong;
}

static int cut_run(const char *directory, uint64_t seed, unsigned int count)
{
	char names[FILES_MOST][NAME_MAX + 1], copy[PATH_MAX - 256], path[PATH_MAX];
	struct history all = {0};
	struct store_report report;
	struct store_error error;
	struct framing framing;
	struct bytes file;
	size_t files, first;
	int wrong = 0;

	snprintf(copy, sizeof(copy), "%s.cut", directory);
	directory_copy(directory, copy);
	if (start(copy, &all, &report, &error)) {
		printf("uncut: %s\n", error.text);
		return 1;
	}
	files = names_list(copy, names);
	while (files && !is_journal(names[files - 1]))
		files--;
	path_of(path, copy, names[files - 1]);
	file = file_read(path);
	framing = framing_of(file);
	if (framing.count < 2) {
		fprintf(stderr, "test_journal: %s: too few records to cut\n", path);
		return 2;
	}
	first = framing.count > RECORDS_CUT ? framing.count - RECORDS_CUT : 0;
	for (unsigned int i = 0; i < count; i++) {
		uint64_t from = framing.offsets[first];
		uint64_t cut = from + dice(&seed) % (file.length - from);

		wrong |= cut_try(copy, path, file, cut, &framing, &all);
	}
	directory_remove(copy);
	history_free(&all);
	free(framing.offsets);
	free(file.at);
	return wrong;
}

/* One bit: the start is refused, names file and byte, and changes nothing. */
static int flip_try(const char *directory, const char *path, struct bytes file, uint64_t at,
		    unsigned int bit)
{
	struct history found = {0};
	struct store_report report = {0};
	struct store_error error = {0};
	struct bytes after;
	int rc, wrong = 0;

	file.at[at] ^= (uint8_t)(1U << bit);
	file_write(path, file.at, file.length);
	rc = start(directory, &found, &report, &error);
	after = file_read(path);
	if (rc != -EBADMSG || !strstr(error.text, path) || !strstr(error.text, ": byte ")) {
		printf("%s: bit %u of byte %" PRIu64 " of %zu wrong: code %d, \"%s\"\n", path, bit,
		       at, file.length, rc, error.text);
		wrong = 1;
	}
	if (after.length != file.length || memcmp(after.at, file.at, file.length)) {
		printf("%s: bit %u of byte %" PRIu64 " wrong: refused and changed all the same\n",
		       path, bit, at);
		wrong = 1;
	}
	file.at[at] ^= (uint8_t)(1U << bit);
	file_write(path, file.at, file.length);
	free(after.at);
	history_free(&found);
	return wrong;
}

static int flip_run(const char *directory, uint64_t seed, unsigned int count)
{
	char names[FILES_MOST][NAME_MAX + 1], copy[PATH_MAX - 256], path[PATH_MAX];
	struct history all = {0};
	struct store_report report;
	struct store_error error;
	size_t files, last;
	int wrong = 0;

	snprintf(copy, sizeof(copy), "%s.flip", directory);
	directory_copy(directory, copy);
	/* What a snapshot has replaced already is removed by a start, and not judged. */
	if (start(copy, &all, &report, &error)) {
		printf("unharmed: %s\n", error.text);
		return 1;
	}
	history_free(&all);
	files = names_list(copy, names);
	last = files;
	while (last && !is_journal(names[last - 1]))
		last--;
	for (unsigned int i = 0; i < count; i++) {
		size_t which = dice(&seed) % files;
		struct framing framing;
		struct bytes file;
		uint64_t end;

		path_of(path, copy, names[which]);
		file = file_read(path);
		framing = framing_of(file);
		/* Of the last group nobody can tell a wrong bit from an unfinished write. */
		end = which + 1 == last ? framing.last_group : file.length;
		if (which + 1 == last && framing.groups < 2)
			end = STORE_HEADER;
		wrong |= flip_try(copy, path, file, dice(&seed) % end, dice(&seed) % 8);
		free(framing.offsets);
		free(file.at);
	}
	directory_remove(copy);
	return wrong;
}

static void client_print(const struct lease_record *record)
{
	const uint8_t *ident = lease_record_ident(record);

	if (record->ident_length >= 2 && ident[0] == DHCP_OPT_CLIENT_ID) {
		for (size_t i = 1; i < record->ident_length; i++)
			printf("%02x", ident[i]);
		return;
	}
	for (size_t i = 0; i < record->hlen && i < sizeof(record->chaddr); i++)
		printf("%s%02x", i ? ":" : "", record->chaddr[i]);
	if (!record->hlen)
		printf("null");
}

/* The last record of an address counts; printed where it is in the history. */
static int dump_run(const char *directory)
{
	char copy[PATH_MAX - 256], address[BASE_IPV4_TEXT];
	struct history all = {0};
	struct store_report report;
	struct store_error error;

	snprintf(copy, sizeof(copy), "%s.dump", directory);
	directory_copy(directory, copy);
	if (start(copy, &all, &report, &error)) {
		fprintf(stderr, "test_journal: %s\n", error.text);
		return 1;
	}
	directory_remove(copy);
	for (size_t i = 0; i < all.count; i++) {
		const struct lease_record *record = all.records[i];

		base_ipv4_format(record->address, address);
		printf("%s %s ", address, lease_state_word(record->state));
		client_print(record);
		printf(" %" PRId64 " %" PRId64 "\n", record->ends, record->horizon);
	}
	history_free(&all);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "dump"))
		return dump_run(argv[2]);
	if (argc == 5 && !strcmp(argv[1], "cut"))
		return cut_run(argv[2], strtoull(argv[3], NULL, 0), (unsigned int)atoi(argv[4]));
	if (argc == 5 && !strcmp(argv[1], "flip"))
		return flip_run(argv[2], strtoull(argv[3], NULL, 0), (unsigned int)atoi(argv[4]));
	fprintf(stderr,
		"usage: test_journal dump DIR | cut DIR SEED COUNT | flip DIR SEED COUNT\n");
	return 2;
}
