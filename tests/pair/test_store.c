// SPDX-License-Identifier: GPL-2.0-only
/*
 * A lease directory as big as a test wants it, made in the time of writing it.
 *
 *   test_store DIR FIRST COUNT SECONDS NAME   the addresses from FIRST on, each bound to a client
 *                                             of its own for so many seconds, and acknowledged by
 *                                             the partner of the relationship NAME
 *   test_store - FIRST COUNT SECONDS          the same leases as dhcpd's leases file has them
 *
 * What DIR holds already (a failover state, for one) stays. No daemon may have
 * it. Exit: 0 well, 1 not.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/address.h"
#include "base/crc32c.h"
#include "dhcp/ident.h"
#include "store/store.h"

#define GROUP 65536
#define CHADDR 6
#define DATE_TEXT 40

/* splitmix64 (Steele, Lea and Flood, 2014). */
static uint64_t mixed(uint64_t z)
{
	z += 0x9e3779b97f4a7c15ULL;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* What a daemon's leases of this relationship carry, or it would believe them another one's (conf/build.c). */
static uint16_t tag_of(const char *name)
{
	uint32_t sum = base_crc32c(0, name, strlen(name));

	return (uint16_t)(sum >> 16 ^ sum);
}

/* The client's MAC address is its lease's, behind 02:b1. */
static struct lease_record *record_make(uint32_t address, int64_t now, int64_t seconds)
{
	const uint8_t chaddr[CHADDR] = {0x02,
					0xb1,
					(uint8_t)(address >> 24),
					(uint8_t)(address >> 16),
					(uint8_t)(address >> 8),
					(uint8_t)address};
	struct lease_record *record;
	struct dhcp_ident ident = {.length = 2 + CHADDR, .bytes = {0, 1}};

	memcpy(ident.bytes + 2, chaddr, CHADDR);
	record = lease_record_new(ident.bytes, ident.length, NULL, 0, NULL, 0);
	if (!record)
		return NULL;
	record->address = address;
	record->state = LEASE_ACTIVE;
	/* As clients renew: some time in the first half of the lease time. */
	now -= (int64_t)(mixed(address) % (uint64_t)(seconds / 2 + 1));
	record->starts = record->cltt = now;
	record->ends = record->known = now + seconds;
	record->horizon = record->potential = record->acknowledged = now + 2 * seconds;
	record->htype = 1;
	record->hlen = CHADDR;
	memcpy(record->chaddr, chaddr, CHADDR);
	return record;
}

/* "0 2026/11/22 10:39:45": the day of the week is read by nobody. */
static const char *date(int64_t when, char text[DATE_TEXT])
{
	time_t time = (time_t)when;
	struct tm parts;

	strftime(text, DATE_TEXT, "%w %Y/%m/%d %H:%M:%S", gmtime_r(&time, &parts));
	return text;
}

static void record_print(const struct lease_record *record)
{
	char address[BASE_IPV4_TEXT], hardware[BASE_HARDWARE_TEXT];
	char starts[DATE_TEXT], ends[DATE_TEXT], potential[DATE_TEXT];

	date(record->potential, potential);
	printf("lease %s {\n  starts %s;\n  ends %s;\n  tstp %s;\n  tsfp %s;\n  atsfp %s;\n"
	       "  cltt %s;\n  binding state active;\n  next binding state expired;\n"
	       "  hardware ethernet %s;\n}\n",
	       base_ipv4_format(record->address, address), date(record->starts, starts),
	       date(record->ends, ends), potential, potential, potential, starts,
	       base_hardware_format(record->chaddr, record->hlen, hardware));
}

static int print(uint32_t first, uint32_t count, int64_t seconds)
{
	int64_t now = time(NULL);

	for (uint32_t i = 0; i < count; i++) {
		struct lease_record *record = record_make(first + i, now, seconds);

		if (!record)
			return -ENOMEM;
		record_print(record);
		lease_record_free(record);
	}
	return fflush(stdout) ? -errno : 0;
}

static int group_end(struct store *store, struct store_error *error)
{
	int code = store_flush_begin(store) ? store_flush(store, error) : 0;

	store_flush_end(store);
	return code;
}

static int fill(struct store *store, uint32_t first, uint32_t count, int64_t seconds,
		uint16_t relation, struct store_error *error)
{
	int64_t now = time(NULL);
	int code = 0;

	for (uint32_t i = 0; i < count && !code; i++) {
		struct lease_record *record = record_make(first + i, now, seconds);

		if (!record)
			return -ENOMEM;
		record->relation = relation;
		store_append(store, record);
		lease_record_free(record);
		if (i % GROUP == GROUP - 1)
			code = group_end(store, error);
	}
	return code ? code : group_end(store, error);
}

static int store_fill(const char *directory, uint32_t first, uint32_t count, int64_t seconds,
		      uint16_t relation, struct store_error *error)
{
	const struct store_visitors visitors = {0};
	struct store_report report;
	struct store *store;
	int code = store_open(directory, &visitors, &report, &store, error);

	if (code)
		return code;
	code = fill(store, first, count, seconds, relation, error);
	store_close(store);
	return code;
}

int main(int argc, char **argv)
{
	struct store_error error = {.text = "no memory, or nobody reads"};
	uint32_t first, count;
	bool leases_file;
	int64_t seconds;
	int code;

	leases_file = argc > 1 && !strcmp(argv[1], "-");
	if (argc != (leases_file ? 5 : 6) || base_ipv4_parse(argv[2], strlen(argv[2]), &first)) {
		fprintf(stderr, "usage: test_store DIR FIRST-ADDRESS COUNT SECONDS NAME\n"
				"       test_store - FIRST-ADDRESS COUNT SECONDS\n");
		return 1;
	}
	count = (uint32_t)strtoul(argv[3], NULL, 10);
	seconds = strtoll(argv[4], NULL, 10);
	if (leases_file)
		code = print(first, count, seconds);
	else
		code = store_fill(argv[1], first, count, seconds, tag_of(argv[5]), &error);
	if (code)
		fprintf(stderr, "test_store: %s\n", error.text);
	return code != 0;
}
