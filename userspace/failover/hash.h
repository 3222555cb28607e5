/* SPDX-License-Identifier: GPL-2.0-only */
/* Which half of the clients is whose: RFC 3074 section 5, and dhcpd's sense of the buckets. */
#ifndef XDHCP_FAILOVER_HASH_H
#define XDHCP_FAILOVER_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bucket of a key: option 61's value, else chaddr without its type. */
uint8_t failover_hash(const uint8_t *key, size_t length);

/* Bit b & 7, least significant first, of byte b >> 3; set: the primary's. */
static inline bool failover_hash_primary(const uint8_t hba[32], uint8_t bucket)
{
	return hba[bucket >> 3] >> (bucket & 7) & 1;
}

#endif
