/* SPDX-License-Identifier: GPL-2.0-only */
/* What a lease directory says of itself. */
#ifndef XDHCP_TOOL_LEASES_H
#define XDHCP_TOOL_LEASES_H

#include <jansson.h>
#include <stdbool.h>

/*
 * CTL_STORE with identity and relationships, CTL_NOT_FOUND where there is no
 * store and none is to be made, CTL_BUSY where somebody else is just making
 * one, else CTL_FAILED. Reading needs no lock and changes nothing.
 */
json_t *tool_leases_store(const char *directory, bool create);
void tool_leases_show(const json_t *reply);

#endif
