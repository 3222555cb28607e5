// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/check.h"
#include "tests/sim/cluster.h"
#include "tests/sim/fault.h"
#include "tests/sim/operator.h"
#include "tests/sim/turn.h"

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
	bool many, verbose, quiet, single, faultless, unmoved, first_failure, self_tests;
};

static void node_begin(struct node *node, int index, const struct plan *plan)
{
	struct sim_random *random = sim_stream(SIM_STREAM_PLAN);
	int64_t ppm = 1 << 16; /* of 2^-32, a little more than 15 ppm */

	node->index = index;
	node->role = index < (plan->single ? 1 : 2) ? index : -1;
	node->ghost = -1;
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

void sim_step(struct sim_event *event)
{
	struct node *node = event->node < 0 ? NULL : &sim.nodes[event->node];
	int here = sim.here;

	if (sim.now < event->at)
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
	sim.here = here;
	if (here < 0)
		sim_rcu_free();
}

static void run_until(uint64_t until)
{
	struct sim_event *event;

	while (!sim.failed && (event = sim_event_next(until)))
		sim_step(event);
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
	if (operator_waits()) /* for the last lease of two that have lost their disks */
		run_until(until + 2 * (plan->longest + plan->mclt) * SIM_SECOND);
	if (sim.failed || plan->single)
		return;
	/* A moment in which nothing is under way comes soon, if ever. */
	for (int i = 0; i < 2000 && !sim.failed && !operators_idle(); i++)
		run_until(sim.now + 50 * SIM_MILLISECOND);
	if (!sim.failed && !operators_idle())
		sim_fail("updates are owed when all is quiet");
	if (!sim.failed)
		check_converged();
}

static void report(const struct run *run)
{
	struct client_counts counts;
	uint64_t faults[FAULT_MAX], all = turns_count(), moved, down;

	clients_count(&counts);
	faults_count(faults);
	cluster_count(&moved, &down);
	for (int i = 0; i < FAULT_MAX; i++)
		all += faults[i];
	if (run->quiet)
		return;
	printf("seed %llu: %.1f hours, %llu events, %llu faults, %llu times partner-down, %llu "
	       "moves, "
	       "%llu leases, %llu renewals, %llu "
	       "naks, %llu ran out unserved, %u clients served at the end\n",
	       (unsigned long long)sim.seed, (double)sim.now / 3600e9,
	       (unsigned long long)sim.events, (unsigned long long)all, (unsigned long long)down,
	       (unsigned long long)moved, (unsigned long long)counts.bound,
	       (unsigned long long)counts.renewed, (unsigned long long)counts.naks,
	       (unsigned long long)counts.unserved, counts.served);
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
	plan.moves &= !run->unmoved;
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
	cluster_begin(&plan);
	faults_begin(&plan);
	if (run->faultless)
		faults_end();
	if (run->self_tests)
		operator_ask_begin();
	run_until((uint64_t)(run->hours * 3600e9));
	if (!sim.failed)
		settle(&plan);
	if (sim.failed) {
		if (!run->quiet)
			sim_log_dump();
		printf("seed %llu FAILED at %s: %s\n", (unsigned long long)seed, sim_time(sim.now),
		       sim.why);
	}
	report(run);
	fflush(stdout);
	return sim.failed;
}

#define JOBS_MOST 256

/* Each in a child of its own: what a killed daemon had goes with it. */
static struct child {
	pid_t pid; /* 0: none */
	uint64_t seed;
} children[JOBS_MOST];

static struct child *child_find(pid_t pid)
{
	for (size_t i = 0; i < JOBS_MOST; i++) {
		if (children[i].pid == pid)
			return &children[i];
	}
	abort();
}

static void child_start(const struct run *run, uint64_t seed)
{
	struct child *child = child_find(0);

	fflush(stdout);
	child->seed = seed;
	child->pid = fork();
	if (child->pid < 0)
		abort();
	if (!child->pid)
		_exit(seed_run(run, seed));
}

/* True: it has failed. */
static bool child_end(void)
{
	int status;
	struct child *child = child_find(wait(&status));

	child->pid = 0;
	if (WIFSIGNALED(status))
		printf("seed %llu FAILED at its end: signal %d\n", (unsigned long long)child->seed,
		       WTERMSIG(status));
	return status != 0;
}

static unsigned seeds_run(const struct run *run)
{
	unsigned running = 0, failed = 0, done = 0;
	uint64_t seed = run->first;
	struct rusage used;

	for (;;) {
		bool more = seed <= run->last && !(failed && run->first_failure);

		if (more && running < run->jobs) {
			child_start(run, seed++);
			running++;
		} else if (running) {
			failed += child_end();
			running--;
			done++;
		} else {
			break;
		}
	}
	getrusage(RUSAGE_CHILDREN, &used);
	printf("%u seeds, %u failed, %.0f hours and the peace after, %ld seconds of processor "
	       "time\n",
	       done, failed, run->hours * done,
	       (long)(used.ru_utime.tv_sec + used.ru_stime.tv_sec));
	return failed;
}

static int usage(void)
{
	fputs("usage: sim [--seed N | --seeds FIRST-LAST] [OPTION…]\n"
	      "  --hours H          of faults, before the peace in which all has to converge (4)\n"
	      "  --jobs N           seeds at a time\n"
	      "  --verbose          every line, as it is said\n"
	      "  --trace ADDRESS    and what becomes of this address\n"
	      "  --quiet            failures only\n"
	      "  --first-failure    end with the first\n"
	      "  --single           one server, without failover\n"
	      "  --no-moves         no third node\n"
	      "  --no-faults        peace only\n"
	      "  --self-tests       each daemon tests itself every minute\n"
#ifdef XDHCP_PLANT
	      "  --fault-plant NAME with a known fault (base/plant.h)\n"
#endif
	      ,
	      stderr);
	return 2;
}

static const struct option options[] = {
	{"seed", required_argument, NULL, 's'},
	{"seeds", required_argument, NULL, 'S'},
	{"hours", required_argument, NULL, 'h'},
	{"jobs", required_argument, NULL, 'j'},
	{"verbose", no_argument, NULL, 'v'},
	{"trace", required_argument, NULL, 't'},
	{"quiet", no_argument, NULL, 'q'},
	{"first-failure", no_argument, NULL, 'f'},
	{"single", no_argument, NULL, '1'},
	{"no-moves", no_argument, NULL, 'm'},
	{"no-faults", no_argument, NULL, 'n'},
	{"self-tests", no_argument, NULL, 'a'},
#ifdef XDHCP_PLANT
	{"fault-plant", required_argument, NULL, 'p'},
#endif
	{NULL, 0, NULL, 0},
};

/* False: not understood. */
static bool option_take(struct run *run, int option, const char *value)
{
	char *end = NULL;

	switch (option) {
	case 's':
		run->first = run->last = strtoull(value, &end, 10);
		break;
	case 'S':
		run->first = run->last = strtoull(value, &end, 10);
		if (*end == '-')
			run->last = strtoull(end + 1, &end, 10);
		run->many = true;
		break;
	case 'h':
		run->hours = strtod(value, &end);
		break;
	case 'j':
		run->jobs = (unsigned)strtoul(value, &end, 10);
		break;
	case 'v':
		run->verbose = true;
		break;
	case 't':
		sim.traced = ntohl(inet_addr(value));
		break;
	case 'q':
		run->quiet = true;
		break;
	case 'f':
		run->first_failure = true;
		break;
	case '1':
		run->single = true;
		break;
	case 'm':
		run->unmoved = true;
		break;
	case 'n':
		run->faultless = true;
		break;
	case 'a':
		run->self_tests = true;
		break;
#ifdef XDHCP_PLANT
	case 'p':
		planted = value;
		break;
#endif
	default:
		return false;
	}
	return !end || !*end;
}

int main(int argc, char **argv)
{
	struct run run = {.first = 1, .last = 1, .jobs = 1, .hours = 4};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (!option_take(&run, option, optarg))
			return usage();
	}
	if (optind != argc || !run.jobs || run.jobs > JOBS_MOST)
		return usage();
	if (!run.many)
		return seed_run(&run, run.first);
	return seeds_run(&run) ? 1 : 0;
}
