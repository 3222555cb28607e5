/* SPDX-License-Identifier: GPL-2.0-only */
/* libbpf's declarations for the native build; native.c has the helpers. */
#ifndef NATIVE_BPF_HELPERS_H
#define NATIVE_BPF_HELPERS_H

#include <stddef.h>

#include <linux/bpf.h>

#define SEC(name)
#define __ksym
#define __uint(name, value) int(*name)[value]
#define __type(name, value) __typeof__(value) *name
#define __array(name, value) __typeof__(value) *name[]
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* libbpf has a function of this name, and a test may link both. */
#define bpf_map_lookup_elem native_map_lookup_elem
void *bpf_map_lookup_elem(const void *map, const void *key);
long bpf_xdp_load_bytes(struct xdp_md *ctx, __u32 offset, void *to, __u32 length);
long bpf_xdp_store_bytes(struct xdp_md *ctx, __u32 offset, void *from, __u32 length);
long bpf_xdp_adjust_tail(struct xdp_md *ctx, int delta);
long bpf_xdp_adjust_head(struct xdp_md *ctx, int delta);
__u64 bpf_ktime_get_coarse_ns(void);
__s64 bpf_csum_diff(__be32 *from, __u32 from_size, __be32 *to, __u32 to_size, __u32 seed);

#endif
