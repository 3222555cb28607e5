/* SPDX-License-Identifier: GPL-2.0-only */
/* What others see of a relationship: view, policy, status. */
#include <stdio.h>
#include <string.h>

#include "base/plant.h"
#include "failover/peer_private.h"

/* Downwards, also below zero. */
static int64_t floor_seconds(int64_t ns)
{
	return ns / (int64_t)SECOND - (ns % (int64_t)SECOND < 0);
}

static int64_t ceil_seconds(int64_t ns)
{
	return -floor_seconds(-ns);
}

bool failover_peer_serves(const struct failover_peer *peer, const struct failover_fsm *fsm)
{
	return failover_state_serves(fsm->kept.state) && !fsm->startup && !peer->stop;
}

/* On the way to a state that does not serve nobody is served any more, from the first step on. */
static bool serves_now(const struct failover_peer *peer)
{
	return failover_peer_serves(peer, &peer->fsm) &&
	       (!peer->transition.under_way ||
		failover_peer_serves(peer, &peer->transition.step.after));
}

bool failover_peer_strict(const struct failover_peer *peer)
{
	return peer->options.strict < 0 ? peer->fsm.isc : peer->options.strict > 0;
}

/*
 * A store that was set aside tells the partner nothing of its own accord: what
 * it knows is old. Two that both begin with RECOVER tell each other what they have.
 */
static bool tells(const struct failover_fsm *fsm)
{
	bool recovers =
		fsm->kept.state == FAILOVER_RECOVER || fsm->kept.state == FAILOVER_RECOVER_WAIT;

	return !recovers || !fsm->kept.lost || fsm->kept.partner == FAILOVER_RECOVER ||
	       fsm->kept.partner == FAILOVER_RECOVER_WAIT ||
	       fsm->kept.partner == FAILOVER_RECOVER_DONE;
}

bool failover_peer_sends(const struct failover_peer *peer)
{
	return peer->link && peer->fsm.linked && peer->fsm.heard && tells(&peer->fsm);
}

/*
 * Nothing was heard of the partner's clock since the start: both were not far apart then, and
 * whether a clock that was set since is right now or was right then nobody knows.
 */
static int64_t untracked(const struct failover_peer *peer, int sign)
{
	int64_t own = peer->now.wall_ns - (int64_t)peer->now.monotonic;
	int64_t then = peer->started ? peer->started_offset : own;
	int64_t farthest = sign * (then - own) > 0 ? then : own;

	return farthest + sign * FAILOVER_SKEW_UNTRACKED * (int64_t)SECOND;
}

/* Most that the partner's clock may be ahead of the slots' clock, ns. */
static int64_t partner_bound(const struct failover_peer *peer)
{
	int64_t bound;

	if (PLANTED(skew))
		return peer->now.wall_ns - (int64_t)peer->now.monotonic;
	if (failover_skew_bound(&peer->skew, peer->now.monotonic, &bound))
		return bound;
	return untracked(peer, 1);
}

int64_t failover_peer_behind(const struct failover_peer *peer)
{
	int64_t own = peer->now.wall_ns - (int64_t)peer->now.monotonic, least;

	if (!failover_skew_least(&peer->skew, peer->now.monotonic, &least))
		least = untracked(peer, -1);
	return own > least ? ceil_seconds(own - least) : 0;
}

void failover_view_reckon(struct failover_peer *peer, bool alive)
{
	struct failover_view *view = &peer->view;
	int64_t mclt = peer->fsm.mclt;
	int64_t ahead = partner_bound(peer) - peer->options.reference * (int64_t)SECOND;
	int64_t lead = mclt - (ahead > 0 ? ceil_seconds(ahead) : 0);

	view->serves = serves_now(peer);
	view->adopted = peer->adopted;
	view->primary = peer->options.conf->primary;
	view->swap_secs = peer->options.swap_secs;
	view->balance_seconds = peer->options.conf->load_balance_max_seconds;
	memcpy(view->hba, peer->hba, sizeof(view->hba));
	view->balances = view->serves && peer->fsm.kept.state == FAILOVER_NORMAL && peer->has_hba &&
			 view->balance_seconds;
	view->reference = peer->options.reference;
	view->from = ceil_seconds((int64_t)peer->now.monotonic);
	/* Forward only while the daemon lives; back at once. */
	if (alive || lead < view->lead)
		view->lead = lead;
	if (alive && view->serves)
		view->alone = floor_seconds((int64_t)peer->now.monotonic) +
			      (PLANTED(heartbeat) ? 86400 : mclt);
}

