// SPDX-License-Identifier: GPL-2.0-only
#include "tests/sim/check.h"

#include <stdio.h>

/* What an address is good for, as the clients know it. */
struct holding {
	uint32_t client; /* + 1; 0: nobody's */
	uint64_t until, slack;
};

#define BETWEEN_RUNS (25 * SIM_SECOND) /* by how much a clock is set from one run to the next */

struct check_node check_nodes[SIM_NODES];

static struct {
	struct holding holdings[CHECK_PLACES];
	uint32_t mclt; /* 0: no failover */
} seen;

void check_begin(uint32_t mclt)
{
	seen.mclt = mclt;
}

uint32_t check_mclt(void)
{
	return seen.mclt;
}

const char *check_address(uint32_t address)
{
	static char texts[4][16];
	static unsigned turn;
	char *text = texts[turn++ % 4];

	snprintf(text, sizeof(texts[0]), "%u.%u.%u.%u", address >> 24, address >> 16 & 0xff,
		 address >> 8 & 0xff, address & 0xff);
	return text;
}

const char *check_state_word(uint8_t state)
{
	static const char *const words[] = {
		"unknown",
		"startup",
		"normal",
		"communications-interrupted",
		"partner-down",
		"potential-conflict",
		"recover",
		"paused",
		"shutdown",
		"recover-done",
		"resolution-interrupted",
		"conflict-done",
	};

	return state < sizeof(words) / sizeof(words[0]) ? words[state]
	       : state == CHECK_RECOVER_WAIT		? "recover-wait"
							: "no state";
}

const char *check_binding_word(uint8_t state)
{
	static const char *const words[] = {"none",	"free",	     "active", "expired",
					    "released", "abandoned", "reset",  "backup"};

	return state < sizeof(words) / sizeof(words[0]) ? words[state] : "no state";
}

bool check_state_serves(uint8_t state)
{
	return state == CHECK_NORMAL || state == CHECK_INTERRUPTED || state == CHECK_PARTNER_DOWN ||
	       state == CHECK_RESOLUTION || state == CHECK_CONFLICT_DONE;
}

struct node *check_partner(const struct node *node)
{
	for (int i = 0; i < SIM_NODES; i++) {
		if (node->role >= 0 && sim.nodes[i].role == 1 - node->role)
			return &sim.nodes[i];
	}
	return NULL;
}

/*
 * Oscillators differ: a server that is fast ends a lease early by as much. What is
 * tolerated is what they may differ by.
 */
void check_told(uint32_t client, uint32_t address, uint64_t until, uint64_t lease)
{
	struct holding *holding = &seen.holdings[check_place(address)];

	if (holding->client && holding->client != client + 1 &&
	    holding->until > sim.now + holding->slack)
		sim_fail("%s is given to client %u, and client %u may use it until %s",
			 check_address(address), client, holding->client - 1,
			 sim_time(holding->until));
	*holding = (struct holding){.client = client + 1, .until = until, .slack = lease / 2000};
}

void check_given_up(uint32_t client, uint32_t address)
{
	struct holding *holding = &seen.holdings[check_place(address)];

	if (holding->client == client + 1)
		holding->client = 0;
}

void check_clock_known(struct node *node)
{
	check_nodes[node->index].offset = node->clock.offset;
}

/* How much the seconds of a promise may be off. */
static int64_t slack_of(uint32_t lease)
{
	return (int64_t)SIM_SECOND + (int64_t)lease * (int64_t)SIM_SECOND / 2000;
}

/* By a node's monotonic clock, which may lie ahead. */
static int64_t monotonic_at(const struct node *node, uint64_t at)
{
	int64_t ahead = (int64_t)(at - sim.now);

	return (int64_t)node_monotonic(node) + ahead +
	       (int64_t)(((__int128)ahead * node->clock.rate) >> 32);
}

