/* SPDX-License-Identifier: GPL-2.0-only */
#include "sys/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static pid_t pidfile_read(int fd)
{
	char text[24] = "";
	ssize_t got = pread(fd, text, sizeof(text) - 1, 0);
	long pid = got > 0 ? strtol(text, NULL, 10) : 0;

	return pid > 0 ? (pid_t)pid : 0;
}

/* Is the locked file still the one of that name? Its last holder may have removed it meanwhile. */
static bool pidfile_current(int fd, const char *path)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_dev == there.st_dev &&
	       ours.st_ino == there.st_ino;
}

int sys_pidfile_open(const char *path, struct sys_pidfile *ret_file, pid_t *ret_holder)
{
	for (;;) {
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
		int code;

		if (fd < 0)
			return -errno;
		if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
			code = -errno;
			if (code == -EWOULDBLOCK)
				*ret_holder = pidfile_read(fd);
			close(fd);
			return code;
		}
		if (pidfile_current(fd, path)) {
			*ret_file = (struct sys_pidfile){.path = path, .fd = fd};
			return 0;
		}
		close(fd);
	}
}

int sys_pidfile_write(const struct sys_pidfile *file)
{
	char text[24];
	int length = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	ssize_t put;

	if (ftruncate(file->fd, 0) < 0)
		return -errno;
	put = pwrite(file->fd, text, (size_t)length, 0);
	if (put < 0)
		return -errno;
	return put == length ? 0 : -EIO;
}

void sys_pidfile_remove(struct sys_pidfile *file)
{
	if (file->fd < 0)
		return;
	if (pidfile_current(file->fd, file->path))
		unlink(file->path);
	close(file->fd);
	file->fd = -1;
}

/* A byte means that the child serves; the end of the pipe, that it is gone. */
static void __attribute__((noreturn)) background_wait(int from)
{
	char byte;
	ssize_t got;

	do {
		got = read(from, &byte, 1);
	} while (got < 0 && errno == EINTR);
	_exit(got == 1 ? 0 : 1);
}

int sys_background(int *ret_ready)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	child = fork();
	if (child < 0) {
		int code = -errno;

		close(ends[0]);
		close(ends[1]);
		return code;
	}
	if (child > 0) {
		close(ends[1]);
		background_wait(ends[0]);
	}
	close(ends[0]);
	setsid();
	*ret_ready = ends[1];
	return 0;
}

int sys_background_ready(int ready)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int code = 0;

	if (null < 0)
		code = -errno;
	for (int fd = 0; fd < 3 && !code; fd++)
		if (dup2(null, fd) < 0)
			code = -errno;
	if (null > 2)
		close(null);
	if (!code && write(ready, "", 1) != 1)
		code = -errno;
	close(ready);
	return code;
}

int sys_oom_score_set(int score)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	int code = 0;

	if (fd < 0)
		return -errno;
	if (dprintf(fd, "%d\n", score) < 0)
		code = -errno;
	close(fd);
	return code;
}

int sys_files_limit_raise(uint64_t wanted, uint64_t *ret_limit)
{
	struct rlimit limit, more;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -errno;
	more.rlim_cur = limit.rlim_cur > wanted ? limit.rlim_cur : wanted;
	more.rlim_max = limit.rlim_max > wanted ? limit.rlim_max : wanted;
	if (setrlimit(RLIMIT_NOFILE, &more) < 0) {
		more = limit;
		more.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : more.rlim_cur;
		if (setrlimit(RLIMIT_NOFILE, &more) < 0)
			return -errno;
	}
	*ret_limit = more.rlim_cur;
	return 0;
}
