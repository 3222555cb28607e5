/* SPDX-License-Identifier: GPL-2.0-only */
/* A message as it came: what the decision may look at. */
#ifndef XDHCP_SERVER_REQUEST_H
#define XDHCP_SERVER_REQUEST_H

#include "dhcp/ident.h"
#include "dhcp/message.h"

struct server_request {
	struct dhcp_message message;
	struct dhcp_ident ident;
	uint32_t source, destination; /* host byte order; source 0: the client has no address */
	uint32_t ifindex;
	uint32_t
		link_address; /* our address on that link: server identifier where none is configured */
	bool to_us; /* destination is one of our addresses, not broadcast */
	bool stale; /* it waited here for long: its client may have gone on since */
	int64_t now; /* wall clock */
};

/*
 * Parses; false and a refusal where it is no message that a server answers.
 * The other members are the caller's to fill.
 */
enum dhcp_refusal server_request_parse(const uint8_t *bytes, size_t length,
				       struct server_request *ret_request);

#endif
