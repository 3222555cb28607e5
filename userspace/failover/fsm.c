/* SPDX-License-Identifier: GPL-2.0-only */
#include <stddef.h>

#include "base/plant.h"
#include "failover/fsm_private.h"
#include "failover/wire.h"

/* For a secondary that no primary has told its MCLT yet. */
#define MCLT_UNTOLD 3600

static int64_t wait_end(const struct failover_fsm *fsm)
{
	return fsm->kept.since + (fsm->mclt ? fsm->mclt : MCLT_UNTOLD);
}

int64_t failover_fsm_wait_until(const struct failover_fsm *fsm)
{
	if (fsm->startup)
		return 0;
	switch (fsm->kept.state) {
	case FAILOVER_RECOVER_WAIT:
		return wait_end(fsm);
	case FAILOVER_RECOVER:
		return fsm->kept.dead ? wait_end(fsm) : 0;
	case FAILOVER_POTENTIAL_CONFLICT:
		return fsm->kept.lost && fsm->updated ? wait_end(fsm) : 0;
	default:
		return 0;
	}
}

/* The partner has, by its state, all that we had. */
static bool complete(const struct failover_fsm *fsm)
{
	return fsm->kept.partner == FAILOVER_CONFLICT_DONE ||
	       fsm->kept.partner == FAILOVER_RECOVER_DONE;
}

static void ask(struct failover_step *step)
{
	struct failover_fsm *fsm = &step->after;

	fsm->asked = true;
	fsm->updated = false;
	step->actions |= fsm->kept.lost || fsm->kept.state == FAILOVER_RECOVER
				 ? FAILOVER_DO_UPDREQALL
				 : FAILOVER_DO_UPDREQ;
}

/* Draft section 9.10: the primary asks first, the secondary when that one is done. */
static void ask_in_conflict(struct failover_step *step)
{
	const struct failover_fsm *fsm = &step->after;

	if (!fsm->updated && (fsm->primary || complete(fsm)))
		ask(step);
}

/*
 * While a store is lost, `since` is when that was found: MCLT counts from there. Of a
 * partner that was said to be dead in RECOVER it is when that was said: the
 * free addresses need no second wait.
 */
static bool keeps_since(const struct failover_fsm *fsm, uint8_t state)
{
	return fsm->kept.lost || state == fsm->kept.state || state == FAILOVER_RECOVER_WAIT ||
	       (state == FAILOVER_PARTNER_DOWN && fsm->kept.dead &&
		fsm->kept.state == FAILOVER_RECOVER) ||
	       (state == FAILOVER_RECOVER &&
		(fsm->startup || fsm->kept.state == FAILOVER_RECOVER_WAIT));
}

static void arrive(struct failover_step *step)
{
	struct failover_fsm *fsm = &step->after;

	step->actions |= FAILOVER_DO_STATE;
	if (fsm->kept.state == FAILOVER_NORMAL)
		step->actions |= FAILOVER_DO_BALANCE;
	if (fsm->kept.state == FAILOVER_RECOVER)
		ask(step);
	if (fsm->kept.state == FAILOVER_POTENTIAL_CONFLICT)
		ask_in_conflict(step);
}

/* States in which the partner gave away our free addresses too, or did until just now. */
static bool gave_ours(uint8_t partner)
{
	return partner == FAILOVER_PARTNER_DOWN || partner == FAILOVER_POTENTIAL_CONFLICT ||
	       partner == FAILOVER_RESOLUTION_INTERRUPTED || partner == FAILOVER_CONFLICT_DONE;
}

/* Into a state, or out of STARTUP into the one held. */
static void enter(struct failover_step *step, uint8_t state, int64_t now)
{
	struct failover_fsm *fsm = &step->after;
	uint8_t left = fsm->kept.state;

	if (!keeps_since(fsm, state))
		fsm->kept.since = now;
	fsm->kept.doubtful =
		state == FAILOVER_PARTNER_DOWN &&
		(gave_ours(fsm->kept.partner) || (left == state && fsm->kept.doubtful));
	fsm->kept.state = state;
	fsm->startup = fsm->asked = fsm->updated = false;
	if (state != FAILOVER_RECOVER)
		fsm->kept.clean = fsm->kept.dead = false;
	/* From here on there are leases. */
	if (state == FAILOVER_NORMAL || state == FAILOVER_PARTNER_DOWN)
		fsm->kept.initial = false;
	if (state == FAILOVER_NORMAL)
		fsm->kept.proven = true;
	if (fsm->linked && (fsm->heard || !fsm->isc))
		arrive(step);
}

