/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * server/: what to answer. Given a parsed message, where it came from, the
 * configuration, the lease table and the time, this room says what reply goes
 * out and what has to become true first. It sends nothing and changes nothing.
 *
 *   request.h  a message with all that is known of where it came from
 *   scope.h    which network, pool, host and options apply
 *   decide.h   RFC 2131 section 4.3 as one function: request → verdict
 *              (decide_partner.c: what failover has to do with it)
 *   tail.h     options part, for both paths
 *   reply.h    the whole UDP payload, and where it goes
 *   probe.h    what the self-test asks, and what is wrong with an answer
 */
#ifndef XDHCP_SERVER_SCOPE_H
#define XDHCP_SERVER_SCOPE_H

#include "conf/conf.h"
#include "server/request.h"

/*
 * Innermost first: host, pool, subnet; each continues through its lexical
 * parents up to where it meets the lineage of the next (dhcpd.conf(5)): what
 * a subnet says beats what is said around a host, and the other way round for
 * what the host or its group says.
 */
struct server_scope {
	const struct conf_scope *chain[3];
	const struct conf_subnet *subnet; /* of the address; NULL: none */
	/* Where the role is served under which the address is given (conf_relation.chosen); 0: none. */
	uint32_t role_address;
};

/*
 * The network of a request (RFC 2131 section 4.3.1, RFC 3527, RFC 3011): link
 * selection, else subnet selection, else giaddr, else for unicast with ciaddr the network of ciaddr,
 * else that of the interface. NULL: none is declared.
 */
const struct conf_network *server_network_of(const struct conf *conf,
					     const struct server_request *request);

/* The network that an address lies in; NULL: none. */
const struct conf_network *server_network_of_address(const struct conf *conf, uint32_t address);

/* Does the host statement give this address to the host? */
bool server_host_fixes(const struct conf_host *host, uint32_t address);

/* `host` may be NULL. An address that is fixed for a host is in no pool (conf/check.c). */
struct server_scope server_scope_of(const struct conf *conf, const struct conf_host *host,
				    uint32_t address);

/* What the network alone says: of a client without an address, and of a network's authority. */
struct server_scope server_scope_of_network(const struct conf_network *network);

/* Every scope that applies, innermost first, each once. Starts from zeroes; NULL at the end. */
struct server_scope_walk {
	size_t next;
	const struct conf_scope *at;
};
const struct conf_scope *server_scope_step(const struct server_scope *scope,
					   struct server_scope_walk *walk);

/* The innermost saying of each; defaults are dhcpd's. */
const struct conf_option *server_scope_option(const struct server_scope *scope, uint8_t code);
/* A four-byte option as a number in host byte order; 0: none. */
uint32_t server_scope_option_u32(const struct server_scope *scope, uint8_t code);

/*
 * Seconds to give. Default 43,200, at most 86,400 as dhcpd has it; unlike
 * dhcpd there is no minimum of 300 where none is configured, and a configured
 * default beyond an unconfigured maximum counts as that maximum. What is asked
 * for (0xffffffff too) is bounded by both; a minimum beyond the maximum wins.
 */
uint32_t server_scope_lease_time(const struct server_scope *scope, bool asked, uint32_t seconds);
bool server_scope_authoritative(const struct server_scope *scope);
uint32_t server_scope_next_server(const struct server_scope *scope);
const char *server_scope_filename(const struct server_scope *scope);
const char *server_scope_server_name(const struct server_scope *scope);
/*
 * Server identifier wherever the request came from: the statement, else option 54, else the role's
 * address; 0: none, the link's address is used.
 */
uint32_t server_scope_server_identifier(const struct server_scope *scope);

#endif
