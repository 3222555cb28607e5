// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/restart.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/daemon.h"
#include "daemon/pair.h"
#include "daemon/pulse.h"
#include "sys/notify.h"
#include "sys/process.h"

#define TEST_SECONDS 20
#define TEST_TEXT 1024

struct restart {
	struct daemon *daemon;
	uv_work_t work;
	bool testing;
	char **arguments; /* with -t */
	int result; /* of the test */
	char said[TEST_TEXT];
	void (*answer)(struct ctl_call *call, enum ctl_code code, const char *text);
	struct ctl_call *call;
	int control; /* what is handed on */
};

void restart_remember(struct daemon *daemon, char **arguments)
{
	daemon->arguments = arguments;
	daemon->control = -1;
	if (sys_process_path(arguments[0], daemon->binary, sizeof(daemon->binary)))
		daemon->binary[0] = '\0';
	daemon->restarted = sys_process_inherited(&daemon->control);
}

static char **arguments_for_test(char **arguments)
{
	size_t count = 0;
	char **with;

	while (arguments[count])
		count++;
	with = calloc(count + 2, sizeof(*with));
	if (!with)
		return NULL;
	memcpy(with, arguments, count * sizeof(*with));
	with[count] = (char *)"-t";
	return with;
}

static struct restart *restart_new(struct daemon *daemon)
{
	struct restart *restart = calloc(1, sizeof(*restart));

	if (!restart)
		return NULL;
	restart->daemon = daemon;
	restart->work.data = restart;
	restart->control = -1;
	restart->arguments = arguments_for_test(daemon->arguments);
	if (restart->arguments)
		return restart;
	free(restart);
	return NULL;
}

void restart_free(struct restart *restart)
{
	/* A worker that is still at it goes with the process. */
	if (!restart || restart->testing)
		return;
	if (restart->control >= 0)
		close(restart->control);
	free(restart->arguments);
	free(restart);
}

/* The process is another program's now, or this daemon is dead. */
static void restart_over(struct daemon *daemon)
{
	int code;

	sys_log(&daemon->log, SYS_LOG_NOTICE, "restarting as %s", daemon->binary);
	sys_notify_reloading();
	sys_process_signals_hold(true);
	code = sys_process_replace(daemon->binary, daemon->arguments, daemon->restart->control);
	sys_log(&daemon->log, SYS_LOG_ERROR,
		"%s: cannot be started: %s; the kernel goes on without a daemon", daemon->binary,
		strerror(-code));
	daemon->failed = true;
	daemon->exit_code = 1;
	uv_stop(&daemon->loop);
}

static void restart_flushed(struct daemon *daemon)
{
	if (daemon->phase == DAEMON_RESTARTING)
		restart_over(daemon);
}

/* Gates stay open: what is promised from here on, the next one finds in the slots. */
static void restart_quiet(void *context)
{
	struct daemon *daemon = context;

	if (daemon->phase != DAEMON_SERVING)
		return;
	daemon->phase = DAEMON_RESTARTING;
	uv_poll_stop(&daemon->port_poll);
	uv_poll_stop(&daemon->links_poll);
	uv_timer_stop(&daemon->sweep);
	uv_timer_stop(&daemon->expiry);
	pulse_sweep_some(daemon);
	/* What the partner says from now on, it says to the next one. */
	pairs_turn(daemon);
	group_when_idle(daemon->group, restart_flushed);
}

static void answer_give(struct restart *restart, enum ctl_code code, const char *text)
{
	if (code != CTL_RESTARTING)
		sys_log(&restart->daemon->log, SYS_LOG_ERROR, "not restarted: %s",
			text ? text : ctl_code_text(code));
	restart->answer(restart->call, code, text);
}

/* Why the next binary was refused by itself, or does not run at all. */
static void refusal_give(struct restart *restart)
{
	const char *why = restart->said;
	char bytes[2 * TEST_TEXT];
	struct base_text text = base_text_of(bytes, sizeof(bytes));

	if (restart->result == 1) {
		answer_give(restart, CTL_BAD_CONFIGURATION, restart->said);
		return;
	}
	if (restart->result < 0)
		why = restart->result == -EINTR ? "ended by a signal" : strerror(-restart->result);
	base_text_append(&text, "%s -t, which would come next, does not work: %s",
			 restart->daemon->binary, why);
	answer_give(restart, CTL_FAILED, bytes);
}

static void test_done(uv_work_t *work, int status)
{
	struct restart *restart = work->data;
	struct daemon *daemon = restart->daemon;

	(void)status;
	restart->testing = false;
	restart->said[strcspn(restart->said, "\n")] = '\0';
	if (daemon->phase != DAEMON_SERVING || daemon->pairs_stopped) {
		answer_give(restart, CTL_NOT_SERVING, NULL);
	} else if (restart->result) {
		refusal_give(restart);
	} else {
		restart->control = ctl_server_hand_over(daemon->ctl, restart_quiet, daemon);
		if (restart->control < 0)
			answer_give(restart, CTL_FAILED, strerror(-restart->control));
		else
			answer_give(restart, CTL_RESTARTING, NULL);
	}
}

static void test_run(uv_work_t *work)
{
	struct restart *restart = work->data;

	restart->result = sys_process_run(restart->daemon->binary, restart->arguments, TEST_SECONDS,
					  restart->said, sizeof(restart->said));
}

void restart_asked(void *context,
		   void (*answer)(struct ctl_call *call, enum ctl_code code, const char *text),
		   struct ctl_call *call)
{
	struct daemon *daemon = context;
	struct restart *restart;

	if (!daemon->restart)
		daemon->restart = restart_new(daemon);
	restart = daemon->restart;
	if (daemon->phase != DAEMON_SERVING || !restart) {
		answer(call, restart ? CTL_NOT_SERVING : CTL_NO_MEMORY, NULL);
		return;
	}
	if (daemon->pairs_stopped || restart->testing || restart->control >= 0) {
		answer(call, CTL_BUSY, NULL);
		return;
	}
	restart->answer = answer;
	restart->call = call;
	restart->testing = true;
	uv_queue_work(&daemon->loop, &restart->work, test_run, test_done);
}