/*
 * All that the partner had is here, and what this server may have promised
 * without its knowing is over. The partner may have waited for just that
 * (dhcpd in NORMAL answers RECOVER-DONE with nothing).
 */
static void recovered(struct failover_step *step, int64_t now)
{
	struct failover_fsm *fsm = &step->after;
	uint8_t state = FAILOVER_RECOVER_DONE;

	if (fsm->linked && fsm->heard)
		state = failover_fsm_recover_done_meets(fsm->kept.partner);
	fsm->kept.lost = false;
	enter(step, state, now);
}

/* A pair that was never NORMAL, and the partner as empty as we are: nothing can be out. */
static bool new_pair(const struct failover_fsm *fsm)
{
	return fsm->kept.initial && !fsm->kept.proven && fsm->linked && fsm->heard &&
	       (fsm->kept.partner == FAILOVER_RECOVER ||
		fsm->kept.partner == FAILOVER_RECOVER_DONE);
}

/*
 * A partner in RECOVER may be as empty as we are. If it is not, it leaves
 * RECOVER by itself, being answered by us. A dhcpd does not tell the two
 * apart, and goes on; so do we, where this store has never been one of a pair.
 */
static bool partner_has_leases(const struct failover_fsm *fsm)
{
	switch (fsm->kept.partner) {
	case FAILOVER_RECOVER:
		return fsm->isc && !fsm->kept.proven;
	case FAILOVER_SHUTDOWN:
	case FAILOVER_PAUSED:
	case FAILOVER_UNKNOWN:
		return false;
	default:
		return true;
	}
}

/*
 * UPDREQALL has been answered in full (draft sections 9.5, 9.6). If both
 * stores are empty, nobody knows what clients hold: that nobody holds anything
 * is for a person to say (`initial`), until then both stay silent. dhcpd's
 * short cut past MCLT, when the partner is in RECOVER or RECOVER-DONE, is for
 * such a pair only: the loss of our store alone is survived in any case.
 */
static void leave_recover(struct failover_step *step, int64_t now)
{
	struct failover_fsm *fsm = &step->after;

	fsm->updated = true;
	if (new_pair(fsm)) {
		recovered(step, now);
	} else if (fsm->kept.lost && !partner_has_leases(fsm)) {
		step->why = "the partner has sent what it has: both stores may be empty";
	} else if (fsm->kept.clean || now >= wait_end(fsm) || PLANTED(mark)) {
		recovered(step, now);
	} else {
		enter(step, FAILOVER_RECOVER_WAIT, now);
	}
}

/* The same in POTENTIAL-CONFLICT; who lost its store first waits for MCLT. */
static void leave_conflict(struct failover_step *step, int64_t now)
{
	struct failover_fsm *fsm = &step->after;

	/* Nobody's turn yet. A primary whose partner is in CONFLICT-DONE: dhcpd goes to SHUTDOWN. */
	if (!fsm->primary && !complete(fsm))
		return;
	if (fsm->kept.lost && now < wait_end(fsm)) {
		fsm->updated = true;
		step->why = "everything has come; leases from before the store was lost may be out";
		return;
	}
	fsm->kept.lost = false;
	enter(step, complete(fsm) ? FAILOVER_NORMAL : FAILOVER_CONFLICT_DONE, now);
}

/* Both end with the process; the next start goes on from RECOVER. */
static bool stopped(const struct failover_fsm *fsm)
{
	return fsm->kept.state == FAILOVER_SHUTDOWN || fsm->kept.state == FAILOVER_PAUSED;
}

/* Why, if it does. */
static const char *go_on_from_stop(struct failover_fsm *fsm)
{
	if (!fsm->startup || !stopped(fsm))
		return NULL;
	/* That it took over says that it had heard everything. */
	fsm->kept.clean = fsm->kept.state == FAILOVER_SHUTDOWN &&
			  fsm->kept.partner == FAILOVER_PARTNER_DOWN && !fsm->kept.lost;
	fsm->kept.state = FAILOVER_RECOVER;
	return "started after a stop";
}

