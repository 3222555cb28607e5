// SPDX-License-Identifier: GPL-2.0-only
/* After healing and quiet: both NORMAL, of one mind about every address. */
#include "tests/sim/check.h"

static uint8_t settled(uint8_t state)
{
	return state == CHECK_NONE ? CHECK_FREE : state;
}

void check_converged(void)
{
	struct node *node = &sim.nodes[sim.nodes[0].role < 0 ? 1 : 0];
	struct node *partner = check_partner(node);
	unsigned differ = 0, last = 0;

	for (int i = 0; i < SIM_NODES; i++) {
		const struct check_node *known = &check_nodes[i];

		if (sim.nodes[i].role >= 0 && known->kept != CHECK_NORMAL)
			sim_fail("%c is in %s when all is quiet", 'A' + i,
				 check_state_word(known->kept));
	}
	if (sim.failed || !partner)
		return;
	for (uint32_t place = 0; place < CHECK_PLACES; place++) {
		const struct check_fact *one = &check_nodes[node->index].facts[place];
		const struct check_fact *other = &check_nodes[partner->index].facts[place];

		if (settled(one->state) == settled(other->state) &&
		    (one->state != CHECK_ACTIVE || one->client == other->client))
			continue;
		differ++;
		last = place;
	}
	if (differ)
		sim_fail("both are quiet and differ in %u addresses, such as 10.%u.%u.%u: %s "
			 "(client %d) here, %s (client %d) there",
			 differ, last >> 16, last >> 8 & 0xff, last & 0xff,
			 check_binding_word(check_nodes[node->index].facts[last].state),
			 (int)check_nodes[node->index].facts[last].client - 1,
			 check_binding_word(check_nodes[partner->index].facts[last].state),
			 (int)check_nodes[partner->index].facts[last].client - 1);
}
