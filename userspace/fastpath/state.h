/* SPDX-License-Identifier: GPL-2.0-only */
/* The fast path as this room sees it; nobody else includes this. */
#ifndef XDHCP_FASTPATH_STATE_H
#define XDHCP_FASTPATH_STATE_H

#include <limits.h>

#include "fastpath/fastpath.h"

struct bpf_object;

#define XDHCP_RELATIONS_BYTES (XDHCP_RELATIONS * sizeof(struct xdhcp_relation))
#define XDHCP_DIRECTORY_BYTES (65536 * sizeof(struct xdhcp_directory))

enum fastpath_map {
	MAP_CONTROL,
	MAP_RELATIONS,
	MAP_LINKS,
	MAP_ADDRESSES,
	MAP_RELAYS,
	MAP_DIRECTORY,
	MAP_BANKS,
	MAP_TAILS,
	MAP_COUNTERS,
	MAP_MAX
};

/* TAIL_WAITING: dropped before a grace period that is running or was asked for. */
enum tail_state { TAIL_FREE, TAIL_USED, TAIL_DROPPED, TAIL_WAITING };

#define RELAYS_REMEMBERED 1024

struct tail_node {
	const struct xdhcp_tail *content; /* in the map */
	uint64_t hash;
	uint32_t references;
	enum tail_state state;
	bool interned; /* found by its content */
};

/* What this daemon has put on an interface. */
struct attached {
	uint32_t ifindex;
	uint32_t program; /* as the kernel numbers it */
};

struct relay {
	uint32_t giaddr, network;
};

struct fastpath {
	struct bpf_object *object;
	char object_path[PATH_MAX];
	char directory[PATH_MAX]; /* of pins */
	int maps[MAP_MAX];

	/* In memory that the program shares. */
	struct xdhcp_control *control;
	struct xdhcp_relation *relations; /* XDHCP_RELATIONS */
	struct xdhcp_directory *pages_of;
	struct xdhcp_tail *tails;
	struct xdhcp_page *banks[XDHCP_BANKS];

	uint32_t pages; /* numbers in use: 1 … pages */
	uint32_t *prefixes; /* by page number: address >> 8 */
	uint32_t sweep_page; /* where the next sweep begins */

	struct tail_node *nodes;
	void *nodes_by_content; /* tsearch(3) */
	uint32_t nodes_next; /* where the search for a free one begins */
	uint32_t nodes_used;
	uint32_t nodes_idle; /* DROPPED or WAITING: most of the time none */
	uint8_t nodes_secret[16];

	struct attached *attached;
	size_t attached_count;

	size_t relays;
	struct relay relays_written[RELAYS_REMEMBERED]; /* some of them, by a hash of giaddr */
	int64_t wall_offset; /* seconds to add to the slots' clock */
};

/* clock.c */
uint64_t fastpath_clock_now(void);
int64_t fastpath_clock_offset(void);
uint32_t fastpath_promise_to_slot(const struct fastpath *fastpath, int64_t wall);
int64_t fastpath_promise_to_wall(const struct fastpath *fastpath, uint32_t promise);
uint32_t fastpath_limit_to_slot(const struct fastpath *fastpath, int64_t wall);
int64_t fastpath_limit_to_wall(const struct fastpath *fastpath, uint32_t limit);
/* K is by the partner's clock: what is set of ours does not move it. */
uint32_t fastpath_partner_to_slot(const struct fastpath *fastpath, int64_t partner);
int64_t fastpath_partner_to_wall(const struct fastpath *fastpath, uint32_t limit);

/* error.c: writes the text, returns the code. */
__attribute__((format(printf, 3, 4))) int fastpath_fail(struct fastpath_error *error, int code,
							const char *format, ...);
int fastpath_fail_load(struct fastpath_error *error, int code, const char *what, const char *log);

/* gates.c: of a control record, whoever's. */
void fastpath_gates_lower(struct xdhcp_control *control, double renew_seconds);
double fastpath_gate_left(const __u64 *gate);

/* pins.c */
#define FASTPATH_LINK "link-" /* begins the name of a link's pin */
/* Visits the directories of an instance, of any ABI; stops at the first code. */
int fastpath_pins_each(const char *bpffs, const char *instance,
		       int (*visit)(void *context, const char *directory), void *context);
int fastpath_pins_prepare(const char *bpffs, const char *instance, char ret_directory[PATH_MAX],
			  struct fastpath_error *ret_error);
int fastpath_pins_remove(const char *directory);
int fastpath_pin_remove(const char *path);
int fastpath_pin_path(const char *directory, const char *prefix, const char *name,
		      char ret_path[PATH_MAX]);
const char *fastpath_map_name(enum fastpath_map map);

/* pages.c */
int fastpath_pages_open(struct fastpath *fastpath);
int fastpath_pages_adopt(struct fastpath *fastpath);
void fastpath_pages_close(struct fastpath *fastpath);
struct xdhcp_page *fastpath_page(const struct fastpath *fastpath, uint32_t number);
struct xdhcp_slot *fastpath_slot(const struct fastpath *fastpath, uint32_t address);

/* tables.c */
int fastpath_relays_count(struct fastpath *fastpath);
int fastpath_links_keep(struct fastpath *fastpath, const char *const *interfaces, size_t count);

/* tails.c: references are counted anew from the slots. */
int fastpath_tails_open(struct fastpath *fastpath);
void fastpath_tails_close(struct fastpath *fastpath);

#endif
