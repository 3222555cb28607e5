// SPDX-License-Identifier: GPL-2.0-only
#include "bench/blast/generator.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/blast/object.h"
#include "bench/blast/pass.h"

#define OBJECT_NAME "blast.bpf.o"
#define FRAME_SIZE (IMAGE_BYTES + 8)
#define BATCH 64

static int map_of(const struct generator *generator, const char *name)
{
	return bpf_object__find_map_fd_by_name(generator->object, name);
}

static int object_load(struct generator *generator, const struct session *session,
		       uint64_t interval)
{
	struct bpf_map *clients;
	struct blast_setup setup = {
		.interface = (uint32_t)session->port.ifindex,
		.full_every = (uint32_t)session->settings->full,
		.frame_size = FRAME_SIZE,
		.echoed = session->settings->echoed,
		.sparse = session->settings->sparse || session->settings->echoed,
		.interval = interval,
	};
	struct bpf_map *constants;

	generator->object = object_open(session->settings->object, OBJECT_NAME);
	if (!generator->object)
		return -1;
	clients = bpf_object__find_map_by_name(generator->object, "clients");
	constants = bpf_object__find_map_by_name(generator->object, ".rodata");
	if (!clients || !constants ||
	    bpf_map__set_initial_value(constants, &setup, sizeof(setup)) ||
	    bpf_map__set_max_entries(clients, generator->clients)) {
		fprintf(stderr, "blast: %s is of another version; build it anew\n",
			bpf_object__name(generator->object));
		return -1;
	}
	if (bpf_object__load(generator->object)) {
		fprintf(stderr, "blast: %s: %s; run as root (CAP_BPF, CAP_NET_ADMIN)\n",
			bpf_object__name(generator->object), strerror(errno));
		return -1;
	}
	return 0;
}

static int maps_open(struct generator *generator)
{
	long page = sysconf(_SC_PAGESIZE);
	size_t size = generator->clients * sizeof(*generator->table);

	generator->sorts = map_of(generator, "sorts");
	generator->walks = map_of(generator, "walks");
	generator->verdicts = map_of(generator, "verdicts");
	generator->judging = map_of(generator, ".bss");
	generator->table_size = (size + (size_t)page - 1) / (size_t)page * (size_t)page;
	generator->table = mmap(NULL, generator->table_size, PROT_READ | PROT_WRITE, MAP_SHARED,
				map_of(generator, "clients"), 0);
	generator->cpus = (uint32_t)libbpf_num_possible_cpus();
	generator->walk_now = calloc(generator->cpus, sizeof(*generator->walk_now));
	generator->verdict_now = calloc(generator->cpus, sizeof(*generator->verdict_now));
	if (generator->table != MAP_FAILED && generator->judging >= 0 && generator->walk_now &&
	    generator->verdict_now)
		return 0;
	fprintf(stderr, "blast: the generator's maps: %s\n", strerror(errno));
	return -1;
}

int generator_open(struct generator *generator, const struct session *session, uint32_t clients,
		   uint64_t interval)
{
	struct bpf_program *generate, *judge;

	*generator = (struct generator){.link = -1, .clients = clients};
	if (object_load(generator, session, interval) || maps_open(generator))
		return -1;
	judge = bpf_object__find_program_by_name(generator->object, "blast_check");
	generator->link =
		xdp_attach(bpf_program__fd(judge), session->port.ifindex, session->port.name);
	if (generator->link < 0)
		return -1;
	generate = bpf_object__find_program_by_name(generator->object, "blast_generate");
	generator->program = bpf_program__fd(generate);
	return 0;
}

void generator_close(struct generator *generator)
{
	if (generator->link >= 0)
		close(generator->link);
	if (generator->table && generator->table != MAP_FAILED)
		munmap(generator->table, generator->table_size);
	free(generator->walk_now);
	free(generator->verdict_now);
	bpf_object__close(generator->object);
}

int generator_set_sort(struct generator *generator, uint8_t sort, const struct blast_sort *value)
{
	uint32_t key = sort;

	return bpf_map_update_elem(generator->sorts, &key, value, BPF_ANY);
}

int generator_set_walks(struct generator *generator, const unsigned int *cpus,
			unsigned int cpu_count, uint32_t serial, uint64_t count)
{
	uint32_t zero = 0;

	memset(generator->walk_now, 0, generator->cpus * sizeof(*generator->walk_now));
	for (unsigned int i = 0; i < cpu_count; i++) {
		struct blast_walk *walk = &generator->walk_now[cpus[i]];

		walk->first = (uint32_t)((uint64_t)generator->clients * i / cpu_count);
		walk->end = (uint32_t)((uint64_t)generator->clients * (i + 1) / cpu_count);
		walk->next = walk->first;
		walk->serial = serial;
		walk->left = count ? count / cpu_count : UINT64_MAX;
	}
	return bpf_map_update_elem(generator->walks, &zero, generator->walk_now, BPF_ANY);
}

int generator_judge(const struct generator *generator)
{
	uint32_t zero = 0, one = 1; /* the only variable of its section */

	return bpf_map_update_elem(generator->judging, &zero, &one, BPF_ANY);
}

int generator_run(const struct generator *generator, uint32_t runs)
{
	static const uint8_t frame[FRAME_SIZE];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = (int)runs, .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = BATCH);

	return bpf_prog_test_run_opts(generator->program, &options);
}

uint64_t generator_left(const struct generator *generator, unsigned int cpu)
{
	struct blast_walk walks[generator->cpus];
	uint32_t zero = 0;

	if (bpf_map_lookup_elem(generator->walks, &zero, walks))
		return 0;
	return walks[cpu].left;
}

void generator_read(struct generator *generator, struct blast_walk *ret_walk,
		    struct blast_verdicts *ret_verdicts)
{
	uint32_t zero = 0;

	memset(ret_walk, 0, sizeof(*ret_walk));
	memset(ret_verdicts, 0, sizeof(*ret_verdicts));
	if (bpf_map_lookup_elem(generator->walks, &zero, generator->walk_now) ||
	    bpf_map_lookup_elem(generator->verdicts, &zero, generator->verdict_now))
		return;
	for (uint32_t i = 0; i < generator->cpus; i++) {
		const struct blast_walk *walk = &generator->walk_now[i];
		const uint64_t *from = (const uint64_t *)&generator->verdict_now[i];
		uint64_t *to = (uint64_t *)ret_verdicts;

		ret_walk->sent += walk->sent;
		ret_walk->skipped += walk->skipped;
		ret_walk->unanswered += walk->unanswered;
		ret_walk->stuck += walk->stuck;
		for (size_t j = 0; j < sizeof(*ret_verdicts) / sizeof(uint64_t); j++)
			to[j] += from[j];
	}
}

uint32_t generator_outstanding(const struct generator *generator)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < generator->clients; i++) {
		const volatile struct blast_client *client = &generator->table[i];

		if (client->xid != client->answered)
			count++;
	}
	return count;
}
