/* SPDX-License-Identifier: GPL-2.0-only */
/* The UDP payload of a reply, and where it goes (RFC 2131 section 4.1). */
#ifndef XDHCP_SERVER_REPLY_H
#define XDHCP_SERVER_REPLY_H

#include "server/decide.h"
#include "server/tail.h"

#define SERVER_REPLY_MAX 1472

struct server_reply {
	uint32_t destination; /* host byte order; broadcast: 255.255.255.255 */
	uint16_t destination_port;
	uint32_t source; /* the address that the request was sent to, or the link's */
	uint32_t ifindex; /* where to send where routing does not say */
	bool by_hardware; /* the client cannot answer ARP yet: a frame to `hardware` */
	uint8_t hardware[6]; /* all ones for broadcast */
	size_t length; /* 0: nothing to send */
	uint8_t bytes[SERVER_REPLY_MAX];
};

/*
 * Builds the reply of a verdict. `ret_tail` is rendered into by the way, for
 * the stamp of the lease; `*ret_stampable` is true where the fast path may
 * repeat it: an ACK of an address, complete, and nothing in it that a renewal
 * would not carry. length is 0 for SERVER_IGNORE, RELEASE and DECLINE, and
 * where options 61 and 82 do not fit into any reply.
 */
void server_reply_build(const struct server_request *request, const struct server_verdict *verdict,
			struct server_reply *ret_reply, struct xdhcp_tail *ret_tail,
			bool *ret_stampable);

/* The record that a SERVER_GRANT makes true; NULL without memory. */
struct lease_record *server_record_of(const struct server_request *request,
				      const struct server_verdict *verdict, int64_t horizon);

#endif
