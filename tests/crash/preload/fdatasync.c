// SPDX-License-Identifier: GPL-2.0-only
/*
 * A disk that fails on demand, for LD_PRELOAD: fdatasync() says EIO while the
 * file that CRASH_DISK_FAILS names exists. Nothing is synced then, as on a
 * disk that has gone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int fdatasync(int fd)
{
	const char *trigger = getenv("CRASH_DISK_FAILS");
	int (*real)(int fd) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");

	if (trigger && !access(trigger, F_OK)) {
		errno = EIO;
		return -1;
	}
	return real(fd);
}
