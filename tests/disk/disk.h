/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A disk in memory (sys/files.h) that knows what is on stable storage and what
 * only in the page cache. It can fail the n-th operation, or die there, and
 * then be started again with what a power cut leaves. One directory; names are
 * what follows the last slash.
 */
#ifndef XDHCP_TESTS_DISK_H
#define XDHCP_TESTS_DISK_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/files.h"

#define DISK_INODES 64
#define DISK_NAMES 32
#define DISK_SECTOR 512
#define DISK_FD 100 /* descriptor of inode 0 */

struct disk_content {
	uint8_t *bytes;
	size_t size, room;
};

struct disk_name {
	char name[40]; /* empty: unused */
	int inode;
};

/* A change of the directory since it was synced: each reaches the disk, or not, by itself. */
struct disk_change {
	char name[40], old_name[40]; /* empty: none */
	int inode;
};

struct disk {
	struct sys_files files;
	struct disk_content now[DISK_INODES], stable[DISK_INODES];
	size_t same[DISK_INODES]; /* so many first bytes of both are alike */
	int inodes;
	struct disk_name names[DISK_NAMES], stable_names[DISK_NAMES];
	struct disk_change changes[DISK_NAMES];
	int change_count;
	unsigned operations;
	unsigned fail_at; /* this operation fails, 0: none */
	int error; /* with this */
	bool stays_dead; /* and all that follow */
	bool failed; /* it has happened */
	unsigned dead_at; /* from this operation on all fail, 0: none */
	size_t most; /* bytes that a read or write takes at once */
	/* A number below `below`, by which a crash decides; NULL: rand(). */
	unsigned (*chance)(struct disk *disk, unsigned below);
	/* What of a file is on stable storage now and was not before. NULL: nobody cares. */
	void (*synced)(struct disk *disk, const char *name, const uint8_t *bytes, size_t offset,
		       size_t size);
};

enum disk_crash {
	DISK_KILLED, /* the process died: the page cache lives on */
	DISK_CUT, /* nothing but what was synced */
	DISK_CUT_ANY, /* unsynced sectors and names as chance has it */
};

/* A test that goes beyond what the disk has is wrong. */
static inline void disk_expect(bool holds)
{
	if (!holds)
		abort();
}

static inline unsigned disk_chance(struct disk *disk, unsigned below)
{
	return disk->chance ? disk->chance(disk, below) : (unsigned)rand() % below;
}

static inline void disk_resize(struct disk_content *content, size_t size)
{
	if (size > content->room || !content->bytes) {
		content->room = size < 4096 ? 4096 : 2 * size;
		content->bytes = realloc(content->bytes, content->room);
		disk_expect(content->bytes);
	}
	if (size > content->size)
		memset(content->bytes + content->size, 0, size - content->size);
	content->size = size;
}

/* `to` becomes what `from` is; the first `same` bytes are so already. */
static inline void disk_update(struct disk_content *to, const struct disk_content *from,
			       size_t same)
{
	disk_resize(to, from->size);
	if (from->size > same)
		memcpy(to->bytes + same, from->bytes + same, from->size - same);
}

static inline void disk_set(struct disk_content *to, const struct disk_content *from)
{
	disk_update(to, from, 0);
}

/* Counts an operation that changes the disk; the error where it is to fail. */
static inline int disk_operation(struct disk *disk)
{
	disk->operations++;
	if (disk->dead_at && disk->operations >= disk->dead_at)
		return -EIO;
	if (!disk->fail_at || disk->operations < disk->fail_at)
		return 0;
	if (disk->operations > disk->fail_at && !disk->stays_dead)
		return 0;
	disk->failed = true;
	return disk->error;
}

static inline struct disk_name *disk_find(struct disk *disk, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	for (int i = 0; i < DISK_NAMES; i++)
		if (!strcmp(disk->names[i].name, name))
			return &disk->names[i];
	return NULL;
}

static inline struct disk_name *disk_name_new(struct disk *disk, const char *path)
{
	struct disk_name *name = disk_find(disk, path);

	if (!name) {
		name = disk_find(disk, "");
		disk_expect(name);
		snprintf(name->name, sizeof(name->name), "%s", strrchr(path, '/') + 1);
	}
	return name;
}

static inline void disk_change(struct disk *disk, const char *name, const char *old_name, int inode)
{
	struct disk_change *change = &disk->changes[disk->change_count++];

	disk_expect(disk->change_count < DISK_NAMES);
	snprintf(change->name, sizeof(change->name), "%s", name);
	snprintf(change->old_name, sizeof(change->old_name), "%s", old_name);
	change->inode = inode;
}

