/* SPDX-License-Identifier: GPL-2.0-only */
/* What kind of world a seed makes. */
#ifndef SIM_PLAN_H
#define SIM_PLAN_H

#include "tests/sim/client.h"
#include "tests/sim/link.h"
#include "tests/sim/net.h"

struct plan {
	uint32_t lease, longest, mclt; /* seconds */
	uint32_t addresses; /* in each subnet */
	uint32_t split;
	uint32_t max_unacked;
	uint64_t fault_every; /* ns */
	bool turns; /* deaths in turn (turn.h), and no other faults */
	bool moves; /* a dead node's role may go to the third one */
	bool single; /* one server, without failover */
	struct client_plan clients;
	struct net_plan net;
	struct link_plan link;
};

struct plan plan_draw(struct sim_random *random);
/* dhcpd.conf of a role; the caller's to free. `version` changes what a reload is to notice. */
char *plan_configuration(const struct plan *plan, int role, unsigned version);

#endif
