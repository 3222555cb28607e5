/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/private.h"

#define SECTOR 512
#define WINDOW (1U << 20)

#define REMEDY_JOURNAL \
	"restore the directory from the partner or from a backup, or, knowing that newer leases " \
	"are lost, move this file and the journals behind it away"
#define REMEDY_SNAPSHOT "restore the directory from the partner or from a backup"

/* A part of a file in memory. */
struct window {
	const struct sys_files *files;
	int fd;
	uint64_t file_size;
	uint8_t *bytes;
	size_t size;
	uint64_t start; /* offset of bytes[0] in the file */
	size_t length;
	int rc; /* of the first read that failed */
};

/* The file's bytes from `offset` on, until the next call; NULL past its end, or where rc is set. */
static const uint8_t *window_at(struct window *window, uint64_t offset, size_t length)
{
	ssize_t count;

	if (window->rc || offset > window->file_size || length > window->file_size - offset)
		return NULL;
	if (offset >= window->start && offset + length <= window->start + window->length)
		return window->bytes + (offset - window->start);
	window->length = 0;
	count = sys_file_read_all(window->files, window->fd, window->bytes, window->size, offset);
	if (count < 0 || (size_t)count < length) {
		window->rc = count < 0 ? (int)count : -EIO;
		return NULL;
	}
	window->start = offset;
	window->length = (size_t)count;
	return window->bytes;
}

static int window_open(struct window *window, const struct store_replay *replay)
{
	int rc = replay->files->size(replay->files->context, replay->fd, &window->file_size);

	if (rc)
		return rc;
	window->files = replay->files;
	window->fd = replay->fd;
	window->size = WINDOW;
	window->bytes = malloc(window->size);
	return window->bytes ? 0 : -ENOMEM;
}

/* Is there a good record at the offset? *ret_bytes: header and payload. */
static bool record_at(struct window *window, uint32_t seed, uint64_t offset,
		      struct store_record *ret_record, const uint8_t **ret_bytes)
{
	const uint8_t *bytes = window_at(window, offset, STORE_RECORD_HEADER);

	if (!bytes || !store_record_decode(bytes, ret_record))
		return false;
	bytes = window_at(window, offset, STORE_RECORD_HEADER + (size_t)ret_record->length);
	if (!bytes || !store_record_check(seed, ret_record, bytes))
		return false;
	*ret_bytes = bytes;
	return true;
}

/* Was a sector of [from, to) never written: nothing but zeros from `from` to the sector's end? */
static bool sector_missing(struct window *window, uint64_t from, uint64_t to)
{
	static const uint8_t zeros[SECTOR];

	while (from < to) {
		uint64_t end = (from / SECTOR + 1) * SECTOR;
		const uint8_t *bytes;

		if (end > window->file_size)
			end = window->file_size;
		bytes = window_at(window, from, (size_t)(end - from));
		if (!bytes)
			return false;
		if (!memcmp(bytes, zeros, (size_t)(end - from)))
			return true;
		from = end;
	}
	return false;
}

/* Where the bad record would end, as far as it says so. */
static uint64_t bad_end(struct window *window, uint64_t offset)
{
	const uint8_t *bytes = window_at(window, offset, STORE_RECORD_HEADER);
	struct store_record record;
	uint64_t end = offset + STORE_RECORD_HEADER;

	if (bytes && store_record_decode(bytes, &record))
		end += record.length;
	return end < window->file_size ? end : window->file_size;
}

/* Is the bad record at the offset the torn tail of an unfinished group (format.h, Writing)? */
static bool tail_is_torn(struct window *window, uint32_t seed, uint64_t offset)
{
	struct store_record record;
	const uint8_t *bytes;
	bool followed = false;

	for (uint64_t at = offset + 1; at + STORE_RECORD_HEADER <= window->file_size; at++) {
		if (!record_at(window, seed, at, &record, &bytes))
			continue;
		if (record.type == STORE_GROUP)
			return false;
		followed = true;
		at += STORE_RECORD_HEADER + record.length - 1;
	}
	return !followed || sector_missing(window, offset, bad_end(window, offset));
}

static int damage(const struct store_replay *replay, uint64_t offset, struct store_error *error,
		  const char *cause)
{
	return store_fail(error, -EBADMSG, "%s: byte %llu: %s; %s", replay->path,
			  (unsigned long long)offset, cause,
			  replay->kind == STORE_JOURNAL ? REMEDY_JOURNAL : REMEDY_SNAPSHOT);
}

static int take_lease(struct store_replay *replay, uint8_t version, const uint8_t *payload,
		      size_t length)
{
	const struct store_visitors *visitors = replay->visitors;
	struct lease_record *record;
	int rc = store_lease_decode(version, payload, length, &record);

	if (rc)
		return rc;
	replay->records++;
	if (visitors->lease)
		return visitors->lease(visitors->context, record);
	lease_record_free(record);
	return 0;
}

