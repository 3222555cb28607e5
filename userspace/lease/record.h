/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lease/: the truth about who has which address, in memory.
 *
 * A struct lease is one address of a range and lives as long as the range. A
 * struct lease_record is what is known of it at one time: immutable, replaced
 * as a whole, freed after a grace period; only what the partner's
 * acknowledgement says (`acknowledged`, `known`, LEASE_OWED) is changed in
 * place, by atomic stores. The loop thread owns every write; a reader thread
 * may walk current records under rcu_read_lock(). The room knows neither
 * kernel nor disk nor partner: commit.h is given verbs for them and is the
 * only door through which a record changes.
 *
 *   record.h  what is known of an address
 *   table.h   by address (page directory) and by client (liburcu's hash table)
 *   policy.h  what a failover relationship lets this server do
 *   pool.h    which free address is next
 *   expiry.h  which lease ends next (a wheel of seconds)
 *   place.h   the room's own: where a lease stands in hash, queue, wheel and counts
 *   commit.h  pending → durable → published; grants, revocations, renewals, the partner's word
 *   change.h  the room's own: what is on its way to the disk
 *
 * All times are wall-clock seconds since 1970 (UTC), 0: never happened.
 */
#ifndef XDHCP_LEASE_RECORD_H
#define XDHCP_LEASE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Binding states, numbered as on the failover wire (failover draft section 10, option 3). */
enum lease_state {
	LEASE_FREE = 1,
	LEASE_ACTIVE = 2,
	LEASE_EXPIRED = 3,
	LEASE_RELEASED = 4,
	LEASE_ABANDONED = 5,
	LEASE_RESET = 6,
	LEASE_BACKUP = 7,
};

/* Flags; the first two as failover's IP-flags have them. */
#define LEASE_RESERVED 0x01
#define LEASE_BOOTP 0x02
#define LEASE_OWED 0x80 /* the partner has not acknowledged this record */

#define LEASE_HORIZON_NEVER INT64_MAX

/*
 * Identity, stashed option 82 and host name follow the struct in `bytes`, in
 * this order. A FREE record keeps its last client, who gets the address back
 * while nobody else needs it.
 */
struct lease_record {
	uint32_t address; /* host byte order */
	uint8_t state; /* enum lease_state */
	uint8_t flags; /* LEASE_RESERVED … */
	uint16_t relation; /* conf_relation.tag of whom the partner's times are; 0: none */
	int64_t starts; /* when this state, or this renewal, began */
	int64_t ends; /* told: the lease end that the client heard last */
	int64_t horizon; /* H: never told anybody more than this */
	int64_t cltt; /* client's last transaction */
	/* Of the address's present binding; 0 without failover (failover draft section 5.2.1). */
	int64_t potential; /* P: greatest potential expiry that the partner is sent */
	int64_t acknowledged; /* A: of the newest update that the partner acknowledged */
	int64_t received; /* R: of the partner's newest accepted update */
	int64_t known; /* T: the lease end that the partner has on record */
	uint8_t htype, hlen, chaddr[16];
	uint16_t ident_length; /* dhcp/ident.h */
	uint16_t agent_length; /* option 82's value as it came last */
	uint16_t hostname_length;
	uint8_t bytes[];
};

static inline const uint8_t *lease_record_ident(const struct lease_record *record)
{
	return record->bytes;
}

static inline const uint8_t *lease_record_agent(const struct lease_record *record)
{
	return record->bytes + record->ident_length;
}

static inline const uint8_t *lease_record_hostname(const struct lease_record *record)
{
	return record->bytes + record->ident_length + record->agent_length;
}

static inline size_t lease_record_size(const struct lease_record *record)
{
	return sizeof(*record) + record->ident_length + record->agent_length +
	       record->hostname_length;
}

/* Allocates a zeroed record with room for the three strings, which are copied; NULL without memory. */
struct lease_record *lease_record_new(const void *ident, uint16_t ident_length, const void *agent,
				      uint16_t agent_length, const void *hostname,
				      uint16_t hostname_length);
/* A copy to be changed before anybody sees it; NULL without memory. */
struct lease_record *lease_record_copy(const struct lease_record *record);
/* Frees at once: only what no reader can have seen. Published ones go through lease_commit. */
void lease_record_free(struct lease_record *record);

static inline int64_t lease_later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* "active" and so on; NULL for a number that is no state. */
const char *lease_state_word(uint8_t state);

#endif
