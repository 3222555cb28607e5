/* SPDX-License-Identifier: GPL-2.0-only */
/* All addresses of all ranges, found by address and by client. */
#ifndef XDHCP_LEASE_TABLE_H
#define XDHCP_LEASE_TABLE_H

#include <urcu/rculfhash.h>
#include <urcu/list.h>

#include "conf/conf.h"
#include "lease/policy.h"

struct dhcp_ident;
struct lease_change;
struct failover_update;

struct lease {
	struct lease_record *current; /* durable; RCU; NULL: never used */
	struct lease_record *pending; /* loop only: on its way to the disk */
	struct cds_lfht_node by_client; /* while the effective record has an identity */
	struct cds_list_head free; /* in its pool's queue while allocatable */
	struct cds_list_head due; /* in the expiry wheel */
	uint64_t pending_group; /* the journal group that carries `pending` */
	struct lease_change *change; /* commit's own: what happens once `pending` is durable */
	uint32_t address;
	uint16_t pool; /* conf_pool.number, or LEASE_POOL_NONE, LEASE_POOL_ABSENT */
	uint8_t relation; /* of its pool: conf_relation.number, 0: none */
	bool hashed : 1; /* loop only, as those that follow */
	bool closed : 1; /* the slot was closed and not yet published anew */
	bool reserved : 1; /* configuration fixes it for a host: never allocated */
	bool yielding : 1; /* closed; the partner has it once the last promise is over: answer nobody */
	struct failover_update *update; /* failover's own: queued or in flight, NULL: neither */
	/* an address held for a client that was sent an OFFER; volatile */
	int64_t offered_until; /* 0: not offered */
	struct dhcp_ident *offered_to; /* allocated to its length: never copy the whole struct */
};

struct lease_table;

/*
 * A table for the pools of a configuration; `seed` keys the client hash
 * (SipHash). The configuration is not kept. The calling thread is the loop,
 * and registered with liburcu (rcu_register_thread()), as each reader is. 0
 * or -ENOMEM.
 */
int lease_table_new(const struct conf *conf, const uint8_t seed[16],
		    struct lease_table **ret_table);
/* With every record; no reader may be left, and no lease_commit on it. */
void lease_table_free(struct lease_table *table);
/*
 * A new configuration: addresses that are in a range now get a struct lease,
 * those that are in none any more keep their record until it ends
 * (`pool` is LEASE_POOL_NONE then) and are no longer allocated. 0, or -ENOMEM
 * and nothing changed. Pool numbers end below LEASE_POOL_ABSENT.
 */
int lease_table_reload(struct lease_table *table, const struct conf *conf);
#define LEASE_POOL_NONE 0xffff
#define LEASE_POOL_ABSENT 0xfffe /* no lease at all: a gap in the memory of its neighbours */

/* NULL where the address is in no range and has no record. Loop, or reader under RCU. */
struct lease *lease_table_find(const struct lease_table *table, uint32_t address);
/* As find; where there is none yet makes one outside of every pool (restored from the store). */
int lease_table_ensure(struct lease_table *table, uint32_t address, struct lease **ret_lease);

/* What the writer goes by: pending where there is one, else current; NULL: never used. */
static inline const struct lease_record *lease_effective(const struct lease *lease)
{
	return lease->pending ? lease->pending : lease->current;
}

/*
 * Every lease whose effective record has this identity: first with NULL,
 * then with the one returned before. Loop thread.
 */
struct lease *lease_table_next_of_client(const struct lease_table *table, const uint8_t *ident,
					 uint16_t length, struct lease *previous);

/*
 * Walks in ascending order of addresses: the first lease at or after
 * `address`, NULL at the end. Any thread, under RCU; a reader leaves and
 * re-enters the read side every few hundred.
 */
struct lease *lease_table_at_or_after(const struct lease_table *table, uint64_t address);

/*
 * total: addresses in ranges. active, abandoned, ending: by record, in ranges
 * or not. offered: held by an OFFER and neither active nor abandoned. free: can
 * be allocated, in a failover pool by the primary.
 */
struct lease_counts {
	uint64_t total, active, free, abandoned, offered;
	uint64_t backup; /* free, but the secondary's to give; not in `free` */
	uint64_t ending; /* expired, released or reset: the partner has not agreed yet */
};
/*
 * The policies of the relationships, LEASE_RELATIONS of them; the caller's,
 * who changes them at will. Without this call all are zero.
 */
void lease_table_policies(struct lease_table *table, const struct lease_policy *policies);
/* conf_relation.tag of a relationship; 0: none. */
uint16_t lease_table_tag(const struct lease_table *table, uint8_t relation);
/* NULL: no relationship. */
const struct lease_policy *lease_table_policy(const struct lease_table *table, uint8_t relation);

/* Kept as changes happen; loop thread. */
void lease_table_counts(const struct lease_table *table, struct lease_counts *ret_counts);
void lease_table_pool_counts(const struct lease_table *table, uint16_t pool,
			     struct lease_counts *ret_counts);

#endif
