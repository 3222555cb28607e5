/* SPDX-License-Identifier: GPL-2.0-only */
/* ARP (RFC 826) as the clients and the relay speak it. */
#ifndef BLAST_NEIGHBOUR_H
#define BLAST_NEIGHBOUR_H

#include "bench/blast/holders.h"
#include "bench/blast/port.h"

/*
 * Takes an ARP frame: answers requests for addresses that our clients hold
 * (the relay answers for those behind it) and for giaddr; learns the server's
 * hardware address, and from who announces a server's address that it has moved.
 * False where the frame is not ARP.
 */
bool neighbour_receive(struct port *port, struct population *population,
		       const struct holders *holders, const struct arrival *arrival, uint64_t now);

/*
 * Announces a client's new address (RFC 5227 section 2.3), as clients do: a
 * server that had another client's hardware address for it learns the new one.
 */
void neighbour_announce(struct port *port, const struct population *population, uint32_t index);

/* Asks for the server's hardware address as the relay; waits 5 s. 0, or -1 after saying why. */
int neighbour_resolve(struct port *port, struct population *population,
		      const struct holders *holders);

#endif
