// SPDX-License-Identifier: GPL-2.0-only
#include <urcu.h>

#include "tests/sim/fault.h"

#include <stdlib.h>

#include "tests/sim/check.h"
#include "tests/sim/operator.h"

#define MINUTE (60 * SIM_SECOND)
#define WATCH (30 * SIM_SECOND) /* how often a person looks */

struct repair {
	struct sim_event event;
	int one, other;
	bool power; /* of node `one` is to be back */
};

static struct {
	struct plan plan;
	struct sim_event next, watch;
	bool over;
	unsigned version;
	uint64_t down_since[SIM_NODES];
	bool told[SIM_NODES]; /* that its partner is down */
	bool far[SIM_NODES]; /* its clock is, until somebody sets it right */
	uint64_t patience; /* until partner-down is said of who is dead */
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

/* Was it told that its partner is down, and has not met it since? */
static bool serves_alone(int node)
{
	if (check_nodes[node].kept == CHECK_NORMAL)
		faults.told[node] = false;
	return check_nodes[node].kept == CHECK_PARTNER_DOWN || faults.told[node];
}

/* Has this one not heard yet that its partner went on without it? */
static bool is_ignorant(int node)
{
	uint8_t kept = check_nodes[node].kept;

	return check_state_serves(kept);
}

/* Would the marks forbid that this node, or its way to the other, fails or starts now? */
static bool is_marked(int node)
{
	const struct node *partner = check_partner(&sim.nodes[node]);
	int other = partner ? partner->index : node;

	return (serves_alone(node) && is_ignorant(other)) ||
	       (serves_alone(other) && is_ignorant(node));
}

static bool may_start(const struct node *node)
{
	const struct node *partner = check_partner(node);

	if (!partner || !serves_alone(partner->index) || !is_ignorant(node->index))
		return true;
	return partner->daemon && !faults.far[node->index] && !faults.far[partner->index] &&
	       partner->stalled <= sim.now && !link_blocked(node->index, partner->index) &&
	       !link_blocked(partner->index, node->index);
}

static void restart_fire(struct sim_event *event)
{
	struct node *node = sim_container(event, struct node, restart);

	if (node->daemon)
		return;
	if (!node->up)
		node_power_on(node);
	if (!may_start(node)) {
		sim_event_at(event, sim.now + WATCH);
		return;
	}
	if (!node_start(node))
		sim_event_at(event, sim.now + WATCH);
}

static void restart_in(struct node *node, uint64_t delay)
{
	node->restart.node = -1;
	node->restart.fire = restart_fire;
	sim_event_at(&node->restart, sim.now + delay);
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
	restart_in(node, some(SIM_SECOND, sim_chance(chance(), 300000) ? 20 * MINUTE : MINUTE));
}

static void power_cut(struct node *node)
{
	node_power_off(node);
	step_between(node);
	restart_in(node, some(10 * SIM_SECOND, 10 * MINUTE));
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
	faults.far[repair->one] = false;
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
	faults.far[node->index] = true;
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
	restart_in(node, some(15 * SIM_SECOND, 5 * MINUTE));
}

/* Does this fault need a living daemon, or the wire, and may it be? */
static bool may_happen(enum sim_fault fault, const struct node *node)
{
	if (is_marked(node->index) && fault != FAULT_CLIENTS && fault != FAULT_RELOAD)
		return false;
	/* From one run to the next a clock is set by a little only. */
	if (faults.far[node->index] && (fault == FAULT_KILL || fault == FAULT_POWER ||
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

static void fire(struct sim_event *event)
{
	struct node *node = &sim.nodes[faults.plan.single ? 0 : sim_below(chance(), 2)];
	enum sim_fault fault = draw();

	if (may_happen(fault, node))
		happen(fault, node);
	again(event);
}

/* A person: sees to it that somebody serves, once it is sure who is dead. */
static void watch(struct sim_event *event)
{
	for (int i = 0; i < SIM_NODES && !faults.plan.single; i++) {
		struct node *node = &sim.nodes[i], *partner = check_partner(node);

		if (node->daemon || node->role < 0)
			faults.down_since[i] = sim.now;
		if (!partner || node->daemon || !partner->daemon ||
		    sim.now - faults.down_since[i] < faults.patience)
			continue;
		/* Who has lost its disk and not got it back knows nothing that it could serve by. */
		if (check_nodes[partner->index].lost)
			continue;
		if (operator_partner_down(partner, !node->up)) {
			faults.told[partner->index] = true;
			faults.patience = some(10 * SIM_SECOND, 10 * MINUTE);
		}
	}
	operator_look();
	sim_event_at(event, sim.now + WATCH);
}

void faults_begin(const struct plan *plan)
{
	faults.plan = *plan;
	faults.next = (struct sim_event){.node = -1, .fire = fire};
	faults.watch = (struct sim_event){.node = -1, .fire = watch};
	faults.patience = some(10 * SIM_SECOND, 10 * MINUTE);
	again(&faults.next);
	sim_event_at(&faults.watch, sim.now + WATCH);
}

void faults_end(void)
{
	faults.over = true;
	sim_event_cancel(&faults.next);
	link_heal_all();
	for (int i = 0; i < SIM_NODES; i++) {
		struct node *node = &sim.nodes[i];

		net_cut(node, false);
		node->stalled = 0;
		if (node->role < 0)
			continue;
		node_clock_step(node, node_true_wall() - node_wall(node));
		if (!node->daemon)
			restart_in(node, SIM_SECOND);
	}
}

void faults_count(uint64_t counts[])
{
	for (int i = 0; i < FAULT_MAX; i++)
		counts[i] = faults.counts[i];
}
