/* SPDX-License-Identifier: GPL-2.0-only */
/* What a person, or the cluster for one, says. */
#include <errno.h>

#include "failover/peer_private.h"

static int operator_event(struct failover_peer *peer, enum failover_event_kind kind, bool fenced,
			  const char **ret_why)
{
	const char *why = NULL;

	if (!peer->started || peer->stop)
		why = "the daemon is stopping";
	else if (peer->transition.under_way)
		why = "a transition is under way: say it again in a moment";
	else
		why = failover_peer_step(peer, &peer->fsm, (struct failover_event){.kind = kind},
					 fenced);
	if (!why)
		return 0;
	*ret_why = why;
	return -EINVAL;
}

int failover_peer_partner_down(struct failover_peer *peer, bool fenced,
			       const struct failover_now *now, const char **ret_why)
{
	int error;

	failover_peer_enter(peer, now);
	error = operator_event(peer, FAILOVER_EVENT_PARTNER_DOWN, fenced, ret_why);
	failover_peer_leave(peer);
	return error;
}

int failover_peer_init(struct failover_peer *peer, const struct failover_now *now,
		       const char **ret_why)
{
	int error;

	failover_peer_enter(peer, now);
	/* Our store may have forgotten that this pair has leases; the partner's has not, unless it is empty too. */
	if (peer->link && peer->partner.vendor.has_known &&
	    peer->fsm.kept.partner != FAILOVER_RECOVER &&
	    peer->fsm.kept.partner != FAILOVER_RECOVER_WAIT) {
		*ret_why = "the partner knows this pair: its leases come from there";
		error = -EINVAL;
	} else {
		error = operator_event(peer, FAILOVER_EVENT_INIT, false, ret_why);
	}
	failover_peer_leave(peer);
	return error;
}

uint32_t failover_peer_probe(struct failover_peer *peer, const struct failover_now *now)
{
	uint32_t number = 0;

	failover_peer_enter(peer, now);
	if (peer->link && !peer->stop) {
		failover_link_say(peer, FAILOVER_CONTACT, 0);
		number = peer->link->number;
	}
	failover_peer_leave(peer);
	return number;
}

void failover_peer_unreachable(struct failover_peer *peer, uint32_t number,
			       const struct failover_now *now)
{
	failover_peer_enter(peer, now);
	if (peer->link && peer->link->number == number) {
		failover_link_drop(peer, peer->link, FAILOVER_LOG_WARNING,
				   "the partner's system does not acknowledge what it is sent");
		peer->fired = true;
	}
	failover_peer_leave(peer);
}

/*
 * Planned stop: first the kernel falls silent, then what is owed leaves, then
 * the partner hears SHUTDOWN and takes over. Where it could not, or where it has
 * not got everything, the link just goes: it is then as for a server that died.
 */
void failover_peer_stop(struct failover_peer *peer, const struct failover_now *now)
{
	failover_peer_enter(peer, now);
	if (!peer->stop && peer->started) {
		peer->stop = peer->quiet ? STOP_DRAIN : STOP_SILENCE;
		peer->stop_at = now->monotonic + STOP_DRAIN_SECONDS * SECOND;
		failover_view_reckon(peer, false);
		peer->verbs.changed(peer->verbs.context);
		/* A transition into a silent state has asked already. */
		if (!peer->quiet && !peer->transition.silencing)
			peer->verbs.silence(peer->verbs.context);
	} else if (!peer->stop) {
		peer->stop = STOP_DONE;
	}
	failover_peer_leave(peer);
}

static void drain(struct failover_peer *peer)
{
	if (peer->link && !failover_updates_idle(peer->updates)) {
		if (!failover_peer_due(peer, peer->stop_at))
			return;
		failover_peer_log(peer, FAILOVER_LOG_WARNING,
				  "stopping: the partner has not acknowledged all in %d s, and is "
				  "not told to take over",
				  STOP_DRAIN_SECONDS);
		peer->stop = STOP_CLOSE;
		return;
	}
	peer->stop = STOP_SAID;
	peer->stop_at = peer->now.monotonic + STOP_ANSWER_SECONDS * SECOND;
	failover_peer_event(peer, FAILOVER_EVENT_SHUTDOWN);
}

static void said(struct failover_peer *peer)
{
	if (peer->link && peer->fsm.kept.state == FAILOVER_SHUTDOWN &&
	    peer->fsm.kept.partner != FAILOVER_PARTNER_DOWN &&
	    !failover_peer_due(peer, peer->stop_at))
		return;
	peer->stop = STOP_CLOSE;
}

static void close_all(struct failover_peer *peer)
{
	for (unsigned i = 0; i < LINKS_MAX; i++)
		if (peer->links[i].number)
			failover_link_drop(peer, &peer->links[i], FAILOVER_LOG_INFO, "stopped");
	peer->stop = STOP_DONE;
	peer->fired = true; /* the state machine has yet to hear of it */
}

void failover_stop_timers(struct failover_peer *peer)
{
	enum failover_stop before = peer->stop;

	if (peer->transition.under_way)
		return;
	if (peer->stop == STOP_DRAIN)
		drain(peer);
	else if (peer->stop == STOP_SAID)
		said(peer);
	else if (peer->stop == STOP_CLOSE)
		close_all(peer);
	peer->fired |= peer->stop != before;
}

bool failover_peer_stopped(const struct failover_peer *peer)
{
	return peer->stop == STOP_DONE && !peer->transition.under_way && !peer->lost;
}
