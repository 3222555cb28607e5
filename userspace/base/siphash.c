/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/siphash.h"

#include <endian.h>
#include <string.h>

struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotate(uint64_t value, unsigned bits)
{
	return value << bits | value >> (64 - bits);
}

static inline uint64_t word_load(const uint8_t *at, size_t length)
{
	uint64_t word = 0;

	memcpy(&word, at, length);
	return le64toh(word);
}

static inline void sip_rounds(struct sip *sip, unsigned rounds)
{
	while (rounds--) {
		sip->v0 += sip->v1;
		sip->v1 = rotate(sip->v1, 13) ^ sip->v0;
		sip->v0 = rotate(sip->v0, 32);
		sip->v2 += sip->v3;
		sip->v3 = rotate(sip->v3, 16) ^ sip->v2;
		sip->v0 += sip->v3;
		sip->v3 = rotate(sip->v3, 21) ^ sip->v0;
		sip->v2 += sip->v1;
		sip->v1 = rotate(sip->v1, 17) ^ sip->v2;
		sip->v2 = rotate(sip->v2, 32);
	}
}

static inline void sip_compress(struct sip *sip, uint64_t word, unsigned rounds)
{
	sip->v3 ^= word;
	sip_rounds(sip, rounds);
	sip->v0 ^= word;
}

/* Inlined, so that constant rounds are unrolled. */
static inline __attribute__((always_inline)) uint64_t
sip_hash(unsigned c, unsigned d, const uint8_t *key, const uint8_t *at, size_t length)
{
	uint64_t k0 = word_load(key, 8), k1 = word_load(key + 8, 8);
	struct sip sip = {
		.v0 = k0 ^ 0x736f6d6570736575ULL,
		.v1 = k1 ^ 0x646f72616e646f6dULL,
		.v2 = k0 ^ 0x6c7967656e657261ULL,
		.v3 = k1 ^ 0x7465646279746573ULL,
	};
	size_t left = length;

	for (; left >= 8; at += 8, left -= 8)
		sip_compress(&sip, word_load(at, 8), c);
	sip_compress(&sip, (uint64_t)length << 56 | word_load(at, left), c);
	sip.v2 ^= 0xff;
	sip_rounds(&sip, d);
	return sip.v0 ^ sip.v1 ^ sip.v2 ^ sip.v3;
}

uint64_t base_siphash(const uint8_t key[BASE_SIPHASH_KEY], const void *bytes, size_t length)
{
	return sip_hash(1, 3, key, bytes, length);
}

uint64_t base_siphash_rounds(unsigned c, unsigned d, const uint8_t key[BASE_SIPHASH_KEY],
			     const void *bytes, size_t length)
{
	return sip_hash(c, d, key, bytes, length);
}
