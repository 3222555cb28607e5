// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state file: a first line `blast 1 FIRST-MAC CLIENTS GIADDR SERVER`, then
 * a line for each client that holds a lease,
 *
 *   INDEX KIND FLAGS ADDRESS SERVER-ID SERVER-MAC CONTENT T1 T2 END
 *
 * numbers in hexadecimal, times in milliseconds of the wall clock.
 */
#include "bench/blast/population.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/blast/bytes.h"
#include "bench/blast/kinds.h"

#define SALT_RELAYED 0x72656c61
#define SALT_INTERCEPTED 0x696e7465
#define SALT_KIND 0x6b696e64

static bool drawn(uint32_t index, uint64_t salt, double percent)
{
	return (double)(mix64(salt << 32 | index) % 10000) < percent * 100;
}

static int clients_create(struct population *population, const struct settings *settings)
{
	int only = settings->kind ? kind_find(settings->kind) : -1;

	if (settings->kind && only < 0) {
		fprintf(stderr, "blast: --kind %s: no such client; there are", settings->kind);
		for (unsigned int i = 0; i < kinds_count; i++)
			fprintf(stderr, " %s", kinds[i].name);
		fprintf(stderr, "\n");
		return -1;
	}
	population->clients = calloc(population->count, sizeof(*population->clients));
	if (!population->clients) {
		fprintf(stderr, "blast: no memory for %u clients\n", population->count);
		return -1;
	}
	for (uint32_t i = 0; i < population->count; i++) {
		struct client *client = &population->clients[i];

		if (drawn(i, SALT_RELAYED, settings->relayed))
			client->flags = CLIENT_RELAYED;
		if (client->flags && drawn(i, SALT_INTERCEPTED, settings->intercepted))
			client->flags |= CLIENT_INTERCEPTED;
		client->kind =
			only >= 0 ? (uint8_t)only : kind_pick(mix64((uint64_t)SALT_KIND << 32 | i));
		client->serial = (uint16_t)mix64(settings->seed ^ i);
		client->next = client->previous = NOBODY;
	}
	return 0;
}

int population_create(const struct settings *settings, struct population *ret)
{
	*ret = (struct population){
		.count = (uint32_t)settings->clients,
		.first_mac = settings->first_mac,
		.giaddr = settings->giaddr,
		.server = settings->server,
		.server_known = settings->server_mac != 0,
		.relay_mac = {0x06, 0},
	};
	if (!ret->count || ret->count > CLIENTS_MAX) {
		fprintf(stderr, "blast: between 1 and %u clients, not %" PRIu64 "\n", CLIENTS_MAX,
			settings->clients);
		return -1;
	}
	if (settings->relayed > 0 && (!ret->giaddr || !ret->server)) {
		fprintf(stderr, "blast: --relayed needs --giaddr (the relay's address on the "
				"clients' network) and --server (where it sends to)\n");
		return -1;
	}
	put32(ret->relay_mac + 2, ret->giaddr);
	put48(ret->server_mac, settings->server_mac);
	population_clock(ret);
	return clients_create(ret, settings);
}

void population_free(struct population *population)
{
	free(population->clients);
	population->clients = NULL;
}

void population_clock(struct population *population)
{
	population->wall_offset = clock_read(CLOCK_REALTIME) - clock_now();
}

static uint64_t to_wall(const struct population *population, uint64_t time)
{
	return time == UINT64_MAX ? time : (time + population->wall_offset) / NS_PER_MS;
}

static uint64_t from_wall(const struct population *population, uint64_t wall)
{
	if (wall >= UINT64_MAX / NS_PER_MS)
		return UINT64_MAX;
	wall *= NS_PER_MS;
	return wall > population->wall_offset ? wall - population->wall_offset : 1;
}

