/* SPDX-License-Identifier: GPL-2.0-only */
#include "failover/fsm_private.h"

/*
 * One function for each own state: the state to hold when the partner says
 * `partner`. What is not named leaves things as they are.
 */

static uint8_t normal_meets(const struct failover_fsm *fsm, uint8_t partner)
{
	switch (partner) {
	case FAILOVER_PARTNER_DOWN:
		/* One that just started was the one left alone: it has nothing that its partner must learn. */
		return fsm->startup ? FAILOVER_RECOVER : FAILOVER_POTENTIAL_CONFLICT;
	case FAILOVER_POTENTIAL_CONFLICT:
	case FAILOVER_RESOLUTION_INTERRUPTED:
	case FAILOVER_CONFLICT_DONE:
		/* dhcpd goes to SHUTDOWN for good; meeting the partner there resolves it. */
		return FAILOVER_POTENTIAL_CONFLICT;
	case FAILOVER_RECOVER:
		/* dhcpd, in RECOVER, only comes out of it by our PARTNER-DOWN. Of xdhcp it may be a third
		 * machine while the old one still serves: PARTNER-DOWN needs certainty (draft 9.9.3). */
		return fsm->isc ? FAILOVER_PARTNER_DOWN : FAILOVER_COMMUNICATIONS_INTERRUPTED;
	case FAILOVER_RECOVER_WAIT:
		/* The draft's figure 9.2-1. dhcpd stays in NORMAL: half of the clients are left to a partner
		 * that is silent for MCLT, and one that is dhcpd then waits in RECOVER-DONE for a NORMAL
		 * that it has heard already. */
		return FAILOVER_COMMUNICATIONS_INTERRUPTED;
	case FAILOVER_SHUTDOWN:
		return FAILOVER_PARTNER_DOWN;
	case FAILOVER_PAUSED:
		return FAILOVER_COMMUNICATIONS_INTERRUPTED;
	default:
		return FAILOVER_NORMAL;
	}
}

static uint8_t interrupted_meets(const struct failover_fsm *fsm, uint8_t partner)
{
	switch (partner) {
	case FAILOVER_NORMAL:
	case FAILOVER_COMMUNICATIONS_INTERRUPTED:
	case FAILOVER_RECOVER_DONE:
		return FAILOVER_NORMAL;
	case FAILOVER_PARTNER_DOWN:
	case FAILOVER_POTENTIAL_CONFLICT:
	case FAILOVER_RESOLUTION_INTERRUPTED:
	case FAILOVER_CONFLICT_DONE:
		return FAILOVER_POTENTIAL_CONFLICT;
	case FAILOVER_RECOVER: /* as in NORMAL; so is RECOVER-WAIT */
		return fsm->isc ? FAILOVER_PARTNER_DOWN : FAILOVER_COMMUNICATIONS_INTERRUPTED;
	case FAILOVER_SHUTDOWN:
		return FAILOVER_PARTNER_DOWN;
	default:
		return FAILOVER_COMMUNICATIONS_INTERRUPTED;
	}
}

static uint8_t partner_down_meets(uint8_t partner, bool starting)
{
	/* A partner that starts says what it held before: it will yet learn where we are. */
	if (starting)
		return FAILOVER_PARTNER_DOWN;
	switch (partner) {
	case FAILOVER_NORMAL:
	case FAILOVER_COMMUNICATIONS_INTERRUPTED:
	case FAILOVER_PARTNER_DOWN:
	case FAILOVER_POTENTIAL_CONFLICT:
	case FAILOVER_RESOLUTION_INTERRUPTED:
	case FAILOVER_CONFLICT_DONE:
		return FAILOVER_POTENTIAL_CONFLICT;
	case FAILOVER_RECOVER_DONE:
		return FAILOVER_NORMAL;
	default:
		return FAILOVER_PARTNER_DOWN;
	}
}

/*
 * SHUTDOWN: dhcpd takes over; a server that has half of the leases must not
 * become the only one. NORMAL: dhcpd goes to POTENTIAL-CONFLICT, of which a
 * dhcpd in NORMAL dies; all there is to know comes by UPDREQALL.
 */
static uint8_t recover_meets(const struct failover_fsm *fsm, uint8_t partner)
{
	switch (partner) {
	case FAILOVER_POTENTIAL_CONFLICT:
	case FAILOVER_RESOLUTION_INTERRUPTED:
		/* Another xdhcp comes to RECOVER when it hears ours; if both went to the other's state,
		 * they could pass each other for ever. */
		return fsm->isc ? FAILOVER_POTENTIAL_CONFLICT : FAILOVER_RECOVER;
	case FAILOVER_CONFLICT_DONE:
		/* It waits for our NORMAL, and dhcpd ends when it hears RECOVER there. The mark of the
		 * lost store stays: UPDREQALL, and MCLT, before it gets that. */
		return FAILOVER_POTENTIAL_CONFLICT;
	default:
		return FAILOVER_RECOVER;
	}
}

/*
 * A dhcpd that was in RECOVER before the link came fetches nothing from a
 * partner in RECOVER-WAIT or RECOVER-DONE, and waits for ever; of one in
 * RECOVER or PARTNER-DOWN it does.
 */
static uint8_t recover_wait_meets(const struct failover_fsm *fsm, uint8_t partner, bool starting)
{
	if (fsm->isc && partner == FAILOVER_RECOVER && !starting)
		return FAILOVER_RECOVER;
	/* It ends when it hears RECOVER-WAIT there, or RECOVER-DONE later. */
	if (fsm->isc && partner == FAILOVER_CONFLICT_DONE)
		return FAILOVER_POTENTIAL_CONFLICT;
	return FAILOVER_RECOVER_WAIT;
}

