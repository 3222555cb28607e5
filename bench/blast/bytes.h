/* SPDX-License-Identifier: GPL-2.0-only */
/* Big-endian access, the internet checksum (RFC 1071), hashing, dice and the clock. */
#ifndef BLAST_BYTES_H
#define BLAST_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#define NS_PER_SECOND ((uint64_t)1000000000)
#define NS_PER_MS ((uint64_t)1000000)

static inline uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline void put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void put32(uint8_t *at, uint32_t value)
{
	put16(at, (uint16_t)(value >> 16));
	put16(at + 2, (uint16_t)value);
}

static inline void put48(uint8_t *at, uint64_t value)
{
	put16(at, (uint16_t)(value >> 32));
	put32(at + 2, (uint32_t)value);
}

static inline uint64_t get48(const uint8_t *at)
{
	return (uint64_t)get16(at) << 32 | get32(at + 2);
}

/* Adds the bytes' 16-bit words to `sum`; an odd last byte counts as if a zero followed. */
static inline uint64_t sum_add(uint64_t sum, const uint8_t *bytes, size_t length)
{
	for (; length >= 4; bytes += 4, length -= 4)
		sum += get32(bytes);
	if (length >= 2) {
		sum += get16(bytes);
		bytes += 2;
		length -= 2;
	}
	return length ? sum + ((uint32_t)bytes[0] << 8) : sum;
}

static inline uint16_t sum_fold(uint64_t sum)
{
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)((sum >> 16) + (sum & 0xffff));
}

/* The pseudo-header of RFC 768, read from a frame. */
static inline uint64_t sum_pseudo(const uint8_t *ip, uint16_t udp_length)
{
	return sum_add(0, ip + 12, 8) + 17 + udp_length;
}

/* splitmix64: a permutation, good enough to spread clients over kinds. */
static inline uint64_t mix64(uint64_t value)
{
	value += 0x9e3779b97f4a7c15ULL;
	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
	return value ^ (value >> 31);
}

static inline uint64_t dice(uint64_t *state)
{
	*state += 0x9e3779b97f4a7c15ULL;
	return mix64(*state);
}

static inline uint64_t clock_read(clockid_t which)
{
	struct timespec now;

	clock_gettime(which, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

static inline uint64_t clock_now(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

#endif