static void link_up(struct failover_step *step)
{
	struct failover_fsm *fsm = &step->after;

	fsm->linked = true;
	fsm->heard = fsm->asked = fsm->updated = false;
	fsm->kept.dead = false; /* it is there, whatever was said of it */
	step->why = "connected to the partner";
	if (stopped(fsm))
		step->actions |= FAILOVER_DO_CLOSE;
	else if (!fsm->isc)
		step->actions |= FAILOVER_DO_STATE;
}

static void link_down(struct failover_step *step, int64_t now)
{
	struct failover_fsm *fsm = &step->after;
	uint8_t state = failover_fsm_without_link(fsm);

	if (!fsm->linked)
		return;
	fsm->linked = fsm->heard = fsm->asked = fsm->updated = false;
	if (state == fsm->kept.state && !fsm->startup)
		return; /* the state that is held has its reason */
	step->why = "the link to the partner is lost";
	enter(step, state, now);
}

static const char *reason_of(uint8_t partner)
{
	switch (partner) {
	case FAILOVER_NORMAL:
		return "the partner is in NORMAL";
	case FAILOVER_COMMUNICATIONS_INTERRUPTED:
		return "the partner is in COMMUNICATIONS-INTERRUPTED";
	case FAILOVER_PARTNER_DOWN:
		return "the partner is in PARTNER-DOWN: it has served alone";
	case FAILOVER_POTENTIAL_CONFLICT:
		return "the partner is in POTENTIAL-CONFLICT: both may have served alone";
	case FAILOVER_RESOLUTION_INTERRUPTED:
		return "the partner is in RESOLUTION-INTERRUPTED: both may have served alone";
	case FAILOVER_CONFLICT_DONE:
		return "the partner is in CONFLICT-DONE: it has all our leases and waits for us";
	case FAILOVER_RECOVER:
		return "the partner is in RECOVER: it fetches the leases";
	case FAILOVER_RECOVER_WAIT:
		return "the partner is in RECOVER-WAIT: it has the leases and waits for MCLT";
	case FAILOVER_RECOVER_DONE:
		return "the partner is in RECOVER-DONE: it has the leases";
	case FAILOVER_SHUTDOWN:
		return "the partner is in SHUTDOWN: it has been stopped";
	case FAILOVER_PAUSED:
		return "the partner is in PAUSED: it is being restarted";
	default:
		return "the partner does not say its state";
	}
}

/* States in which a STATE that says nothing new is no event. */
static bool ignores_repetition(uint8_t state)
{
	switch (state) {
	case FAILOVER_NORMAL:
	case FAILOVER_POTENTIAL_CONFLICT:
	case FAILOVER_RECOVER_DONE:
	case FAILOVER_RECOVER_WAIT:
	case FAILOVER_SHUTDOWN:
	case FAILOVER_PAUSED:
		return true;
	default:
		return false;
	}
}

/* The own state stays. */
static void stay(struct failover_step *step, bool first, bool changed, int64_t now)
{
	struct failover_fsm *fsm = &step->after;

	if (first && fsm->isc && !stopped(fsm)) {
		arrive(step); /* we listened first */
		return;
	}
	/*
	 * A partner that changed its state may have forgotten what it was asked; in conflict
	 * resolution one that comes to CONFLICT-DONE.
	 */
	if (fsm->kept.state == FAILOVER_POTENTIAL_CONFLICT &&
	    (!fsm->asked || (changed && complete(fsm))))
		ask_in_conflict(step);
	if (fsm->kept.state == FAILOVER_RECOVER && fsm->updated)
		leave_recover(step, now);
	else if (fsm->kept.state == FAILOVER_RECOVER && (changed || !fsm->asked))
		ask(step);
}

