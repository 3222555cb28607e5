// SPDX-License-Identifier: GPL-2.0-only
#include <urcu.h>

#include "tests/sim/operator.h"

#include "daemon/pair.h"
#include "tests/sim/check.h"

static struct failover_peer *peer_of(const struct node *node)
{
	struct pair *pair = node->daemon ? pairs_of(node->daemon, 1) : NULL;

	return pair ? pair->peer : NULL;
}

static bool say(struct node *node, const char *word,
		int (*verb)(struct failover_peer *peer, const struct failover_now *now,
			    const char **ret_why))
{
	struct failover_peer *peer = peer_of(node);
	int here = sim.here, code;
	struct failover_now now;
	const char *why = "";

	if (!peer || node->stalled > sim.now) /* its control socket answers nobody */
		return false;
	sim.here = node->index;
	now = pair_now();
	code = verb(peer, &now, &why);
	sim_note(node->index, "is told %s%s%s", word, code ? ", and refuses: " : "",
		 code ? why : "");
	if (!code) {
		pairs_turn(node->daemon);
		group_turn(node->daemon->group);
	}
	sim.here = here;
	return !code;
}

static int say_down(struct failover_peer *peer, const struct failover_now *now,
		    const char **ret_why)
{
	return failover_peer_partner_down(peer, false, now, ret_why);
}

static int say_fenced(struct failover_peer *peer, const struct failover_now *now,
		      const char **ret_why)
{
	return failover_peer_partner_down(peer, true, now, ret_why);
}

bool operator_partner_down(struct node *node, bool fenced)
{
	if (check_nodes[node->index].kept == CHECK_PARTNER_DOWN)
		return false;
	if (!say(node, fenced ? "partner-down --fenced" : "partner-down",
		 fenced ? say_fenced : say_down))
		return false;
	if (!check_nodes[node->index].said_down)
		check_nodes[node->index].said_down = sim.now;
	return true;
}

/* Has it lost what there was, and says so? */
static bool is_empty(const struct node *node)
{
	const struct check_node *known = &check_nodes[node->index];

	return node->daemon && known->kept == CHECK_RECOVER && known->lost && !known->excused;
}

static bool waits(const struct node *node)
{
	const struct node *partner = check_partner(node);

	return partner && is_empty(node) &&
	       (is_empty(partner) || check_nodes[partner->index].excused);
}

static bool leases_over(const struct node *node, uint64_t longest)
{
	const struct check_node *known = &check_nodes[node->index];

	return !known->lost_since || sim.now > known->lost_since + longest;
}

void operator_look(uint64_t longest)
{
	for (int i = 0; i < SIM_NODES; i++) {
		struct node *node = &sim.nodes[i];

		if (waits(node) && leases_over(node, longest) &&
		    leases_over(check_partner(node), longest) &&
		    say(node, "init", failover_peer_init))
			check_nodes[i].excused = true;
	}
}

bool operator_waits(void)
{
	for (int i = 0; i < SIM_NODES; i++) {
		if (waits(&sim.nodes[i]))
			return true;
	}
	return false;
}

#define ASK_EVERY (60 * SIM_SECOND)

/* One that stood still for long finds its gates shut, and is right. */
static void finding_judge(void *context, enum ctl_code code, const char *text)
{
	const struct node *node = context;

	if (code >= CTL_UNHEALTHY && code != CTL_SICK_GATE)
		sim_fail("%c's self-test: %d %s", 'A' + node->index, (int)code, text);
}

static void ask_all(struct sim_event *event)
{
	for (int i = 0; i < SIM_NODES; i++) {
		struct node *node = &sim.nodes[i];

		if (!node->daemon || node->daemon->failed || node->stalled > sim.now)
			continue;
		sim.here = i;
		self_test(node->daemon, finding_judge, node);
		sim.here = -1;
	}
	sim_event_at(event, sim.now + ASK_EVERY);
}

void operator_ask_begin(void)
{
	static struct sim_event event = {.node = -1, .fire = ask_all};

	sim_event_at(&event, sim.now + ASK_EVERY);
}

static bool is_idle(const struct node *node)
{
	struct failover_peer *peer = peer_of(node);
	struct failover_status status;
	struct failover_now now;
	int here = sim.here;

	if (!peer)
		return false;
	sim.here = node->index;
	now = pair_now();
	failover_peer_status(peer, &now, &status);
	sim.here = here;
	return !status.updates.owed && !status.updates.in_flight && !status.updates.withheld &&
	       !status.updates.waiting_acks;
}

bool operators_idle(void)
{
	for (int i = 0; i < SIM_NODES; i++) {
		if (sim.nodes[i].role >= 0 && !is_idle(&sim.nodes[i]))
			return false;
	}
	return true;
}
