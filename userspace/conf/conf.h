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
 *   option*.c       option values by format (dhcp/option.h) → wire bytes
 *   build.c         sorting and numbering; lookup.c searches it
 *   check*.c        what must hold across statements: overlaps, ranges in subnets, …
 *   digest.c        SHA-256 over the meaning, not over the text
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

/* Addresses to give: a pool statement, or the ranges that stand outside of one, by subnet or network. */
struct conf_pool {
	struct conf_scope *scope; /* its own, or that of the declaration around it */
	struct conf_network *network;
	struct conf_range *ranges; /* ascending, disjoint */
	size_t range_count;
	uint16_t number; /* 0…, index in conf.pools */
	uint16_t relation; /* failover relationship, 0: none */
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

/* Parses, checks and digests. 0 and *ret_conf, or -EINVAL and *ret_error (first error), or -ENOMEM. */
int conf_load(const char *name, conf_loader load, void *context, struct conf **ret_conf,
	      struct conf_error *ret_error);
void conf_free(struct conf *conf);

/* "FILE:LINE:COL: text", the line and a caret below its column; ends in a newline. */
void conf_error_format(const struct conf_error *error, char *text, size_t size);

/* Lookups; NULL where there is none. */
const struct conf_subnet *conf_subnet_of(const struct conf *conf, uint32_t address);
const struct conf_pool *conf_pool_of(const struct conf *conf, uint32_t address);
const struct conf_host *conf_host_by_hardware(const struct conf *conf, uint8_t htype, uint8_t hlen,
					      const uint8_t *hardware);
/* The host that configuration fixes this address for. */
const struct conf_host *conf_host_by_address(const struct conf *conf, uint32_t address);

#endif
