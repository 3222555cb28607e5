// SPDX-License-Identifier: GPL-2.0-only
#include <urcu.h>

#include "tests/sim/node.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/reload.h"
#include "daemon/start.h"
#include "tests/sim/check.h"
#include "tests/sim/cluster.h"
#include "tests/sim/link.h"

#define UNDER_WAY_CHANCE 30000 /* of a million program runs: how many something happens beside */
#define UNDER_WAY_MOST (300 * SIM_MILLISECOND) /* what would have happened up to then */

struct node *sim_here(void)
{
	if (sim.here < 0)
		abort();
	return &sim.nodes[sim.here];
}

uint64_t node_monotonic(const struct node *node)
{
	uint64_t since = sim.now - node->clock.booted;

	return 10 * SIM_SECOND + since + (uint64_t)(((__int128)since * node->clock.rate) >> 32);
}

int64_t node_wall(const struct node *node)
{
	return (int64_t)node_monotonic(node) + node->clock.offset;
}

uint64_t node_after(const struct node *node, uint64_t ns)
{
	return sim.now + ns - (uint64_t)(((__int128)ns * node->clock.rate) >> 32) + 1;
}

int64_t node_true_wall(void)
{
	return 1700000000LL * (int64_t)SIM_SECOND + (int64_t)sim.now;
}

void node_clock_step(struct node *node, int64_t ns)
{
	node->clock.offset += ns;
	node->clock.set = true;
	if (node->daemon)
		sim_poll_wake(node, SIM_FD_CLOCK);
}

void node_power_on(struct node *node)
{
	int64_t wall = node_wall(node); /* a clock on the board goes on */

	node->up = true;
	node->clock.booted = sim.now;
	node->clock.offset = wall - (int64_t)node_monotonic(node);
	kernel_clear(&node->kernel);
}

/* Nothing of the daemon runs any more; its memory stays where it is. */
static void forget(struct node *node, bool power)
{
	sim_uv_forget(node);
	link_forget(node, power);
	sim_port_forget(node);
	node->daemon = NULL;
	node->ends = false;
}

static void die(struct node *node, bool power)
{
	int here = sim.here;

	if (!node->daemon)
		return;
	sim.here = node->index;
	sim_jobs_tear(node);
	sim_disk_restart(node->disk, false);
	forget(node, power);
	sim.here = here;
}

void node_kill(struct node *node)
{
	sim_note(node->index, "is killed");
	die(node, false);
}

void node_power_off(struct node *node)
{
	sim_note(node->index, "has no power any more");
	die(node, true);
	sim_disk_restart(node->disk, true);
	kernel_clear(&node->kernel);
	check_kernel_gone(node);
	node->up = false;
}

static struct options options_of(const struct node *node)
{
	return (struct options){
		.foreground = true,
		.configuration = "dhcpd.conf",
		.leases = "/leases",
		.pid_file = "",
		.control = "/control",
		.bpffs = "/bpf",
		.instance = "sim",
		.object = "xdhcp.bpf.o",
		.xdp = FASTPATH_NATIVE,
		.renew_gate = 600,
		.decide_gate = 2,
		.journal_limit = 256 << 10,
		.strict = -1,
		.recover = cluster_is_marked(node),
	};
}

static bool start(struct node *node)
{
	struct daemon *daemon = calloc(1, sizeof(*daemon));
	char text[2048];

	if (!daemon)
		abort();
	node->daemon = daemon;
	node->lives++;
	daemon->background = -1;
	daemon->files = sim_disk_files(node->disk);
	daemon->options = options_of(node);
	if (reload_read(&daemon->options, &daemon->conf, text, sizeof(text))) {
		sim_fail("%c: %s", 'A' + node->index, text);
		return false;
	}
	uv_loop_init(&daemon->loop);
	sys_log_open(&daemon->log, "xdhcpd", LOG_DAEMON, false, -1, SYS_LOG_INFO);
	return !daemon_start(daemon);
}

bool node_start(struct node *node)
{
	int here = sim.here;
	bool started;

	if (!node->up || node->daemon)
		return false;
	sim.here = node->index;
	sim_note(node->index, "starts, life %u", node->lives + 1);
	started = start(node);
	if (started)
		check_started(node);
	else
		forget(node, false);
	sim.here = here;
	return started;
}

void node_stop(struct node *node)
{
	int here = sim.here;

	sim.here = node->index;
	sim_note(node->index, "is told to stop");
	daemon_stop(node->daemon);
	sim.here = here;
}

int node_reload(struct node *node)
{
	int here = sim.here, code;
	char text[2048];

	sim.here = node->index;
	code = reload(node->daemon, text, sizeof(text));
	if (code)
		sim_fail("%c: reload: %s", 'A' + node->index, text);
	sim.here = here;
	return code;
}

void node_look(struct node *node)
{
	struct daemon *daemon = node->daemon;

	if (!daemon || !node->ends)
		return;
	sim_note(node->index, "has ended with %d", daemon->exit_code);
	if (daemon->exit_code) {
		sim_fail("%c ended by itself", 'A' + node->index);
		return;
	}
	daemon_finish(daemon);
	free(daemon);
	forget(node, false);
}

/*
 * A program runs on a processor of its own: between its first look at a slot and
 * its promise the daemon's loop may go on. No grace period ends meanwhile.
 */
static void under_way(struct native *native)
{
	struct node *node = sim_container(native, struct node, kernel.native);
	uint64_t until = sim.now + UNDER_WAY_MOST;
	struct sim_event *event;

	if (!node->daemon || node->daemon->phase != DAEMON_SERVING || node->stalled > sim.now ||
	    !sim_chance(sim_stream(SIM_STREAM_NETWORK), UNDER_WAY_CHANCE))
		return;
	while ((event = sim_event_next_of(node->index, until)))
		sim_step(event);
}

int node_program(struct node *node, struct native_frame *frame, enum xdhcp_counter *ret_counter)
{
	uint64_t now = node_monotonic(node);

	node->kernel.native.clock = now - now % (4 * SIM_MILLISECOND);
	node->kernel.native.under_way = under_way;
	return native_run(&node->kernel.native, frame, SIM_IFINDEX, ret_counter);
}
