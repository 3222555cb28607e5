/* SPDX-License-Identifier: GPL-2.0-only */
/* As much of the kernel's header as the XDP program needs, with pointers of native size. */
#ifndef NATIVE_LINUX_BPF_H
#define NATIVE_LINUX_BPF_H

#include <linux/types.h>

enum { XDP_ABORTED, XDP_DROP, XDP_PASS, XDP_TX, XDP_REDIRECT };

enum {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
};

#define BPF_F_MMAPABLE (1U << 10)

struct xdp_md {
	unsigned long data;
	unsigned long data_end;
	__u32 ingress_ifindex;
};

#endif
