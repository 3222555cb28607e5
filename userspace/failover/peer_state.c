/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Transitions, one at a time, each in this order: the kernel is silent where
 * the new state is; the kept state is on disk; clients are served where the
 * new state serves; then STATE and what else is to be done. Meanwhile nothing
 * is read, and what happens otherwise waits (failover_peer_leave()).
 */
#include <stdio.h>
#include <string.h>

#include "base/plant.h"
#include "failover/peer_private.h"

const char *failover_peer_event(struct failover_peer *peer, enum failover_event_kind kind)
{
	return failover_peer_step(peer, &peer->fsm, (struct failover_event){.kind = kind}, false);
}

/*
 * A state's beginning is rounded up to the second, an end that is asked for
 * down: no wait is shorter than it says.
 */
static int64_t event_time(const struct failover_peer *peer, enum failover_event_kind kind)
{
	bool wait_ends = kind == FAILOVER_EVENT_UPDDONE || kind == FAILOVER_EVENT_WAIT_OVER;

	return wait_ends ? peer->now.wall
			 : (peer->now.wall_ns + (int64_t)SECOND - 1) / (int64_t)SECOND;
}

/* Not from the handshake alone: whose store is another one has yet to say that it forgot. */
static bool is_holder(const struct failover_peer *peer, const struct failover_fsm *after)
{
	uint8_t state = after->kept.state;
	bool fetched = peer->fsm.kept.state == FAILOVER_RECOVER &&
		       (state == FAILOVER_RECOVER_WAIT || state == FAILOVER_RECOVER_DONE);

	return after->linked && after->heard && !after->startup &&
	       (state == FAILOVER_NORMAL || fetched || after->kept.partner == FAILOVER_RECOVER);
}

static struct failover_record record_after(const struct failover_peer *peer,
					   const struct failover_fsm *after, bool fenced)
{
	struct failover_record record = peer->record;

	record.primary = peer->options.conf->primary;
	record.fenced = (after->kept.state == FAILOVER_PARTNER_DOWN || after->kept.dead) &&
			(record.fenced || fenced);
	/*
	 * Whoever came to NORMAL with us is the role's holder, and who has sent us all its leases.
	 * So is who says RECOVER: it was told in the handshake what we knew, and has taken its
	 * own store for lost if it is not that.
	 */
	if (is_holder(peer, after)) {
		record.has_partner_store = peer->partner.vendor.has_store;
		memcpy(record.partner_store, peer->partner.vendor.store, STORE_ID);
	}
	if (after->linked && after->kept.state == FAILOVER_NORMAL)
		record.epoch = peer->partner.epoch;
	return record;
}

static void log_step(struct failover_peer *peer, const struct failover_fsm *before)
{
	const struct failover_fsm *after = &peer->fsm;
	const char *remedy = failover_fsm_remedy(after);
	enum failover_level level =
		after->kept.state == FAILOVER_NORMAL ? FAILOVER_LOG_NOTICE : FAILOVER_LOG_WARNING;

	if (before->kept.partner != after->kept.partner)
		failover_peer_log(peer, FAILOVER_LOG_INFO, "the partner moves from %s to %s",
				  failover_state_word(before->kept.partner),
				  failover_state_word(after->kept.partner));
	if (before->kept.state == after->kept.state && before->startup == after->startup)
		return;
	failover_peer_log(peer, level, "%s%s to %s%s%s%s%s", before->startup ? "startup, " : "",
			  failover_state_word(before->kept.state),
			  failover_state_word(after->kept.state), peer->why ? ": " : "",
			  peer->why ? peer->why : "", remedy ? "; what ends it: " : "",
			  remedy ? remedy : "");
}

void failover_peer_terms(struct failover_peer *peer)
{
	struct failover_terms terms = {
		.sending = failover_peer_sends(peer),
		.normal = peer->fsm.kept.state == FAILOVER_NORMAL && !peer->fsm.startup,
		.isc = peer->fsm.isc,
		.caught_up = peer->caught_up,
		.strict = failover_peer_strict(peer),
		.window = peer->partner.max_unacked,
	};

	failover_updates_terms(peer->updates, &terms);
}

