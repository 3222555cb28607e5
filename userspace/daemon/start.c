// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/start.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>
#include <urcu.h>

#include "daemon/compact.h"
#include "daemon/control.h"
#include "daemon/links.h"
#include "daemon/notice.h"
#include "daemon/output.h"
#include "daemon/pair.h"
#include "daemon/pulse.h"
#include "daemon/reload.h"
#include "daemon/restart.h"
#include "daemon/settle.h"
#include "daemon/slowpath.h"
#include "daemon/verbs.h"
#include "dhcp/option.h"
#include "sys/clock.h"
#include "sys/process.h"

#ifndef XDHCP_LIBDIR
#define XDHCP_LIBDIR "/usr/lib/xdhcp"
#endif
#define OBJECT_NAME "xdhcp.bpf.o"
#define OPEN_FILES 65536

static void on_signal(uv_signal_t *handle, int number)
{
	struct daemon *daemon = handle->data;
	char text[2048];

	if (number != SIGHUP) {
		daemon_stop(daemon);
		return;
	}
	if (daemon->phase == DAEMON_STOPPING)
		return;
	if (reload(daemon, text, sizeof(text)))
		sys_log(&daemon->log, SYS_LOG_ERROR, "configuration refused, the old one stays: %s",
			text);
}

static void on_links(uv_poll_t *poll, int status, int events)
{
	struct daemon *daemon = poll->data;

	(void)status;
	(void)events;
	if (!net_interfaces_changed(daemon->links_fd))
		return;
	links_refresh(daemon);
	pairs_addresses(daemon);
	group_turn(daemon->group);
}

/* The start table's steps: 0, or a negative code with the reason logged. */

static int start_process(struct daemon *daemon)
{
	uint64_t files;
	pid_t holder;
	int code;

	if (daemon->options.pid_file[0]) {
		code = sys_pidfile_open(daemon->options.pid_file, &daemon->pid_file, &holder);
		if (code == -EWOULDBLOCK)
			sys_log(&daemon->log, SYS_LOG_ERROR,
				"%s: xdhcpd runs already, process %d; name another -pf, -lf and "
				"--control for a second one",
				daemon->options.pid_file, (int)holder);
		else if (code)
			sys_log(&daemon->log, SYS_LOG_WARNING, "%s: %s; going on without",
				daemon->options.pid_file, strerror(-code));
		if (code == -EWOULDBLOCK)
			return code;
		if (code)
			daemon->options.pid_file = "";
		else
			sys_pidfile_write(&daemon->pid_file);
	}
	sys_files_limit_raise(OPEN_FILES, &files);
	sys_oom_score_set(-900);
	return 0;
}

static int start_table(struct daemon *daemon)
{
	struct lease_verbs verbs = verbs_of(daemon);
	uint8_t seed[16];
	int code;

	if (getrandom(seed, sizeof(seed), 0) != sizeof(seed))
		return -EIO;
	code = lease_table_new(daemon->conf, seed, &daemon->table);
	if (!code)
		lease_table_policies(daemon->table, daemon->policies);
	if (!code)
		code = lease_commit_new(daemon->table, &verbs, &daemon->commit);
	if (code)
		sys_log(&daemon->log, SYS_LOG_ERROR, "no memory for the lease table");
	return code;
}

static int restore_lease(void *context, struct lease_record *record)
{
	struct daemon *daemon = context;

	return lease_commit_restore(daemon->commit, record);
}

static int restore_acknowledgement(void *context,
				   const struct store_acknowledgement *acknowledgement)
{
	struct daemon *daemon = context;

	lease_commit_restore_acknowledgement(daemon->commit, acknowledgement->address,
					     acknowledgement->flags, acknowledgement->acknowledged,
					     acknowledgement->known);
	return 0;
}

static int restore_note(void *context, const char *name, const void *bytes, size_t length)
{
	return pairs_note(context, name, bytes, length);
}

static int start_store(struct daemon *daemon)
{
	const struct store_visitors visitors = {
		.context = daemon,
		.lease = restore_lease,
		.acknowledgement = restore_acknowledgement,
		.note = restore_note,
	};
	struct store_error error;
	int code = store_open_on(daemon->files, daemon->options.leases, &visitors,
				 &daemon->restored, &daemon->store, &error);

	if (code) {
		sys_log(&daemon->log, SYS_LOG_ERROR, "%s", error.text);
		return code;
	}
	if (daemon->restored.torn_bytes)
		sys_log(&daemon->log, SYS_LOG_WARNING,
			"%s: %llu bytes of an unfinished write cut off the journal; no reply had "
			"left for them",
			daemon->options.leases, (unsigned long long)daemon->restored.torn_bytes);
	return settle_relations(daemon);
}

/* Where the object is: named, beside the executable, or installed. */
static const char *object_find(const struct options *options, char *path, size_t size)
{
	ssize_t length;
	char *slash;

	if (options->object)
		return options->object;
	length = readlink("/proc/self/exe", path, size - sizeof(OBJECT_NAME) - 1);
	if (length > 0) {
		path[length] = '\0';
		slash = strrchr(path, '/');
		strcpy(slash + 1, OBJECT_NAME);
		if (!access(path, R_OK))
			return path;
	}
	return XDHCP_LIBDIR "/" OBJECT_NAME;
}

/* What an earlier run left in the kernel must not go on answering without us. */
static void fastpath_without(struct daemon *daemon, const char *why)
{
	snprintf(daemon->fastpath_why, sizeof(daemon->fastpath_why), "%s", why);
	fastpath_remove(daemon->options.bpffs, daemon->options.instance);
}

