// SPDX-License-Identifier: GPL-2.0-only
#include "tests/sim/fault.h"

#include <stdlib.h>

#include "tests/sim/check.h"
#include "tests/sim/cluster.h"
#include "tests/sim/turn.h"

#define MINUTE (60 * SIM_SECOND)

struct repair {
	struct sim_event event;
	int one, other;
};

static struct {
	struct plan plan;
	struct sim_event next;
	unsigned version;
	uint64_t counts[FAULT_MAX];
} faults;

static struct sim_random *chance(void)
{
	return sim_stream(SIM_STREAM_FAULTS);
}

static uint64_t some(uint64_t least, uint64_t mean)
{
	return least + sim_wait(chance(), mean);
}

static void again(struct sim_event *event)
{
	sim_event_at(event, sim.now + some(SIM_SECOND, faults.plan.fault_every));
}

/* Between runs a clock is off by no more than what the pair reckons with. */
static void step_between(struct node *node)
{
	if (sim_chance(chance(), 300000))
		node_clock_step(node, (int64_t)sim_below(chance(), 40 * SIM_SECOND) -
					      20 * (int64_t)SIM_SECOND);
}

static void kill_one(struct node *node)
{
	node_kill(node);
	step_between(node);
	cluster_restart(node,
			some(SIM_SECOND, sim_chance(chance(), 300000) ? 20 * MINUTE : MINUTE));
}

static void power_cut(struct node *node)
{
	node_power_off(node);
	step_between(node);
	cluster_restart(node, some(10 * SIM_SECOND, 10 * MINUTE));
}

static void disk_lost(struct node *node)
{
	power_cut(node);
	sim_note(node->index, "has lost its disk");
	sim_disk_lose(node);
}

static void link_heal(struct sim_event *event)
{
	struct repair *repair = sim_container(event, struct repair, event);

	link_block(repair->one, repair->other, false);
	sim_note(-1, "wire from %c to %c is whole", 'A' + repair->one, 'A' + repair->other);
	free(repair);
}

static void link_cut(int one, int other, uint64_t ns)
{
	struct repair *repair = calloc(1, sizeof(*repair));

	if (!repair)
		abort();
	sim_note(-1, "wire from %c to %c is cut", 'A' + one, 'A' + other);
	link_block(one, other, true);
	*repair = (struct repair){
		.event = {.node = -1, .fire = link_heal}, .one = one, .other = other};
	sim_event_at(&repair->event, sim.now + ns);
}

static void clients_heal(struct sim_event *event)
{
	struct repair *repair = sim_container(event, struct repair, event);

	net_cut(&sim.nodes[repair->one], false);
	free(repair);
}

static void clients_cut(struct node *node)
{
	struct repair *repair = calloc(1, sizeof(*repair));

	if (!repair)
		abort();
	sim_note(node->index, "loses its clients");
	net_cut(node, true);
	*repair = (struct repair){.event = {.node = -1, .fire = clients_heal}, .one = node->index};
	sim_event_at(&repair->event, sim.now + some(SIM_SECOND, 5 * MINUTE));
}

static void clock_repair(struct sim_event *event)
{
	struct repair *repair = sim_container(event, struct repair, event);
	struct node *node = &sim.nodes[repair->one];

	node_clock_step(node, node_true_wall() - node_wall(node));
	cluster_far(node, false);
	free(repair);
}

/* By hours or by seconds, forth or back; by hours somebody will notice. */
static void clock_step(struct node *node)
{
	bool far = sim_chance(chance(), 300000);
	uint64_t most = far ? 48 * 3600 * SIM_SECOND : 90 * SIM_SECOND;
	int64_t ns = (int64_t)sim_below(chance(), 2 * most) - (int64_t)most;
	struct repair *repair;

	sim_note(node->index, "clock is set by %lld ms",
		 (long long)(ns / (int64_t)SIM_MILLISECOND));
	node_clock_step(node, ns);
	if (!far)
		return;
	cluster_far(node, true);
	repair = calloc(1, sizeof(*repair));
	if (!repair)
		abort();
	*repair = (struct repair){.event = {.node = -1, .fire = clock_repair}, .one = node->index};
	sim_event_at(&repair->event, sim.now + some(SIM_SECOND, 20 * MINUTE));
}

static void stall(struct node *node)
{
	node->stalled = sim.now + some(SIM_SECOND,
				       sim_chance(chance(), 200000) ? 5 * MINUTE : 10 * SIM_SECOND);
	sim_note(node->index, "stands still until %s", sim_time(node->stalled));
}