static void say_state(struct failover_peer *peer)
{
	struct failover_message message = {
		.type = FAILOVER_STATE,
		.present = 1U << FAILOVER_SERVER_STATE | 1U << FAILOVER_SERVER_FLAGS |
			   1U << FAILOVER_START_OF_STATE,
		.server_state = peer->fsm.kept.state,
		.server_flags = peer->fsm.startup ? FAILOVER_FLAG_STARTUP : 0,
		.start_of_state = (uint32_t)peer->fsm.kept.since,
	};

	failover_link_send(peer, peer->link, &message);
}

static void act(struct failover_peer *peer, unsigned actions)
{
	if (actions & FAILOVER_DO_OWED_FIRST) {
		failover_updates_owe_marked(peer->updates);
		failover_updates_turn(peer->updates, peer->now.wall);
	}
	if (actions & FAILOVER_DO_STATE)
		say_state(peer);
	if (actions & FAILOVER_DO_UPDREQ)
		peer->request = failover_link_say(peer, FAILOVER_UPDREQ, 0);
	if (actions & FAILOVER_DO_UPDREQALL)
		peer->request = failover_link_say(peer, FAILOVER_UPDREQALL, 0);
	if (actions & FAILOVER_DO_BALANCE) {
		/* What dhcpd has renewed unheard shall not end by a word of ours (update.c). */
		if (peer->fsm.isc && !peer->caught_up && !peer->request)
			peer->request = failover_link_say(peer, FAILOVER_UPDREQ, 0);
		failover_pool_normal(peer);
	}
	if (actions & FAILOVER_DO_CLOSE && peer->link)
		failover_link_drop(peer, peer->link, FAILOVER_LOG_NOTICE, "%s",
				   peer->why ? peer->why : "the state demands it");
}

/* The new state is on disk, and the kernel silent where it has to be. */
static void transition_end(struct failover_peer *peer)
{
	struct failover_step step = peer->transition.step;
	struct failover_fsm before = peer->fsm;

	peer->fsm = step.after;
	if (before.kept.state != peer->fsm.kept.state)
		peer->waited = 0;
	peer->record = peer->transition.record;
	peer->transition.under_way = false;
	failover_peer_follow_clock(peer); /* it may have been set meanwhile */
	if (step.why)
		peer->why = step.why;
	/* What could not be heard while nothing was read is no silence of the partner's. */
	peer->received_at = peer->now.monotonic;
	if (peer->fsm.kept.state == FAILOVER_COMMUNICATIONS_INTERRUPTED &&
	    (before.startup || before.kept.state != peer->fsm.kept.state))
		peer->interrupted_at = peer->now.monotonic;
	if (!peer->fsm.startup)
		peer->adopted = false;
	if (failover_peer_serves(peer, &peer->fsm))
		peer->quiet = false;
	log_step(peer, &before);
	failover_peer_terms(peer);
	failover_view_reckon(peer, true);
	peer->verbs.changed(peer->verbs.context);
	act(peer, step.actions);
}

/* Into the journal, where it says something new; then to the end. */
static void transition_keep(struct failover_peer *peer)
{
	uint8_t bytes[KEPT_MAX];
	size_t length =
		failover_kept_encode(&peer->transition.step.after, &peer->transition.record, bytes);

	if (length == peer->kept_length && !memcmp(bytes, peer->kept, length)) {
		transition_end(peer);
		return;
	}
	memcpy(peer->kept, bytes, length);
	peer->kept_length = length;
	peer->transition.group = peer->verbs.keep(peer->verbs.context, bytes, length);
	if (peer->transition.group <= peer->durable || PLANTED(disk))
		transition_end(peer);
}

/* Must the kernel be told to be silent, and the answer be awaited, before this is announced? */
static bool must_silence(const struct failover_peer *peer, const struct failover_fsm *after)
{
	if (peer->quiet || failover_peer_serves(peer, after) || PLANTED(kernel))
		return false;
	/* What the daemon before left goes on until the partner was heard, or is not there. */
	return !(after->startup && failover_state_serves(after->kept.state));
}

const char *failover_peer_step(struct failover_peer *peer, const struct failover_fsm *fsm,
			       struct failover_event event, bool fenced)
{
	struct failover_step step;

