/* SPDX-License-Identifier: GPL-2.0-only */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "store/private.h"

#define BUFFER_FIRST 65536

int store_fail(struct store_error *error, int code, const char *format, ...)
{
	struct base_text text;
	va_list list;

	if (!error)
		return code;
	text = base_text_of(error->text, sizeof(error->text));
	va_start(list, format);
	base_text_append_list(&text, format, list);
	va_end(list);
	return code;
}

uint8_t *store_buffer_room(struct store_buffer *buffer, size_t length)
{
	size_t size = buffer->size ? buffer->size : BUFFER_FIRST;
	uint8_t *grown;

	while (size - buffer->length < length)
		size *= 2;
	if (size != buffer->size) {
		grown = realloc(buffer->bytes, size);
		if (!grown)
			return NULL;
		buffer->bytes = grown;
		buffer->size = size;
	}
	buffer->length += length;
	return buffer->bytes + buffer->length - length;
}

int store_file_new(const struct sys_files *files, const char *path, enum store_kind kind,
		   struct store_header *header, struct store_error *ret_error)
{
	uint8_t bytes[STORE_HEADER];
	int fd = files->open(files->context, path, O_RDWR | O_CREAT | O_TRUNC, 0640);
	int rc = fd;

	if (fd < 0)
		goto out;
	store_header_encode(kind, header, bytes);
	rc = sys_file_write_all(files, fd, bytes, sizeof(bytes), 0);
	if (!rc)
		return fd;
	files->close(files->context, fd);
	files->unlink(files->context, path);
out:
	return store_fail(ret_error, rc, "%s: cannot be made: %s", path, strerror(-rc));
}

int store_journal_new(const struct store *store, struct store_header *header, bool *ret_named,
		      struct store_error *ret_error)
{
	const struct sys_files *files = store->files;
	char temporary[STORE_PATH], path[STORE_PATH];
	int fd, rc = store_path(store->directory, "journal.tmp", temporary);

	*ret_named = false;
	if (!rc)
		rc = store_journal_path(store->directory, header->generation, path);
	if (rc)
		return store_fail(ret_error, rc, "%s: %s", store->directory, strerror(-rc));
	fd = store_file_new(files, temporary, STORE_JOURNAL, header, ret_error);
	if (fd < 0)
		return fd;
	rc = files->datasync(files->context, fd);
	if (!rc) {
		*ret_named = true;
		rc = files->rename(files->context, temporary, path);
	}
	if (!rc)
		rc = files->sync_directory(files->context, store->directory);
	if (!rc)
		return fd;
	files->close(files->context, fd);
	if (!*ret_named)
		files->unlink(files->context, temporary);
	return store_fail(ret_error, rc, "%s: cannot be made: %s", path, strerror(-rc));
}

/* Makes the directory where there is none, and makes that durable. */
static int directory_ensure(const struct sys_files *files, const char *directory,
			    struct store_error *error)
{
	char parent[STORE_PATH];
	int rc = files->mkdir(files->context, directory, 0750);

	if (rc == -EEXIST)
		return 0;
	if (!rc)
		rc = store_path(directory, "..", parent);
	if (!rc)
		rc = files->sync_directory(files->context, parent);
	if (rc)
		return store_fail(error, rc, "%s: the lease directory cannot be made: %s",
				  directory, strerror(-rc));
	return 0;
}

/* Who holds the lock, as far as the file says. */
static long lock_holder(const struct sys_files *files, int fd)
{
	char text[24] = "";

	if (sys_file_read_all(files, fd, text, sizeof(text) - 1, 0) < 0)
		return 0;
	return strtol(text, NULL, 10);
}

static int lock_sign(const struct sys_files *files, int fd)
{
	char text[24];
	int length = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	int rc = files->truncate(files->context, fd, 0);

	return rc ? rc : sys_file_write_all(files, fd, text, (size_t)length, 0);
}

static int lock_take(struct store *store, struct store_error *error)
{
	const struct sys_files *files = store->files;
	char path[STORE_PATH];
	int fd, rc = store_path(store->directory, "lock", path);

	if (rc)
		return store_fail(error, rc, "%s: %s", store->directory, strerror(-rc));
	fd = files->open(files->context, path, O_RDWR | O_CREAT, 0640);
	if (fd == -ENOTDIR)
		return store_fail(error, fd,
				  "%s: is a file, where a directory for the leases is wanted; "
				  "name another with -lf, or move the file away",
				  store->directory);
	if (fd < 0)
		return store_fail(error, fd, "%s: %s", path, strerror(-fd));
	store->lock = fd;
	rc = files->lock(files->context, fd);
	if (rc == -EWOULDBLOCK)
		return store_fail(error, rc,
				  "%s: another instance (process %ld) uses these leases; stop it, "
				  "or name another directory with -lf",
				  store->directory, lock_holder(files, fd));
	if (!rc)
		rc = lock_sign(files, fd);
	if (rc)
		return store_fail(error, rc, "%s: cannot be locked: %s", path, strerror(-rc));
	return 0;
}

int store_open_on(const struct sys_files *files, const char *directory,
		  const struct store_visitors *visitors, struct store_report *ret_report,
		  struct store **ret_store, struct store_error *ret_error)
{
	struct store *store = calloc(1, sizeof(*store));
	int rc;

	if (!store)
		return store_fail(ret_error, -ENOMEM, "%s: no memory", directory);
	store->files = files;
	store->lock = -1;
	store->journal = -1;
	store->group = 1;
	store->directory = strdup(directory);
	rc = store->directory ? directory_ensure(files, directory, ret_error)
			      : store_fail(ret_error, -ENOMEM, "%s: no memory", directory);
	if (!rc)
		rc = lock_take(store, ret_error);
	if (!rc)
		rc = store_recover(store, visitors, ret_report, ret_error);
	if (rc)
		goto out;
	*ret_store = store;
	return 0;
out:
	store_close(store);
	return rc;
}

int store_open(const char *directory, const struct store_visitors *visitors,
	       struct store_report *ret_report, struct store **ret_store,
	       struct store_error *ret_error)
{
	return store_open_on(sys_files_system(), directory, visitors, ret_report, ret_store,
			     ret_error);
}

void store_close(struct store *store)
{
	const struct sys_files *files;

	if (!store)
		return;
	files = store->files;
	if (store->journal >= 0)
		files->close(files->context, store->journal);
	if (store->lock >= 0)
		files->close(files->context, store->lock);
	free(store->running.bytes);
	free(store->flushing.bytes);
	free(store->frozen.bytes);
	store_notes_free(store);
	free(store->directory);
	free(store);
}

const uint8_t *store_identity(const struct store *store)
{
	return store->identity;
}
