/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XDHCP_TOOL_RESTART_H
#define XDHCP_TOOL_RESTART_H

#include <jansson.h>

/* CTL_OK when the next daemon answers; the daemon's refusal; CTL_FAILED where neither comes. */
json_t *tool_restart(const char *socket, unsigned seconds);

#endif
