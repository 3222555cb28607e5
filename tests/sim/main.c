// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/check.h"
#include "tests/sim/fault.h"
#include "tests/sim/operator.h"

#ifdef XDHCP_PLANT
#include "base/plant.h"

static const char *planted;

bool base_planted(const char *fault)
{
	return planted && !strcmp(planted, fault);
}
#endif

struct run {
	uint64_t first, last; /* seeds */
	unsigned jobs;
	double hours;
	bool verbose, quiet, single, faultless;
};

static void node_begin(struct node *node, int index, const struct plan *plan)
{
	struct sim_random *random = sim_stream(SIM_STREAM_PLAN);
	int64_t ppm = 1 << 16; /* of 2^-32, a little more than 15 ppm */

	node->index = index;
	node->role = index < (plan->single ? 1 : 2) ? index : -1;
	node->disk = sim_disk_new();
	node->clock.rate = (int64_t)sim_below(random, (uint64_t)(12 * ppm)) - 6 * ppm;
	kernel_make(&node->kernel);
	node_power_on(node);
	node_clock_step(node, node_true_wall() - node_wall(node) +
				      (int64_t)sim_below(random, 20 * SIM_SECOND) -
				      10 * (int64_t)SIM_SECOND);
	check_disk_lost(node);
	if (node->role >= 0)
		node->configuration = plan_configuration(plan, node->role, 0);
}

static void step(struct sim_event *event)
{
	struct node *node = event->node < 0 ? NULL : &sim.nodes[event->node];

	sim.now = event->at;
	if (node && node->stalled > sim.now) {
		sim_event_at(event, node->stalled);
		return;
	}
	sim.here = event->node;
	sim.events++;
	event->fire(event);
	if (node) {
		node_look(node);
		check_beat(node);
	}
	sim.here = -1;
	sim_rcu_free();
}

static void run_until(uint64_t until)
{
	struct sim_event *event;

	while (!sim.failed && (event = sim_event_next(until)))
		step(event);
	if (!sim.failed)
		sim.now = until;
}

/* Everything is healed: it is quiet when MCLT has passed and what was owed is sent. */
static void settle(const struct plan *plan)
{
	uint64_t until = sim.now + (2 * plan->mclt + 1800) * SIM_SECOND;

	faults_end();
	clients_settle();
	run_until(until);
	/* A moment in which nothing is under way comes soon, if ever. */
	for (int i = 0; i < 2000 && !sim.failed && !plan->single; i++) {
		if (operator_idle(&sim.nodes[0]) && operator_idle(&sim.nodes[1]))
			break;
		run_until(sim.now + 50 * SIM_MILLISECOND);
	}
	if (!sim.failed && !plan->single &&
	    !(operator_idle(&sim.nodes[0]) && operator_idle(&sim.nodes[1])))
		sim_fail("updates are owed when all is quiet");
	if (!sim.failed && !plan->single)
		check_converged();
}

static void report(const struct run *run)
{
	struct client_counts counts;
	uint64_t faults[FAULT_MAX], all = 0;

	clients_count(&counts);
	faults_count(faults);
	for (int i = 0; i < FAULT_MAX; i++)
		all += faults[i];
	if (run->quiet)
		return;
	printf("seed %llu: %.1f hours, %llu events, %llu faults, %llu leases, %llu renewals, %llu "
	       "naks, %llu left unserved, %u of %s served\n",
	       (unsigned long long)sim.seed, (double)sim.now / 3600e9,
	       (unsigned long long)sim.events, (unsigned long long)all,
	       (unsigned long long)counts.bound, (unsigned long long)counts.renewed,
	       (unsigned long long)counts.naks, (unsigned long long)counts.unserved, counts.served,
	       "all");
}

/* One seed, in this process. */
static int seed_run(const struct run *run, uint64_t seed)
{
	static struct node nodes[SIM_NODES];
	struct plan plan;

	sim.seed = seed;
	sim.verbose = run->verbose;
	for (int i = 0; i < SIM_STREAMS; i++)
		sim.random[i] = sim_random_of(seed, (uint64_t)i);
	sim.nodes = nodes;
	plan = plan_draw(sim_stream(SIM_STREAM_PLAN));
	plan.single = run->single;
	check_begin(plan.single ? 0 : plan.mclt);
	for (int i = 0; i < SIM_NODES; i++)
		node_begin(&nodes[i], i, &plan);
	net_begin(&plan.net);
	link_begin(&plan.link);
	for (int i = 0; i < SIM_NODES; i++) {
		if (nodes[i].role >= 0)
			node_start(&nodes[i]);
	}
	clients_begin(&plan.clients);
	faults_begin(&plan);
	if (run->faultless)
		faults_end();
	run_until((uint64_t)(run->hours * 3600e9));
	if (!sim.failed)
		settle(&plan);
	if (sim.failed) {
		sim_log_dump();
		printf("seed %llu FAILED at %s: %s\n", (unsigned long long)seed, sim_time(sim.now),
		       sim.why);
	}
	report(run);
	fflush(stdout);
	return sim.failed;
}

static unsigned seeds_run(const struct run *run)
{
	unsigned running = 0, failed = 0;
	int status;

	for (uint64_t seed = run->first; seed <= run->last || running;) {
		if (seed <= run->last && running < run->jobs) {
			fflush(stdout);
			if (!fork())
				_exit(seed_run(run, seed));
			seed++;
			running++;
			continue;
		}
		if (wait(&status) < 0)
			break;
		running--;
		failed += status != 0;
		if (WIFSIGNALED(status))
			printf("a seed died by signal %d\n", WTERMSIG(status));
	}
	return failed;
}

static int usage(void)
{
	fputs("usage: sim [--seed N | --seeds FIRST-LAST] [--jobs N] [--hours H] [--verbose] "
	      "[--quiet] [--single] [--no-faults] [--trace ADDRESS]\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct run run = {.first = 1, .last = 1, .jobs = 1, .hours = 4};

	for (int i = 1; i < argc; i++) {
		char *value = i + 1 < argc ? argv[i + 1] : "", *end = value;

		if (!strcmp(argv[i], "--verbose"))
			run.verbose = true;
		else if (!strcmp(argv[i], "--quiet"))
			run.quiet = true;
		else if (!strcmp(argv[i], "--single"))
			run.single = true;
		else if (!strcmp(argv[i], "--no-faults"))
			run.faultless = true;
		else if (!strcmp(argv[i], "--seed"))
			run.first = run.last = strtoull(value, &end, 10);
		else if (!strcmp(argv[i], "--seeds"))
			run.first = strtoull(value, &end, 10),
			run.last = *end == '-' ? strtoull(end + 1, &end, 10) : run.first;
#ifdef XDHCP_PLANT
		else if (!strcmp(argv[i], "--fault-plant"))
			planted = value, end = value + strlen(value);
#endif
		else if (!strcmp(argv[i], "--trace"))
			sim.traced = ntohl(inet_addr(value)), end = value + strlen(value);
		else if (!strcmp(argv[i], "--jobs"))
			run.jobs = (unsigned)strtoul(value, &end, 10);
		else if (!strcmp(argv[i], "--hours"))
			run.hours = strtod(value, &end);
		else
			return usage();
		if (end != value)
			i++;
		if (*end && end != value)
			return usage();
	}
	if (run.first == run.last)
		return seed_run(&run, run.first);
	return seeds_run(&run) ? 1 : 0;
}
