// SPDX-License-Identifier: GPL-2.0-only
/* The operating system below the rooms: clocks, randomness, files that are read at start, threads that are not there. */
#include <errno.h>
#include <linux/membarrier.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <urcu.h>
#include <uv.h>

#include "sys/clock.h"
#include "sys/privilege.h"
#include "tests/sim/check.h"
#include "tests/sim/node.h"
#include "tests/sim/wrap.h"

#define COARSE (4 * SIM_MILLISECOND) /* a tick of the coarse clock, HZ=250 */

static struct timespec time_of(int64_t ns)
{
	return (struct timespec){.tv_sec = ns / (int64_t)SIM_SECOND,
				 .tv_nsec = ns % (int64_t)SIM_SECOND};
}

static uint64_t coarse_of(const struct node *node)
{
	uint64_t now = node_monotonic(node);

	return now - now % COARSE;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_time)
{
	const struct node *node = sim_here();

	switch (clock) {
	case CLOCK_REALTIME:
		*ret_time = time_of(node_wall(node));
		return 0;
	case CLOCK_MONOTONIC:
		*ret_time = time_of((int64_t)node_monotonic(node));
		return 0;
	case CLOCK_MONOTONIC_COARSE:
		*ret_time = time_of((int64_t)coarse_of(node));
		return 0;
	}
	abort();
}

int64_t sys_clock_wall(void)
{
	return node_wall(sim_here()) / (int64_t)SIM_SECOND;
}

int64_t sys_clock_wall_ns(void)
{
	return node_wall(sim_here());
}

uint64_t sys_clock_coarse(void)
{
	return coarse_of(sim_here());
}

int sys_clock_watch_open(int *ret_fd)
{
	sim_here()->clock.set = false;
	check_clock_known(sim_here());
	*ret_fd = SIM_FD_CLOCK;
	return 0;
}

bool sys_clock_watch_drain(int fd)
{
	struct node *node = sim_here();
	bool set = node->clock.set;

	(void)fd;
	node->clock.set = false;
	if (set)
		check_clock_known(node);
	return set;
}

ssize_t __wrap_getrandom(void *bytes, size_t length, unsigned flags)
{
	(void)flags;
	for (size_t i = 0; i < length; i++)
		((uint8_t *)bytes)[i] = (uint8_t)sim_draw(sim_stream(SIM_STREAM_SYSTEM));
	return (ssize_t)length;
}

/* The grace period of program runs: each is over at once here, so that none is left. */
long __wrap_syscall(long number, ...)
{
	if (number != SYS_membarrier)
		abort();
	check_grace(sim_here());
	return 0;
}

/* The one file that is read by name is the configuration. */
FILE *__wrap_fopen(const char *path, const char *mode)
{
	struct node *node;

	if (sim.here < 0 || strcmp(path, "dhcpd.conf"))
		return __real_fopen(path, mode);
	node = sim_here();
	return fmemopen(node->configuration, strlen(node->configuration), "r");
}

int sys_pidfile_open(const char *path, struct sys_pidfile *ret_file, pid_t *ret_holder)
{
	(void)path, (void)ret_file, (void)ret_holder;
	return -EACCES;
}

int sys_pidfile_write(const struct sys_pidfile *file)
{
	(void)file;
	return 0;
}

void sys_pidfile_remove(struct sys_pidfile *file)
{
	(void)file;
}

int sys_files_limit_raise(uint64_t wanted, uint64_t *ret_limit)
{
	*ret_limit = wanted;
	return 0;
}

int sys_oom_score_set(int score)
{
	(void)score;
	return 0;
}

int sys_background(int *ret_ready)
{
	(void)ret_ready;
	return -ENOSYS;
}

int sys_background_ready(int ready)
{
	(void)ready;
	return 0;
}

/*
 * liburcu without threads: there is one, and it is no reader between events.
 * What is to be freed is, when the event is over.
 */

static struct rcu_head *waiting;

void urcu_memb_register_thread(void)
{
}

void urcu_memb_unregister_thread(void)
{
}

void urcu_memb_read_lock(void)
{
}

void urcu_memb_read_unlock(void)
{
}

void urcu_memb_synchronize_rcu(void)
{
}

void urcu_memb_call_rcu(struct rcu_head *head, void (*call)(struct rcu_head *head))
{
	head->func = call;
	head->next.next = (struct cds_wfcq_node *)waiting;
	waiting = head;
}

void sim_rcu_free(void)
{
	while (waiting) {
		struct rcu_head *head = waiting;

		waiting = (struct rcu_head *)head->next.next;
		head->func(head);
	}
}
