// SPDX-License-Identifier: GPL-2.0-only
#include <uv.h>

#include "daemon/compact.h"
#include "daemon/daemon.h"
#include "daemon/links.h"
#include "daemon/pair.h"
#include "daemon/pulse.h"
#include "sys/notify.h"

void daemon_fail(struct daemon *daemon, const char *why)
{
	if (daemon->failed)
		return;
	daemon->failed = true;
	daemon->exit_code = 1;
	sys_log(&daemon->log, SYS_LOG_ERROR,
		"%s; no reply of this group leaves, and what the disk holds is unknown: ending",
		why);
	uv_stop(&daemon->loop);
}

/* Nobody asks any more, and no worker walks the leases. */
static void stop_done(void *context)
{
	struct daemon *daemon = context;

	uv_stop(&daemon->loop);
}

/* The end of a clean stop: nothing is promised any more, everything is on disk. */
static void stop_close(struct daemon *daemon)
{
	links_close(daemon);
	if (daemon->fastpath) {
		fastpath_close(daemon->fastpath);
		daemon->fastpath = NULL;
		fastpath_remove(daemon->options.bpffs, daemon->options.instance);
	}
	pulse_stop(daemon);
	pairs_close(daemon);
	sys_log(&daemon->log, SYS_LOG_NOTICE, "stopped");
	ctl_server_close(daemon->ctl, stop_done, daemon);
	daemon->ctl = NULL;
}

static void stop_flushed(struct daemon *daemon)
{
	if (compact_busy(daemon->compact))
		compact_when_done(daemon->compact, stop_close);
	else
		stop_close(daemon);
}

static void stop_grace(uv_work_t *work)
{
	struct daemon *daemon = work->data;

	if (daemon->fastpath)
		fastpath_grace();
}

static void stop_silent(uv_work_t *work, int status)
{
	struct daemon *daemon = work->data;

	(void)status;
	pulse_sweep_all(daemon);
	group_when_idle(daemon->group, stop_flushed);
}

void daemon_stop(struct daemon *daemon)
{
	if (daemon->phase == DAEMON_STOPPING)
		return;
	daemon->phase = DAEMON_STOPPING;
	sys_notify_stopping();
	uv_poll_stop(&daemon->port_poll);
	uv_poll_stop(&daemon->links_poll);
	uv_timer_stop(&daemon->heartbeat);
	uv_timer_stop(&daemon->sweep);
	uv_timer_stop(&daemon->expiry);
	if (daemon->fastpath)
		fastpath_gates_shut(daemon->fastpath);
	daemon->stop_work.data = daemon;
	uv_queue_work(&daemon->loop, &daemon->stop_work, stop_grace, stop_silent);
}
