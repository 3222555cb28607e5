/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "store/private.h"

#define JOURNAL_PREFIX "journal."
#define READ_TRIES 10 /* each meets another compaction */
#define REMEDY_GAP "restore the directory from the partner or from a backup"

int store_path(const char *directory, const char *name, char path[STORE_PATH])
{
	int length = snprintf(path, STORE_PATH, "%s/%s", directory, name);

	return length < 0 || length >= STORE_PATH ? -ENAMETOOLONG : 0;
}

int store_journal_path(const char *directory, uint64_t generation, char path[STORE_PATH])
{
	char name[40];

	snprintf(name, sizeof(name), JOURNAL_PREFIX "%08" PRIu64, generation);
	return store_path(directory, name, path);
}

/* What a directory holds. */
struct inventory {
	uint64_t *generations; /* ascending */
	size_t count, size;
	bool snapshot;
};

/* The generation in a journal's name, 0 where it is none. */
static uint64_t name_generation(const char *name)
{
	size_t prefix = strlen(JOURNAL_PREFIX);
	uint64_t generation = 0;

	if (strncmp(name, JOURNAL_PREFIX, prefix) || strlen(name) < prefix + 8 ||
	    strlen(name) > prefix + 18)
		return 0;
	for (const char *at = name + prefix; *at; at++) {
		if (*at < '0' || *at > '9')
			return 0;
		generation = generation * 10 + (uint64_t)(*at - '0');
	}
	return generation;
}

