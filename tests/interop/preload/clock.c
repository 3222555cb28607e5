// SPDX-License-Identifier: GPL-2.0-only
/*
 * A wall clock that is wrong, for LD_PRELOAD: CLOCK_SHIFT seconds are added to
 * whatever asks for the time of day. Clocks that only measure are left alone,
 * and so is the machine's own.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static time_t shift(void)
{
	const char *text = getenv("CLOCK_SHIFT");

	return text ? strtol(text, NULL, 10) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *ret_time)
{
	int (*real)(clockid_t, struct timespec *) =
		(int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	int code = real(clock, ret_time);

	if (!code && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		ret_time->tv_sec += shift();
	return code;
}

int gettimeofday(struct timeval *restrict ret_time, void *restrict zone)
{
	struct timespec now;
	int code = clock_gettime(CLOCK_REALTIME, &now);

	(void)zone;
	if (!code)
		*ret_time = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
	return code;
}

time_t time(time_t *ret_time)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (ret_time)
		*ret_time = now.tv_sec;
	return now.tv_sec;
}
