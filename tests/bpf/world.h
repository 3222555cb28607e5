/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One subnet, one client, one lease: what a row of the BPF test begins with.
 *
 * The maps' content is a struct native, which the native build runs on as it
 * is; kernel.c copies it into the maps of the loaded object. The slot is
 * written from what the slow path's own code decided for the client's first
 * request, exactly as the daemon does it.
 */
#ifndef TESTS_BPF_WORLD_H
#define TESTS_BPF_WORLD_H

#include "lease/commit.h"
#include "tests/native/native.h"
#include "server/reply.h"

#define WORLD_IFINDEX 1 /* what BPF_PROG_TEST_RUN says by default: loopback */
#define WORLD_SERVER 0x0a000001U /* 10.0.0.1 */
#define WORLD_CLIENT 0x0a000064U /* 10.0.0.100 */
#define WORLD_RELAY 0x0a0000feU /* 10.0.0.254 */
#define WORLD_WALL 1700000000LL
#define WORLD_MCLT 60
#define WORLD_CLOCK 5000000000ULL /* coarse nanoseconds where the program's clock is ours to set */

struct span {
	const uint8_t *bytes;
	size_t length;
};

/* What a client says; zero: does not say it. */
struct client {
	uint8_t mac[6];
	struct span identifier; /* option 61 */
	struct span parameters; /* option 55 */
	struct span agent; /* option 82, where it is relayed */
	uint16_t max_size; /* option 57 */
	uint32_t lease_time; /* option 51 */
	const char *vendor; /* option 60 */
	const char *hostname; /* option 12 */
	bool broadcast_flag;
};

/* How its message travels. */
enum way { WAY_UNICAST, WAY_BROADCAST, WAY_BROADCAST_UNCONFIGURED, WAY_RELAYED };

struct world {
	struct native native;
	struct conf *conf;
	struct lease_table *table;
	struct lease_commit *commit;
	struct lease_policy policies[LEASE_RELATIONS];
	struct failover_view views[FAILOVER_VIEWS]; /* number 1 is NORMAL, where the text has it */
	struct client client;
	uint32_t address;
	uint32_t lease_time;
	uint8_t roles[256];
	uint64_t now; /* coarse seconds of whichever clock the program will see */
};

/* `text`: dhcpd.conf; the client gets its lease by a SELECTING request, relayed or not. */
void world_make(struct world *world, const char *text, const struct client *client, bool relayed,
		uint64_t now);
void world_free(struct world *world);

/* A renewal as a frame; returns its length. */
size_t world_renewal(const struct world *world, enum way way, uint8_t *frame, size_t size);

/* What the slow path would send for this frame. False: nothing, or no ACK. */
bool world_slow_path(struct world *world, const uint8_t *frame, size_t length,
		     struct server_reply *ret_reply);

/* The partner has acknowledged the lease up to so many seconds from now, 0: nothing. */
void world_acknowledge(struct world *world, uint32_t seconds);

/* Slots as of `now`: H two lease times ahead. */
struct xdhcp_slot *world_slot(struct world *world);

#endif
