/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hash.h: the seeded 64-bit hash of client keys, signatures and option areas.
 *
 * Program and daemon must agree to the bit, so both compile this. It is made
 * for the program: a load, two adds, a multiplication and a shift for eight
 * bytes. Who can forge a client identifier can renew that client's lease with
 * or without a collision, so distribution is what counts, not secrecy; the
 * seed keeps chance collisions from being the same at every site. Tables that
 * strangers may fill use SipHash instead (userspace/base/siphash.h).
 */
#ifndef XDHCP_SHARED_HASH_H
#define XDHCP_SHARED_HASH_H

#include <linux/types.h>

#define HASH_MULTIPLIER 0x9e3779b97f4a7c15ULL

/* One step: fold eight bytes (little-endian word) into the state. */
static inline __attribute__((always_inline)) __u64 hash_mix(__u64 state, __u64 word)
{
	state = (state ^ word) * HASH_MULTIPLIER;
	return state ^ (state >> 29);
}

/* The last step: what the state is worth as a hash. Never 0 (0: no key). */
static inline __attribute__((always_inline)) __u64 hash_finish(__u64 state)
{
	state = (state ^ (state >> 32)) * 0xd6e8feb86659fd93ULL;
	state ^= state >> 32;
	return state ? state : 1;
}

/* What a byte string stands for, so that equal bytes in other roles differ. */
enum hash_role {
	HASH_CLIENT_ID = 61, /* option 61's value */
	HASH_HARDWARE = 256, /* htype, then hlen bytes of chaddr */
	HASH_SIGNATURE = 257,
	HASH_AREA = 258,
};

/* Eight bytes as a little-endian word, from any alignment. */
static inline __attribute__((always_inline)) __u64 hash_load(const void *at)
{
#ifdef __bpf__
	return *(const __u64 *)at;
#else
	__u64 word;

	__builtin_memcpy(&word, at, sizeof(word));
	return word;
#endif
}

/*
 * The hash of `length` bytes in a role. `most` is a bound known at compile
 * time (a multiple of 8, for the verifier); `at` must be readable up to
 * `length` rounded up to 8, whatever lies there.
 */
static inline __attribute__((always_inline)) __u64 hash_update(__u64 state, const __u8 *at,
							       __u32 length, __u32 most)
{
	for (__u32 i = 0; i < most; i += 8) {
		__u64 word;

		if (i >= length)
			break;
		word = hash_load(at + i);
		if (length - i < 8)
			word &= (1ULL << ((length - i) * 8)) - 1;
		state = hash_mix(state, word);
	}
	return hash_mix(state, length);
}

#endif
