// SPDX-License-Identifier: GPL-2.0-only
/*
 * Renewals from within the kernel: one thread for each CPU that generates,
 * which does nothing but call the generator; this one counts, prints, and
 * answers ARP.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/blast/bytes.h"
#include "bench/blast/generator.h"
#include "bench/blast/images.h"

#define CPUS_MAX 64
#define RUNS_FREE (1U << 17) /* a call takes 20 ms to begin: it pays from 16 k runs on */
#define RUNS_PACED (1U << 21) /* most of these are too early and send nothing */

struct run;

struct worker {
	pthread_t thread;
	struct run *run;
	unsigned int cpu;
	int result;
	bool started;
};

struct run {
	struct session session;
	struct generator generator;
	struct worker workers[CPUS_MAX];
	unsigned int cpus[CPUS_MAX], cpu_count;
	volatile bool stop;
	unsigned int running;
	struct blast_walk walk; /* at the last line */
	struct blast_verdicts verdicts;
};

static int cpus_read(struct run *run, const char *list)
{
	cpu_set_t allowed;
	char *end;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return -1;
	for (unsigned int i = 0; !list && i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &allowed)) {
			run->cpus[run->cpu_count++] = i;
			return 0;
		}
	while (list && *list && run->cpu_count < CPUS_MAX) {
		unsigned long cpu = strtoul(list, &end, 10);

		if (end == list || cpu >= CPU_SETSIZE || !CPU_ISSET(cpu, &allowed))
			break;
		run->cpus[run->cpu_count++] = (unsigned int)cpu;
		list = *end == ',' ? end + 1 : end;
	}
	if (list && !*list && run->cpu_count)
		return 0;
	fprintf(stderr, "blast: --cpus wants a list like 0,1 of CPUs that this process may use\n");
	return -1;
}

/* The clients that hold leases, in the order in which they will be asked for. */
static uint32_t *clients_list(struct session *session, uint32_t *ret_count)
{
	const struct population *population = &session->population;
	bool shuffled = strcmp(session->settings->order, "sequence") != 0;
	uint32_t *list = malloc(population->count * sizeof(*list)), count = 0;

	for (uint32_t i = 0; list && i < population->count; i++) {
		uint32_t other = count;

		if (!population->clients[i].address || population->clients[i].end <= session->now)
			continue;
		if (shuffled)
			other = (uint32_t)(dice(&session->dice) % (count + 1ULL));
		list[count++] = list[other];
		list[other] = i;
	}
	*ret_count = count;
	return list;
}

/* One renewal of each sort in userspace, then every client's entry. */
static int tables_fill(struct run *run, const uint32_t *list)
{
	bool done[SORTS_MAX] = {false};

	for (uint32_t i = 0; i < run->generator.clients; i++) {
		struct blast_client *client = &run->generator.table[i];
		struct blast_sort sort = {0};

		sort_client(&run->session.population, list[i], client);
		if (done[client->sort])
			continue;
		done[client->sort] = true;
		if (sort_fill(&run->session, list[i], &sort) ||
		    generator_set_sort(&run->generator, client->sort, &sort))
			return -1;
	}
	return 0;
}

static int run_open(struct run *run, const struct settings *settings)
{
	uint32_t *list = NULL, count = 0;
	uint64_t interval = 0;
	int result = -1;

	if (session_open(&run->session, settings) || cpus_read(run, settings->cpus))
		return -1;
	if (settings->rate > 0)
		interval = (uint64_t)(1e9 * 1024 * run->cpu_count / settings->rate);
	list = clients_list(&run->session, &count);
	if (!count)
		fprintf(stderr, "blast: no client of %s holds a lease that still runs\n",
			settings->state);
	else if (!generator_open(&run->generator, &run->session, count, interval) &&
		 !tables_fill(run, list))
		result = generator_set_walks(&run->generator, run->cpus, run->cpu_count,
					     (uint32_t)dice(&run->session.dice) | 1,
					     settings->count);
	free(list);
	return result;
}