static int start_fastpath(struct daemon *daemon)
{
	char path[PATH_MAX];
	struct fastpath_error error;
	struct fastpath_options options = {
		.object = object_find(&daemon->options, path, sizeof(path)),
		.bpffs = daemon->options.bpffs,
		.instance = daemon->options.instance,
		.store = store_identity(daemon->store),
		.digest = daemon->conf->digest,
		.roles = daemon->roles,
	};
	bool same_digest = true;

	dhcp_option_roles(daemon->roles);
	if (daemon->options.xdp == FASTPATH_OFF) {
		fastpath_without(daemon, "switched off by --xdp off");
		return 0;
	}
	if (fastpath_open(&options, &daemon->fastpath, &daemon->adopted, &same_digest, &error)) {
		daemon->fastpath = NULL;
		fastpath_without(daemon, error.text);
		sys_log(&daemon->log, SYS_LOG_WARNING, "userspace only: %s", error.text);
	}
	return 0;
}

static int start_port(struct daemon *daemon)
{
	struct net_port_options options = {0};
	struct net_error error;
	int code = net_port_open(&options, &daemon->port, &error);

	if (code) {
		sys_log(&daemon->log, SYS_LOG_ERROR, "%s", error.text);
		return code;
	}
	code = output_new(daemon->port, &daemon->output);
	if (!code)
		code = group_new(daemon, &daemon->group);
	if (!code)
		code = compact_new(daemon, &daemon->compact);
	return code;
}

static int start_settle(struct daemon *daemon)
{
	const uint64_t second = 1000000000;
	int code;

	if (daemon->fastpath)
		daemon->reference = fastpath_reference(daemon->fastpath);
	else
		daemon->reference =
			(sys_clock_wall_ns() - (int64_t)sys_clock_coarse()) / (int64_t)second + 1;
	code = pairs_make(daemon);
	if (!code)
		code = settle_slots(daemon, daemon->adopted);

	if (!code && daemon->adopted && !daemon->options.quiet)
		sys_log(&daemon->log, SYS_LOG_NOTICE,
			"maps of the daemon before are adopted: %llu renewals that it did not live "
			"to write down",
			(unsigned long long)daemon->recovered);
	return code;
}

static int start_control(struct daemon *daemon)
{
	struct ctl_options options = {.path = daemon->options.control,
				      .group = daemon->options.group,
				      .fd = daemon->control > 0 ? daemon->control : 0};
	struct ctl_verbs verbs = control_verbs(daemon);
	struct ctl_error error;
	int code = ctl_server_open(&daemon->loop, &options, &verbs, &daemon->ctl, &error);

	if (code)
		sys_log(&daemon->log, SYS_LOG_ERROR, "%s", error.text);
	return code;
}

static int start_serving(struct daemon *daemon)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	int code = net_interfaces_watch(&daemon->links_fd);

	if (code)
		return code;
	for (int i = 0; i < 3; i++) {
		uv_signal_init(&daemon->loop, &daemon->signals[i]);
		daemon->signals[i].data = daemon;
		uv_signal_start(&daemon->signals[i], on_signal, numbers[i]);
	}
	uv_poll_init(&daemon->loop, &daemon->links_poll, daemon->links_fd);
	daemon->links_poll.data = daemon;
	uv_poll_start(&daemon->links_poll, UV_READABLE, on_links);
	uv_poll_init(&daemon->loop, &daemon->port_poll, net_port_fd(daemon->port));
	daemon->port_poll.data = daemon;
	slowpath_start(daemon);
	code = pulse_start(daemon);
	if (code)
		return code;
	code = pairs_start(daemon);
	if (code)
		return code;
	daemon->phase = DAEMON_SERVING;
	daemon->started = sys_clock_wall();
	compact_want(daemon);
	pairs_turn(daemon);
	group_turn(daemon->group);
	if (daemon->background >= 0)
		sys_background_ready(daemon->background);
	if (daemon->restarted)
		sys_process_signals_hold(false);
	notice_ready(daemon);
	return 0;
}

static const struct {
	const char *what;
	int (*start)(struct daemon *daemon);
} start_table_steps[] = {
	{"process", start_process}, {"lease table", start_table},      {"lease store", start_store},
	{"port 67", start_port},    {"fast path", start_fastpath},     {"slots", start_settle},
	{"interfaces", links_open}, {"control socket", start_control}, {"serving", start_serving},
};

int daemon_start(struct daemon *daemon)
{
	for (size_t i = 0; i < sizeof(start_table_steps) / sizeof(start_table_steps[0]); i++) {
		int code = start_table_steps[i].start(daemon);

		if (code) {
			sys_log(&daemon->log, SYS_LOG_ERROR, "not started: %s: %s",
				start_table_steps[i].what, strerror(-code));
			return code;
		}
	}
	return 0;
}

/* What is still there after the loop, or after a start that failed half-way. */
void daemon_finish(struct daemon *daemon)
{
	if (daemon->fastpath)
		fastpath_close(daemon->fastpath);
	pairs_free(daemon);
	output_free(daemon->output);
	if (daemon->port)
		net_port_close(daemon->port);
	lease_commit_free(daemon->commit);
	lease_table_free(daemon->table);
	compact_free(daemon->compact);
	restart_free(daemon->restart);
	group_free(daemon->group);
	if (daemon->store)
		store_close(daemon->store);
	free(daemon->links);
	conf_free(daemon->conf);
	if (daemon->options.pid_file[0] && daemon->pid_file.path)
		sys_pidfile_remove(&daemon->pid_file);
	sys_log_close(&daemon->log);
}
