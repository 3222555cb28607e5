// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/reload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/links.h"
#include "daemon/notice.h"
#include "daemon/pair.h"
#include "daemon/settle.h"
#include "sys/notify.h"

#define FILE_MOST (64 << 20)

/* conf's loader: a whole file. */
static int file_load(void *context, const char *name, char **ret_text, size_t *ret_length)
{
	FILE *file = fopen(name, "re");
	size_t length = 0, room = 65536, got;
	char *text, *larger;
	int code = 0;

	(void)context;
	if (!file)
		return -errno;
	text = malloc(room + 1);
	while (text && (got = fread(text + length, 1, room - length, file)) > 0) {
		length += got;
		if (length < room)
			continue;
		room *= 2;
		larger = room > FILE_MOST ? NULL : realloc(text, room + 1);
		if (!larger)
			break;
		text = larger;
	}
	if (!text || (length >= room && room > FILE_MOST))
		code = -EFBIG;
	else if (ferror(file))
		code = -EISDIR;
	fclose(file);
	if (code) {
		free(text);
		return code;
	}
	text[length] = '\0';
	*ret_text = text;
	*ret_length = length;
	return 0;
}

int reload_read(const struct options *options, struct conf **ret_conf, char *ret_text, size_t size)
{
	const char *name = options->configuration;
	struct conf_error error;
	int code = conf_load_by(&options->terms, name, file_load, NULL, ret_conf, &error);

	if (code == -EINVAL)
		conf_error_format(&error, ret_text, size);
	else if (code)
		snprintf(ret_text, size, "%s: %s\n", name, strerror(-code));
	return code ? -EINVAL : 0;
}

static int conf_replace(struct daemon *daemon, char *ret_text, size_t size)
{
	struct conf *conf, *old = daemon->conf;
	bool same;

	if (reload_read(&daemon->options, &conf, ret_text, size))
		return -EINVAL;
	if (!memcmp(conf->digest, old->digest, sizeof(conf->digest))) {
		conf_free(conf);
		return 0;
	}
	if (!pairs_fit(daemon, conf)) {
		conf_free(conf);
		snprintf(ret_text, size,
			 "failover peers, their names and roles change with a restart only");
		return -EINVAL;
	}
	if (lease_table_reload(daemon->table, conf)) {
		conf_free(conf);
		snprintf(ret_text, size, "no memory for the tables of the new configuration");
		return -EINVAL;
	}
	daemon->conf = conf;
	if (lease_commit_move(daemon->commit))
		daemon_fail(daemon, "no memory for leases of another failover relationship");
	if (daemon->fastpath) {
		fastpath_configure(daemon->fastpath, conf->digest, daemon->roles, &same);
		lease_commit_unstamp(daemon->commit);
		fastpath_relays_forget(daemon->fastpath);
		settle_statics(daemon);
		self_test_forget(daemon);
	}
	links_refresh(daemon);
	if (pairs_reload(daemon))
		sys_log(&daemon->log, SYS_LOG_ERROR,
			"failover is not as the new configuration says: restart");
	conf_free(old);
	sys_log(&daemon->log, SYS_LOG_NOTICE, "%s: new configuration in force",
		daemon->options.configuration);
	group_turn(daemon->group);
	return 0;
}

int reload(struct daemon *daemon, char *ret_text, size_t size)
{
	int code;

	sys_notify_reloading();
	code = conf_replace(daemon, ret_text, size);
	notice_ready(daemon);
	return code;
}
