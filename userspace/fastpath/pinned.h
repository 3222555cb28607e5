/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an instance has in the kernel, seen and ended without its daemon: by
 * xdhcpctl beside a dead one. Of any ABI, and of all of them where several
 * are left. `bpffs` and `instance` as the daemon was started with. Each
 * returns a negative errno where it cannot be known or done; nothing pinned,
 * or no such directory, is no error.
 */
#ifndef XDHCP_FASTPATH_PINNED_H
#define XDHCP_FASTPATH_PINNED_H

#include <stdbool.h>
#include <stddef.h>

/* Names a directory in the BPF file system: up to so many letters, digits and underscores. */
#define FASTPATH_INSTANCE_MOST 64
bool fastpath_instance_valid(const char *instance);

struct fastpath_pinned {
	bool there; /* anything at all */
	size_t links; /* interfaces with a program of ours */
	double renew, decide; /* seconds until that gate shuts, 0: it is shut */
};

/* Changes nothing; beside a living daemon it is the state of a moment. */
int fastpath_pinned_read(const char *bpffs, const char *instance,
			 struct fastpath_pinned *ret_pinned);

/*
 * Shuts the gate for new decisions at once and that of renewals in `seconds`,
 * where it does not shut earlier by itself; then awaits a grace period, so
 * that no run of the program is left that saw another gate. A daemon that
 * lives would push them open again. *ret_pinned: as it is then.
 */
int fastpath_pinned_linger(const char *bpffs, const char *instance, double seconds,
			   struct fastpath_pinned *ret_pinned);

/* Removes links, then maps. Returns how many of both. */
int fastpath_remove(const char *bpffs, const char *instance);

#endif
