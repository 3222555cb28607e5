// SPDX-License-Identifier: GPL-2.0-only
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <urcu.h>

#include "daemon/books.h"
#include "daemon/compact.h"
#include "daemon/reload.h"
#include "daemon/restart.h"
#include "daemon/start.h"
#include "sys/files.h"

/* Who starts it waits until it serves, and hears why not; then standard error leads nowhere. */
static void start_log(struct daemon *daemon)
{
	const struct options *options = &daemon->options;

	sys_log_open(&daemon->log, "xdhcpd", LOG_DAEMON, !options->debug, STDERR_FILENO,
		     options->quiet ? SYS_LOG_NOTICE : SYS_LOG_INFO);
}

static int serve(struct daemon *daemon)
{
	if (daemon_start(daemon)) {
		daemon->exit_code = 1;
	} else {
		uv_run(&daemon->loop, UV_RUN_DEFAULT);
	}
	/* A snapshot that is under way reads the leases: they go with the process. */
	if (!daemon->failed || !compact_busy(daemon->compact))
		daemon_finish(daemon);
	return daemon->exit_code;
}

/* What each failover peer is declared as, for those who choose a role. */
static void roles_print(const struct conf *conf)
{
	for (size_t i = 0; i < conf->relation_count; i++) {
		const struct conf_relation *relation = conf->relations[i];

		printf("%s %s\n",
		       relation->chosen ? "both" : (relation->primary ? "primary" : "secondary"),
		       relation->name);
	}
}

/* Is the text right? Where nobody says for which role: for either. */
static int test_run(struct options *options)
{
	enum conf_role said = options->terms.role, role;
	char text[2048];

	for (role = CONF_ROLE_PRIMARY; role <= CONF_ROLE_SECONDARY; role++) {
		struct conf *conf;

		options->terms.role = said ? said : role;
		options->terms.trial = !said;
		if (reload_read(options, &conf, text, sizeof(text))) {
			fputs(text, stderr);
			return 1;
		}
		if (options->roles && role == CONF_ROLE_SECONDARY)
			roles_print(conf);
		conf_free(conf);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct daemon daemon; /* large, and the one instance of the process */
	char text[2048];

	daemon.background = -1;
	restart_remember(&daemon, argv);
	daemon.files = sys_files_system();
	switch (options_read(argc, argv, &daemon.options)) {
	case OPTIONS_DONE:
		return 0;
	case OPTIONS_WRONG:
		return 1;
	case OPTIONS_RUN:
		break;
	}
	if (daemon.options.test && !daemon.options.import && !daemon.options.export)
		return test_run(&daemon.options);
	if (reload_read(&daemon.options, &daemon.conf, text, sizeof(text))) {
		fputs(text, stderr);
		return 1;
	}
	if (daemon.options.import)
		return import_run(&daemon.options, daemon.conf);
	if (daemon.options.export)
		return export_run(&daemon.options, daemon.conf);
	if (!daemon.options.foreground && !daemon.restarted && sys_background(&daemon.background))
		return 1;
	signal(SIGPIPE, SIG_IGN);
	rcu_register_thread();
	uv_loop_init(&daemon.loop);
	start_log(&daemon);
	return serve(&daemon);
}