const struct failover_view *failover_peer_view(const struct failover_peer *peer)
{
	return &peer->view;
}

/* On the way out of PARTNER-DOWN nothing of the partner's is given away any more, from the first step on. */
static bool leaves_partner_down(const struct failover_peer *peer)
{
	return peer->transition.under_way &&
	       peer->transition.step.after.kept.state != FAILOVER_PARTNER_DOWN;
}

void failover_peer_policy(const struct failover_peer *peer, struct lease_policy *ret_policy)
{
	bool normal = peer->fsm.kept.state == FAILOVER_NORMAL;
	bool down = peer->fsm.kept.state == FAILOVER_PARTNER_DOWN && !peer->fsm.startup;
	struct lease_policy policy = {
		.serves = serves_now(peer),
		.secondary = !peer->options.conf->primary,
		.sends = failover_peer_sends(peer),
		.partner_down = down && !leaves_partner_down(peer),
		.doubtful = down && peer->fsm.kept.doubtful,
		.strict = failover_peer_strict(peer),
		.mclt = peer->fsm.mclt,
		.slack = failover_peer_behind(peer),
	};

	policy.expires = policy.serves && (peer->options.conf->primary || !normal);
	policy.entered = policy.partner_down ? peer->fsm.kept.since : 0;
	*ret_policy = policy;
}

/* A monotonic deadline as people read it; 0 stays 0. */
static int64_t wall_at(const struct failover_peer *peer, uint64_t monotonic)
{
	if (!monotonic)
		return 0;
	return floor_seconds((int64_t)(monotonic - peer->now.monotonic) + peer->now.wall_ns);
}

static void status_times(const struct failover_peer *peer, struct failover_status *status)
{
	uint8_t state = peer->fsm.kept.state;
	uint64_t alone = peer->options.conf->auto_partner_down * SECOND;
	uint64_t from = peer->sign_at > peer->interrupted_at ? peer->sign_at : peer->interrupted_at;

	status->linked_since = peer->linked_since;
	status->wait_until = failover_fsm_wait_until(&peer->fsm);
	if (peer->fsm.startup && peer->started)
		status->startup_until = wall_at(peer, peer->started_at + STARTUP_SECONDS * SECOND);
	if (alone && state == FAILOVER_COMMUNICATIONS_INTERRUPTED && !peer->fsm.linked &&
	    !peer->fsm.startup)
		status->alone_at = wall_at(peer, from + alone);
	if (state == FAILOVER_PARTNER_DOWN)
		status->takeover_at =
			peer->fsm.kept.since + peer->fsm.mclt + failover_peer_behind(peer);
	if (!peer->link && !peer->connecting && peer->started)
		status->next_connect = wall_at(peer, peer->next_connect);
	status->next_balance = wall_at(peer, peer->pool.next);
}

void failover_peer_status(const struct failover_peer *peer, const struct failover_now *now,
			  struct failover_status *ret_status)
{
	struct failover_status *status = ret_status;

	*status = (struct failover_status){
		.kept = peer->fsm.kept,
		.startup = peer->fsm.startup,
		.linked = peer->link,
		.heard = peer->fsm.heard,
		.primary = peer->options.conf->primary,
		.isc = peer->fsm.isc,
		.tls = peer->options.tls,
		.strict = failover_peer_strict(peer),
		.fenced = peer->record.fenced,
		.serves = peer->view.serves,
		.balances = peer->view.balances,
		.why = peer->why,
		.remedy = failover_fsm_remedy(&peer->fsm),
		.mclt = peer->fsm.mclt,
		.partner_unacked = peer->partner.max_unacked,
		.partner_delay = peer->partner.receive_timer,
		.digest_known = peer->common.known,
		.digest_same = peer->common.same,
		.last_reject = peer->last_reject,
		.malformed = peer->malformed,
		.connections = peer->connections,
		.refused_connections = peer->refused_connections,
	};
	status->skew_known =
		failover_skew_seconds(&peer->skew, now->monotonic, now->wall_ns, &status->skew);
	status_times(peer, status);
	snprintf(status->partner_software, sizeof(status->partner_software), "%s",
		 peer->partner.software);
	snprintf(status->refused, sizeof(status->refused), "%s", peer->refused);
	status->has_partner_store = peer->record.has_partner_store;
	memcpy(status->partner_store, peer->record.partner_store, sizeof(status->partner_store));
	memcpy(status->messages_in, peer->messages_in, sizeof(status->messages_in));
	memcpy(status->messages_out, peer->messages_out, sizeof(status->messages_out));
	failover_updates_status(peer->updates, &status->updates);
}
