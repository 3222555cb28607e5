/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tail: the options part of a reply, rendered once, sent by both paths
 * (xdp/shared/abi.h, struct xdhcp_tail).
 */
#ifndef XDHCP_SERVER_TAIL_H
#define XDHCP_SERVER_TAIL_H

#include "server/scope.h"
#include "xdp/shared/abi.h"

/*
 * Renders the options of an ACK or OFFER for a request in a scope, times 0.
 * Options come in the order of the client's parameter request list, or
 * ascending by code where there is none (RFC 2132 section 9.8). `spare` bytes
 * are kept free for what is echoed behind (61, 82, END); options that do not
 * fit into what the client takes are left out, last first, and
 * `*ret_complete` is false then: such a tail is for this reply alone.
 */
void server_tail_render(const struct server_scope *scope, const struct dhcp_message *request,
			uint8_t type, uint32_t server_id, size_t spare,
			struct xdhcp_tail *ret_tail, bool *ret_complete);

/* UDP payload that the client takes: option 57 less IP and UDP header, within sane bounds. */
uint16_t server_reply_limit(const struct dhcp_message *request);

#endif
