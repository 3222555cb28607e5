/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What server/decide may ask of a relationship: a picture of it at one time,
 * one per conf_relation.number, number 0 being "no failover". Seconds are of
 * the slots' clock (coarse monotonic), as in xdp/shared/abi.h, so that both
 * paths come to the same lease time (invariants I1, I2).
 */
#ifndef XDHCP_FAILOVER_VIEW_H
#define XDHCP_FAILOVER_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#define FAILOVER_VIEWS 256

struct dhcp_ident;

struct failover_view {
	bool serves; /* the state answers clients; else silence, no NAK either */
	bool balances; /* NORMAL with load balancing: DISCOVER by bucket */
	bool primary;
	bool swap_secs; /* check-secs-byte-order */
	uint32_t balance_seconds; /* load balance max seconds */
	uint8_t hba[32];
	/* The bound: max(K − reference + lead, alone); lead is MCLT less the partner's clock lead,
	 * alone the last heartbeat plus MCLT, as published to the kernel. */
	int64_t reference; /* wall clock of the slots' second 0, fixed when the maps were made */
	int64_t lead, alone;
	int64_t from; /* now, rounded up */
	/* STARTUP of a daemon whose predecessor's kernel part lives: neither serve flag nor bound in
	 * the kernel's record are touched, they go on as they were left. */
	bool adopted;
};

/*
 * Seconds that may be promised now for a lease of which the partner knows
 * until K (wall-clock seconds, 0: nothing), at most `desired`; 0: none.
 * The same sum as xdp/lookup.h's.
 */
uint32_t failover_view_seconds(const struct failover_view *view, int64_t k, uint32_t desired);

/*
 * Is a DISCOVER of this client ours to answer (RFC 3074, as dhcpd does it)? `key`
 * is option 61's value, else chaddr; `secs` as it came.
 */
bool failover_view_ours(const struct failover_view *view, const uint8_t *key, uint16_t length,
			uint16_t secs);

#endif