	event.now = event_time(peer, event.kind);
	step = failover_fsm_step(fsm, &event);
	if (step.refused)
		return step.refused;
	peer->transition.under_way = true;
	peer->transition.silencing = must_silence(peer, &step.after);
	peer->transition.group = 0;
	peer->transition.step = step;
	peer->transition.record = record_after(peer, &step.after, fenced);
	/* The slow path first: what the state to come does not allow is not granted from here on. */
	failover_view_reckon(peer, false);
	peer->verbs.changed(peer->verbs.context);
	if (peer->transition.silencing)
		peer->verbs.silence(peer->verbs.context);
	else
		transition_keep(peer);
	return NULL;
}

void failover_peer_silent(struct failover_peer *peer, const struct failover_now *now)
{
	failover_peer_enter(peer, now);
	peer->quiet = true;
	if (peer->transition.under_way && peer->transition.silencing) {
		peer->transition.silencing = false;
		transition_keep(peer);
	}
	if (peer->stop == STOP_SILENCE) {
		peer->stop = STOP_DRAIN;
		peer->stop_at = now->monotonic + STOP_DRAIN_SECONDS * SECOND;
	}
	failover_peer_leave(peer);
}

void failover_peer_durable(struct failover_peer *peer, uint64_t group,
			   const struct failover_now *now)
{
	failover_peer_enter(peer, now);
	if (group > peer->durable)
		peer->durable = group;
	failover_updates_durable(peer->updates, group);
	if (peer->transition.under_way && !peer->transition.silencing &&
	    peer->transition.group <= peer->durable)
		transition_end(peer);
	failover_peer_leave(peer);
}

bool failover_peer_reads(const struct failover_peer *peer)
{
	return peer->started && !peer->transition.under_way;
}

/* What is kept said anew, with nobody waiting for it. */
void failover_peer_keep(struct failover_peer *peer)
{
	peer->kept_length = failover_kept_encode(&peer->fsm, &peer->record, peer->kept);
	peer->verbs.keep(peer->verbs.context, peer->kept, peer->kept_length);
}

/*
 * Waits are of time that passes, not of what the wall clock is set to: where
 * it is set, the kept times move with it.
 */
void failover_peer_follow_clock(struct failover_peer *peer)
{
	int64_t offset = peer->now.wall_ns - (int64_t)peer->now.monotonic;
	int64_t seconds = (offset - peer->offset) / (int64_t)SECOND;

	/* Heartbeats come before the start, and what is kept is of an earlier run. */
	if (!peer->started)
		peer->offset = offset;
	if (!peer->started || !seconds || peer->transition.under_way)
		return;
	peer->offset += seconds * (int64_t)SECOND;
	peer->fsm.kept.since += seconds;
	if (peer->fsm.kept.partner_since)
		peer->fsm.kept.partner_since += seconds;
	failover_peer_keep(peer);
}

void failover_state_timers(struct failover_peer *peer)
{
	const struct failover_kept *kept = &peer->fsm.kept;
	int64_t wait = failover_fsm_wait_until(&peer->fsm);
	uint64_t alone = peer->options.conf->auto_partner_down * SECOND;

	if (peer->transition.under_way || !peer->started || peer->stop)
		return;
	if (peer->fsm.startup &&
	    failover_peer_due(peer, peer->started_at + STARTUP_SECONDS * SECOND)) {
		failover_peer_event(peer, FAILOVER_EVENT_STARTUP_OVER);
		return;
	}
	if (wait && !peer->fsm.startup && wait != peer->waited &&
	    failover_peer_due(peer,
			      wait <= peer->now.wall
				      ? 0
				      : peer->now.monotonic + (uint64_t)(wait * (int64_t)SECOND -
									 peer->now.wall_ns))) {
		peer->waited = wait; /* once, even where it is not all that is waited for */
		failover_peer_event(peer, FAILOVER_EVENT_WAIT_OVER);
		return;
	}
	/* A partner that still says something, if only to be refused, is not down. */
	if (alone && !peer->fsm.linked && !peer->fsm.startup &&
	    kept->state == FAILOVER_COMMUNICATIONS_INTERRUPTED &&
	    failover_peer_due(peer, (peer->sign_at > peer->interrupted_at ? peer->sign_at
									  : peer->interrupted_at) +
					    alone))
		failover_peer_event(peer, FAILOVER_EVENT_ALONE);
}