/* One that no name leads to, now or after a crash. */
static inline int disk_inode_new(struct disk *disk)
{
	for (int inode = 0; inode < DISK_INODES; inode++) {
		bool used = false;

		for (int i = 0; i < DISK_NAMES; i++)
			used |= (disk->names[i].name[0] && disk->names[i].inode == inode) ||
				(disk->stable_names[i].name[0] &&
				 disk->stable_names[i].inode == inode);
		for (int i = 0; i < disk->change_count; i++)
			used |= disk->changes[i].inode == inode;
		if (used)
			continue;
		disk_resize(&disk->now[inode], 0);
		disk_resize(&disk->stable[inode], 0);
		disk->same[inode] = 0;
		if (inode >= disk->inodes)
			disk->inodes = inode + 1;
		return inode;
	}
	disk_expect(false);
	return -1;
}

static inline int disk_open(void *context, const char *path, int flags, mode_t mode)
{
	struct disk *disk = context;
	struct disk_name *name = disk_find(disk, path);
	int rc = flags & O_CREAT ? disk_operation(disk) : 0;

	(void)mode;
	if (rc)
		return rc;
	if (!name && !(flags & O_CREAT))
		return -ENOENT;
	if (!name) {
		int inode = disk_inode_new(disk);

		name = disk_name_new(disk, path);
		name->inode = inode;
		disk_change(disk, name->name, "", name->inode);
	}
	if (flags & O_TRUNC) {
		disk_resize(&disk->now[name->inode], 0);
		disk->same[name->inode] = 0;
	}
	return DISK_FD + name->inode;
}

static inline int disk_close(void *context, int fd)
{
	(void)context;
	(void)fd;
	return 0;
}

static inline ssize_t disk_read(void *context, int fd, void *bytes, size_t length, uint64_t offset)
{
	struct disk *disk = context;
	struct disk_content *content = &disk->now[fd - DISK_FD];

	if (offset >= content->size)
		return 0;
	if (length > content->size - offset)
		length = content->size - offset;
	if (length > disk->most)
		length = disk->most;
	memcpy(bytes, content->bytes + offset, length);
	return (ssize_t)length;
}

/* Writes half of it before it fails. */
static inline ssize_t disk_write(void *context, int fd, const void *bytes, size_t length,
				 uint64_t offset)
{
	struct disk *disk = context;
	struct disk_content *content = &disk->now[fd - DISK_FD];
	bool before = disk->failed;
	int rc = disk_operation(disk);

	if (length > disk->most)
		length = disk->most;
	if (rc)
		length = before ? 0 : length / 2;
	if (offset + length > content->size)
		disk_resize(content, offset + length);
	if (offset < disk->same[fd - DISK_FD])
		disk->same[fd - DISK_FD] = offset;
	memcpy(content->bytes + offset, bytes, length);
	return rc ? rc : (ssize_t)length;
}

static inline int disk_size(void *context, int fd, uint64_t *ret_size)
{
	*ret_size = ((struct disk *)context)->now[fd - DISK_FD].size;
	return 0;
}

static inline int disk_truncate(void *context, int fd, uint64_t size)
{
	struct disk *disk = context;
	int rc = disk_operation(disk);

	if (!rc)
		disk_resize(&disk->now[fd - DISK_FD], size);
	if (!rc && size < disk->same[fd - DISK_FD])
		disk->same[fd - DISK_FD] = size;
	return rc;
}

/* What of an inode is stable now, under each of its names. */
static inline void disk_report(struct disk *disk, int inode, size_t from)
{
	const struct disk_content *content = &disk->now[inode];

	for (int i = 0; disk->synced && i < DISK_NAMES; i++) {
		if (disk->names[i].name[0] && disk->names[i].inode == inode)
			disk->synced(disk, disk->names[i].name, content->bytes, from,
				     content->size);
	}
}

static inline int disk_datasync(void *context, int fd)
{
	struct disk *disk = context;
	int inode = fd - DISK_FD, rc = disk_operation(disk);
	size_t same = disk->same[inode];

	if (rc)
		return rc;
	disk_update(&disk->stable[inode], &disk->now[inode], same);
	disk->same[inode] = disk->now[inode].size;
	disk_report(disk, inode, same);
	return 0;
}

static inline int disk_rename(void *context, const char *from, const char *to)
{
	struct disk *disk = context;
	struct disk_name *source, *target;
	int rc = disk_operation(disk);

	if (rc)
		return rc;
	source = disk_find(disk, from);
	if (!source)
		return -ENOENT;
	target = disk_name_new(disk, to);
	target->inode = source->inode;
	disk_change(disk, target->name, source->name, source->inode);
	source->name[0] = 0;
	return 0;
}

static inline int disk_unlink(void *context, const char *path)
{
	struct disk *disk = context;
	struct disk_name *name = disk_find(disk, path);
	int rc;

	if (!name)
		return -ENOENT;
	rc = disk_operation(disk);
	if (rc)
		return rc;
	disk_change(disk, "", name->name, name->inode);
	name->name[0] = 0;
	return 0;
}

