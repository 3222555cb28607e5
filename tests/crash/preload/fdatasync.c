// SPDX-License-Identifier: GPL-2.0-only
/*
 * A disk that fails or stalls on demand, for LD_PRELOAD: fdatasync() says EIO
 * while the file that CRASH_DISK_FAILS names exists (nothing is synced then, as
 * on a disk that has gone), and waits while somebody has locked the one that
 * CRASH_DISK_STALLS names.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

static void stall(const char *lock)
{
	int fd = open(lock, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	flock(fd, LOCK_SH);
	close(fd);
}

int fdatasync(int fd)
{
	const char *trigger = getenv("CRASH_DISK_FAILS"), *lock = getenv("CRASH_DISK_STALLS");
	int (*real)(int fd) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");

	if (trigger && !access(trigger, F_OK)) {
		errno = EIO;
		return -1;
	}
	if (lock)
		stall(lock);
	return real(fd);
}
