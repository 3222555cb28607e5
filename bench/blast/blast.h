/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * blast: simulated DHCP subscribers.
 *
 * One process plays a whole access network on one interface: every client has
 * a MAC address and a life of its own (RFC 2131 section 4.4), some stand
 * behind a relay that the tool plays too (RFC 3046), and each reads its
 * replies as strictly as a client could. Subcommands:
 *
 *   subscribers  whole lives: DORA, renewals when they are due, release
 *   storm        renewals of a saved population at a given rate, open loop
 *   kernel       the same from within the kernel, millions a second
 *   pass         the passing XDP program that veth needs for XDP_TX
 *   leases       a table of leases as servers' files, and as ours
 *   null, echo   the least that a program and a server can do: floors
 *   cost         what the XDP program of an interface costs
 *
 * How the rooms depend on each other, from below:
 *
 *   bytes, dhcp     big-endian access, checksums; numbers of the standards
 *   kinds           what udhcpc, dhclient, dhcpcd, networkd and a CPE send
 *   wire            client → request frame
 *   check           reply frame → verdict; shares nothing with wire or with
 *                   the server, or it would prove nothing
 *   object, intake  files with programs; the one that takes replies in (--xdp)
 *   port            memory-mapped ring in, of AF_PACKET or the intake's; sendmmsg out
 *   wheel, holders  timers; which client holds which address
 *   population      the clients, as they are created, saved and loaded
 *   neighbour       ARP, as clients and relay answer it
 *   ledger          what clients were told, for tests that kill the server
 *   tally           counters, latencies, and how they are printed
 *   session         all of these together, signals, set-up and summary
 *   expect          what the client would accept, for check
 *   client          the state machine of RFC 2131 figure 5
 *   image, images   requests as templates and replies as images, for the kernel
 *   generator       the programs in generator.bpf.c: loaded, filled, run, read
 *   subscribers, storm, kernel, pass, leases, echo, cost
 *
 * One thread and one loop, except that `kernel` has one thread for each CPU
 * that generates. Times are nanoseconds of the monotonic clock; files and
 * output have wall-clock time. A lease counts from when its request was sent
 * first (RFC 2131 section 4.4.1), so that a client never believes in more
 * than the server promised.
 */
#ifndef BLAST_BLAST_H
#define BLAST_BLAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLIENTS_MAX (1U << 20) /* an xid is a serial number and the client's index */
#define FRAME_MAX 1536
#define AGENT_MAX 32
#define IDENTITY_MAX 24

/* What the command line said. Fractions as percent, times in nanoseconds. */
struct settings {
	const char *interface;
	uint64_t clients;
	uint64_t count;
	uint64_t first_mac;
	uint64_t seed;
	double relayed, intercepted, rebinding;
	uint32_t giaddr, server;
	uint64_t server_mac;
	double rate, churn;
	uint64_t window;
	uint64_t duration, timeout, retry;
	uint64_t lease; /* seconds */
	uint64_t spread;
	uint32_t first_address, first_relayed;
	const char *kind, *state, *report, *object, *pin, *order, *cpus;
	uint64_t full;
	bool json, once, reboot, release, xdp, lenient, moving, shared, keep, dump, echoed, sparse,
		due, busy, unannounced;
};

enum exit_code {
	EXIT_FINE = 0,
	EXIT_WRONG = 1, /* replies that were wrong */
	EXIT_SETUP = 2, /* it could not start */
	EXIT_UNANSWERED = 3, /* nothing wrong, but something missing */
};

int subscribers_run(const struct settings *settings);
int storm_run(const struct settings *settings);
int kernel_run(const struct settings *settings);
int pass_run(const struct settings *settings);
int null_run(const struct settings *settings);
int leases_run(const struct settings *settings);
int echo_run(const struct settings *settings);
int cost_run(const struct settings *settings);

#endif
