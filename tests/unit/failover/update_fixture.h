/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two servers of a relationship, each with a table, a journal that is durable
 * when the test says so, slots that promise what the test says, and a wire of
 * real bytes between them. The pool is 10.0.0.1 and so on; addresses are named
 * by their number in it, times by their distance to NOW.
 */
#ifndef XDHCP_TESTS_FAILOVER_UPDATE_FIXTURE_H
#define XDHCP_TESTS_FAILOVER_UPDATE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <urcu.h>

#include "failover/update.h"

#define FIRST 0x0a000001U
#define NOW 1000000
#define ADDRESS(n) (FIRST + (n)-1)
#define BIT(option) (1U << FAILOVER_##option)

struct side {
	struct conf_range range;
	struct conf_pool pool, *pools[1];
	struct conf_network network, *networks[1];
	struct conf conf;
	struct lease_policy policies[LEASE_RELATIONS];
	struct lease_table *table;
	struct lease_commit *commit;
	struct failover_updates *updates;
	struct failover_terms terms;
	uint32_t count; /* addresses */
	uint64_t group; /* of the journal, the running one */
	int64_t *promises; /* of the slots, by number */
	uint64_t appended, closes, notes;
	uint32_t xid;
	bool full; /* of the socket: nothing may be sent */
	bool cut; /* the link is gone */
	/* what was sent and not read yet */
	uint8_t *bytes;
	size_t length, size, read;
	char text[4096]; /* what was sent since the last look, in words */
};

struct pair {
	struct side primary, secondary;
	int64_t now;
};

int sides_setup(void **state); /* 10 addresses */
int sides_teardown(void **state);
struct pair *sides_new(uint32_t count);
void sides_free(struct pair *pair);
int sides_thread_setup(void **state);
int sides_thread_teardown(void **state);

#define sides_test(function) cmocka_unit_test_setup_teardown(function, sides_setup, sides_teardown)

void side_terms(struct side *side); /* after a change of side->terms */
/* The journal's running group is on disk. */
void side_durable(struct side *side);
/* Everything that was sent to it. */
void side_hear(struct pair *pair, struct side *side);
bool side_turn(struct pair *pair, struct side *side);
/* Turns, disks and wires until nobody has anything more to say. */
void sides_settle(struct pair *pair);

struct lease *side_lease(struct side *side, uint32_t number);
/* A client is given a lease until NOW + ends (H: as much again); not durable yet. `cltt`: as `ends`. */
void side_grant(struct side *side, uint32_t number, const char *client, int cltt, int ends);
/* The lease is as this, durable, and nobody is to be told: `state` of `client` (NULL: of nobody). */
void side_has(struct side *side, uint32_t number, uint8_t state, const char *client, int ends);
void side_revoke(struct pair *pair, struct side *side, uint32_t number, uint8_t state);

/* A BNDUPD as the other side would send it; client NULL: of nobody; `ends`, `potential`, `cltt` as above, BNDUPD's xid 77. */
struct failover_message update_of(uint32_t number, uint8_t status, const char *client, int cltt,
				  int ends, int potential);
/* The side hears this message, by its bytes. */
void side_told(struct pair *pair, struct side *side, const struct failover_message *message);
/* What was sent since the last look is exactly this, in words: "BNDUPD 3 active ends 60 potential 120", "BNDACK 3", "BNDACK 3 outdated", "UPDDONE 5"; "; " between. */
void side_said(struct side *side, const char *words);
/* The same of what is known: "active a 60 R 120 K 60", "free", "never". */
void side_knows(struct side *side, uint32_t number, const char *words);

#endif