uint8_t failover_fsm_recover_done_meets(uint8_t partner)
{
	switch (partner) {
	case FAILOVER_NORMAL:
	case FAILOVER_RECOVER_DONE:
	/* It has all that we had, we all that it had. dhcpd stays, and its partner ends of it. */
	case FAILOVER_CONFLICT_DONE:
		return FAILOVER_NORMAL;
	case FAILOVER_POTENTIAL_CONFLICT:
		/* dhcpd stays, and both wait for each other. */
		return FAILOVER_POTENTIAL_CONFLICT;
	case FAILOVER_SHUTDOWN:
		return FAILOVER_PARTNER_DOWN;
	default:
		return FAILOVER_RECOVER_DONE;
	}
}

static uint8_t recover_done_meets(const struct failover_fsm *fsm, uint8_t partner, bool starting)
{
	if (fsm->isc && partner == FAILOVER_RECOVER && !starting)
		return FAILOVER_PARTNER_DOWN; /* see RECOVER-WAIT */
	return failover_fsm_recover_done_meets(partner);
}

static uint8_t conflict_meets(const struct failover_fsm *fsm, uint8_t partner)
{
	switch (partner) {
	case FAILOVER_RECOVER:
		return FAILOVER_RECOVER;
	case FAILOVER_SHUTDOWN:
		/* Not without a store: as in RECOVER. */
		return fsm->kept.lost ? FAILOVER_POTENTIAL_CONFLICT : FAILOVER_PARTNER_DOWN;
	default:
		/* NORMAL: dhcpd goes to SHUTDOWN; here the partner is to follow. */
		return FAILOVER_POTENTIAL_CONFLICT;
	}
}

static uint8_t resolution_meets(const struct failover_fsm *fsm, uint8_t partner)
{
	switch (partner) {
	case FAILOVER_RECOVER:
		/* POTENTIAL-CONFLICT would go on to RECOVER: at once, see RECOVER. */
		return fsm->isc ? FAILOVER_POTENTIAL_CONFLICT : FAILOVER_RECOVER;
	case FAILOVER_SHUTDOWN:
		return FAILOVER_PARTNER_DOWN;
	case FAILOVER_PAUSED:
		return FAILOVER_RESOLUTION_INTERRUPTED;
	case FAILOVER_UNKNOWN:
		return fsm->startup ? FAILOVER_POTENTIAL_CONFLICT : FAILOVER_RESOLUTION_INTERRUPTED;
	default:
		return FAILOVER_POTENTIAL_CONFLICT;
	}
}

/* dhcpd ends itself at what is left to the default, and goes to SHUTDOWN at SHUTDOWN. */
static uint8_t conflict_done_meets(uint8_t partner)
{
	switch (partner) {
	case FAILOVER_NORMAL:
	case FAILOVER_RECOVER_DONE: /* see RECOVER-DONE */
		return FAILOVER_NORMAL;
	case FAILOVER_COMMUNICATIONS_INTERRUPTED:
	case FAILOVER_PARTNER_DOWN:
		return FAILOVER_POTENTIAL_CONFLICT;
	case FAILOVER_SHUTDOWN:
		return FAILOVER_PARTNER_DOWN;
	default:
		return FAILOVER_CONFLICT_DONE;
	}
}

uint8_t failover_fsm_meets(const struct failover_fsm *fsm, uint8_t partner, bool starting)
{
	switch (fsm->kept.state) {
	case FAILOVER_NORMAL:
		return normal_meets(fsm, partner);
	case FAILOVER_COMMUNICATIONS_INTERRUPTED:
		return interrupted_meets(fsm, partner);
	case FAILOVER_PARTNER_DOWN:
		return partner_down_meets(partner, starting);
	case FAILOVER_RECOVER:
		return recover_meets(fsm, partner);
	case FAILOVER_RECOVER_WAIT:
		return recover_wait_meets(fsm, partner, starting);
	case FAILOVER_RECOVER_DONE:
		return recover_done_meets(fsm, partner, starting);
	case FAILOVER_POTENTIAL_CONFLICT:
		return conflict_meets(fsm, partner);
	case FAILOVER_RESOLUTION_INTERRUPTED:
		return resolution_meets(fsm, partner);
	case FAILOVER_CONFLICT_DONE:
		return conflict_done_meets(partner);
	default: /* SHUTDOWN and PAUSED are left by a start only */
		return fsm->kept.state;
	}
}

uint8_t failover_fsm_without_link(const struct failover_fsm *fsm)
{
	switch (fsm->kept.state) {
	case FAILOVER_NORMAL:
		return FAILOVER_COMMUNICATIONS_INTERRUPTED;
	case FAILOVER_POTENTIAL_CONFLICT:
	case FAILOVER_UNKNOWN:
		/* RESOLUTION-INTERRUPTED serves: not without a store. */
		return fsm->kept.lost ? FAILOVER_RECOVER : FAILOVER_RESOLUTION_INTERRUPTED;
	default:
		return fsm->kept.state;
	}
}

/* What a STATE does to a dhcpd: these end it, or put it into SHUTDOWN until a person comes. */
bool failover_fsm_stops_dhcpd(uint8_t state, uint8_t partner)
{
	switch (partner) {
	case FAILOVER_NORMAL:
		return state == FAILOVER_POTENTIAL_CONFLICT ||
		       state == FAILOVER_RESOLUTION_INTERRUPTED || state == FAILOVER_CONFLICT_DONE;
	case FAILOVER_POTENTIAL_CONFLICT:
		return state == FAILOVER_NORMAL;
	case FAILOVER_CONFLICT_DONE:
		return state != FAILOVER_NORMAL && state != FAILOVER_POTENTIAL_CONFLICT &&
		       state != FAILOVER_RESOLUTION_INTERRUPTED;
	default:
		return false;
	}
}
