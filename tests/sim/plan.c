// SPDX-License-Identifier: GPL-2.0-only
#include "tests/sim/plan.h"

#include <stdio.h>
#include <stdlib.h>

#define CLIENTS 500

/* Clients come and go, and there is an address for hardly each: what runs out is another's soon. */
static void turns_draw(struct plan *plan)
{
	plan->turns = true;
	plan->moves = false;
	plan->lease = plan->mclt = 600;
	plan->addresses = CLIENTS / 2 - 10;
	plan->clients.whims = 200000;
}

/* Leases of an hour mostly; pools from scarce to ample. */
struct plan plan_draw(struct sim_random *random)
{
	static const uint32_t leases[] = {600, 3600, 3600, 3600, 7200};
	static const uint32_t leads[] = {60, 300, 600, 1800};
	struct plan plan = {
		.lease = leases[sim_below(random, sizeof(leases) / sizeof(leases[0]))],
		.mclt = leads[sim_below(random, sizeof(leads) / sizeof(leads[0]))],
		.addresses = (uint32_t)sim_between(random, CLIENTS / 2 - 20, CLIENTS + 100),
		.split = (uint32_t)sim_below(random, 257),
		.max_unacked = (uint32_t)sim_between(random, 2, 200),
		.moves = true,
		.fault_every = 600 * SIM_SECOND,
		.clients =
			{
				.count = CLIENTS,
				.arrival = sim_between(random, 10, 3600) * SIM_SECOND,
				.whims = (uint32_t)sim_below(random, 200000),
			},
		.net =
			{
				.lost = (uint32_t)sim_below(random, 50000),
				.doubled = (uint32_t)sim_below(random, 20000),
				.late = (uint32_t)sim_below(random, 20000),
				.late_most = sim_between(random, 1, 8) * SIM_SECOND,
			},
		.link =
			{
				.latency = sim_between(random, 1, 50) * 100 * SIM_MICROSECOND,
				.split = (uint32_t)sim_below(random, 200000),
			},
	};

	if (sim_chance(random, 125000))
		turns_draw(&plan);
	plan.longest = plan.lease + (uint32_t)sim_below(random, plan.lease);
	return plan;
}

static int relation_write(const struct plan *plan, int role, FILE *file)
{
	fprintf(file,
		"failover peer \"sim\" {\n"
		"  %s;\n"
		"  address 10.0.0.%d;\n"
		"  peer address 10.0.0.%d;\n"
		"  max-response-delay 30;\n"
		"  max-unacked-updates %u;\n"
		"  load balance max seconds 3;\n",
		role ? "secondary" : "primary", 1 + role, 2 - role, plan->max_unacked);
	if (!role)
		fprintf(file, "  mclt %u;\n  split %u;\n", plan->mclt, plan->split);
	return fprintf(file, "}\n");
}

char *plan_configuration(const struct plan *plan, int role, unsigned version)
{
	char *text = NULL;
	size_t length;
	FILE *file = open_memstream(&text, &length);
	uint32_t last = plan->addresses;

	if (!file)
		abort();
	if (!plan->single)
		relation_write(plan, role, file);
	fprintf(file,
		"authoritative;\n"
		"default-lease-time %u;\n"
		"max-lease-time %u;\n"
		"option domain-name \"v%u.example\";\n",
		plan->lease, plan->longest, version);
	for (unsigned link = 0; link < WIRE_LINKS; link++)
		fprintf(file,
			"subnet 10.%u.0.0 netmask 255.255.0.0 {\n"
			"  option routers 10.%u.255.254;\n"
			"  pool {\n"
			"    %s\n"
			"    range 10.%u.1.1 10.%u.%u.%u;\n"
			"  }\n"
			"}\n",
			link, link, plan->single ? "" : "failover peer \"sim\";", link, link,
			1 + last / 256, last % 256);
	fclose(file);
	return text;
}
