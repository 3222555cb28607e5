/* SPDX-License-Identifier: GPL-2.0-only */
/* Compaction: every address's record once, in place of all older journals. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/private.h"

/* Written in pieces, and synced every so often, so that the journal's own syncs find little to wait for. */
#define PIECE (1U << 20)
#define SYNC_PIECES 8

struct store_snapshot {
	struct store *store;
	char temporary[STORE_PATH], path[STORE_PATH];
	int fd;
	struct store_header header;
	struct store_buffer buffer;
	uint64_t size; /* written */
	uint64_t records;
	unsigned pieces;
};

static void snapshot_free(struct store_snapshot *snapshot)
{
	if (snapshot->fd >= 0)
		snapshot->store->files->close(snapshot->store->files->context, snapshot->fd);
	atomic_store(&snapshot->store->snapshot, false);
	free(snapshot->buffer.bytes);
	free(snapshot);
}

void store_snapshot_abandon(struct store_snapshot *snapshot)
{
	const struct sys_files *files = snapshot->store->files;

	files->unlink(files->context, snapshot->temporary);
	snapshot_free(snapshot);
}

/* What the notes said when the generation began: the loop may write newer ones meanwhile. */
static int notes_add(struct store_snapshot *snapshot)
{
	const struct store_buffer *frozen = &snapshot->store->frozen;
	uint8_t *bytes;

	if (!frozen->length)
		return 0;
	bytes = store_buffer_room(&snapshot->buffer, frozen->length);
	if (!bytes)
		return -ENOMEM;
	memcpy(bytes, frozen->bytes, frozen->length);
	store_records_seal(snapshot->header.seed, bytes, frozen->length);
	snapshot->records = frozen->records;
	return 0;
}

int store_snapshot_open(struct store *store, struct store_snapshot **ret_snapshot,
			struct store_error *ret_error)
{
	struct store_snapshot *snapshot;
	int rc = atomic_load(&store->failed);

	if (rc)
		return store_fail(ret_error, rc, "%s: failed before", store->directory);
	if (atomic_exchange(&store->snapshot, true))
		return store_fail(ret_error, -EBUSY, "%s: a snapshot is under way",
				  store->directory);
	snapshot = calloc(1, sizeof(*snapshot));
	if (!snapshot) {
		atomic_store(&store->snapshot, false);
		return store_fail(ret_error, -ENOMEM, "%s: no memory", store->directory);
	}
	snapshot->store = store;
	snapshot->fd = -1;
	snapshot->header.generation = store->generation;
	snapshot->size = STORE_HEADER;
	memcpy(snapshot->header.identity, store->identity, STORE_IDENTITY);
	rc = store_path(store->directory, "snapshot.tmp", snapshot->temporary);
	if (!rc)
		rc = store_path(store->directory, "snapshot", snapshot->path);
	if (!rc)
		rc = store_file_new(store->files, snapshot->temporary, STORE_SNAPSHOT,
				    &snapshot->header, ret_error);
	if (rc < 0) {
		snapshot_free(snapshot);
		return rc;
	}
	snapshot->fd = rc;
	if (notes_add(snapshot)) {
		store_snapshot_abandon(snapshot);
		return store_fail(ret_error, -ENOMEM, "%s: no memory", store->directory);
	}
	*ret_snapshot = snapshot;
	return 0;
}

static int piece_write(struct store_snapshot *snapshot)
{
	const struct sys_files *files = snapshot->store->files;
	int rc = sys_file_write_all(files, snapshot->fd, snapshot->buffer.bytes,
				    snapshot->buffer.length, snapshot->size);

	if (rc)
		return rc;
	snapshot->size += snapshot->buffer.length;
	snapshot->buffer.length = 0;
	if (++snapshot->pieces % SYNC_PIECES)
		return 0;
	return files->datasync(files->context, snapshot->fd);
}

int store_snapshot_add(struct store_snapshot *snapshot, const struct lease_record *record)
{
	size_t size = store_lease_size(record);
	uint8_t *bytes = store_buffer_room(&snapshot->buffer, size);

	if (!bytes)
		return -ENOMEM;
	store_lease_encode(snapshot->header.seed, record, bytes, size);
	snapshot->records++;
	return snapshot->buffer.length >= PIECE ? piece_write(snapshot) : 0;
}

/* The last record, and the whole file on stable storage. */
static int snapshot_complete(struct store_snapshot *snapshot)
{
	const struct sys_files *files = snapshot->store->files;
	uint8_t *bytes = store_buffer_room(&snapshot->buffer, STORE_NUMBER_RECORD);
	int rc;

	if (!bytes)
		return -ENOMEM;
	store_number_encode(snapshot->header.seed, STORE_END, snapshot->records, bytes);
	rc = piece_write(snapshot);
	return rc ? rc : files->datasync(files->context, snapshot->fd);
}

int store_snapshot_finish(struct store_snapshot *snapshot, struct store_error *ret_error)
{
	struct store *store = snapshot->store;
	const struct sys_files *files = store->files;
	int rc = snapshot_complete(snapshot);

	if (!rc)
		rc = files->rename(files->context, snapshot->temporary, snapshot->path);
	if (rc)
		files->unlink(files->context, snapshot->temporary);
	else
		rc = files->sync_directory(files->context, store->directory);
	if (rc)
		store_fail(ret_error, rc, "%s: %s", snapshot->path, strerror(-rc));
	else
		store_forget(store, snapshot->header.generation);
	snapshot_free(snapshot);
	return rc;
}
