// SPDX-License-Identifier: GPL-2.0-only
#include "tests/sim/turn.h"

#include "tests/sim/check.h"
#include "tests/sim/cluster.h"

#define MINUTE (60 * SIM_SECOND)
#define LOOK (10 * SIM_SECOND)

static struct {
	struct sim_event look;
	enum { TURN_PEACE, TURN_ONE, TURN_BACK, TURN_CUT, TURN_BOTH } phase;
	uint64_t at; /* no earlier than that the next phase begins */
	struct node *first, *survivor;
	uint64_t deaths;
} turn;

static struct sim_random *chance(void)
{
	return sim_stream(SIM_STREAM_FAULTS);
}

static void next(int phase, uint64_t least, uint64_t mean)
{
	turn.phase = phase;
	turn.at = sim.now + least + sim_wait(chance(), mean);
}

static uint8_t state_of(const struct node *node)
{
	return check_nodes[node->index].kept;
}

static void die(struct node *node)
{
	turn.deaths++;
	node_power_off(node);
}

static void wires_cut(void)
{
	sim_note(-1, "the wires between %c and %c are cut", 'A' + turn.first->index,
		 'A' + turn.survivor->index);
	link_block(turn.first->index, turn.survivor->index, true);
	link_block(turn.survivor->index, turn.first->index, true);
}

/* No role moves: the first two nodes have them. Which one dies first is chance. */
static void peace_look(void)
{
	if (state_of(&sim.nodes[0]) != CHECK_NORMAL || state_of(&sim.nodes[1]) != CHECK_NORMAL)
		return;
	turn.first = &sim.nodes[sim_below(chance(), 2)];
	turn.survivor = check_partner(turn.first);
	die(turn.first);
	next(TURN_ONE, 0, MINUTE);
}

static void look(struct sim_event *event)
{
	sim_event_at(event, sim.now + LOOK);
	if (sim.now < turn.at)
		return;
	switch (turn.phase) {
	case TURN_PEACE:
		peace_look();
		break;
	case TURN_ONE:
		if (state_of(turn.survivor) != CHECK_PARTNER_DOWN)
			break;
		cluster_restart(turn.first, SIM_SECOND);
		next(TURN_BACK, 0, MINUTE);
		break;
	case TURN_BACK:
		if (state_of(turn.first) != CHECK_RECOVER_WAIT &&
		    state_of(turn.first) != CHECK_RECOVER_DONE)
			break;
		wires_cut();
		/* As long as it takes to give away what runs out meanwhile. */
		next(TURN_CUT, 30 * MINUTE, 30 * MINUTE);
		break;
	case TURN_CUT:
		die(turn.survivor);
		next(TURN_BOTH, 40 * MINUTE, 10 * MINUTE);
		break;
	case TURN_BOTH:
		link_heal_all();
		cluster_restart(turn.survivor, SIM_SECOND);
		next(TURN_PEACE, 5 * MINUTE, 5 * MINUTE);
		break;
	}
}

void turns_begin(void)
{
	turn.look = (struct sim_event){.node = -1, .fire = look};
	next(TURN_PEACE, 5 * MINUTE, 10 * MINUTE);
	sim_event_at(&turn.look, sim.now + LOOK);
}

void turns_end(void)
{
	sim_event_cancel(&turn.look);
}

uint64_t turns_count(void)
{
	return turn.deaths;
}
