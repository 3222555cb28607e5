/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pool balance (draft section 5.4): FREE addresses are the primary's to give,
 * BACKUP ones the secondary's. The arithmetic is dhcpd's.
 *
 * A run goes over the pools of a relationship, twice over what this server has
 * free in each: first for addresses whose last client is the partner's to
 * serve, then for the oldest. It is made in chunks: what changes between them
 * (grants, the partner's updates) is seen, as the counts are looked at anew for
 * each address.
 */
#ifndef XDHCP_FAILOVER_BALANCE_H
#define XDHCP_FAILOVER_BALANCE_H

#include "conf/conf.h"
#include "lease/commit.h"

/* Leases to give away (negative: to receive), by C's division. */
int64_t failover_balance_surplus(bool primary, uint64_t free, uint64_t backup);
/* max-lease-misbalance and max-lease-ownership, per cent of what is free, rounded. */
int64_t failover_balance_percent(uint64_t free, uint64_t backup, unsigned percent);

struct failover_balance; /* a run, in chunks, over the pools of one relationship */

/* `relation` is read, not kept. 0 or -ENOMEM. */
int failover_balance_new(struct lease_table *table, struct lease_commit *commit,
			 const struct conf_relation *relation,
			 struct failover_balance **ret_balance);
void failover_balance_free(struct failover_balance *balance);
/* A run under way ends with the next step. */
void failover_balance_reconfigure(struct failover_balance *balance,
				  const struct conf_relation *relation);

/* `hba`: of the running session; affinity gives clients' last addresses to who serves them. */
void failover_balance_begin(struct failover_balance *balance, const uint8_t hba[32]);
/*
 * Looks at no more than `most` addresses, and so gives no more away; true: the
 * run is over, and *ret_given says how many it gave in all. Each goes through
 * lease_commit_hand_over() and so to the partner.
 */
bool failover_balance_step(struct failover_balance *balance, int64_t now, size_t most,
			   uint64_t *ret_given);

/*
 * Does any pool lack so many of our own addresses that the partner is to be
 * asked: more than twice max-lease-misbalance, or than one?
 */
bool failover_balance_wanting(const struct failover_balance *balance);

/*
 * Seconds until the next timer run: max-lease-misbalance per cent of the age
 * of the oldest free lease (doubled for the own role's), between min-balance
 * and max-balance.
 */
uint32_t failover_balance_pause(const struct failover_balance *balance, int64_t now);

#endif
