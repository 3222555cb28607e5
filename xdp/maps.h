/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps, as abi.h describes them. The daemon pins them by these names. */
#ifndef XDHCP_MAPS_H
#define XDHCP_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#include "xdp/shared/abi.h"
#include "xdp/shared/wire.h"

/* The options that the program can find again, by index into xdhcp_scratch.found. */
enum found_option {
	FOUND_OTHER, /* everything else ends up here and is not looked at */
	FOUND_TYPE,
	FOUND_REQUESTED_ADDRESS,
	FOUND_SERVER_ID,
	FOUND_LEASE_TIME,
	FOUND_PARAMETERS,
	FOUND_MAX_SIZE,
	FOUND_CLIENT_ID,
	FOUND_AGENT,
	FOUND_OVERLOAD,
	FOUND_MAX = 16
};

struct found {
	__u16 at; /* of the value, in the option area */
	__u16 length;
};

/*
 * Too large for the stack. Offsets into `area` are masked with AREA_MASK for
 * the verifier; an option read there may run on for 255 bytes, and a hash
 * reads up to the next multiple of eight.
 */
#define AREA_MASK 2047
#define ECHO_SLACK 64

struct xdhcp_scratch {
	__u8 area[AREA_MASK + 1 + 256 + 8];
	__u8 echo[XDHCP_ECHO_MAX + ECHO_SLACK];
	struct found found[FOUND_MAX];
	__u32 mask; /* bit n: found[n] is there */
	__u32 repeated; /* bits of those that came twice */
	__u32 roles; /* bit 2 × role + whether it has a place in found */
	__u32 at; /* where the walk is */
};

/*
 * What the verifier is to look at once and by itself. A global function may
 * be given anything, so each looks up its own maps and checks its arguments.
 */
#define VERIFIED_ALONE __attribute__((noinline))

/*
 * A length from 1 to `most`, which it is anyway, said so that the verifier of
 * kernel 6.1 sees it: what the compiler knows from comparisons it may compare
 * in one register and use from another, and 6.1 does not follow.
 */
static __always_inline __u32 length_bound(__u32 length, __u32 most)
{
	__u64 less = length - 1;

#ifdef __bpf__
	asm volatile("if %0 < %1 goto +1\n%0 = 0" : "+r"(less) : "i"(most));
#else
	(void)most;
#endif
	return less + 1;
}

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdhcp_control);
} control SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, XDHCP_RELATIONS);
	__type(key, __u32);
	__type(value, struct xdhcp_relation);
} relations SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, XDHCP_LINKS);
	__type(key, struct xdhcp_link_key);
	__type(value, struct xdhcp_link);
} links SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, XDHCP_ADDRESSES);
	__type(key, __be32);
	__type(value, __u32);
} addresses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, XDHCP_RELAYS);
	__type(key, __be32);
	__type(value, __u32);
} relays SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 65536);
	__type(key, __u32);
	__type(value, struct xdhcp_directory);
} directory SEC(".maps");

struct xdhcp_bank {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, XDHCP_BANK_PAGES);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct xdhcp_page));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, XDHCP_BANKS);
	__uint(key_size, sizeof(__u32));
	__array(values, struct xdhcp_bank);
} banks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, XDHCP_TAILS);
	__type(key, __u32);
	__type(value, struct xdhcp_tail);
} tails SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdhcp_counters);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdhcp_scratch);
} scratch SEC(".maps");

#endif