/* Calls the generator until it is enough. */
static void *worker_run(void *argument)
{
	struct worker *worker = argument;
	const struct run *run = worker->run;
	uint64_t most = run->session.settings->rate > 0 ? RUNS_PACED : RUNS_FREE, left;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(worker->cpu, &set);
	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	while (!run->stop && !worker->result) {
		left = generator_left(&run->generator, worker->cpu);
		if (!left)
			break;
		if (run->session.settings->rate <= 0 && left < most)
			most = left;
		worker->result = generator_run(&run->generator, (uint32_t)most);
	}
	__atomic_sub_fetch(&worker->run->running, 1, __ATOMIC_RELEASE);
	return NULL;
}

static int workers_start(struct run *run)
{
	run->running = run->cpu_count;
	for (unsigned int i = 0; i < run->cpu_count; i++) {
		struct worker *worker = &run->workers[i];

		worker->run = run;
		worker->cpu = run->cpus[i];
		if (pthread_create(&worker->thread, NULL, worker_run, worker)) {
			fprintf(stderr, "blast: thread: %s\n", strerror(errno));
			return -1;
		}
		worker->started = true;
	}
	return 0;
}

static int workers_stop(struct run *run)
{
	int result = 0;

	run->stop = true;
	for (unsigned int i = 0; i < run->cpu_count; i++) {
		if (!run->workers[i].started)
			continue;
		pthread_join(run->workers[i].thread, NULL);
		if (run->workers[i].result)
			result = run->workers[i].result;
	}
	if (result)
		fprintf(stderr,
			"blast: BPF_PROG_TEST_RUN with live frames: %s; Linux 5.18 or "
			"later knows it\n",
			strerror(-result));
	return result;
}

static uint64_t failures_sum(const struct blast_verdicts *verdicts)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < CAUSE_COUNT; i++)
		sum += verdicts->failures[i];
	return sum;
}

static void failures_print(const struct blast_verdicts *verdicts, bool json)
{
	const char *comma = "";

	for (unsigned int i = 0; i < CAUSE_COUNT; i++) {
		if (!verdicts->failures[i])
			continue;
		printf(json ? "%s\"%s\":%llu" : "%s%s %llu", comma, cause_words[i],
		       verdicts->failures[i]);
		comma = json ? "," : ", ";
	}
}

static void print_json(const struct run *run, const char *kind, double seconds,
		       const struct blast_walk *walk, const struct blast_verdicts *verdicts,
		       uint64_t unanswered)
{
	printf("{\"kind\":\"%s\",\"time\":%.3f,\"seconds\":%.3f,\"clients\":%u,\"sent\":%llu,"
	       "\"replies\":%llu,\"correct\":%llu,\"compared\":%llu,\"unanswered\":%" PRIu64
	       ",\"late\":%llu,\"unfinished\":%llu,\"passed\":%llu,\"stuck\":%llu,\"skipped\":%llu,"
	       "\"failed\":"
	       "%" PRIu64 ",\"failures\":{",
	       kind, (double)clock_read(CLOCK_REALTIME) / 1e9, seconds, run->generator.clients,
	       walk->sent, verdicts->replies, verdicts->correct, verdicts->compared, unanswered,
	       verdicts->late, verdicts->unfinished, verdicts->passed, walk->stuck, walk->skipped,
	       failures_sum(verdicts));
	failures_print(verdicts, true);
	printf("}}\n");
	fflush(stdout);
}