static void partner_says(struct failover_step *step, const struct failover_event *event)
{
	struct failover_fsm *fsm = &step->after;
	bool first = !fsm->heard, starting = event->flags & FAILOVER_FLAG_STARTUP;
	bool changed = first || fsm->kept.partner != event->state;
	uint8_t left = fsm->kept.state, state;

	if (!fsm->linked)
		return;
	fsm->heard = true;
	if (changed) {
		fsm->kept.partner = event->state;
		fsm->kept.partner_since = event->now;
	} else if (!fsm->startup && ignores_repetition(left)) {
		return;
	}
	/* Nothing to go on from yet: the next STATE, or the time-out. */
	if (fsm->startup && left == FAILOVER_CONFLICT_DONE && event->state == FAILOVER_UNKNOWN)
		return;
	step->why = reason_of(event->state);
	state = failover_fsm_meets(fsm, event->state, starting);
	if (state == left && !fsm->startup) {
		stay(step, first, changed, event->now);
		return;
	}
	enter(step, state, event->now);
	/* What was given of the partner's addresses it knows before it gives any itself. */
	if (left == FAILOVER_PARTNER_DOWN && state == FAILOVER_NORMAL)
		step->actions |= FAILOVER_DO_OWED_FIRST;
	/* As dhcpd does it. One that is in STARTUP waits for our STATE: that first. */
	if (left == FAILOVER_COMMUNICATIONS_INTERRUPTED && state == FAILOVER_NORMAL &&
	    !(fsm->isc && starting) &&
	    (event->state == FAILOVER_NORMAL ||
	     event->state == FAILOVER_COMMUNICATIONS_INTERRUPTED))
		step->actions |= FAILOVER_DO_OWED_FIRST;
}

static void update_done(struct failover_step *step, int64_t now)
{
	struct failover_fsm *fsm = &step->after;

	if (!fsm->asked)
		return;
	fsm->asked = false;
	step->why = "the partner has sent its leases";
	if (fsm->kept.state == FAILOVER_RECOVER)
		leave_recover(step, now);
	else if (fsm->kept.state == FAILOVER_POTENTIAL_CONFLICT)
		leave_conflict(step, now);
}

/* A link without a STATE is none (dhcpd drops it, too). */
static void startup_over(struct failover_step *step, int64_t now)
{
	struct failover_fsm *fsm = &step->after;
	bool linked = fsm->linked;

	if (!fsm->startup)
		return;
	fsm->linked = fsm->asked = fsm->heard = false;
	step->why = "no word of the partner since the start";
	enter(step, failover_fsm_without_link(fsm), now);
	fsm->linked = linked;
	if (linked)
		step->actions |= FAILOVER_DO_CLOSE;
}

static void wait_over(struct failover_step *step, int64_t now)
{
	struct failover_fsm *fsm = &step->after;
	int64_t until = failover_fsm_wait_until(fsm);

	if (!until || now < until)
		return;
	step->why = "MCLT has passed: what is not known of has run out";
	switch (fsm->kept.state) {
	case FAILOVER_RECOVER_WAIT:
		recovered(step, now);
		break;
	case FAILOVER_RECOVER: /* dead: nothing more will come */
		fsm->kept.lost = false;
		enter(step, FAILOVER_PARTNER_DOWN, now);
		break;
	case FAILOVER_POTENTIAL_CONFLICT:
		leave_conflict(step, now);
		break;
	}
}

static void alone(struct failover_step *step, int64_t now)
{
	const struct failover_fsm *fsm = &step->after;

	if (fsm->startup || fsm->linked || fsm->kept.state != FAILOVER_COMMUNICATIONS_INTERRUPTED)
		return;
	step->why = "auto-partner-down: the partner has been silent for so long";
	enter(step, FAILOVER_PARTNER_DOWN, now);
}

/*
 * Silent, and what it knows of its partner is of before the link went. RECOVER-WAIT
 * and RECOVER-DONE have fetched everything, but the partner has gone on alone since,
 * or may have (auto-partner-down), or has lost its store after it had.
 */
static bool behind(const struct failover_fsm *fsm)
{
	if (fsm->kept.state == FAILOVER_RECOVER_WAIT || fsm->kept.state == FAILOVER_RECOVER_DONE)
		return fsm->kept.lost || !PLANTED(behind);
	return fsm->kept.state == FAILOVER_RECOVER;
}

/*
 * The partner is dead for sure. Who is behind does not know what it gave away: our
 * own free addresses, and those of clients whose leases ran out and who may come back
 * for them. All that has ended MCLT from now. If our store is lost as well, longer
 * leases may be out that nobody knows of: so much is the risk of whoever says it.
 * A new pair (`initial`) has no leases.
 */
