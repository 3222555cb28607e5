/* SPDX-License-Identifier: GPL-2.0-only */
#include "sys/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int file_open(void *context, const char *path, int flags, mode_t mode)
{
	int fd = TEMP_FAILURE_RETRY(open(path, flags | O_CLOEXEC, mode));

	(void)context;
	return fd < 0 ? -errno : fd;
}

static int file_close(void *context, int fd)
{
	(void)context;
	return close(fd) ? -errno : 0;
}

static ssize_t file_read(void *context, int fd, void *bytes, size_t length, uint64_t offset)
{
	ssize_t count = TEMP_FAILURE_RETRY(pread(fd, bytes, length, (off_t)offset));

	(void)context;
	return count < 0 ? -errno : count;
}

static ssize_t file_write(void *context, int fd, const void *bytes, size_t length, uint64_t offset)
{
	ssize_t count = TEMP_FAILURE_RETRY(pwrite(fd, bytes, length, (off_t)offset));

	(void)context;
	return count < 0 ? -errno : count;
}

static int file_size(void *context, int fd, uint64_t *ret_size)
{
	struct stat status;

	(void)context;
	if (fstat(fd, &status))
		return -errno;
	*ret_size = (uint64_t)status.st_size;
	return 0;
}

static int file_truncate(void *context, int fd, uint64_t size)
{
	(void)context;
	return TEMP_FAILURE_RETRY(ftruncate(fd, (off_t)size)) ? -errno : 0;
}

/* Never again after a failure: the kernel reports a lost page once and then forgets it. */
static int file_datasync(void *context, int fd)
{
	(void)context;
	return fdatasync(fd) ? -errno : 0;
}

static int file_rename(void *context, const char *from, const char *to)
{
	(void)context;
	return rename(from, to) ? -errno : 0;
}

static int file_unlink(void *context, const char *path)
{
	(void)context;
	return unlink(path) ? -errno : 0;
}

static int file_mkdir(void *context, const char *path, mode_t mode)
{
	(void)context;
	return mkdir(path, mode) ? -errno : 0;
}

static int file_sync_directory(void *context, const char *path)
{
	int fd = file_open(context, path, O_RDONLY | O_DIRECTORY, 0);
	int rc;

	if (fd < 0)
		return fd;
	rc = fsync(fd) ? -errno : 0;
	close(fd);
	return rc;
}

static int file_lock(void *context, int fd)
{
	(void)context;
	return TEMP_FAILURE_RETRY(flock(fd, LOCK_EX | LOCK_NB)) ? -errno : 0;
}

static int file_list(void *context, const char *path, sys_file_visitor visit, void *visit_context)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	int rc = 0;

	(void)context;
	if (!directory)
		return -errno;
	while (!rc) {
		errno = 0;
		entry = readdir(directory);
		if (!entry) {
			rc = -errno;
			break;
		}
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			rc = visit(visit_context, entry->d_name);
	}
	closedir(directory);
	return rc;
}

const struct sys_files *sys_files_system(void)
{
	static const struct sys_files files = {
		.open = file_open,
		.close = file_close,
		.read = file_read,
		.write = file_write,
		.size = file_size,
		.truncate = file_truncate,
		.datasync = file_datasync,
		.rename = file_rename,
		.unlink = file_unlink,
		.mkdir = file_mkdir,
		.sync_directory = file_sync_directory,
		.lock = file_lock,
		.list = file_list,
	};

	return &files;
}

int sys_file_write_all(const struct sys_files *files, int fd, const void *bytes, size_t length,
		       uint64_t offset)
{
	const uint8_t *at = bytes;

	while (length) {
		ssize_t count = files->write(files->context, fd, at, length, offset);

		if (count <= 0)
			return count ? (int)count : -ENOSPC;
		at += count;
		offset += (uint64_t)count;
		length -= (size_t)count;
	}
	return 0;
}

ssize_t sys_file_read_all(const struct sys_files *files, int fd, void *bytes, size_t length,
			  uint64_t offset)
{
	size_t done = 0;

	while (done < length) {
		ssize_t count = files->read(files->context, fd, (uint8_t *)bytes + done,
					    length - done, offset + done);

		if (count < 0)
			return count;
		if (!count)
			break;
		done += (size_t)count;
	}
	return (ssize_t)done;
}