/* What came since the last line. */
static void second_print(struct run *run, double seconds)
{
	const struct blast_verdicts *before = &run->verdicts;
	struct blast_walk walk, walked;
	struct blast_verdicts verdicts, now;

	generator_read(&run->generator, &walked, &now);
	walk = walked;
	walk.sent -= run->walk.sent;
	walk.stuck -= run->walk.stuck;
	walk.skipped -= run->walk.skipped;
	walk.unanswered -= run->walk.unanswered;
	verdicts = now;
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(uint64_t); i++)
		((uint64_t *)&verdicts)[i] -= ((const uint64_t *)before)[i];
	if (run->session.settings->json) {
		print_json(run, "second", seconds, &walk, &verdicts, walk.unanswered);
	} else {
		printf("%6.0f s: sent %9llu, replies %9llu, correct %9llu, unanswered %8llu, late "
		       "%llu,"
		       " failed %" PRIu64 "  ",
		       seconds, walk.sent, verdicts.replies, verdicts.correct, walk.unanswered,
		       verdicts.late, failures_sum(&verdicts));
		failures_print(&verdicts, false);
		printf("\n");
		fflush(stdout);
	}
	run->walk = walked;
	run->verdicts = now;
}

static void arp_answer(struct run *run)
{
	struct pollfd waiting = {.fd = run->session.port.wakes, .events = POLLIN};
	struct session *session = &run->session;
	struct arrival arrival;

	poll(&waiting, 1, 10);
	while (port_receive(&session->port, &arrival)) {
		neighbour_receive(&session->port, &session->population, &session->holders, &arrival,
				  clock_now());
		port_release(&session->port);
	}
	port_flush(&session->port);
}

static void run_watch(struct run *run)
{
	uint64_t duration = run->session.settings->duration, began = clock_now(), now = began;
	uint64_t next = began + NS_PER_SECOND;

	while (__atomic_load_n(&run->running, __ATOMIC_ACQUIRE)) {
		arp_answer(run);
		now = clock_now();
		if (now >= next) {
			second_print(run, (double)(now - began) / 1e9);
			next += NS_PER_SECOND;
		}
		if (session_stopped(&run->session) || (duration && now - began >= duration))
			run->stop = true;
	}
}

/* Waits for the last replies, a second at the most, and sums up. */
static int run_finish(struct run *run, double seconds)
{
	uint64_t until = clock_now() + NS_PER_SECOND, unanswered;
	struct blast_verdicts verdicts;
	struct blast_walk walk;

	while (generator_outstanding(&run->generator) && clock_now() < until)
		arp_answer(run);
	generator_read(&run->generator, &walk, &verdicts);
	unanswered = walk.unanswered + generator_outstanding(&run->generator);
	if (run->session.settings->json) {
		print_json(run, "summary", seconds, &walk, &verdicts, unanswered);
	} else {
		printf("\n%u clients, %.2f s: %llu requests (%.0f/s), %llu replies (%.0f/s), %llu "
		       "of "
		       "them correct, %llu compared in full\n%" PRIu64
		       " unanswered, %llu late, %llu with unfinished checksums, %llu passed up\n",
		       run->generator.clients, seconds, walk.sent, (double)walk.sent / seconds,
		       verdicts.replies, (double)verdicts.replies / seconds, verdicts.correct,
		       verdicts.compared, unanswered, verdicts.late, verdicts.unfinished,
		       verdicts.passed);
		printf(failures_sum(&verdicts) ? "WRONG REPLIES: " : "no wrong reply");
		failures_print(&verdicts, false);
		printf("\n");
	}
	if (failures_sum(&verdicts))
		return EXIT_WRONG;
	return unanswered || walk.stuck ? EXIT_UNANSWERED : EXIT_FINE;
}

int kernel_run(const struct settings *settings)
{
	struct run *run;
	int result = EXIT_SETUP;
	uint64_t began;

	if (!settings->state) {
		fprintf(stderr,
			"blast: kernel needs --state FILE, a population that holds leases\n");
		return EXIT_SETUP;
	}
	run = calloc(1, sizeof(*run));
	if (!run)
		return EXIT_SETUP;
	run->generator.link = -1;
	if (run_open(run, settings))
		goto out;
	began = clock_now();
	if (!generator_judge(&run->generator) && !workers_start(run))
		run_watch(run);
	if (!workers_stop(run))
		result = run_finish(run, (double)(clock_now() - began) / 1e9);
out:
	generator_close(&run->generator);
	session_close(&run->session);
	free(run);
	return result;
}
