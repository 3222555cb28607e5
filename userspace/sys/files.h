/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File operations as one struct of verbs, so that a test can be the disk: it
 * writes short, runs full, fails a sync or dies between two calls. Thin: each
 * verb is one system call, again where a signal interrupted it. Results are 0
 * or more, or a negative errno. Files are named by whole paths and closed on
 * exec. Verbs may be called on any thread, on one descriptor by one at a time.
 */
#ifndef XDHCP_SYS_FILES_H
#define XDHCP_SYS_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Called with the name of each entry of a directory but "." and ".."; not 0 ends the walk. */
typedef int (*sys_file_visitor)(void *context, const char *name);

struct sys_files {
	void *context;
	/* Flags and mode as open(2); returns the descriptor. */
	int (*open)(void *context, const char *path, int flags, mode_t mode);
	int (*close)(void *context, int fd);
	/* At an offset; how many bytes, which may be fewer than asked for. */
	ssize_t (*read)(void *context, int fd, void *bytes, size_t length, uint64_t offset);
	ssize_t (*write)(void *context, int fd, const void *bytes, size_t length, uint64_t offset);
	int (*size)(void *context, int fd, uint64_t *ret_size);
	int (*truncate)(void *context, int fd, uint64_t size);
	/* Content and size are on stable storage afterwards. */
	int (*datasync)(void *context, int fd);
	int (*rename)(void *context, const char *from, const char *to);
	int (*unlink)(void *context, const char *path);
	int (*mkdir)(void *context, const char *path, mode_t mode);
	/* The names in a directory are on stable storage afterwards. */
	int (*sync_directory)(void *context, const char *path);
	/* Exclusive, until the descriptor is closed; -EWOULDBLOCK where another process holds it. */
	int (*lock)(void *context, int fd);
	/* What the visitor returned last, or a negative errno. */
	int (*list)(void *context, const char *path, sys_file_visitor visit, void *visit_context);
};

/* The system's. */
const struct sys_files *sys_files_system(void);

/* Writes all of it: 0, or the error that stopped it (-ENOSPC where a write took nothing). */
int sys_file_write_all(const struct sys_files *files, int fd, const void *bytes, size_t length,
		       uint64_t offset);
/* Reads until `length` or the end of the file: how many bytes, or a negative errno. */
ssize_t sys_file_read_all(const struct sys_files *files, int fd, void *bytes, size_t length,
			  uint64_t offset);

#endif
