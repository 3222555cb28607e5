/* SPDX-License-Identifier: GPL-2.0-only */
/* Server states (draft section 9; option 24): numbers as on the wire, and what each may do. */
#ifndef XDHCP_FAILOVER_STATE_H
#define XDHCP_FAILOVER_STATE_H

#include <stdbool.h>
#include <stdint.h>

/* Number, name, word as dhcpd's lease file and our output spell it. RECOVER-WAIT's number is dhcpd's. */
#define FAILOVER_STATES(X) \
	X(0, UNKNOWN, "unknown-state") \
	X(1, STARTUP, "startup") \
	X(2, NORMAL, "normal") \
	X(3, COMMUNICATIONS_INTERRUPTED, "communications-interrupted") \
	X(4, PARTNER_DOWN, "partner-down") \
	X(5, POTENTIAL_CONFLICT, "potential-conflict") \
	X(6, RECOVER, "recover") \
	X(7, PAUSED, "paused") \
	X(8, SHUTDOWN, "shutdown") \
	X(9, RECOVER_DONE, "recover-done") \
	X(10, RESOLUTION_INTERRUPTED, "resolution-interrupted") \
	X(11, CONFLICT_DONE, "conflict-done") \
	X(254, RECOVER_WAIT, "recover-wait")

enum failover_state {
#define FAILOVER_STATE_ENUM(number, name, word) FAILOVER_##name = (number),
	FAILOVER_STATES(FAILOVER_STATE_ENUM)
#undef FAILOVER_STATE_ENUM
};

/* "normal" and so on; NULL for a number that is no state. */
const char *failover_state_word(uint8_t state);
/* The number of a word; false where it is none. */
bool failover_state_parse(const char *word, uint8_t *ret_state);

/*
 * May clients be answered (draft section 9)? STARTUP, RECOVER, RECOVER-WAIT,
 * RECOVER-DONE, POTENTIAL-CONFLICT, PAUSED and SHUTDOWN are silent, and so is a
 * number that is no state. RESOLUTION-INTERRUPTED and CONFLICT-DONE serve by the
 * draft; dhcpd is silent in these, too.
 */
bool failover_state_serves(uint8_t state);

#endif
