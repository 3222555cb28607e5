// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/notice.h"

#include <string.h>

#include "base/text.h"
#include "daemon/daemon.h"
#include "daemon/links.h"
#include "daemon/pair.h"
#include "sys/notify.h"

static void links_say(const struct daemon *daemon, struct base_text *text)
{
	static const char *const modes[] = {"native XDP", "skb mode", "userspace only"};

	base_text_append(text, daemon->link_count ? "serving " : "no interface to serve yet");
	for (size_t i = 0; i < daemon->link_count; i++)
		base_text_append(text, "%s%s (%s%s)", i ? ", " : "", daemon->links[i].name,
				 modes[daemon->links[i].mode], daemon->links[i].up ? "" : ", down");
}

static void pair_say(const struct pair *pair, struct base_text *text)
{
	struct failover_now now = pair_now();
	struct failover_status status;

	failover_peer_status(pair->peer, &now, &status);
	base_text_append(text, "; failover %s: %s%s", pair->conf->name,
			 failover_state_word(status.startup ? FAILOVER_STARTUP : status.kept.state),
			 status.serves ? "" : ", waits");
}

static void status_say(const struct daemon *daemon, struct base_text *text)
{
	links_say(daemon, text);
	for (size_t i = 0; i < daemon->pair_count; i++)
		pair_say(&daemon->pairs[i], text);
}

void notice_ready(struct daemon *daemon)
{
	struct base_text text = base_text_of(daemon->notice, sizeof(daemon->notice));

	if (!sys_notify_wanted())
		return;
	status_say(daemon, &text);
	sys_notify_ready(daemon->notice);
}

void notice_turn(struct daemon *daemon)
{
	char bytes[sizeof(daemon->notice)];
	struct base_text text = base_text_of(bytes, sizeof(bytes));

	if (!sys_notify_wanted())
		return;
	status_say(daemon, &text);
	if (!strcmp(bytes, daemon->notice))
		return;
	memcpy(daemon->notice, bytes, sizeof(bytes));
	sys_notify_status(bytes);
}
