// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/pair_control_private.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* A refusal; `text` names the ones that there are. */
static enum ctl_code pair_unknown(const struct daemon *daemon, const char *relation, char *text,
				  size_t size)
{
	struct base_text out = base_text_of(text, size);

	if (!daemon->pair_count) {
		base_text_append(&out, "the configuration has no \"failover peer\"");
		return CTL_NOT_FOUND;
	}
	if (relation)
		base_text_append(&out, "there is no relationship \"%.64s\"; there is", relation);
	else
		base_text_append(&out, "there are several relationships, name one:");
	for (size_t i = 0; i < daemon->pair_count; i++)
		base_text_append(&out, "%s %s", i ? "," : "", daemon->pairs[i].conf->name);
	return relation ? CTL_NOT_FOUND : CTL_BAD_ARGUMENT;
}

struct pair *pair_named(const struct daemon *daemon, const char *relation, char *text, size_t size,
			enum ctl_code *ret_code)
{
	if (!relation && daemon->pair_count == 1)
		return &daemon->pairs[0];
	for (size_t i = 0; relation && i < daemon->pair_count; i++)
		if (!strcmp(daemon->pairs[i].conf->name, relation))
			return &daemon->pairs[i];
	*ret_code = pair_unknown(daemon, relation, text, size);
	return NULL;
}

void pair_said(struct daemon *daemon)
{
	pairs_turn(daemon);
	group_turn(daemon->group);
}

/* Why not, and what would end the state that does not allow it. */
static enum ctl_code refused(const struct pair *pair, const char *why, char *text, size_t size)
{
	struct failover_now now = pair_now();
	struct failover_status status;

	failover_peer_status(pair->peer, &now, &status);
	snprintf(text, size, "%s: %s (%s%s%s)", pair->conf->name, why,
		 failover_state_word(status.startup ? FAILOVER_STARTUP : status.kept.state),
		 status.remedy ? ": " : "", status.remedy ? status.remedy : "");
	/* Nothing is read while a transition is on its way to the disk. */
	return failover_peer_reads(pair->peer) ? CTL_REFUSED : CTL_BUSY;
}

static enum ctl_code partner_down(void *context, const char *relation, bool fenced, char *text,
				  size_t size)
{
	struct daemon *daemon = context;
	enum ctl_code code = CTL_OK;
	struct pair *pair = pair_named(daemon, relation, text, size, &code);
	struct failover_now now = pair_now();
	const char *why;

	if (!pair)
		return code;
	if (failover_peer_partner_down(pair->peer, fenced, &now, &why))
		return refused(pair, why, text, size);
	sys_log(&daemon->log, SYS_LOG_NOTICE, "failover %s: partner-down was said%s",
		pair->conf->name, fenced ? ": the partner is fenced" : "");
	snprintf(text, size,
		 "%s: the partner is taken for dead; \"failover status\" shows from when its "
		 "addresses are given away",
		 pair->conf->name);
	pair_said(daemon);
	return CTL_PARTNER_DOWN;
}

static enum ctl_code init(void *context, const char *relation, char *text, size_t size)
{
	struct daemon *daemon = context;
	enum ctl_code code = CTL_OK;
	struct pair *pair = pair_named(daemon, relation, text, size, &code);
	struct failover_now now = pair_now();
	const char *why;

	if (!pair)
		return code;
	if (failover_peer_init(pair->peer, &now, &why))
		return refused(pair, why, text, size);
	sys_log(&daemon->log, SYS_LOG_NOTICE, "failover %s: init was said: a new pair",
		pair->conf->name);
	snprintf(text, size, "%s: taken for a new pair, which serves once both are connected",
		 pair->conf->name);
	pair_said(daemon);
	return CTL_INITIALISED;
}

/* What a planned stop comes to, as things are now: static, NULL: the partner takes over. */
static const char *left_alone(const struct pair *pair, const struct failover_now *now)
{
	struct failover_status status;
	struct failover_fsm fsm;
	struct failover_step step;

	failover_peer_status(pair->peer, now, &status);
	fsm = (struct failover_fsm){
		.kept = status.kept,
		.startup = status.startup,
		.linked = status.linked,
		.heard = status.heard,
		.primary = status.primary,
		.isc = status.isc,
		.mclt = status.mclt,
	};
	step = failover_fsm_step(
		&fsm, &(struct failover_event){.kind = FAILOVER_EVENT_SHUTDOWN, .now = now->wall});
	return step.after.kept.state == FAILOVER_SHUTDOWN ? NULL : step.why;
}

static enum ctl_code hand_over(void *context, char *text, size_t size)
{
	struct daemon *daemon = context;
	struct base_text out = base_text_of(text, size);
	struct failover_now now = pair_now();

	if (!daemon->pair_count)
		return pair_unknown(daemon, NULL, text, size);
	if (daemon->phase != DAEMON_SERVING)
		return CTL_NOT_SERVING;
	for (size_t i = 0; i < daemon->pair_count && !daemon->pairs_stopped; i++) {
		const char *why = left_alone(&daemon->pairs[i], &now);

		base_text_append(&out, "%s%s: %s", i ? "; " : "", daemon->pairs[i].conf->name,
				 why ? why : "the partner is told to take over");
	}
	if (!daemon->pairs_stopped)
		sys_log(&daemon->log, SYS_LOG_NOTICE, "failover shutdown was said: %s", text);
	pairs_stop(daemon, daemon_stop);
	pair_said(daemon);
	return CTL_HANDING_OVER;
}

void pair_control_verbs(struct ctl_verbs *verbs)
{
	verbs->failover = pair_status_all;
	verbs->failover_check = pair_check_all;
	verbs->failover_partner_down = partner_down;
	verbs->failover_init = init;
	verbs->failover_probe = pair_probe;
	verbs->failover_shutdown = hand_over;
}
