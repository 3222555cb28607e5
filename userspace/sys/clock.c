/* SPDX-License-Identifier: GPL-2.0-only */
#include "sys/clock.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

int64_t sys_clock_wall(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

int64_t sys_clock_wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

uint64_t sys_clock_coarse(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Far enough never to expire, near enough for every kernel: a hundred years from now. */
static int watch_arm(int fd)
{
	struct itimerspec when = {
		.it_value.tv_sec = sys_clock_wall() + (time_t)100 * 365 * 86400,
	};

	if (timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL) < 0)
		return -errno;
	return 0;
}

int sys_clock_watch_open(int *ret_fd)
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	int code;

	if (fd < 0)
		return -errno;
	code = watch_arm(fd);
	if (code < 0 && code != -ECANCELED) {
		close(fd);
		return code;
	}
	*ret_fd = fd;
	return 0;
}

bool sys_clock_watch_drain(int fd)
{
	uint64_t expired;
	ssize_t got = read(fd, &expired, sizeof(expired));
	int why = got < 0 ? errno : 0;

	if (why == EAGAIN)
		return false;
	/* A set may come between reading and arming: then arming itself says so. */
	return watch_arm(fd) == -ECANCELED || why == ECANCELED;
}
