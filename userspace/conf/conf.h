/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * conf/: dhcpd.conf text becomes one immutable struct, or an error that names
 * file, line, column and cause. Nothing is skipped: a statement is in the
 * table (statements.c) as meant, as asking for nothing, or as not supported
 * yet, and the last is refused by name (invariant I8). Files come through a
 * loader argument, so that tests and fuzzers need none; names are looked up
 * in no resolver. Everything a struct conf points to is the conf's own and
 * goes with conf_free(). Readers on other threads hold it under RCU.
 *
 * What a later statement says supersedes what an earlier one says in the same
 * braces. Networks and pools are numbered by their addresses, not by their
 * place in the text, and the digest says when two texts mean the same, the
 * numbers included.
 *
 *   lexer.c         text → tokens with places
 *   table.c         the table: word → scopes where it may stand, reader, verdict
 *   statements.c    from a word to its reader, or to the reason why it has none
 *   parse_*.c       declarations and parameters; idle.c what asks for nothing
 *   option*.c       option values by format (dhcp/option.h) → wire bytes, and back
 *   role.c          a failover peer declared for both roles: which of the two holds
 *   build.c         sorting and numbering; lookup.c searches it
 *   check*.c        what must hold across statements: overlaps, ranges in subnets, …
 *   digest.c        SHA-256 over the meaning, not over the text
 *   common*.c       what two servers of a failover relationship share, as text
 */
#ifndef XDHCP_CONF_CONF_H
#define XDHCP_CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf_option {
	uint8_t code;
	uint16_t length;
	const uint8_t *data; /* wire bytes */
};

/* What one pair of braces says; what it leaves unsaid its parent says. */
struct conf_scope {
	const struct conf_scope *parent; /* lexical; NULL: global */
	bool has_default_lease_time, has_min_lease_time, has_max_lease_time;
	bool has_authoritative, has_next_server, has_server_identifier;
	bool authoritative;
	uint32_t default_lease_time, min_lease_time, max_lease_time; /* seconds */
	uint32_t next_server, server_identifier; /* host byte order */
	const char *filename, *server_name; /* NULL: unsaid; at most 128 and 64 bytes */
	const struct conf_option *options; /* by code, ascending */
	size_t option_count;
};

struct conf_range {
	uint32_t first, last; /* inclusive, host byte order */
};

struct conf_network;

/*
 * A failover relationship (dhcpd.conf(5), failover peer): this server's end of
 * it. What is not said has dhcpd's defaults, filled in.
 */
struct conf_relation {
	const char *name;
	uint8_t number; /* 1…, by name ascending */
	bool primary;
	bool chosen; /* of two declarations, by its role: `address` is where the role is served */
	uint16_t tag; /* of the name, for what outlives this configuration; never 0, no other's */
	uint32_t address, peer_address; /* host byte order */
	uint16_t port, peer_port;
	uint32_t mclt; /* seconds; secondary: 0, learned from the primary */
	uint8_t hba[32]; /* primary: buckets that are its own */
	uint32_t max_response_delay; /* seconds, as the three lines that follow */
	uint32_t load_balance_max_seconds; /* 0: no load balancing */
	uint32_t auto_partner_down; /* 0: never */
	uint32_t min_balance, max_balance;
	uint32_t max_unacked_updates;
	uint32_t max_lease_misbalance, max_lease_ownership; /* per cent */
};

/*
 * Who may be given addresses of a pool (dhcpd.conf(5), permit lists): a deny
 * that holds, or allows of which none holds, keeps a client out. `deny
 * unknown-clients` of a scope around the pool is among its denials.
 */
enum conf_permit_kind {
	CONF_PERMIT_ALL,
	CONF_PERMIT_KNOWN, /* has a host statement */
	CONF_PERMIT_UNKNOWN,
	CONF_PERMIT_DYNAMIC_BOOTP, /* never holds: no BOOTP here */
};

struct conf_permits {
	bool allows_any; /* there is an allow */
	uint8_t allow, deny; /* bits: 1 << enum conf_permit_kind */
};

/* `known`: the client has a host statement. */
static inline bool conf_permits_client(const struct conf_permits *permits, bool known)
{
	uint8_t kinds =
		1U << CONF_PERMIT_ALL | 1U << (known ? CONF_PERMIT_KNOWN : CONF_PERMIT_UNKNOWN);

	return !(permits->deny & kinds) && (!permits->allows_any || (permits->allow & kinds));
}

/* Addresses to give: a pool statement, or the ranges that stand outside of one, by subnet or network. */
struct conf_pool {
	struct conf_scope *scope; /* its own, or that of the declaration around it */
	struct conf_network *network;
	struct conf_range *ranges; /* ascending, disjoint */
	size_t range_count;
	uint16_t number; /* 0…, index in conf.pools */
	uint8_t relation; /* conf_relation.number, 0: none */
	struct conf_permits permits;
};

