/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/sum.h"

#include <endian.h>
#include <string.h>

/* Section 2 (B) and (C): in whichever byte order and words wider than 16 bits, turned at the end. */
uint64_t base_sum_add(uint64_t sum, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	uint64_t native = 0;
	uint32_t word;

	for (; length >= sizeof(word); at += sizeof(word), length -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		native += word;
	}
	word = 0;
	memcpy(&word, at, length);
	return sum + be16toh(base_sum_fold(native + word));
}
