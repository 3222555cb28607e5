/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * daemon/: wires the house. Every other room does one thing; here is who
 * calls whom, and when.
 *
 *   main.c      the process and its one libuv loop
 *   start.c     from an empty struct to a serving daemon (start table); stop.c back
 *   options.c   the command line
 *   slowpath.c  datagram → request → verdict → lease/commit → reply
 *   group.c     replies wait for their datasync
 *   output.c    replies that may leave, in batches
 *   verbs.c     what lease/commit does to journal and slots
 *   settle.c    journal and slots brought together at start
 *   links.c     interfaces: which are served, and what the program knows of them
 *   pulse.c     timers: heartbeat, sweep, expiry, wall clock
 *   compact.c   snapshot beside the running journal
 *   reload.c    a new configuration
 *   restart.c   the next binary in this process's place
 *   control.c   what xdhcpctl is told
 *   self_test.c what the daemon asks itself
 *   notice.c    what a service manager is told
 *   books.c     lease files of dhcpd, taken over and written (import.c, export.c)
 *   pair.c      failover: what each relationship may do to sockets, journal, kernel
 *   pair_*.c    its start and reload, its own address; what is told and asked of it
 *
 * One thread owns everything here. Three things block and run on libuv's
 * pool: datasync, grace periods, and the reading of leases for snapshot and
 * control, which goes under RCU. A grant: slowpath appends and queues the
 * reply; group flushes; commit publishes; output sends. When the disk fails,
 * nothing more leaves and the process ends with the reason; the kernel goes
 * on within what is durable. In failover it goes on within what the partner
 * knows: the heartbeat moves the kernel's bound, verbs.c hands each durable
 * change to its relationship, group.c tells it what may be acknowledged.
 */
#ifndef XDHCP_DAEMON_DAEMON_H
#define XDHCP_DAEMON_DAEMON_H

#include <limits.h>
#include <uv.h>

#include "conf/conf.h"
#include "ctl/server.h"
#include "daemon/group.h"
#include "daemon/options.h"
#include "daemon/self_test.h"
#include "failover/view.h"
#include "fastpath/fastpath.h"
#include "lease/commit.h"
#include "net/interface.h"
#include "net/port.h"
#include "server/decide.h"
#include "store/store.h"
#include "sys/log.h"
#include "sys/privilege.h"

#define DAEMON_COUNTERS(X) \
	X(GRANTED, "granted", "leases given or extended") \
	X(OFFERED, "offered", "addresses offered") \
	X(REFUSED, "nak", "requests refused by NAK") \
	X(INFORMED, "informed", "INFORMs answered") \
	X(RELEASED, "released", "addresses given back") \
	X(DECLINED, "declined", "addresses that a client found in use") \
	X(STAMPED, "stamped", "replies handed to the kernel") \
	X(SWEPT, "swept", "renewals of the kernel written to the journal") \
	X(NOT_SERVED, "not-served", "datagrams from an interface that is not served") \
	X(NO_MEMORY, "no-memory", "requests dropped for want of memory")

enum daemon_counter {
#define DAEMON_COUNTER_ENUM(name, word, text) DAEMON_##name,
	DAEMON_COUNTERS(DAEMON_COUNTER_ENUM)
#undef DAEMON_COUNTER_ENUM
		DAEMON_COUNTER_MAX
};

struct link;
struct output;
struct compact;
struct pair;
struct net_tls;
struct restart;

/* What an earlier run kept of a relationship (daemon/pair.h). */
struct pair_note {
	char *name;
	void *bytes;
	size_t length;
};

enum daemon_phase { DAEMON_STARTING, DAEMON_SERVING, DAEMON_STOPPING, DAEMON_RESTARTING };

struct daemon {
	struct options options;
	char **arguments, binary[PATH_MAX]; /* for a restart: argv, and where argv[0] is */
	bool restarted; /* this process's program before has handed over … */
	int control; /* … with the control socket; -1: none */
	struct sys_log log;
	struct sys_pidfile pid_file;
	int background; /* the parent waits for this pipe; -1: none */
	uv_loop_t loop;
	enum daemon_phase phase;
	bool failed; /* nothing may leave any more */
	int exit_code;

	const struct sys_files *files; /* the store's disk */
	struct conf *conf;
	struct store *store;
	struct store_report restored;
	struct lease_table *table;
	struct lease_commit *commit;
	uint8_t roles[256];
	uint64_t recovered; /* promises of an earlier kernel part that the journal did not know */
	bool adopted;

	struct fastpath *fastpath; /* NULL: --xdp off, or refused */
	char fastpath_why[768]; /* why there is none, or less than was asked for */
	bool grace_busy;
	uv_work_t grace_work, stop_work;

	struct pair *pairs; /* failover relationships */
	size_t pair_count;
	uv_timer_t pair_timer;
	void (*pairs_stopped)(struct daemon *daemon); /* a planned stop goes on there */
	struct net_tls *tls; /* NULL: none */
	struct pair_note *notes;
	size_t note_count;
	int64_t reference; /* wall clock of the slots' second 0 (failover/view.h) */
	struct lease_policy policies[LEASE_RELATIONS]; /* by relationship; 0: none */
	struct failover_view views[FAILOVER_VIEWS];

	struct net_port *port;
	uv_poll_t port_poll;
	bool port_rests; /* too many replies wait for the disk */
	struct link *links;
	size_t link_count;
	int links_fd, clock_fd;
	int64_t clock_offset; /* wall clock − coarse monotonic, nanoseconds, as followed last */
	uv_poll_t links_poll, clock_poll;

	struct output *output;
	struct group *group;
	struct compact *compact;
	struct ctl_server *ctl;
	struct restart *restart; /* NULL: none was asked for */
	struct self_test self_test;

	uv_timer_t heartbeat, sweep, expiry;
	uv_signal_t signals[3];
	int64_t started, now; /* wall clock; now: of this turn */
	char notice[512]; /* what the service manager was told last */

	uint64_t refusals[DHCP_REFUSE_MAX];
	uint64_t silences[SERVER_SILENT_MAX];
	uint64_t counters[DAEMON_COUNTER_MAX];
};

static inline void daemon_count(struct daemon *daemon, enum daemon_counter counter)
{
	daemon->counters[counter]++;
}

/* What is durable is unknown: no reply leaves, the loop ends, the process exits with 1. */
void daemon_fail(struct daemon *daemon, const char *why);

/* Begins a clean stop; safe to call twice. */
void daemon_stop(struct daemon *daemon);

#endif