/* On this disk the address is this client's until then. */
static void horizon_check(struct node *node, const struct wire_reply *reply, uint64_t until,
			  bool kernel)
{
	const struct check_node *known = &check_nodes[node->index];
	const struct check_fact *fact = &known->facts[check_place(reply->yiaddr)];
	int64_t ends = monotonic_at(node, until) + known->offset;

	if (fact->state != CHECK_ACTIVE || fact->client != reply->client + 1)
		sim_fail("%c's %s tells client %u that %s is its own; its disk says %s, client %d",
			 'A' + node->index, kernel ? "kernel" : "daemon", reply->client,
			 check_address(reply->yiaddr), check_binding_word(fact->state),
			 (int)fact->client - 1);
	else if (ends / (int64_t)SIM_SECOND >
		 (fact->horizon > fact->ends ? fact->horizon : fact->ends) +
			 slack_of(reply->lease) / (int64_t)SIM_SECOND)
		sim_fail("%c's %s promises %s to client %u until %lld, H on its disk is %lld",
			 'A' + node->index, kernel ? "kernel" : "daemon",
			 check_address(reply->yiaddr), reply->client,
			 (long long)(ends / (int64_t)SIM_SECOND), (long long)fact->horizon);
}

/* What the partner allows: MCLT beyond what it knows, or beyond the daemon's last heartbeat. */
static void bound_check(struct node *node, const struct wire_reply *reply, uint64_t until,
			bool kernel)
{
	const struct check_node *known = &check_nodes[node->index];
	const struct check_fact *fact = &known->facts[check_place(reply->yiaddr)];
	int64_t mclt = (int64_t)seen.mclt * (int64_t)SIM_SECOND;
	int64_t alone = (int64_t)known->beat + mclt - (int64_t)until;
	int64_t agreed = INT64_MIN, offset = known->partner_offset;
	int64_t assumed = monotonic_at(node, sim.now) + known->offset - (int64_t)sim.now +
			  60 * (int64_t)SIM_SECOND;

	if (sim.now - known->partner_news < SIM_SECOND && known->partner_before < offset)
		offset = known->partner_before;
	/* Nothing heard since the start: a pair's clocks are a minute apart at the most, as the daemon knows its own. */
	if (!known->heard && offset > assumed)
		offset = assumed;
	if (fact->known && offset)
		agreed = fact->known * (int64_t)SIM_SECOND + mclt - ((int64_t)until + offset);
	if (alone < agreed)
		alone = agreed;
	if (alone + slack_of(reply->lease) + (int64_t)SIM_SECOND < 0)
		sim_fail("%c's %s promises %s to client %u for %u seconds, %lld more than the "
			 "partner allows (K %lld, its clock %+.3f s, heartbeat %s, MCLT %u)",
			 'A' + node->index, kernel ? "kernel" : "daemon",
			 check_address(reply->yiaddr), reply->client, reply->lease,
			 (long long)(-alone / (int64_t)SIM_SECOND), (long long)fact->known,
			 (double)(offset - 1700000000LL * (int64_t)SIM_SECOND) / 1e9,
			 sim_time(known->beat), seen.mclt);
}

/* A disk that was lost: nobody is served before everything is back and MCLT has passed. */
static void lost_check(struct node *node)
{
	struct check_node *known = &check_nodes[node->index];

	if (!known->lost)
		return;
	if (known->excused) {
		known->lost = false;
		return;
	}
	if (!known->updated)
		sim_fail("%c serves after the loss of its disk, without its partner's bindings",
			 'A' + node->index);
	else if (sim.now + BETWEEN_RUNS < known->lost_at + seen.mclt * SIM_SECOND)
		sim_fail("%c serves %s after the loss of its disk, before MCLT has passed",
			 'A' + node->index, sim_time(sim.now - known->lost_at));
	else
		known->lost = false;
}

void check_reply(struct node *node, const struct wire_reply *reply, uint64_t asked, bool kernel)
{
	const struct check_node *known = &check_nodes[node->index];

	if (reply->type != 5 || !reply->yiaddr || !reply->lease)
		return;
	horizon_check(node, reply, asked + reply->lease * SIM_SECOND, kernel);
	if (!seen.mclt)
		return;
	bound_check(node, reply, asked + reply->lease * SIM_SECOND, kernel);
	lost_check(node);
	if (known->announced && !known->startup && !check_state_serves(known->announced) &&
	    !check_state_serves(known->kept))
		sim_fail("%c's %s serves client %u, and its partner was told: %s",
			 'A' + node->index, kernel ? "kernel" : "daemon", reply->client,
			 check_state_word(known->announced));
}
