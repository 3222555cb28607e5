/* SPDX-License-Identifier: GPL-2.0-only */
/* What faults do to the wire between two nodes. */
#ifndef SIM_LINK_H
#define SIM_LINK_H

#include "tests/sim/node.h"

struct link_plan {
	uint64_t latency; /* ns, at the most */
	uint32_t split; /* of a million deliveries, how many come in pieces */
};

void link_begin(const struct link_plan *plan);
/* Nothing passes from one node to the other until it is healed; what was sent waits, as TCP has it. */
void link_block(int from, int to, bool blocked);
bool link_blocked(int from, int to);
void link_heal_all(void);
/* Every connection between two nodes is reset, each way at any byte of what is on its way. */
void link_reset(int one, int other);
/* A node's daemon is gone (its kernel says so to whom it can), or its power is. */
void link_forget(struct node *node, bool power);

#endif
