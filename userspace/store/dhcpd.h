/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ISC's dhcpd.leases (dhcpd.leases(5)) as values, both ways: pure, over bytes.
 *
 * The file is a log: the last entry of an address, and of a relationship,
 * counts; which one that is, is the reader's business. An address without an
 * entry is free and was never used.
 *
 *   dhcpd_lexer.c   bytes → tokens with places
 *   dhcpd_date.c    dates, both ways
 *   dhcpd_agent.c   relay sub-options ↔ option 82's value
 *   dhcpd_lease.c   one lease entry
 *   dhcpd_read.c    the file: entries, states of relationships, the rest
 *   dhcpd_write.c   values → text that dhcpd reads
 *   dhcpd_record.c  entry ↔ struct lease_record
 */
#ifndef XDHCP_STORE_DHCPD_H
#define XDHCP_STORE_DHCPD_H

#include "base/text.h"
#include "lease/record.h"

/* dhcpd's last second, which it takes for "never"; so does failover. */
#define DHCPD_NEVER INT64_C(0x7fffffff)

/* An option's value, or a name, at most. */
#define DHCPD_BYTES_MAX 255
struct dhcpd_bytes {
	uint8_t length;
	uint8_t data[DHCPD_BYTES_MAX];
};

/* As it stands there; times in seconds since 1970 (UTC), 0: not said. */
struct dhcpd_lease {
	size_t offset; /* of the entry in the file */
	uint32_t address;
	uint8_t state; /* enum lease_state, 0: not said */
	uint8_t flags; /* LEASE_RESERVED, LEASE_BOOTP */
	int64_t starts, ends;
	int64_t tstp; /* potential expiry that was sent; not said: ends */
	int64_t tsfp; /* the partner knows until */
	int64_t atsfp; /* the same, unless an update is owed */
	int64_t cltt;
	uint8_t htype, hlen, chaddr[16]; /* both 0: not said */
	struct dhcpd_bytes uid, agent, hostname; /* agent: option 82's value */
};

/* failover peer "NAME" state { … } */
struct dhcpd_relation {
	unsigned line, column;
	char name[DHCPD_BYTES_MAX + 1];
	char own[32], partner[32]; /* states as words, empty: not said */
	int64_t own_since, partner_since;
	bool peer_worded; /* `peer state`, which dhcpd itself does not read */
	bool has_mclt; /* the file is a secondary's */
	uint32_t mclt;
};

/* A code other than 0 ends the reading and is what it returns. */
struct dhcpd_visitors {
	void *context;
	int (*lease)(void *context, const struct dhcpd_lease *lease);
	int (*relation)(void *context, const struct dhcpd_relation *relation);
	/* What is understood and not taken over: "set NAME", "on", "host NAME", … */
	int (*left_out)(void *context, const char *what, unsigned line);
};

/* Where and what is wrong, and what to do, one line. */
struct dhcpd_error {
	unsigned line, column;
	char text[256];
};

/* Reads a whole file. 0; -EBADMSG and *ret_error; or what a visitor returned. */
int store_dhcpd_read(const char *text, size_t length, const struct dhcpd_visitors *visitors,
		     struct dhcpd_error *ret_error);

/*
 * The entry as a record, and back. `failover`: the address's pool has a
 * relationship; where it has none, nothing is left of one.
 *
 *   ends → E and H: dhcpd writes a grant before it answers
 *   tstp → P, at least ends; tsfp → K, which is A or R: it does not say which
 *   T is ends where the partner has acknowledged that, else unknown
 *   expired, released, reset, and what has atsfp < tstp: owed to the partner
 *
 * Back, ends is H: what was promised until then, a store does not know.
 */
int store_dhcpd_record(const struct dhcpd_lease *lease, bool failover,
		       struct lease_record **ret_record);
void store_dhcpd_lease(const struct lease_record *record, bool failover,
		       struct dhcpd_lease *ret_lease);

/* Longest entry: three byte strings of which each byte takes four, and 127 sub-options by name. */
#define DHCPD_ENTRY_MAX 16384
void store_dhcpd_write_head(const char *program, struct base_text *text);
void store_dhcpd_write_lease(const struct dhcpd_lease *lease, bool failover,
			     struct base_text *text);
void store_dhcpd_write_relation(const struct dhcpd_relation *relation, struct base_text *text);

#endif
