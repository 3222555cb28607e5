/* SPDX-License-Identifier: GPL-2.0-only */
#include "sys/notify.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>
#include <time.h>

bool sys_notify_wanted(void)
{
	return getenv("NOTIFY_SOCKET");
}

void sys_notify_ready(const char *status)
{
	sd_notifyf(false, "READY=1\nSTATUS=%s", status);
}

void sys_notify_status(const char *status)
{
	sd_notifyf(false, "STATUS=%s", status);
}

void sys_notify_reloading(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	sd_notifyf(false, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
		   (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
}

void sys_notify_stopping(void)
{
	sd_notify(false, "STOPPING=1");
}
