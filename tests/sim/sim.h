/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/sim: two whole servers in one process, and whoever talks to them,
 * under a clock, disks, a network and kernels that a seed drives.
 *
 * What is real: every room of userspace/ down to the files named below, and
 * the XDP program (tests/native). What is played here, by functions of the same
 * names that the linker takes instead:
 *
 *   queue.c    what happens next: events by virtual time
 *   uv.c       libuv's loop, timers, polls and workers, on that queue
 *   system.c   sys/clock, sys/privilege, liburcu's threads, what is wrapped of libc
 *   log.c      sys/log: the last lines of each node, shown where a seed fails
 *   disk.c     sys/files: what is written, what is synced, what a crash leaves
 *   kernel.c   libbpf's maps, and memory that both program and daemon see
 *   port.c     net/port, net/interface: frames in and datagrams out
 *   link.c     net/stream: TCP between the nodes: slow, stalled, cut
 *
 * And who lives there:
 *
 *   node.c     kernel, disk, clock, and at most one living daemon
 *   client.c   a population that follows RFC 2131; wire.c are its frames
 *   fault.c    what goes wrong, and when
 *   cluster.c  who restarts, fences, moves a role, and says partner-down
 *   operator.c how it says so
 *   check*.c   what must hold, computed from what is seen on wires and disks
 *   main.c     options, one seed, its verdict
 *
 * Nothing here knows what the product's code believes: the checks read frames,
 * failover messages and journal records with readers of their own.
 *
 * There is one world a process, and functions that stand in for a system's
 * have no argument to find it by: it is the one variable of this folder.
 */
#ifndef SIM_H
#define SIM_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_NODES 3
#define SIM_SECOND 1000000000ULL
#define SIM_MILLISECOND 1000000ULL
#define SIM_MICROSECOND 1000ULL
#define SIM_NEVER UINT64_MAX

#define sim_container(pointer, type, member) \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* queue.c */

struct sim_event {
	uint64_t at; /* true time, ns since the beginning */
	uint64_t order; /* of those at the same time */
	size_t place; /* in the queue, from 1; 0: not waiting */
	int node; /* whose daemon's: gone with it; -1: nobody's */
	bool worker; /* not the loop's: a worker thread runs it */
	void (*fire)(struct sim_event *event);
};

void sim_event_at(struct sim_event *event, uint64_t at);
void sim_event_cancel(struct sim_event *event);
/* All events of a daemon. */
void sim_events_drop(int node);
/* What a daemon was to do then it does now, in the same order. */
void sim_events_hasten(int node, uint64_t from);
/* The next of a daemon's loop, workers' left aside. */
struct sim_event *sim_event_next_of(int node, uint64_t until);
/* The next event, due by `until`, taken from the queue; NULL: none. */
struct sim_event *sim_event_next(uint64_t until);

/* Chance. Streams, so that one more draw of one kind does not change all others. */

struct sim_random {
	uint64_t state;
};

uint64_t sim_draw(struct sim_random *random);
/* 0 … below - 1 */
uint64_t sim_below(struct sim_random *random, uint64_t below);
/* least … most */
uint64_t sim_between(struct sim_random *random, uint64_t least, uint64_t most);
/* True so many times of a million. */
bool sim_chance(struct sim_random *random, uint32_t of_million);
/* With this mean, exponentially distributed. */
uint64_t sim_wait(struct sim_random *random, uint64_t mean);
struct sim_random sim_random_of(uint64_t seed, uint64_t stream);

enum sim_stream {
	SIM_STREAM_PLAN,
	SIM_STREAM_SYSTEM, /* what the servers draw themselves */
	SIM_STREAM_DISK,
	SIM_STREAM_NETWORK,
	SIM_STREAM_LINK,
	SIM_STREAM_CLIENTS,
	SIM_STREAM_FAULTS,
	SIM_STREAMS
};

struct node;

struct sim {
	uint64_t seed;
	uint64_t now; /* true time */
	uint64_t events; /* fired */
	bool verbose;
	uint32_t traced; /* an address of which all is noted; 0: none */
	bool failed;
	char why[512]; /* the first check that did not hold */
	int here; /* whose daemon runs at the moment; -1: nobody's */
	struct sim_random random[SIM_STREAMS];
	struct node *nodes; /* SIM_NODES */
};

extern struct sim sim;

static inline struct sim_random *sim_stream(enum sim_stream stream)
{
	return &sim.random[stream];
}

struct node *sim_here(void);
/* Fires an event that was taken from the queue. */
void sim_step(struct sim_event *event);

/* log.c */

/* A line of what happens in the world, kept with the nodes' own lines. node -1: the world's. */
__attribute__((format(printf, 2, 3))) void sim_note(int node, const char *format, ...);
/* A check does not hold: said once with the newest lines, and the seed has failed. */
__attribute__((format(printf, 1, 2))) void sim_fail(const char *format, ...);
void sim_log_list(int node, const char *format, va_list list);
void sim_log_dump(void);

/* "hh:mm:ss.mmm" of true time; static. */
const char *sim_time(uint64_t at);

#endif
