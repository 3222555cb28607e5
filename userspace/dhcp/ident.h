/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who a client is (RFC 2131 section 4.2: option 61, else htype and chaddr),
 * as bytes that tables keep, and as the 64-bit key and signature that the XDP
 * program compares. Key and signature are the same numbers that the program
 * computes from the frame (xdp/shared/hash.h, xdp/scan.h); tests/bpf holds
 * both against each other.
 */
#ifndef XDHCP_DHCP_IDENT_H
#define XDHCP_DHCP_IDENT_H

#include "dhcp/message.h"

/* Longest identity: option 61's 255 bytes after a role byte. */
#define DHCP_IDENT_MAX 256

/* bytes[0]: 61 where a client identifier follows, 0 where htype and chaddr follow. */
struct dhcp_ident {
	uint16_t length;
	uint8_t bytes[DHCP_IDENT_MAX];
};

/* False where the message has neither (refused by the parser as no-client). */
bool dhcp_ident_of(const struct dhcp_message *message, struct dhcp_ident *ret_ident);

bool dhcp_ident_equal(const struct dhcp_ident *a, const uint8_t *bytes, uint16_t length);

/* The program's client key of an identity's bytes; never 0. */
uint64_t dhcp_ident_key(uint64_t seed, const uint8_t *bytes, uint16_t length);

/*
 * The signature of a request: a hash over every option that `roles` (256
 * entries, enum xdhcp_role) tracks and that its reply depends on. Absent
 * options count as absent, not as empty; of option 61 only its presence
 * counts, 50, 53, 54 and 82 do not. The hardware address counts beside
 * option 61: the configuration's hosts are found by it.
 */
uint64_t dhcp_signature(uint64_t seed, const uint8_t *roles, const struct dhcp_message *message);

#endif
