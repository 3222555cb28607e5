// SPDX-License-Identifier: GPL-2.0-only
#include "tests/sim/cluster.h"

#include <stdlib.h>

#include "tests/sim/check.h"
#include "tests/sim/operator.h"

#define MINUTE (60 * SIM_SECOND)
#define WATCH (30 * SIM_SECOND) /* how often it looks */
#define MOVE_CHANCE 60000 /* of a million looks at a dead node */

static struct {
	struct plan plan;
	struct sim_event watch;
	uint64_t patience; /* until partner-down is said of who is dead */
	uint64_t moved, down;
	bool healing;
	struct {
		uint64_t down_since;
		bool marked; /* partner-down was said of it, and it has not recovered since */
		bool far; /* its clock is */
	} nodes[SIM_NODES];
} cluster;

static struct sim_random *chance(void)
{
	return sim_stream(SIM_STREAM_FAULTS);
}

bool cluster_is_marked(const struct node *node)
{
	return cluster.nodes[node->index].marked;
}

void cluster_far(const struct node *node, bool far)
{
	cluster.nodes[node->index].far = far;
}

bool cluster_is_far(const struct node *node)
{
	return cluster.nodes[node->index].far;
}

static void clock_right(struct node *node)
{
	node_clock_step(node, node_true_wall() - node_wall(node));
}

static void restart_fire(struct sim_event *event)
{
	struct node *node = sim_container(event, struct node, restart);

	if (node->daemon || node->role < 0)
		return;
	if (!node->up)
		node_power_on(node);
	if (!node_start(node))
		sim_event_at(event, sim.now + WATCH);
	else if (cluster.healing)
		clock_right(node);
}

void cluster_restart(struct node *node, uint64_t delay)
{
	node->restart.node = -1;
	node->restart.fire = restart_fire;
	sim_event_at(&node->restart, sim.now + delay);
}

static struct node *spare_find(void)
{
	for (int i = 0; i < SIM_NODES; i++) {
		if (sim.nodes[i].role < 0)
			return &sim.nodes[i];
	}
	return NULL;
}

/*
 * The role of a dead node goes to the third one: after fencing, or after the
 * death of the daemon alone, whose kernel goes on for a while. What the third
 * one has on its disk is of long ago, if anything: it is set aside.
 */
static void role_move(struct node *node)
{
	struct node *spare = spare_find();

	if (node->up && sim_chance(chance(), 500000)) {
		sim_note(node->index, "is fenced");
		node_power_off(node);
	}
	sim_note(spare->index, "takes the role of %c", 'A' + node->index);
	sim_event_cancel(&node->restart);
	spare->role = node->role;
	node->role = -1;
	node->ghost = spare->role;
	spare->ghost = -1;
	free(spare->configuration);
	spare->configuration = plan_configuration(&cluster.plan, spare->role, 0);
	if (spare->up) /* its kernel may have something of an earlier life */
		node_power_off(spare);
	node_power_on(spare);
	sim_disk_lose(spare);
	cluster.nodes[spare->index].marked = false;
	cluster.nodes[spare->index].down_since = sim.now;
	cluster_restart(spare, sim_between(chance(), SIM_SECOND, 20 * SIM_SECOND));
	cluster.moved++;
}

static bool may_move(const struct node *node)
{
	const struct node *partner = check_partner(node), *spare = spare_find();

	return cluster.plan.moves && spare && partner && partner->daemon && !cluster.healing &&
	       !cluster_is_far(spare) && !check_nodes[partner->index].lost &&
	       check_state_serves(check_nodes[partner->index].kept);
}

static void look(struct node *node)
{
	struct node *partner = check_partner(node);

	if (node->daemon) {
		cluster.nodes[node->index].down_since = sim.now;
		/* It has met its partner since: it takes the mark away itself. */
		if (check_nodes[node->index].kept == CHECK_NORMAL)
			cluster.nodes[node->index].marked = false;
		return;
	}
	if (!partner || !partner->daemon)
		return;
	if (may_move(node) && sim_chance(chance(), MOVE_CHANCE)) {
		role_move(node);
		return;
	}
	/* Who has lost its disk and not got it back knows nothing that it could serve by. */
	if (sim.now - cluster.nodes[node->index].down_since < cluster.patience ||
	    check_nodes[partner->index].lost)
		return;
	/* Marked first: it may come back before, or without, hearing of it. */
	cluster.nodes[node->index].marked = true;
	if (operator_partner_down(partner, !node->up)) {
		cluster.down++;
		cluster.patience = 10 * SIM_SECOND + sim_wait(chance(), 10 * MINUTE);
	}
}

static void watch(struct sim_event *event)
{
	for (int i = 0; i < SIM_NODES && !cluster.plan.single; i++) {
		if (sim.nodes[i].role >= 0)
			look(&sim.nodes[i]);
	}
	operator_look((cluster.plan.longest + cluster.plan.mclt + 60) * SIM_SECOND);
	sim_event_at(event, sim.now + WATCH);
}

void cluster_begin(const struct plan *plan)
{
	cluster.plan = *plan;
	cluster.watch = (struct sim_event){.node = -1, .fire = watch};
	cluster.patience = 10 * SIM_SECOND + sim_wait(chance(), 10 * MINUTE);
	sim_event_at(&cluster.watch, sim.now + WATCH);
}

void cluster_heal(void)
{
	cluster.healing = true;
	for (int i = 0; i < SIM_NODES; i++) {
		struct node *node = &sim.nodes[i];

		if (node->stalled > sim.now)
			sim_events_hasten(i, node->stalled); /* all that has waited for it */
		node->stalled = 0;
		cluster.nodes[i].far = false;
		/* From one run to the next a clock is set by a little only: once it runs again. */
		if (node->role >= 0 && !node->daemon)
			cluster_restart(node, SIM_SECOND);
		else
			clock_right(node);
	}
}

void cluster_count(uint64_t *ret_moved, uint64_t *ret_down)
{
	*ret_moved = cluster.moved;
	*ret_down = cluster.down;
}
