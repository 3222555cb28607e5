/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SipHash (Aumasson and Bernstein, 2012): the hash of tables that strangers may
 * fill, under a secret key, so that nobody outside can aim at one bucket.
 */
#ifndef XDHCP_BASE_SIPHASH_H
#define XDHCP_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#define BASE_SIPHASH_KEY 16

/* SipHash-1-3. */
uint64_t base_siphash(const uint8_t key[BASE_SIPHASH_KEY], const void *bytes, size_t length);

/* SipHash-c-d, which the published test vectors are for with c = 2 and d = 4. */
uint64_t base_siphash_rounds(unsigned c, unsigned d, const uint8_t key[BASE_SIPHASH_KEY],
			     const void *bytes, size_t length);

#endif
