/* SPDX-License-Identifier: GPL-2.0-only */
/* What a daemon left in the kernel: BPFFS/xdhcp/INSTANCE-ABI/, a pin for each map, link-INTERFACE for each link. */
#ifndef XDHCP_TOOL_PINS_H
#define XDHCP_TOOL_PINS_H

#include <stddef.h>

/*
 * Removes the links of an instance, of any ABI, then its maps, then the
 * directories. 0, or a negative errno; *ret_links and *ret_maps say what is
 * gone in either case.
 */
int tool_pins_remove(const char *bpffs, const char *instance, size_t *ret_links, size_t *ret_maps);

#endif