static void partner_died(struct failover_step *step, int64_t now)
{
	struct failover_fsm *fsm = &step->after;
	bool fresh = fsm->kept.initial && !fsm->kept.proven && !partner_has_leases(fsm);

	enter(step, failover_fsm_without_link(fsm), now);
	step->why = "the partner was said to be down";
	if (fsm->kept.state == FAILOVER_PARTNER_DOWN || fsm->kept.dead)
		return;
	if (!fresh && behind(fsm)) {
		fsm->kept.state = FAILOVER_RECOVER;
		fsm->kept.dead = true;
		fsm->kept.since = now;
	} else {
		fsm->kept.lost = false;
		enter(step, FAILOVER_PARTNER_DOWN, now);
	}
}

static void partner_down(struct failover_step *step, int64_t now)
{
	if (step->after.linked)
		step->refused = "the partner is connected: it is not down. Stop it first";
	else if (stopped(&step->after))
		step->refused = "this server is being stopped";
	else
		partner_died(step, now);
}

/* Only who has served, and only to a partner that takes over by it; else the link just goes. */
static void stop(struct failover_step *step, int64_t now)
{
	struct failover_fsm *fsm = &step->after;
	bool serves = fsm->kept.state == FAILOVER_NORMAL ||
		      fsm->kept.state == FAILOVER_COMMUNICATIONS_INTERRUPTED;
	bool takes = fsm->kept.partner == FAILOVER_NORMAL ||
		     fsm->kept.partner == FAILOVER_COMMUNICATIONS_INTERRUPTED ||
		     fsm->kept.partner == FAILOVER_RECOVER_DONE;

	if (stopped(fsm))
		return;
	if (!fsm->startup && fsm->linked && fsm->heard && serves && takes) {
		enter(step, FAILOVER_SHUTDOWN, now);
		step->actions = FAILOVER_DO_OWED_FIRST | FAILOVER_DO_STATE;
		step->why = "stopping: the partner is told and takes over";
		return;
	}
	step->why = "stopping without a word to the partner: it could not take over by it";
	if (fsm->linked)
		step->actions |= FAILOVER_DO_CLOSE;
}

static void init(struct failover_step *step, int64_t now)
{
	struct failover_fsm *fsm = &step->after;

	if (fsm->kept.proven) {
		step->refused = "this pair has been in NORMAL: clients hold leases of it";
		return;
	}
	if (fsm->kept.state != FAILOVER_RECOVER && fsm->kept.state != FAILOVER_RECOVER_WAIT) {
		step->refused = "this server has leases: only one in RECOVER begins a new pair";
		return;
	}
	fsm->kept.initial = true;
	step->why = "said to be a new pair";
	if (fsm->startup)
		return;
	if (fsm->updated)
		leave_recover(step, now);
	else if (fsm->kept.state == FAILOVER_RECOVER_WAIT && new_pair(fsm))
		recovered(step, now);
}

static void store_lost(struct failover_step *step, int64_t now)
{
	struct failover_fsm *fsm = &step->after;

	fsm->kept.state = FAILOVER_RECOVER;
	fsm->kept.partner = FAILOVER_UNKNOWN;
	fsm->kept.since = fsm->kept.partner_since = now;
	fsm->kept.lost = true;
	fsm->kept.initial = fsm->kept.clean = fsm->kept.dead = false;
	fsm->asked = fsm->updated = false;
	step->why = "no leases of this relationship are here: all must come from the partner";
	if (fsm->linked && !fsm->startup)
		enter(step, FAILOVER_RECOVER, now);
}

/*
 * The store is whole, and may be old: the partner was told PARTNER-DOWN of this
 * server, or may have been. Whatever was held, a wait for MCLT or a word about
 * the partner included, is from before.
 */
static void outdated(struct failover_step *step, int64_t now)
{
	struct failover_fsm *fsm = &step->after;

	if (!fsm->kept.lost)
		fsm->kept.since = now;
	fsm->kept.state = FAILOVER_RECOVER;
	fsm->kept.initial = fsm->kept.clean = fsm->kept.dead = fsm->kept.doubtful = false;
	step->why = "said to be out of date: the partner may have served alone";
}

static bool is_state(uint8_t state)
{
	return state != FAILOVER_STARTUP && failover_state_word(state);
}

