/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process among others: one pid file, one instance; into the background
 * only once it serves; what it may use of the machine.
 */
#ifndef XDHCP_SYS_PRIVILEGE_H
#define XDHCP_SYS_PRIVILEGE_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Pid file, locked (flock) for as long as the process lives; the lock goes on
 * through sys_background(). `path` is borrowed until remove.
 */
struct sys_pidfile {
	const char *path;
	int fd;
};

/*
 * Makes the file and locks it. -EWOULDBLOCK: another instance holds it, and
 * *ret_holder is its pid as the file has it, 0: unknown. A file that a dead
 * process left behind is taken over.
 */
int sys_pidfile_open(const char *path, struct sys_pidfile *ret_file, pid_t *ret_holder);
/* Writes our pid; after sys_background(), which changes it. */
int sys_pidfile_write(const struct sys_pidfile *file);
/* Removes the file and gives the lock back. */
void sys_pidfile_remove(struct sys_pidfile *file);

/*
 * Forks, and returns 0 in the child, which leads a new session and goes on
 * starting. The parent never returns: it waits and exits with what the child
 * says by sys_background_ready(), or with 1 where the child ends before. To
 * be called before there are threads. *ret_ready is the child's end of the
 * pipe.
 */
int sys_background(int *ret_ready);
/* The child serves: standard streams go to /dev/null, the parent exits with 0. Closes `ready`. */
int sys_background_ready(int ready);

/* Makes the kernel's out-of-memory killer prefer others; `score` -1000 (never us) to 1000. */
int sys_oom_score_set(int score);
/* Raises the limit of open files to `wanted`, or as far as allowed: *ret_limit is what holds now. */
int sys_files_limit_raise(uint64_t wanted, uint64_t *ret_limit);

#endif
