/* SPDX-License-Identifier: GPL-2.0-only */
/* The in-kernel half: loaded, attached, its maps filled and read. */
#ifndef BLAST_GENERATOR_H
#define BLAST_GENERATOR_H

#include "bench/blast/image.h"
#include "bench/blast/session.h"

struct generator {
	struct bpf_object *object;
	int link, program;
	int sorts, walks, verdicts, judging;
	uint32_t cpus; /* possible ones, as per-CPU maps count them */
	uint32_t clients;
	struct blast_client *table; /* the clients' map, as memory */
	size_t table_size;
	struct blast_walk *walk_now;
	struct blast_verdicts *verdict_now;
};

/*
 * Loads the object for `clients` clients and attaches its judge. `interval`: ns × 1024 between
 * the requests of one CPU, 0: as fast as it goes. 0, or -1 after saying why.
 */
int generator_open(struct generator *generator, const struct session *session, uint32_t clients,
		   uint64_t interval);
void generator_close(struct generator *generator);

int generator_set_sort(struct generator *generator, uint8_t sort, const struct blast_sort *value);

/* Gives each CPU of the list its share of the clients, and of `count` requests (0: no bound). */
int generator_set_walks(struct generator *generator, const unsigned int *cpus,
			unsigned int cpu_count, uint32_t serial, uint64_t count);

/* From now on replies are judged and dropped; until then they go up. */
int generator_judge(const struct generator *generator);

/* One call: so many runs on this CPU. 0, or a negative errno. */
int generator_run(const struct generator *generator, uint32_t runs);

/* How many requests a CPU may still send. */
uint64_t generator_left(const struct generator *generator, unsigned int cpu);

/* Sums over all CPUs. */
void generator_read(struct generator *generator, struct blast_walk *ret_walk,
		    struct blast_verdicts *ret_verdicts);

/* Clients whose last request has no reply yet. */
uint32_t generator_outstanding(const struct generator *generator);

#endif