static int take_ack(struct store_replay *replay, const uint8_t *payload, size_t length)
{
	const struct store_visitors *visitors = replay->visitors;
	struct store_acknowledgement acknowledgement;
	int rc = store_ack_decode(payload, length, &acknowledgement);

	if (rc)
		return rc;
	replay->records++;
	if (!visitors->acknowledgement)
		return 0;
	return visitors->acknowledgement(visitors->context, &acknowledgement);
}

static int take_note(struct store_replay *replay, const uint8_t *payload, size_t length)
{
	const struct store_visitors *visitors = replay->visitors;
	struct store_note_view note;
	int rc = store_note_decode(payload, length, &note);

	if (!rc)
		rc = store_note_keep(replay->store, note.name, note.bytes, note.length);
	if (rc)
		return rc;
	replay->records++;
	if (!visitors->note)
		return 0;
	return visitors->note(visitors->context, note.name, note.bytes, note.length);
}

static int take_group(struct store_replay *replay, const uint8_t *payload, size_t length)
{
	uint64_t number;
	int rc = store_number_decode(payload, length, &number);

	if (rc || number != replay->sequence + 1)
		return -EBADMSG;
	replay->sequence = number;
	return 0;
}

static int take_end(struct store_replay *replay, const uint8_t *payload, size_t length,
		    uint64_t behind)
{
	uint64_t number;
	int rc = store_number_decode(payload, length, &number);

	return rc || number != replay->records || behind ? -EBADMSG : 0;
}

/* A good record: takes it. `behind`: bytes of the file behind it. */
static int record_take(struct store_replay *replay, const struct store_record *record,
		       const uint8_t *payload, uint64_t behind, struct store_error *error)
{
	bool journal = replay->kind == STORE_JOURNAL;
	bool begun = !journal || replay->sequence; /* a journal does with a GROUP */
	int rc = -EBADMSG;

	if (!store_record_known(record))
		return damage(replay, replay->end, error, "a newer xdhcpd wrote this record");
	if (record->type == STORE_LEASE && begun)
		rc = take_lease(replay, record->version, payload, record->length);
	else if (record->type == STORE_NOTE && begun)
		rc = take_note(replay, payload, record->length);
	else if (record->type == STORE_ACK && journal && begun)
		rc = take_ack(replay, payload, record->length);
	else if (record->type == STORE_GROUP && journal)
		rc = take_group(replay, payload, record->length);
	else if (record->type == STORE_END && !journal)
		rc = take_end(replay, payload, record->length, behind);
	if (rc == -EBADMSG)
		return damage(replay, replay->end, error, "a record that cannot be here");
	if (rc)
		return store_fail(error, rc, "%s: byte %llu: %s", replay->path,
				  (unsigned long long)replay->end, strerror(-rc));
	return 0;
}

static int header_take(struct store_replay *replay, struct window *window,
		       struct store_error *error)
{
	const uint8_t *bytes = window_at(window, 0, STORE_HEADER);
	const char *cause;

	if (!bytes && window->rc)
		return store_fail(error, window->rc, "%s: cannot be read: %s", replay->path,
				  strerror(-window->rc));
	cause = bytes ? store_header_decode(replay->kind, bytes, &replay->header)
		      : "it is shorter than its header";
	if (cause)
		return damage(replay, 0, error, cause);
	replay->end = STORE_HEADER;
	return 0;
}

/* What follows the last good record of a file. */
static int tail_take(struct store_replay *replay, struct window *window, bool ended,
		     struct store_error *error)
{
	uint64_t rest = window->file_size - replay->end;

	if (window->rc)
		return store_fail(error, window->rc, "%s: cannot be read: %s", replay->path,
				  strerror(-window->rc));
	if (replay->kind == STORE_SNAPSHOT)
		return ended ? 0 : damage(replay, replay->end, error, "a bad record");
	if (!rest)
		return 0;
	if (!replay->last)
		return damage(replay, replay->end, error,
			      "a bad record, and a newer journal exists");
	if (!tail_is_torn(window, replay->header.seed, replay->end))
		return damage(replay, replay->end, error, "a bad record, and good ones follow it");
	replay->torn = rest;
	return window->rc;
}

int store_replay(struct store_replay *replay, struct store_error *ret_error)
{
	struct window window = {0};
	struct store_record record;
	const uint8_t *bytes;
	bool ended = false;
	int rc = window_open(&window, replay);

	if (rc) {
		store_fail(ret_error, rc, "%s: %s", replay->path, strerror(-rc));
		goto out;
	}
	rc = header_take(replay, &window, ret_error);
	while (!rc && !ended &&
	       record_at(&window, replay->header.seed, replay->end, &record, &bytes)) {
		uint64_t size = STORE_RECORD_HEADER + (uint64_t)record.length;

		rc = record_take(replay, &record, bytes + STORE_RECORD_HEADER,
				 window.file_size - replay->end - size, ret_error);
		replay->end += size;
		ended = record.type == STORE_END;
	}
	if (!rc)
		rc = tail_take(replay, &window, ended, ret_error);
out:
	free(window.bytes);
	return rc;
}