static void take(struct failover_step *step, const struct failover_event *event)
{
	switch (event->kind) {
	case FAILOVER_EVENT_LINKED:
		link_up(step);
		break;
	case FAILOVER_EVENT_LOST:
		link_down(step, event->now);
		break;
	case FAILOVER_EVENT_STATE:
		if (is_state(event->state)) /* of another dhcpd thinks to be SHUTDOWN */
			partner_says(step, event);
		break;
	case FAILOVER_EVENT_UPDDONE:
		update_done(step, event->now);
		break;
	case FAILOVER_EVENT_STARTUP_OVER:
		startup_over(step, event->now);
		break;
	case FAILOVER_EVENT_WAIT_OVER:
		wait_over(step, event->now);
		break;
	case FAILOVER_EVENT_ALONE:
		alone(step, event->now);
		break;
	case FAILOVER_EVENT_PARTNER_DOWN:
		partner_down(step, event->now);
		break;
	case FAILOVER_EVENT_SHUTDOWN:
		stop(step, event->now);
		break;
	case FAILOVER_EVENT_INIT:
		init(step, event->now);
		break;
	case FAILOVER_EVENT_STORE_LOST:
		store_lost(step, event->now);
		break;
	case FAILOVER_EVENT_OUTDATED:
		outdated(step, event->now);
		break;
	}
}

struct failover_step failover_fsm_step(const struct failover_fsm *fsm,
				       const struct failover_event *event)
{
	struct failover_step step = {.after = *fsm};

	step.why = go_on_from_stop(&step.after);
	take(&step, event);
	if (fsm->isc && step.after.heard && step.actions & FAILOVER_DO_STATE &&
	    failover_fsm_stops_dhcpd(step.after.kept.state, step.after.kept.partner)) {
		struct failover_fsm held = *fsm;

		go_on_from_stop(&held);
		held.heard = true;
		held.kept.partner = step.after.kept.partner;
		held.kept.partner_since = step.after.kept.partner_since;
		step = (struct failover_step){
			.after = held,
			.actions = FAILOVER_DO_CLOSE,
			.why = "what is to be said would stop dhcpd in its state: closing the link "
			       "moves it on",
		};
	}
	return step;
}

static const char *remedy_in_recover(const struct failover_fsm *fsm)
{
	if (fsm->kept.dead)
		return "silent until MCLT has passed, then it serves alone";
	if (!fsm->linked)
		return "silent until the partner is reached; if it is dead for sure: "
		       "xdhcpctl failover partner-down";
	if (fsm->updated)
		return "both stores may be empty; if this is a new pair: xdhcpctl failover init "
		       "(on both), else bring one store back";
	return "silent until the partner has sent its leases";
}

static const char *remedy_alone(const struct failover_fsm *fsm)
{
	if (fsm->linked)
		return "serves alone until the partner has recovered";
	if (fsm->kept.state == FAILOVER_PARTNER_DOWN)
		return "serves alone until the partner is back";
	return "serves its own half of the free addresses until the partner is back; if it is "
	       "dead for sure: xdhcpctl failover partner-down";
}

const char *failover_fsm_remedy(const struct failover_fsm *fsm)
{
	if (fsm->startup)
		return "silent until the partner says its state, at most 15 s";
	switch (fsm->kept.state) {
	case FAILOVER_NORMAL:
		return NULL;
	case FAILOVER_COMMUNICATIONS_INTERRUPTED:
	case FAILOVER_PARTNER_DOWN:
		return remedy_alone(fsm);
	case FAILOVER_RECOVER:
		return remedy_in_recover(fsm);
	case FAILOVER_RECOVER_WAIT:
		return fsm->kept.lost
			       ? "silent until MCLT has passed since the leases were lost"
			       : "all leases are here; silent until MCLT has passed, so that "
				 "what nobody knows of has run out";
	case FAILOVER_RECOVER_DONE:
		return fsm->linked ? "silent until the partner is in NORMAL or RECOVER-DONE"
				   : "silent until the partner is reached; if it is dead for sure: "
				     "xdhcpctl failover partner-down";
	case FAILOVER_POTENTIAL_CONFLICT:
		if (failover_fsm_wait_until(fsm))
			return "silent until MCLT has passed since the store was lost";
		return "silent until both servers have each other's leases";
	case FAILOVER_RESOLUTION_INTERRUPTED:
		return "both may have served alone: settled as soon as the partner is back; if it "
		       "is "
		       "dead for sure: xdhcpctl failover partner-down";
	case FAILOVER_CONFLICT_DONE:
		return "serves alone until the partner has fetched the leases";
	case FAILOVER_PAUSED:
	case FAILOVER_SHUTDOWN:
		return "stopped: start it again";
	default:
		return "no state is known: restart xdhcpd";
	}
}