static void reload(struct node *node)
{
	char *before = node->configuration;

	sim_note(node->index, "reads a new configuration");
	node->configuration = plan_configuration(&faults.plan, node->role, ++faults.version);
	node_reload(node);
	free(before);
}

static void stop(struct node *node)
{
	node_stop(node);
	cluster_restart(node, some(15 * SIM_SECOND, 5 * MINUTE));
}

/* Does this fault need a living daemon, or the wire, and may it be? */
static bool may_happen(enum sim_fault fault, const struct node *node)
{
	/* From one run to the next a clock is set by a little only. */
	if (cluster_is_far(node) && (fault == FAULT_KILL || fault == FAULT_POWER ||
				     fault == FAULT_STOP || fault == FAULT_DISK))
		return false;
	switch (fault) {
	case FAULT_POWER:
	case FAULT_DISK:
		return node->up;
	case FAULT_LINK:
	case FAULT_ONE_WAY:
	case FAULT_RESET:
		return !faults.plan.single;
	case FAULT_CLIENTS:
		return true;
	default:
		return node->daemon && node->stalled <= sim.now;
	}
}

static void happen(enum sim_fault fault, struct node *node)
{
	struct node *partner = check_partner(node);
	int other = partner ? partner->index : node->index;
	uint64_t long_cut = some(SIM_SECOND, sim_chance(chance(), 300000) ? 60 * MINUTE : MINUTE);

	faults.counts[fault]++;
	switch (fault) {
	case FAULT_KILL:
		kill_one(node);
		break;
	case FAULT_POWER:
		power_cut(node);
		break;
	case FAULT_LINK:
		link_cut(node->index, other, long_cut);
		link_cut(other, node->index, long_cut);
		break;
	case FAULT_ONE_WAY:
		link_cut(node->index, other, long_cut);
		break;
	case FAULT_RESET:
		sim_note(-1, "the connection is reset");
		link_reset(node->index, other);
		break;
	case FAULT_STEP:
		clock_step(node);
		break;
	case FAULT_STALL:
		stall(node);
		break;
	case FAULT_CLIENTS:
		clients_cut(node);
		break;
	case FAULT_STOP:
		stop(node);
		break;
	case FAULT_RELOAD:
		reload(node);
		break;
	case FAULT_DISK:
		disk_lost(node);
		break;
	case FAULT_MAX:
		break;
	}
}

/* How often of a hundred. */
static enum sim_fault draw(void)
{
	static const unsigned weights[FAULT_MAX] = {
		[FAULT_KILL] = 22,  [FAULT_POWER] = 12, [FAULT_LINK] = 14, [FAULT_ONE_WAY] = 6,
		[FAULT_RESET] = 14, [FAULT_STEP] = 8,	[FAULT_STALL] = 8, [FAULT_CLIENTS] = 4,
		[FAULT_STOP] = 5,   [FAULT_RELOAD] = 4, [FAULT_DISK] = 3,
	};
	unsigned at = (unsigned)sim_below(chance(), 100), fault = 0;

	while (at >= weights[fault])
		at -= weights[fault++];
	return fault;
}

/* One of those that have a role. */
static struct node *node_draw(void)
{
	unsigned role = faults.plan.single ? 0 : (unsigned)sim_below(chance(), 2);

	for (int i = 0; i < SIM_NODES; i++) {
		if (sim.nodes[i].role == (int)role)
			return &sim.nodes[i];
	}
	abort();
}

static void fire(struct sim_event *event)
{
	struct node *node = node_draw();
	enum sim_fault fault = draw();

	if (may_happen(fault, node))
		happen(fault, node);
	again(event);
}

void faults_begin(const struct plan *plan)
{
	faults.plan = *plan;
	if (plan->turns && !plan->single) {
		turns_begin();
		return;
	}
	faults.next = (struct sim_event){.node = -1, .fire = fire};
	again(&faults.next);
}

void faults_end(void)
{
	sim_event_cancel(&faults.next);
	turns_end();
	link_heal_all();
	for (int i = 0; i < SIM_NODES; i++)
		net_cut(&sim.nodes[i], false);
	cluster_heal();
}

void faults_count(uint64_t counts[])
{
	for (int i = 0; i < FAULT_MAX; i++)
		counts[i] = faults.counts[i];
}
