/* SPDX-License-Identifier: GPL-2.0-only */
/* The running journal: appending, group commit, and going on in a new one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/private.h"

/*
 * Room for a record in the running group; NULL without memory, and the group is spoilt. The GROUP
 * record is written by flush_begin, when it is known which journal the group goes to.
 */
static uint8_t *record_room(struct store *store, size_t size)
{
	uint8_t *bytes;

	if (!store->running.length && !store_buffer_room(&store->running, STORE_NUMBER_RECORD))
		store->spoilt = true;
	bytes = store_buffer_room(&store->running, size);
	if (bytes)
		store->running.records++;
	else
		store->spoilt = true;
	return bytes;
}

uint64_t store_append(struct store *store, const struct lease_record *record)
{
	size_t size = store_lease_size(record);
	uint8_t *bytes = record_room(store, size);

	if (bytes)
		store_lease_encode(store->seed, record, bytes, size);
	return store->group;
}

uint64_t store_append_acknowledgement(struct store *store,
				      const struct store_acknowledgement *acknowledgement)
{
	uint8_t *bytes = record_room(store, STORE_ACK_RECORD);

	if (bytes)
		store_ack_encode(store->seed, acknowledgement, bytes);
	return store->group;
}

uint64_t store_append_note(struct store *store, const char *name, const void *bytes, size_t length)
{
	size_t size = store_note_size(name, length);
	uint8_t *record;

	/* What the next start would refuse must not get there. */
	if (strlen(name) > STORE_NOTE_NAME_MAX || length > STORE_NOTE_MAX) {
		store->spoilt = true;
		return store->group;
	}
	record = record_room(store, size);
	if (record)
		store_note_encode(store->seed, name, bytes, length, record, size);
	if (store_note_keep(store, name, bytes, length))
		store->spoilt = true;
	return store->group;
}

size_t store_waiting(const struct store *store, size_t *ret_records)
{
	*ret_records = store->running.records;
	return store->running.length;
}

bool store_flush_begin(struct store *store)
{
	struct store_buffer taken = store->running;

	if (store->busy || atomic_load(&store->failed) || (!taken.length && !store->spoilt))
		return false;
	if (taken.length)
		store_number_encode(store->seed, STORE_GROUP, ++store->sequence, taken.bytes);
	store->running = store->flushing;
	store->running.length = 0;
	store->running.records = 0;
	store->flushing = taken;
	store->group++;
	store->busy = true;
	return true;
}

int store_flush(struct store *store, struct store_error *ret_error)
{
	const struct sys_files *files = store->files;
	const struct store_buffer *buffer = &store->flushing;
	int rc = store->spoilt ? -ENOMEM : 0;

	if (!rc)
		rc = sys_file_write_all(files, store->journal, buffer->bytes, buffer->length,
					store->size);
	if (!rc)
		rc = files->datasync(files->context, store->journal);
	if (!rc)
		return 0;
	atomic_store(&store->failed, rc);
	return store_fail(ret_error, rc,
			  "%s: journal %llu: byte %llu: %zu records could not be made durable: %s",
			  store->directory, (unsigned long long)store->generation,
			  (unsigned long long)store->size, buffer->records, strerror(-rc));
}

uint64_t store_flush_end(struct store *store)
{
	if (!store->busy)
		return store->durable;
	store->busy = false;
	if (atomic_load(&store->failed))
		return store->durable;
	store->size += store->flushing.length;
	store->durable = store->group - 1;
	return store->durable;
}

uint64_t store_journal_size(const struct store *store)
{
	return store->size;
}

int store_rotate(struct store *store, struct store_error *ret_error)
{
	struct store_header header = {.generation = store->generation + 1};
	int fd, failed = atomic_load(&store->failed);
	struct store_buffer frozen;
	bool named;

	if (failed)
		return store_fail(ret_error, failed, "%s: failed before", store->directory);
	if (store->busy || atomic_load(&store->snapshot))
		return store_fail(ret_error, -EBUSY, "%s: a flush or a snapshot is under way",
				  store->directory);
	if (store_notes_freeze(store, &frozen))
		return store_fail(ret_error, -ENOMEM, "%s: no memory", store->directory);
	memcpy(header.identity, store->identity, STORE_IDENTITY);
	fd = store_journal_new(store, &header, &named, ret_error);
	if (fd < 0) {
		free(frozen.bytes);
		if (named)
			atomic_store(&store->failed, fd);
		return fd;
	}
	free(store->frozen.bytes);
	store->frozen = frozen;
	store->files->close(store->files->context, store->journal);
	store->journal = fd;
	store->generation = header.generation;
	store->seed = header.seed;
	store->size = STORE_HEADER;
	store->sequence = 0;
	if (store->running.length)
		store_records_seal(store->seed, store->running.bytes + STORE_NUMBER_RECORD,
				   store->running.length - STORE_NUMBER_RECORD);
	return 0;
}
