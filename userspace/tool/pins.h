/* SPDX-License-Identifier: GPL-2.0-only */
/* What a daemon, or one that is dead, has in the kernel: asked and ended without it. */
#ifndef XDHCP_TOOL_PINS_H
#define XDHCP_TOOL_PINS_H

#include <jansson.h>

/* CTL_GATES_OPEN or CTL_GATES_SHUT; CTL_FAILED where it cannot be known. */
json_t *tool_pins_gates(const char *bpffs, const char *instance);

/*
 * The kernel falls silent in `seconds`, 0: at once, with nothing left in it.
 * For nobody asks the daemon here: the caller knows that there is none.
 * CTL_LINGERING, CTL_OK where nothing is there, CTL_DETACHED.
 */
json_t *tool_pins_linger(const char *bpffs, const char *instance, unsigned seconds);

/* Links, then maps. CTL_DETACHED, or CTL_OK where nothing is there. */
json_t *tool_pins_remove(const char *bpffs, const char *instance);

#endif
