/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tail: the options part of a reply, rendered once, sent by both paths
 * (xdp/shared/abi.h, struct xdhcp_tail).
 */
#ifndef XDHCP_SERVER_TAIL_H
#define XDHCP_SERVER_TAIL_H

#include "dhcp/option.h"
#include "server/scope.h"
#include "xdp/shared/abi.h"

/*
 * Renders the options of an ACK or OFFER for a request in a scope, times 0.
 * Options come in the order of the client's parameter request list, or
 * ascending by code where there is none (RFC 2132 section 9.8); option 1 never
 * behind option 3 (RFC 2132 section 3.3), and, as dhcpd does it, last where a
 * list does not name it, because clients rely on it. `spare` bytes are kept
 * free for what is echoed behind (61, 82, END); options that do not fit into
 * what the client takes, or into a tail, are left out, last first, and
 * `*ret_complete` is false then: such a tail is for this reply alone.
 * `server_id` of the tail is 0 where it is configured, or the role's: the same on every link.
 */
void server_tail_render(const struct server_scope *scope, const struct dhcp_message *request,
			uint8_t type, uint32_t server_id, size_t spare, struct xdhcp_tail *ret_tail,
			bool *ret_complete);

/*
 * The same options into any buffer; false where some were left out. To an
 * INFORM without option 51, 58 and 59 (RFC 2131 section 4.3.5).
 */
bool server_options_render(const struct server_scope *scope, const struct dhcp_message *request,
			   uint8_t type, uint32_t server_id, struct dhcp_option_writer *writer);

/* sname and file of a reply (RFC 2131 section 2), zero-padded. True where they say something. */
bool server_names_render(const struct server_scope *scope, uint8_t sname[DHCP_SNAME_LEN],
			 uint8_t file[DHCP_FILE_LEN]);

/* UDP payload that the client takes: option 57 less IP and UDP header, within sane bounds. */
uint16_t server_reply_limit(const struct dhcp_message *request);

/* Bytes for options before the echoes, by the limit; never less than the head. */
size_t server_options_room(const struct dhcp_message *request, size_t spare);

#endif
