/* SPDX-License-Identifier: GPL-2.0-only */
/* Clients after RFC 2131 section 4.4, each with a life of its own: it reboots, moves, leaves and comes back. */
#ifndef SIM_CLIENT_H
#define SIM_CLIENT_H

#include "tests/sim/sim.h"

struct client_plan {
	uint32_t count;
	uint64_t arrival; /* they appear within this time */
	uint32_t whims; /* of a million leases, how many end by a whim */
	uint32_t quiet; /* of whims: they only wish for peace, once it is said */
};

void clients_begin(const struct client_plan *plan);
/* From now on no whims, and who is off comes back: everything is to converge. */
void clients_settle(void);

/* A reply's payload comes to a link; `address`: whose owner alone sees it, 0: everybody. */
void client_receive(const uint8_t *payload, size_t length, unsigned link, uint32_t address);

/* When the message of a client was sent that has this number; SIM_NEVER: too long ago. */
uint64_t client_sent(uint32_t client, uint32_t xid);

struct client_counts {
	uint64_t bound, renewed, expired, naks, released, declined, moved, rebooted, requests;
	uint64_t unserved; /* leases that ran out while their client asked for more */
	uint32_t served; /* clients that have a lease now */
};
void clients_count(struct client_counts *ret_counts);

#endif
