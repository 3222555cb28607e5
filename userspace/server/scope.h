/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * server/: what to answer. Given a parsed message, where it came from, the
 * configuration, the lease table and the time, this room says what reply goes
 * out and what has to become true first. It sends nothing and changes nothing.
 *
 *   request.h  a message with all that is known of where it came from
 *   scope.h    which network, pool, host and options apply
 *   decide.h   RFC 2131 section 4.3 as one function: request → verdict
 *   tail.h     options part, for both paths
 *   reply.h    the whole UDP payload, and where it goes
 */
#ifndef XDHCP_SERVER_SCOPE_H
#define XDHCP_SERVER_SCOPE_H

#include "conf/conf.h"
#include "server/request.h"

/* Innermost first: host, pool, subnet; each continues through its lexical parents (dhcpd.conf(5)). */
struct server_scope {
	const struct conf_scope *chain[3];
	const struct conf_subnet *subnet; /* of the address; NULL: none */
};

/*
 * The network of a request (RFC 2131 section 4.3.1, RFC 3527, RFC 3011): link
 * selection, else subnet selection, else giaddr, else for unicast with ciaddr the network of ciaddr,
 * else that of the interface. NULL: none is declared.
 */
const struct conf_network *server_network_of(const struct conf *conf,
					     const struct server_request *request);

struct server_scope server_scope_of(const struct conf *conf, const struct conf_host *host,
				    uint32_t address);

/* The innermost saying of each; defaults are dhcpd's. */
const struct conf_option *server_scope_option(const struct server_scope *scope, uint8_t code);
uint32_t server_scope_lease_time(const struct server_scope *scope, bool asked, uint32_t seconds);
bool server_scope_authoritative(const struct server_scope *scope);
uint32_t server_scope_next_server(const struct server_scope *scope);
const char *server_scope_filename(const struct server_scope *scope);
const char *server_scope_server_name(const struct server_scope *scope);
/* Configured server identifier; 0: none, the link's address is used. */
uint32_t server_scope_server_identifier(const struct server_scope *scope);

#endif
