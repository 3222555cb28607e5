/* SPDX-License-Identifier: GPL-2.0-only */
/* Which address a new client gets. Loop thread only. */
#ifndef XDHCP_LEASE_POOL_H
#define XDHCP_LEASE_POOL_H

#include "dhcp/ident.h"
#include "lease/table.h"

/*
 * The address that RFC 2131 section 4.3.1 asks for, in the pools of a
 * network: the client's own (active or remembered), else the one that it asks
 * for (`wanted`, 0: none) if that is free, else one never used, else the one
 * that has been free for longest. What it was offered last and still holds
 * comes before what it remembers. Addresses offered to others are passed
 * over. NULL where the network has none left. Changes nothing. `known`: the
 * client has a host statement, which a pool's permit list may ask for.
 *
 * In a pool with a failover relationship nothing is given where its policy
 * does not serve; else what is free is the own free state, and in
 * PARTNER-DOWN, after these, whatever lease_policy_free_at() allows.
 */
struct lease *lease_pool_choose(struct lease_table *table, const struct conf_network *network,
				const struct dhcp_ident *ident, bool known, uint32_t wanted,
				int64_t now);

/*
 * Holds an address for a client until then (an OFFER was sent); `until` 0: no
 * longer (the client chose another server; an offer to another client stays).
 * 0 or -ENOMEM.
 */
int lease_pool_offer(struct lease_table *table, struct lease *lease, const struct dhcp_ident *ident,
		     int64_t until);
/*
 * Is the address free for this client: in a pool, not fixed for a host, not
 * bound to another, not offered to another, not abandoned, and ours to give,
 * as above? The client's own lease is, whichever server gave it.
 */
bool lease_pool_available(const struct lease_table *table, const struct lease *lease,
			  const struct dhcp_ident *ident, int64_t now);

/*
 * Pool balance: the pools of a failover relationship, by number, the first at
 * or after `pool`; LEASE_POOL_NONE at the end.
 */
uint16_t lease_pool_of_relation(const struct lease_table *table, uint8_t relation, uint16_t pool);

/*
 * What is free in a pool (`state` LEASE_FREE or LEASE_BACKUP), by queue: never
 * used first, then in the order in which it became free. The one after
 * `previous`; the first where that is NULL or not free in this pool any more.
 * NULL at the end. What is offered is passed over.
 */
struct lease *lease_pool_next_free(struct lease_table *table, uint16_t pool, uint8_t state,
				   const struct lease *previous);

#endif
