/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The clients. A population is made from its size, its first MAC address and
 * its seed alone, so that two runs with the same arguments play the same
 * clients; what they were told is kept in a state file between runs.
 */
#ifndef BLAST_POPULATION_H
#define BLAST_POPULATION_H

#include "bench/blast/blast.h"

/* RFC 2131 figure 5. */
enum client_state {
	STATE_INIT,
	STATE_SELECTING,
	STATE_REQUESTING,
	STATE_REBOOTING,
	STATE_BOUND,
	STATE_RENEWING,
	STATE_REBINDING,
};

#define CLIENT_RELAYED 1 /* stands behind the relay */
#define CLIENT_INTERCEPTED 2 /* and its renewals are caught and relayed too */

#define NOBODY 0xffffffffU

struct client {
	uint32_t address;
	uint32_t server_id;
	uint32_t xid;
	uint32_t content; /* hash of what its ACK configured; 0: none yet */
	uint64_t began; /* first transmission of its first request for a lease */
	uint64_t sent; /* the same of the request under way */
	uint64_t t1, t2, end;
	uint64_t due; /* of its timer */
	uint32_t next, previous;
	uint16_t serial;
	uint8_t state, kind, flags;
	uint8_t tries, replies;
	uint8_t server_mac[6];
};

struct population {
	struct client *clients;
	uint32_t count;
	uint64_t first_mac;
	uint32_t giaddr, server;
	uint8_t relay_mac[6], server_mac[6];
	bool server_known;
	uint64_t wall_offset; /* wall clock less monotonic clock */
};

/* 0, or -1 after saying why. */
int population_create(const struct settings *settings, struct population *ret);
void population_free(struct population *population);

/* Reads a state file; 1 where there is none. */
int population_load(struct population *population, const char *path);
int population_save(const struct population *population, const char *path);

/* Client `index`'s MAC address as a number. */
static inline uint64_t population_mac(const struct population *population, uint32_t index)
{
	return population->first_mac + index;
}

/* Takes the wall clock's distance anew: it may be set while we run. */
void population_clock(struct population *population);

/* The client with this MAC address, or NOBODY. */
static inline uint32_t population_find(const struct population *population, uint64_t mac)
{
	uint64_t index = mac - population->first_mac;

	return index < population->count ? (uint32_t)index : NOBODY;
}

#endif