static int line_read(struct population *population, const char *line)
{
	uint32_t index, kind, flags, address, server_id, content;
	uint64_t server_mac, t1, t2, end;
	struct client *client;

	if (sscanf(line,
		   "%" SCNx32 " %" SCNx32 " %" SCNx32 " %" SCNx32 " %" SCNx32 " %" SCNx64
		   " %" SCNx32 " %" SCNx64 " %" SCNx64 " %" SCNx64,
		   &index, &kind, &flags, &address, &server_id, &server_mac, &content, &t1, &t2,
		   &end) != 10 ||
	    index >= population->count || kind >= kinds_count || !address)
		return -1;
	client = &population->clients[index];
	client->kind = (uint8_t)kind;
	client->flags = (uint8_t)flags;
	client->address = address;
	client->server_id = server_id;
	put48(client->server_mac, server_mac);
	client->content = content;
	client->t1 = from_wall(population, t1);
	client->t2 = from_wall(population, t2);
	client->end = from_wall(population, end);
	if (!population->server_known) {
		memcpy(population->server_mac, client->server_mac, 6);
		population->server_known = true;
	}
	return 0;
}

/* The file's own size and addresses win: they are what the leases were given for. */
static int head_read(struct population *population, const char *line)
{
	uint32_t count, giaddr, server;
	uint64_t first_mac;
	struct client *clients;

	if (sscanf(line, "blast 1 %" SCNx64 " %" SCNx32 " %" SCNx32 " %" SCNx32, &first_mac, &count,
		   &giaddr, &server) != 4 ||
	    !count || count > CLIENTS_MAX)
		return -1;
	if (count > population->count) {
		clients = reallocarray(population->clients, count, sizeof(*clients));
		if (!clients)
			return -1;
		memset(clients + population->count, 0,
		       (count - population->count) * sizeof(*clients));
		population->clients = clients;
		population->count = count;
	}
	population->first_mac = first_mac;
	if (giaddr) {
		population->giaddr = giaddr;
		population->server = server;
		put32(population->relay_mac + 2, giaddr);
	}
	return 0;
}

int population_load(struct population *population, const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned int number = 0;
	char line[256];
	int result = 0;

	if (!file && errno == ENOENT)
		return 1;
	if (!file) {
		fprintf(stderr, "blast: %s: %s\n", path, strerror(errno));
		return -1;
	}
	population_clock(population);
	while (!result && fgets(line, sizeof(line), file)) {
		result = number++ ? line_read(population, line) : head_read(population, line);
		if (result)
			fprintf(stderr,
				"blast: %s:%u: not a line of a state file; remove the file and "
				"prime the population anew with `blast subscribers --once`\n",
				path, number);
	}
	fclose(file);
	return result;
}

static void client_write(FILE *file, const struct population *population, uint32_t index)
{
	const struct client *client = &population->clients[index];

	fprintf(file, "%x %x %x %x %x %012" PRIx64 " %x %" PRIx64 " %" PRIx64 " %" PRIx64 "\n",
		index, client->kind, client->flags, client->address, client->server_id,
		get48(client->server_mac), client->content, to_wall(population, client->t1),
		to_wall(population, client->t2), to_wall(population, client->end));
}

int population_save(const struct population *population, const char *path)
{
	char temporary[4096];
	FILE *file;
	int wrong;

	snprintf(temporary, sizeof(temporary), "%s.new", path);
	file = fopen(temporary, "we");
	if (!file) {
		fprintf(stderr, "blast: %s: %s\n", temporary, strerror(errno));
		return -1;
	}
	fprintf(file, "blast 1 %" PRIx64 " %x %x %x\n", population->first_mac, population->count,
		population->giaddr, population->server);
	for (uint32_t i = 0; i < population->count; i++)
		if (population->clients[i].address && population->clients[i].end)
			client_write(file, population, i);
	wrong = ferror(file);
	if (fclose(file) || wrong || rename(temporary, path)) {
		fprintf(stderr, "blast: %s: %s\n", path, strerror(errno));
		return -1;
	}
	return 0;
}
