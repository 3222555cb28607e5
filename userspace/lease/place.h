/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The room's own: what a table is made of, and where a lease stands in it. A
 * lease is always in the places that its effective record and its offer put
 * it: hash of clients, queue of its pool, wheel, counts. Whoever changes
 * either goes by
 *
 *   lease_place_leave()  → change → lease_place_enter()
 *
 * by lease_place_unqueue() between them where the record changes, and by
 * lease_client_*() where the identity does.
 *
 * Hash tables are resized by this room and never in the background: then the
 * loop thread is alone in them, and a node can be put in anew at once.
 */
#ifndef XDHCP_LEASE_PLACE_H
#define XDHCP_LEASE_PLACE_H

#include <urcu.h>

#include "dhcp/ident.h"
#include "lease/expiry.h"
#include "lease/table.h"

#define LEASE_PAGE 256

struct lease_page {
	struct lease leases[LEASE_PAGE]; /* by the last octet */
};

struct lease_directory {
	struct lease_page *pages[256]; /* by the third octet; RCU, never replaced */
};

struct lease_pool {
	struct cds_list_head fresh; /* never used, ascending addresses */
	struct cds_list_head freed; /* oldest first */
	struct cds_list_head backup; /* the same, of a failover pool's secondary */
	struct lease_counts counts;
	uint8_t relation; /* conf_relation.number, 0: none */
	bool unsorted; /* `freed` and `backup` were filled in another order (start, reload) */
};

struct lease_offer {
	struct cds_lfht_node by_client;
	struct lease *lease;
	struct dhcp_ident ident; /* cut to its length */
};

struct lease_hash {
	struct cds_lfht *nodes;
	size_t count, buckets;
};

/* What the configuration says of a relationship; all zero: none of that number. */
struct lease_relation {
	uint16_t tag;
	bool secondary; /* this server */
};

struct lease_table {
	uint8_t seed[16];
	struct lease_hash clients; /* struct lease by identity, duplicates allowed */
	struct lease_hash offers; /* struct lease_offer by identity, duplicates allowed */
	struct lease_pool *pools;
	size_t pool_count;
	const struct lease_policy *policies; /* LEASE_RELATIONS; the caller's; NULL: all zero */
	struct lease_relation relations[LEASE_RELATIONS]; /* by number */
	struct lease_counts counts;
	struct lease_wheel wheel;
	struct lease_directory *directory[65536]; /* by the upper half; RCU, never replaced */
};

/* place.c */
void lease_place_leave(struct lease_table *table, struct lease *lease);
void lease_place_enter(struct lease_table *table, struct lease *lease);
/* Out of its pool's queue. */
void lease_place_unqueue(struct lease *lease);
/* Hangs the lease into the wheel by what ends first, not before `earliest`. */
void lease_place_due(struct lease_table *table, struct lease *lease, int64_t earliest);
/* In a pool, not reserved, and free: for this server or, in a failover pool, for its partner. */
bool lease_place_allocatable(const struct lease *lease);
/* Expired, released or reset: not free before the partner agrees. */
bool lease_place_ending(const struct lease_record *record);
/* Oldest first, where it is not. Without memory it stays as it is. */
void lease_place_sort(struct lease_pool *pool);

/* client.c */
int lease_hash_init(struct lease_hash *hash, size_t buckets);
void lease_hash_fini(struct lease_hash *hash);
/* Room for so many without long chains. */
void lease_hash_reserve(struct lease_hash *hash, size_t count);
/* By the identity of the effective record; nothing where there is none. */
void lease_client_add(struct lease_table *table, struct lease *lease);
void lease_client_remove(struct lease_table *table, struct lease *lease);
/* Replaces what the lease was offered before; 0 or -ENOMEM. */
int lease_offer_set(struct lease_table *table, struct lease *lease, const struct dhcp_ident *ident,
		    int64_t until);
void lease_offer_clear(struct lease_table *table, struct lease *lease);
/* Every lease that is held for this client: as lease_table_next_of_client(). */
struct lease *lease_offer_next_of_client(const struct lease_table *table,
					 const struct dhcp_ident *ident, struct lease *previous);

/* table.c */
/* The next lease in memory, absent ones too: first with address 0; NULL at the end. */
struct lease *lease_table_slot_at_or_after(const struct lease_table *table, uint64_t address);

#endif
