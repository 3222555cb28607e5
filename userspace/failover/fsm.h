/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state machine of one relationship as one function: what is, and what
 * happened, gives what shall be and what to do (draft section 9). It changes
 * nothing itself. The transitions are dhcpd's, as measured, with departures
 * that keep a pair from destroying itself, each marked at its branch.
 * tests/unit/failover/stories/ has a line for each.
 *
 * STARTUP is not a state here but a flag beside the state that was held
 * before, as dhcpd has it: the state held is what is told to the partner, with
 * the STARTUP bit, and what the first STATE or the time-out goes on from. One
 * that was stopped (SHUTDOWN, PAUSED) goes on from RECOVER.
 *
 * Two xdhcp say their state as soon as they are linked. Towards dhcpd we
 * listen first: it says its state unasked, and there is none that it hears
 * safely in every state of its own (a STATE that it does not expect ends or
 * disables it). What would do so is never said: the link is closed instead,
 * which moves dhcpd to a state that can hear it.
 */
#ifndef XDHCP_FAILOVER_FSM_H
#define XDHCP_FAILOVER_FSM_H

#include "failover/state.h"

/* What the decision depends on. All of `kept` is on disk before the partner hears of it. */
struct failover_fsm {
	struct failover_kept {
		uint8_t state; /* enum failover_state, never STARTUP */
		uint8_t partner; /* the partner's last state, without STARTUP's bit; UNKNOWN at first */
		int64_t since; /* stos: wall clock; kept from RECOVER to RECOVER-WAIT */
		int64_t partner_since; /* when we heard of it: first on the link, or as it changed */
		/* RECOVER because the store was lost (or is somebody else's): everything must come by
		 * UPDREQALL, and MCLT must have passed since `since`, whatever the partner says. */
		bool lost;
		/* This pair has been NORMAL once: two empty stores may not shorten the wait. */
		bool proven;
		/* `failover init` was said, or dhcpd's way for a pair that was never NORMAL is wanted. */
		bool initial;
		/* RECOVER after a clean stop that the partner took over: nothing can have been lost,
		 * no wait. */
		bool clean;
		/* RECOVER, and PARTNER-DOWN was said of a partner whose leases are not all known here:
		 * entered when MCLT has passed since the word. */
		bool dead;
		/* PARTNER-DOWN, and the partner had been in it, or was just leaving it: it gave away
		 * what was our own to give, so that this too waits for MCLT from `since` on. */
		bool doubtful;
	} kept;
	bool startup; /* nothing heard since the start, and 15 s not over */
	bool linked; /* CONNECT and CONNECTACK were exchanged and the connection lives */
	bool heard; /* a STATE came on this link */
	bool primary;
	bool isc; /* the partner is not xdhcp: it destroys itself where we do not */
	bool asked; /* UPDREQ or UPDREQALL is out and its UPDDONE has not come */
	bool updated; /* RECOVER, POTENTIAL-CONFLICT: it has come, but more is waited for */
	uint32_t mclt; /* seconds; 0: not told yet */
};

enum failover_event_kind {
	FAILOVER_EVENT_LINKED, /* handshake done */
	FAILOVER_EVENT_LOST, /* connection gone */
	FAILOVER_EVENT_STATE, /* a STATE message came: `state`, `flags` */
	FAILOVER_EVENT_UPDDONE, /* of the newest request */
	FAILOVER_EVENT_STARTUP_OVER, /* 15 s after the start and no STATE */
	FAILOVER_EVENT_WAIT_OVER, /* failover_fsm_wait_until() has passed */
	FAILOVER_EVENT_ALONE, /* auto-partner-down's seconds in COMMUNICATIONS-INTERRUPTED are over */
	FAILOVER_EVENT_PARTNER_DOWN, /* operator or cluster: the partner is dead */
	FAILOVER_EVENT_SHUTDOWN, /* operator: planned stop */
	FAILOVER_EVENT_INIT, /* operator: a new pair, once */
	FAILOVER_EVENT_STORE_LOST, /* at start: no record of this relationship, or another's store */
	FAILOVER_EVENT_OUTDATED, /* at start: the partner may have gone on without this server */
};

struct failover_event {
	enum failover_event_kind kind;
	uint8_t state, flags; /* of EVENT_STATE */
	int64_t now; /* wall clock */
};

/* What to do, in this order, after `kept` is on disk and, where the new state is silent, the kernel is. */
enum failover_action {
	/* What is owed leaves before STATE (CI → NORMAL; a stop). */
	FAILOVER_DO_OWED_FIRST = 1 << 0,
	FAILOVER_DO_STATE = 1 << 1, /* send STATE */
	FAILOVER_DO_UPDREQ = 1 << 2,
	FAILOVER_DO_UPDREQALL = 1 << 3,
	FAILOVER_DO_BALANCE = 1 << 4, /* then everything owed (entering NORMAL) */
	FAILOVER_DO_CLOSE = 1 << 5, /* close the link */
};

struct failover_step {
	struct failover_fsm after;
	unsigned actions;
	/* Why a state is held or entered, for log and status; static, NULL: as before. */
	const char *why;
	/* An operator's event that may not be: the reason; static. `after` is as before. */
	const char *refused;
};

struct failover_step failover_fsm_step(const struct failover_fsm *fsm,
				       const struct failover_event *event);

/* When FAILOVER_EVENT_WAIT_OVER is due (wall clock), 0: not waiting. MCLT after `since`. */
int64_t failover_fsm_wait_until(const struct failover_fsm *fsm);

/* What would end a state that does not serve, or that serves alone; one line, static. NULL in NORMAL. */
const char *failover_fsm_remedy(const struct failover_fsm *fsm);

#endif
