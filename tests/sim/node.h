/* SPDX-License-Identifier: GPL-2.0-only */
/* A machine: its clock, its disk, its kernel, and at most one living daemon. */
#ifndef SIM_NODE_H
#define SIM_NODE_H

#include "tests/sim/kernel.h"
#include "tests/sim/sim.h"

struct daemon;
struct disk;
struct net_port;

/* Descriptors that the servers' loops poll. */
enum sim_descriptor { SIM_FD_PORT = 1001, SIM_FD_LINKS, SIM_FD_CLOCK };

/*
 * Monotonic time runs at its own rate from the boot on; the wall clock is it
 * plus an offset, which a step changes.
 */
struct node_clock {
	uint64_t booted; /* true time */
	int64_t rate; /* fast by so many 2^-32 */
	int64_t offset; /* ns: wall - monotonic */
	bool set; /* and the daemon has not heard of it */
};

struct node {
	int index;
	int role; /* 0 primary, 1 secondary, -1: neither */
	int ghost; /* the role that its kernel, or its clients, still take it to have; -1: none */
	bool up; /* power is on */
	struct node_clock clock;
	struct disk *disk;
	struct kernel kernel;

	struct daemon *daemon; /* NULL: none lives */
	unsigned lives; /* daemons so far */
	bool ends; /* its loop was told to stop */
	uint64_t stalled; /* the daemon gets no processor until then */
	bool links_changed;
	struct net_port *port;
	struct sim_poll *polls; /* uv.c's */
	struct sim_job *jobs;
	char *configuration; /* what its dhcpd.conf says */
	struct sim_event restart;
};

/* The clock. */
uint64_t node_monotonic(const struct node *node); /* ns since boot */
int64_t node_wall(const struct node *node); /* ns since 1970 */
/* True time when the node's monotonic clock has advanced by `ns`. */
uint64_t node_after(const struct node *node, uint64_t ns);
void node_clock_step(struct node *node, int64_t ns);
int64_t node_true_wall(void); /* what a wall clock should say */

/* Power. */
void node_power_on(struct node *node);
/* Kernel memory is gone, the disk keeps what it has by chance. */
void node_power_off(struct node *node);

/* The daemon. start: false where it did not start. kill: as by signal 9. */
bool node_start(struct node *node);
void node_kill(struct node *node);
void node_stop(struct node *node); /* asked to, by SIGTERM */
int node_reload(struct node *node);
/* After each event of a daemon: has it ended by itself? */
void node_look(struct node *node);

/* Runs the program on a frame; the XDP verdict. */
int node_program(struct node *node, struct native_frame *frame, enum xdhcp_counter *ret_counter);

/* Is there something to be read? uv.c asks. */
bool node_ready(const struct node *node, int fd);

/* disk.c */
struct disk *sim_disk_new(void);
struct sys_files;
const struct sys_files *sim_disk_files(struct disk *disk);
void sim_disk_lose(struct node *node); /* an empty one in its place */
void sim_disk_dying(struct disk *disk,
		    unsigned operations); /* after so many more everything fails */
void sim_disk_restart(struct disk *disk, bool power_cut);

/* port.c */
struct sim_frame;
/* A datagram for port 67 has passed the program. */
void sim_port_receive(struct node *node, const uint8_t *frame, size_t length);
void sim_port_forget(struct node *node);

/* system.c: what was to be freed after a grace period. */
void sim_rcu_free(void);

/* uv.c */
void sim_poll_wake(struct node *node, int fd);
void sim_uv_forget(struct node *node); /* the daemon is dead */
/* What workers had in hand: `run` of them by chance with a disk that dies under way. */
void sim_jobs_tear(struct node *node);

#endif
