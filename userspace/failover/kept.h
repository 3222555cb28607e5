/* SPDX-License-Identifier: GPL-2.0-only */
/* What of a relationship outlives the daemon, as the bytes that verb keep is given (failover/peer.h). */
#ifndef XDHCP_FAILOVER_KEPT_H
#define XDHCP_FAILOVER_KEPT_H

#include <stddef.h>

#include "failover/fsm.h"

#define STORE_ID 16

/* The store has it as a note of this name, the relationship's name behind it. */
#define FAILOVER_NOTE "failover/"

/* Beside fsm.kept, fsm.isc and fsm.mclt. */
struct failover_record {
	bool primary; /* the role in which all this was kept */
	bool fenced; /* PARTNER-DOWN was said of a fenced partner */
	bool has_partner_store;
	uint8_t partner_store[STORE_ID];
	/* Grows with each NORMAL, beyond what either had: of two that know of each other what is not
	 * so any more, the one with the lower number is out of date. */
	uint64_t epoch;
};
#define KEPT_MAX 64
size_t failover_kept_encode(const struct failover_fsm *fsm, const struct failover_record *record,
			    uint8_t bytes[KEPT_MAX]);
/* Fills in kept, isc and mclt of *ret_fsm, and *ret_record; 0 or -EBADMSG. */
int failover_kept_decode(const void *bytes, size_t length, struct failover_fsm *ret_fsm,
			 struct failover_record *ret_record);

#endif
