// SPDX-License-Identifier: GPL-2.0-only
/*
 * A lease table that nobody had to ask for: the population's leases, written
 * as other servers' lease files and as our own state file, so that every
 * server begins with the same table, however large. `--spread K`: each client
 * has K - 1 neighbours that hold leases and never ask.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/blast/bytes.h"
#include "bench/blast/session.h"
#include "bench/blast/wire.h"

#define STRANGER_MAC 0x02b1a6000000ULL
#define LEASE_DEFAULT 3600

/* One lease, whoever's. */
struct entry {
	uint32_t address;
	uint64_t mac;
	uint8_t identity[IDENTITY_MAX];
	size_t identity_length;
	uint64_t begins, ends; /* seconds of the wall clock */
};

static void hex_print(const uint8_t *bytes, size_t length, const char *separator)
{
	for (size_t i = 0; i < length; i++)
		printf("%s%02x", i ? separator : "", bytes[i]);
}

static void mac_print(uint64_t mac)
{
	uint8_t bytes[6];

	put48(bytes, mac);
	hex_print(bytes, sizeof(bytes), ":");
}

static void address_print(uint32_t address)
{
	printf("%u.%u.%u.%u", address >> 24, address >> 16 & 255, address >> 8 & 255,
	       address & 255);
}

/* dhcpd.leases(5); times with their weekday, UTC. */
static void dhcpd_print(const struct entry *entry, bool relayed)
{
	char begins[40], ends[40];
	struct tm fields;
	time_t time = (time_t)entry->begins;

	(void)relayed;
	strftime(begins, sizeof(begins), "%w %Y/%m/%d %H:%M:%S", gmtime_r(&time, &fields));
	time = (time_t)entry->ends;
	strftime(ends, sizeof(ends), "%w %Y/%m/%d %H:%M:%S", gmtime_r(&time, &fields));
	printf("lease ");
	address_print(entry->address);
	printf(" {\n  starts %s;\n  ends %s;\n  cltt %s;\n  binding state active;\n"
	       "  next binding state free;\n  rewind binding state free;\n  hardware ethernet ",
	       begins, ends, begins);
	mac_print(entry->mac);
	printf(";\n");
	if (entry->identity_length) {
		printf("  uid \"");
		for (size_t i = 0; i < entry->identity_length; i++)
			printf("\\%03o", entry->identity[i]);
		printf("\";\n");
	}
	printf("}\n");
}

/* Kea 2.2's memfile. Subnet 1: the link's, 2: the relay's. */
static void kea_print(const struct entry *entry, bool relayed)
{
	address_print(entry->address);
	printf(",");
	mac_print(entry->mac);
	printf(",");
	hex_print(entry->identity, entry->identity_length, ":");
	printf(",%" PRIu64 ",%" PRIu64 ",%d,0,0,,0,\n", entry->ends - entry->begins, entry->ends,
	       relayed ? 2 : 1);
}

static void dnsmasq_print(const struct entry *entry, bool relayed)
{
	(void)relayed;
	printf("%" PRIu64 " ", entry->ends);
	mac_print(entry->mac);
	printf(" ");
	address_print(entry->address);
	printf(" * ");
	hex_print(entry->identity, entry->identity_length, ":");
	printf(entry->identity_length ? "\n" : "*\n");
}

/* busybox: struct dyn_lease, 36 bytes; it knows clients by their MAC address alone. */
static void udhcpd_print(const struct entry *entry, bool relayed)
{
	uint8_t lease[36] = {0};

	if (relayed)
		return; /* it knows no relays either */
	put32(lease, (uint32_t)(entry->ends - entry->begins));
	put32(lease + 4, entry->address);
	put48(lease + 8, entry->mac);
	fwrite(lease, sizeof(lease), 1, stdout);
}

static void dhcpd_head(void)
{
	printf("authoring-byte-order little-endian;\n");
}

static void kea_head(void)
{
	printf("address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,"
	       "hostname,state,user_context\n");
}

static void dnsmasq_head(void)
{
}

/* When it was written: what is left of each lease counts from there. */
static void udhcpd_head(void)
{
	uint8_t time[8] = {0};

	put32(time + 4, (uint32_t)(clock_read(CLOCK_REALTIME) / NS_PER_SECOND));
	fwrite(time, sizeof(time), 1, stdout);
}

static const struct format {
	const char *name;
	void (*head)(void);
	void (*entry)(const struct entry *entry, bool relayed);
} formats[] = {
	{"dhcpd", dhcpd_head, dhcpd_print},
	{"kea", kea_head, kea_print},
	{"dnsmasq", dnsmasq_head, dnsmasq_print},
	{"udhcpd", udhcpd_head, udhcpd_print},
};

static const struct format *format_find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (!strcmp(formats[i].name, name))
			return &formats[i];
	return NULL;
}

static void addresses_set(struct population *population, const struct settings *settings)
{
	uint32_t direct = settings->first_address, relayed = settings->first_relayed;
	uint64_t now = clock_now(), lease = settings->lease * NS_PER_SECOND;

	for (uint32_t i = 0; i < population->count; i++) {
		struct client *client = &population->clients[i];
		uint32_t *next = client->flags & CLIENT_RELAYED ? &relayed : &direct;

		client->address = *next;
		*next += (uint32_t)settings->spread;
		client->server_id = settings->server;
		put48(client->server_mac, settings->server_mac);
		client->t1 = now + lease / 2;
		client->t2 = now + lease / 8 * 7;
		client->end = now + lease;
	}
}

static void table_print(const struct population *population, const struct settings *settings,
			const struct format *format)
{
	uint64_t stranger = STRANGER_MAC, now = clock_read(CLOCK_REALTIME) / NS_PER_SECOND;

	format->head();
	for (uint32_t i = 0; i < population->count; i++) {
		const struct client *client = &population->clients[i];
		bool relayed = client->flags & CLIENT_RELAYED;
		struct entry entry = {
			.address = client->address,
			.mac = population_mac(population, i),
			.begins = now,
			.ends = now + settings->lease,
		};

		entry.identity_length = identity_write(population, i, entry.identity);
		format->entry(&entry, relayed);
		entry.identity_length = 0;
		for (uint64_t j = 1; j < settings->spread; j++) {
			entry.address++;
			entry.mac = stranger++;
			format->entry(&entry, relayed);
		}
	}
}

int leases_run(const struct settings *settings)
{
	struct settings complete = *settings;
	struct population population;
	const struct format *format;
	int result = EXIT_FINE;

	if (!complete.lease)
		complete.lease = LEASE_DEFAULT;
	if (!complete.first_address || !complete.spread || !complete.server ||
	    !complete.server_mac || (complete.relayed > 0 && !complete.first_relayed)) {
		fprintf(stderr,
			"blast: leases needs --first-address, --server and --server-mac, and "
			"--first-relayed where clients are relayed\n");
		return EXIT_SETUP;
	}
	if (population_create(&complete, &population))
		return EXIT_SETUP;
	addresses_set(&population, &complete);
	format = format_find(complete.interface);
	if (format)
		table_print(&population, &complete, format);
	else if (population_save(&population, complete.interface))
		result = EXIT_SETUP;
	population_free(&population);
	return result;
}
