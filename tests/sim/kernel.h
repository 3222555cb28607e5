/* SPDX-License-Identifier: GPL-2.0-only */
/* What a node's kernel keeps of the program: maps and attachment. Outlives daemons, dies with the node. */
#ifndef SIM_KERNEL_H
#define SIM_KERNEL_H

#include "tests/native/native.h"

#define SIM_IFINDEX 2
#define SIM_INTERFACE "eth0"

#define KERNEL_BANKS_MADE 64

struct kernel {
	struct native native;
	struct native_memory memory;
	struct xdhcp_page *made[KERNEL_BANKS_MADE]; /* banks in the order of their making */
	size_t made_count;
	bool pinned; /* there are maps */
	bool attached;
};

void kernel_make(struct kernel *kernel);
/* Everything is forgotten. */
void kernel_clear(struct kernel *kernel);

/* The slot of an address, as the program sees it; NULL: none. */
const struct xdhcp_slot *kernel_slot(const struct kernel *kernel, uint32_t address);

#endif