static inline int disk_mkdir(void *context, const char *path, mode_t mode)
{
	(void)context;
	(void)path;
	(void)mode;
	return -EEXIST;
}

static inline int disk_sync_directory(void *context, const char *path)
{
	struct disk *disk = context;
	int rc = disk_operation(disk);

	(void)path;
	if (rc)
		return rc;
	memcpy(disk->stable_names, disk->names, sizeof(disk->names));
	disk->change_count = 0;
	return 0;
}

static inline int disk_lock(void *context, int fd)
{
	(void)context;
	(void)fd;
	return 0;
}

static inline int disk_list(void *context, const char *path, sys_file_visitor visit,
			    void *visit_context)
{
	struct disk *disk = context;
	int rc = 0;

	(void)path;
	for (int i = 0; !rc && i < DISK_NAMES; i++)
		if (disk->names[i].name[0])
			rc = visit(visit_context, disk->names[i].name);
	return rc;
}

static inline struct disk *disk_new(void)
{
	struct disk *disk = calloc(1, sizeof(*disk));

	disk_expect(disk);
	disk->most = 700;
	disk->files = (struct sys_files){
		.context = disk,
		.open = disk_open,
		.close = disk_close,
		.read = disk_read,
		.write = disk_write,
		.size = disk_size,
		.truncate = disk_truncate,
		.datasync = disk_datasync,
		.rename = disk_rename,
		.unlink = disk_unlink,
		.mkdir = disk_mkdir,
		.sync_directory = disk_sync_directory,
		.lock = disk_lock,
		.list = disk_list,
	};
	return disk;
}

static inline void disk_free(struct disk *disk)
{
	for (int i = 0; i < DISK_INODES; i++) {
		free(disk->now[i].bytes);
		free(disk->stable[i].bytes);
	}
	free(disk);
}

static inline struct disk *disk_copy(const struct disk *disk)
{
	struct disk *copy = disk_new();
	struct sys_files files = copy->files;

	memcpy(copy, disk, sizeof(*copy));
	copy->files = files;
	memset(copy->now, 0, sizeof(copy->now));
	memset(copy->stable, 0, sizeof(copy->stable));
	for (int i = 0; i < disk->inodes; i++) {
		disk_set(&copy->now[i], &disk->now[i]);
		disk_set(&copy->stable[i], &disk->stable[i]);
	}
	return copy;
}

/* Each sector that differs is old or new; a file is as long as it was, or as it is. */
static inline void disk_mix(struct disk *disk, struct disk_content *now,
			    const struct disk_content *stable)
{
	if (disk_chance(disk, 4) == 0)
		disk_resize(now, stable->size);
	for (size_t at = 0; at < now->size; at += DISK_SECTOR) {
		size_t end = at + DISK_SECTOR < now->size ? at + DISK_SECTOR : now->size;
		size_t old = stable->size < at ? at : stable->size < end ? stable->size : end;

		if (disk_chance(disk, 2))
			continue;
		if (old > at)
			memcpy(now->bytes + at, stable->bytes + at, old - at);
		memset(now->bytes + old, 0, end - old);
	}
}

/* The directory as of its last sync, with those later changes that chance has it. */
static inline void disk_names_restart(struct disk *disk, bool any)
{
	memcpy(disk->names, disk->stable_names, sizeof(disk->names));
	for (int i = 0; i < disk->change_count; i++) {
		const struct disk_change *change = &disk->changes[i];
		struct disk_name *old =
			change->old_name[0] ? disk_find(disk, change->old_name) : NULL;
		char path[48];

		if (!any || disk_chance(disk, 2))
			continue;
		if (old)
			old->name[0] = 0;
		snprintf(path, sizeof(path), "/%s", change->name);
		if (change->name[0])
			disk_name_new(disk, path)->inode = change->inode;
	}
	memcpy(disk->stable_names, disk->names, sizeof(disk->names));
	disk->change_count = 0;
}

/* Starts again after the crash; nothing fails from now on. */
static inline void disk_restart(struct disk *disk, enum disk_crash crash)
{
	disk->fail_at = 0;
	disk->dead_at = 0;
	disk->operations = 0;
	disk->failed = false;
	if (crash == DISK_KILLED)
		return;
	disk_names_restart(disk, crash == DISK_CUT_ANY);
	for (int i = 0; i < disk->inodes; i++) {
		if (crash == DISK_CUT_ANY)
			disk_mix(disk, &disk->now[i], &disk->stable[i]);
		else
			disk_set(&disk->now[i], &disk->stable[i]);
		disk_set(&disk->stable[i], &disk->now[i]);
		disk->same[i] = disk->now[i].size;
	}
}

/* The content of a file by its name; NULL: there is none. */
static inline struct disk_content *disk_content(struct disk *disk, const char *name)
{
	struct disk_name *found = disk_find(disk, name);

	return found ? &disk->now[found->inode] : NULL;
}

#endif