static int inventory_add(void *context, const char *name)
{
	struct inventory *inventory = context;
	uint64_t generation = name_generation(name);

	if (!strcmp(name, "snapshot"))
		inventory->snapshot = true;
	if (!generation)
		return 0;
	if (inventory->count == inventory->size) {
		size_t size = inventory->size ? 2 * inventory->size : 16;
		uint64_t *grown = realloc(inventory->generations, size * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		inventory->generations = grown;
		inventory->size = size;
	}
	inventory->generations[inventory->count++] = generation;
	return 0;
}

static int compare_generations(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

/* Opens and replays one file; the descriptor of the last journal stays open where it is written on. */
static int file_replay(struct store *store, struct store_replay *replay, const char *path,
		       struct store_error *error)
{
	const struct sys_files *files = store->files;
	bool stays = replay->last && !store->reading;
	int rc;

	replay->files = files;
	replay->path = path;
	replay->fd = files->open(files->context, path, stays ? O_RDWR : O_RDONLY, 0);
	if (replay->fd < 0)
		return store_fail(error, replay->fd, "%s: %s", path, strerror(-replay->fd));
	rc = store_replay(replay, error);
	if (!rc && stays)
		store->journal = replay->fd;
	else
		files->close(files->context, replay->fd);
	return rc;
}

/* Is the file of this store, and of the generation that it should be? */
static int header_check(struct store *store, const struct store_replay *replay, bool first,
			uint64_t generation, struct store_error *error)
{
	if (first)
		memcpy(store->identity, replay->header.identity, STORE_IDENTITY);
	if (memcmp(store->identity, replay->header.identity, STORE_IDENTITY))
		return store_fail(error, -EBADMSG,
				  "%s: byte 12: it belongs to another store; " REMEDY_GAP,
				  replay->path);
	if (generation && replay->header.generation != generation)
		return store_fail(error, -EBADMSG,
				  "%s: byte 28: it is of generation %" PRIu64 "; " REMEDY_GAP,
				  replay->path, replay->header.generation);
	return 0;
}

/* *ret_next is the generation of the first journal to read. */
static int snapshot_replay(struct store *store, const struct store_visitors *visitors,
			   struct store_report *report, uint64_t *ret_next,
			   struct store_error *error)
{
	struct store_replay replay = {.kind = STORE_SNAPSHOT, .store = store, .visitors = visitors};
	char path[STORE_PATH];
	int rc = store_path(store->directory, "snapshot", path);

	if (!rc)
		rc = file_replay(store, &replay, path, error);
	if (!rc)
		rc = header_check(store, &replay, true, 0, error);
	if (rc)
		return rc;
	report->records += replay.records;
	*ret_next = replay.header.generation;
	return 0;
}

/* What was read may have been in the page cache only, as a killed daemon left it. */
static int journal_settle(struct store *store, const struct store_replay *replay,
			  struct store_error *error)
{
	const struct sys_files *files = store->files;
	int rc = 0;

	if (replay->torn)
		rc = files->truncate(files->context, store->journal, replay->end);
	if (!rc)
		rc = files->datasync(files->context, store->journal);
	if (rc)
		return store_fail(error, rc, "%s: %s", replay->path, strerror(-rc));
	store->generation = replay->header.generation;
	store->seed = replay->header.seed;
	store->size = replay->end;
	store->sequence = replay->sequence;
	return 0;
}

static int journal_replay(struct store *store, uint64_t generation, bool last, bool first,
			  const struct store_visitors *visitors, struct store_report *report,
			  struct store_error *error)
{
	struct store_replay replay = {
		.kind = STORE_JOURNAL, .last = last, .store = store, .visitors = visitors};
	char path[STORE_PATH];
	int rc = store_journal_path(store->directory, generation, path);

	if (!rc)
		rc = file_replay(store, &replay, path, error);
	if (!rc)
		rc = header_check(store, &replay, first, generation, error);
	if (!rc && last && !store->reading)
		rc = journal_settle(store, &replay, error);
	if (rc)
		return rc;
	report->records += replay.records;
	report->torn_bytes += replay.torn;
	return 0;
}

/* Every journal from `next` on, without a gap. */
static int journals_replay(struct store *store, const struct inventory *inventory, uint64_t next,
			   const struct store_visitors *visitors, struct store_report *report,
			   struct store_error *error)
{
	uint64_t expected = next;
	bool last = false;
	int rc = 0;

	for (size_t i = 0; !rc && i < inventory->count; i++) {
		uint64_t generation = inventory->generations[i];

		if (generation < next)
			continue;
		if (generation != expected)
			break;
		expected++;
		last = i + 1 == inventory->count;
		rc = journal_replay(store, generation, last,
				    !inventory->snapshot && generation == next, visitors, report,
				    error);
	}
	if (!rc && !last)
		rc = store_fail(error, -EBADMSG,
				"%s: journal.%08" PRIu64 " is missing; " REMEDY_GAP,
				store->directory, expected);
	return rc;
}

static int store_create(struct store *store, struct store_report *report, struct store_error *error)
{
	struct store_header header = {.generation = 1};
	bool named;
	int fd;

	if (getrandom(header.identity, STORE_IDENTITY, 0) != STORE_IDENTITY)
		return store_fail(error, -EIO, "%s: no random numbers", store->directory);
	fd = store_journal_new(store, &header, &named, error);
	if (fd < 0)
		return fd;
	memcpy(store->identity, header.identity, STORE_IDENTITY);
	store->journal = fd;
	store->generation = 1;
	store->first = 1;
	store->seed = header.seed;
	store->size = STORE_HEADER;
	report->created = true;
	return 0;
}

/* Files in the making when the last instance ended. */
static void leftovers_unlink(const struct store *store)
{
	static const char *const names[] = {"journal.tmp", "snapshot.tmp"};
	char path[STORE_PATH];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!store_path(store->directory, names[i], path))
			store->files->unlink(store->files->context, path);
}

void store_forget(struct store *store, uint64_t generation)
{
	char path[STORE_PATH];

	while (store->first < generation) {
		if (!store_journal_path(store->directory, store->first, path))
			store->files->unlink(store->files->context, path);
		store->first++;
	}
}

static bool inventory_empty(const struct inventory *inventory)
{
	return !inventory->count && !inventory->snapshot;
}

static int inventory_take(const struct store *store, struct inventory *ret_inventory,
			  struct store_error *error)
{
	const struct sys_files *files = store->files;
	int rc = files->list(files->context, store->directory, inventory_add, ret_inventory);

	if (rc)
		return store_fail(error, rc, "%s: %s", store->directory, strerror(-rc));
	if (ret_inventory->count)
		qsort(ret_inventory->generations, ret_inventory->count,
		      sizeof(*ret_inventory->generations), compare_generations);
	return 0;
}

/* *ret_first: the first generation that is needed. */
static int inventory_replay(struct store *store, const struct inventory *inventory,
			    const struct store_visitors *visitors, struct store_report *report,
			    uint64_t *ret_first, struct store_error *error)
{
	int rc = 0;

	*ret_first = 1;
	if (inventory->snapshot)
		rc = snapshot_replay(store, visitors, report, ret_first, error);
	if (!rc)
		rc = journals_replay(store, inventory, *ret_first, visitors, report, error);
	return rc;
}

int store_recover(struct store *store, const struct store_visitors *visitors,
		  struct store_report *ret_report, struct store_error *ret_error)
{
	const struct sys_files *files = store->files;
	struct inventory inventory = {0};
	struct store_report report = {0};
	uint64_t next;
	int rc = inventory_take(store, &inventory, ret_error);

	if (rc)
		goto out;
	rc = files->sync_directory(files->context, store->directory);
	if (rc) {
		store_fail(ret_error, rc, "%s: %s", store->directory, strerror(-rc));
		goto out;
	}
	leftovers_unlink(store);
	if (inventory_empty(&inventory)) {
		rc = store_create(store, &report, ret_error);
		goto out;
	}
	rc = inventory_replay(store, &inventory, visitors, &report, &next, ret_error);
	if (!rc && store_notes_freeze(store, &store->frozen))
		rc = store_fail(ret_error, -ENOMEM, "%s: no memory", store->directory);
	if (rc)
		goto out;
	store->first = inventory.generations[0];
	store_forget(store, next);
out:
	free(inventory.generations);
	if (!rc)
		*ret_report = report;
	return rc;
}

static bool inventory_equal(const struct inventory *a, const struct inventory *b)
{
	return a->snapshot == b->snapshot && a->count == b->count &&
	       (!a->count ||
		!memcmp(a->generations, b->generations, a->count * sizeof(*a->generations)));
}

/* *ret_moved: it failed, and files came or went meanwhile. */
static int read_once(struct store *store, const struct store_visitors *visitors,
		     struct store_report *ret_report, bool *ret_moved, struct store_error *error)
{
	struct inventory inventory = {0}, after = {0};
	struct store_report report = {0};
	uint64_t first;
	int rc = inventory_take(store, &inventory, error);

	*ret_moved = false;
	if (!rc && inventory_empty(&inventory))
		rc = store_fail(error, -ENOENT, "%s: there is no lease store", store->directory);
	else if (!rc)
		rc = inventory_replay(store, &inventory, visitors, &report, &first, error);
	if (rc)
		*ret_moved = !inventory_take(store, &after, NULL) &&
			     !inventory_equal(&inventory, &after);
	else
		*ret_report = report;
	/* A journal that was there and cannot be opened is no missing store. */
	if (rc == -ENOENT && !inventory_empty(&inventory))
		rc = -EIO;
	free(inventory.generations);
	free(after.generations);
	return rc;
}

int store_read_on(const struct sys_files *files, const char *directory,
		  const struct store_visitors *visitors, struct store_report *ret_report,
		  uint8_t ret_identity[STORE_IDENTITY], struct store_error *ret_error)
{
	struct store store = {.files = files, .lock = -1, .journal = -1, .reading = true};
	bool moved = true;
	int rc;

	store.directory = strdup(directory);
	rc = store.directory ? 0 : store_fail(ret_error, -ENOMEM, "%s: no memory", directory);
	for (int i = 0; store.directory && moved && i < READ_TRIES; i++)
		rc = read_once(&store, visitors, ret_report, &moved, ret_error);
	if (!rc)
		memcpy(ret_identity, store.identity, STORE_IDENTITY);
	store_notes_free(&store);
	free(store.directory);
	return rc;
}

int store_read(const char *directory, const struct store_visitors *visitors,
	       struct store_report *ret_report, uint8_t ret_identity[STORE_IDENTITY],
	       struct store_error *ret_error)
{
	return store_read_on(sys_files_system(), directory, visitors, ret_report, ret_identity,
			     ret_error);
}