struct conf_subnet {
	struct conf_scope *scope;
	struct conf_network *network;
	uint32_t address, mask;
};

/* A shared network; a subnet outside of one is a network of its own. */
struct conf_network {
	const char *name; /* for a lone subnet its "address/length" */
	uint32_t number; /* 1… */
	struct conf_scope *scope;
	struct conf_subnet **subnets;
	size_t subnet_count;
	struct conf_pool **pools;
	size_t pool_count;
};

struct conf_host {
	const char *name;
	struct conf_scope *scope;
	bool has_hardware;
	uint8_t htype, hlen, hardware[16];
	uint32_t *fixed_addresses;
	size_t fixed_address_count;
};

struct conf {
	struct conf_scope *global;
	struct conf_network **networks; /* number n is networks[n - 1] */
	size_t network_count;
	struct conf_subnet **subnets; /* ascending by address; disjoint */
	size_t subnet_count;
	struct conf_pool **pools;
	size_t pool_count;
	struct conf_host **hosts; /* ascending by hardware */
	size_t host_count;
	struct conf_relation **relations; /* number n is relations[n - 1] */
	size_t relation_count;
	uint32_t abandon_lease_time; /* seconds; dhcpd's 86,400 where unsaid */
	bool check_secs_byte_order; /* secs with only its high byte set is swapped */
	bool server_id_check; /* a REQUEST that names another server is not answered even where the lease is known */
	uint8_t digest[32];
	void *memory; /* the arena that all of this lies in */
};

struct conf_error {
	char file[256];
	unsigned line, column;
	char text[512]; /* what is wrong and what to do, one line */
	char source[256]; /* the line, tabs as they stand */
};

/*
 * Reads a whole file into memory that the caller frees with free(). 0 or a
 * negative errno. `name` is as written, relative names are the loader's to
 * resolve.
 */
typedef int (*conf_loader)(void *context, const char *name, char **ret_text, size_t *ret_length);

enum conf_role { CONF_ROLE_UNSAID, CONF_ROLE_PRIMARY, CONF_ROLE_SECONDARY };

/* What the command line says of a text that is the same on every server. All zero: nothing. */
struct conf_terms {
	/* Of a failover peer that is declared for both roles, this declaration holds. */
	enum conf_role role;
	bool trial; /* what is declared for one role only is right by the other, too */
	bool cluster; /* who is dead is not for a timer to say: auto-partner-down is refused */
};

/* Parses, checks and digests. 0 and *ret_conf, or -EINVAL and *ret_error (first error), or -ENOMEM. */
int conf_load_by(const struct conf_terms *terms, const char *name, conf_loader load, void *context,
		 struct conf **ret_conf, struct conf_error *ret_error);

static inline int conf_load(const char *name, conf_loader load, void *context,
			    struct conf **ret_conf, struct conf_error *ret_error)
{
	return conf_load_by(&(struct conf_terms){0}, name, load, context, ret_conf, ret_error);
}

void conf_free(struct conf *conf);

/* "FILE:LINE:COL: text", the line and a caret below its column; ends in a newline. */
void conf_error_format(const struct conf_error *error, char *text, size_t size);

/*
 * What both servers of a relationship must have in common, as canonical text:
 * one line a statement, "place: statement value", sorted, each line with its
 * newline. Places are the pools that name the relationship, by subnet ("pool
 * 10.1.0.0/16", a further one of the same subnet "pool 10.1.0.0/16 (2)"), with
 * their ranges and all that holds for their addresses, wherever it was said;
 * "all pools" stands for what more than half of several pools say. Beside them
 * "shared-network", "host", "failover" and "server". Equal meaning, equal text,
 * names and order in the file apart. Roles, the servers' own addresses and
 * ports are left out; what only the primary says (mclt, hba) is said by the
 * primary only, and begins with "primary ". Lines that could give an address
 * twice if they differed begin with "!" (ranges, fixed addresses).
 *
 * Length: at most about 60 bytes a range and a fixed address (of more than 256
 * hosts a digest), 1 KiB for the rest, and the options once: 64 KiB are
 * enough for 1,000 ranges in pools that say much the same. Nothing cuts it.
 * The caller's to free(); NULL without memory.
 */
char *conf_common_text(const struct conf *conf, const struct conf_relation *relation);

/* Lookups; NULL where there is none. */
const struct conf_relation *conf_relation_named(const struct conf *conf, const char *name);
const struct conf_subnet *conf_subnet_of(const struct conf *conf, uint32_t address);
const struct conf_pool *conf_pool_of(const struct conf *conf, uint32_t address);
const struct conf_host *conf_host_by_hardware(const struct conf *conf, uint8_t htype, uint8_t hlen,
					      const uint8_t *hardware);
/* The host that configuration fixes this address for. */
const struct conf_host *conf_host_by_address(const struct conf *conf, uint32_t address);

#endif
