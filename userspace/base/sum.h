/* SPDX-License-Identifier: GPL-2.0-only */
/* RFC 1071: the Internet checksum's sum. */
#ifndef XDHCP_BASE_SUM_H
#define XDHCP_BASE_SUM_H

#include <stddef.h>
#include <stdint.h>

/* `sum` and the bytes' 16-bit words, an odd last byte padded with zero; host byte order, not folded. */
uint64_t base_sum_add(uint64_t sum, const void *bytes, size_t length);

/* To 16 bits, carries added (section 4.1); 0 only for what is all zero. */
static inline uint16_t base_sum_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

#endif
