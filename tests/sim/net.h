/* SPDX-License-Identifier: GPL-2.0-only */
/* Between clients and servers: frames that are lost, late, or come twice. */
#ifndef SIM_NET_H
#define SIM_NET_H

#include "tests/sim/node.h"
#include "tests/sim/wire.h"

struct net_plan {
	uint32_t lost, doubled, late; /* of a million */
	uint64_t late_most; /* ns */
};

void net_begin(const struct net_plan *plan);
/* Does what is sent from now on arrive at this node, and from it? */
void net_cut(const struct node *node, bool cut);

void net_mac(int node, uint8_t mac[6]);

/* A client's message on its way to every server that hears it. */
void net_request(struct wire_message *message);

/*
 * A reply leaves a node, out of the kernel or of the slow path, to an address (0: by hardware, or to
 * everybody on the node's link).
 */
void net_reply(struct node *node, const uint8_t *payload, size_t length, uint32_t to, bool kernel);

#endif
